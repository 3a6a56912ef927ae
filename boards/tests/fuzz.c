// A target for libFuzzer: mutated files, their digests put right so that what lies behind them is reached; a model that
// opens is run. README.md says how it is built.
#include <stdlib.h>
#include <string.h>

#include "../model.h"
#include "../tokenizer.h"

enum { HEADER = 128, ENTRY = 64 };

static uint64_t number(const uint8_t *p, int bytes) {
    uint64_t value = 0;
    while (bytes-- > 0) value = value << 8 | p[bytes];
    return value;
}

static void put(uint8_t *p, uint64_t value) {
    for (int i = 0; i < 8; i++) p[i] = (uint8_t)(value >> 8 * i);
}

/// Puts the digests and the length right, as far as the table can be read.
static void mend(uint8_t *bytes, size_t size) {
    if (size < HEADER) return;
    put(bytes + 24, size);
    uint64_t count = number(bytes + 32, 4);
    if (count <= 200 && HEADER + ENTRY * count <= size) {
        for (uint64_t i = 0; i < count; i++) {
            uint8_t *entry = bytes + HEADER + ENTRY * i;
            uint64_t offset = number(entry + 32, 8), length = number(entry + 40, 8);
            if (offset <= size && length <= size - offset) put(entry + 48, mvlm_digest(bytes + offset, length));
        }
        put(bytes + 40, mvlm_xxh64(bytes + HEADER, ENTRY * count));
    }
    put(bytes + 120, mvlm_xxh64(bytes, 120));
}

/// Only models that take no time: the sizes are the file's.
static bool is_small(const model *m) {
    return m->hidden * m->layers <= 1024 && m->feed_forward <= 1024 && m->vocabulary <= 4096 &&
           (!m->sees || (m->tower_width * (m->tower_layers + 1) <= 1024 && m->tower_feed_forward <= 1024 &&
                         m->image_size <= 112 && m->grid <= 8 && m->image_rows <= 256));
}

static void run(const model *m, const tokenizer *t) {
    id_list ids = {0};
    conversation c = {0};
    picture image = {.width = 3, .height = 2, .pixels = calloc(1, 18)};
    float *pixels = calloc((size_t)(3 * m->image_size * m->image_size + 1), sizeof *pixels);
    float *rows = calloc((size_t)((m->image_rows + 64) * m->hidden), sizeof *rows);
    float *logits = calloc((size_t)m->vocabulary, sizeof *logits);
    if (tokenize_prompt(t, "an storst<image></s> n\xC3\xA9", &ids) == MVLM_OK && t->count == m->vocabulary &&
        ids.count <= 64 && conversation_open(m, m->image_rows + 64, &c) == MVLM_OK) {
        int64_t count = 0;
        for (size_t i = 0; i < ids.count; i++) {
            if (ids.ids[i] >= 0) count += model_embed(m, &ids.ids[i], 1, rows + count * m->hidden) == MVLM_OK;
            else if (m->sees && picture_prepare(&m->preprocessing, &image, pixels) &&
                     model_see(m, pixels, rows + count * m->hidden) == MVLM_OK)
                count += m->image_rows;
        }
        if (count > 0) model_forward(m, &c, rows, count, logits);
    }
    free(ids.ids);
    free(image.pixels);
    free(pixels);
    free(rows);
    free(logits);
    conversation_close(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool started;
    if (!started) started = arithmetic_start(1, 8192, getenv("FUZZ_REFERENCE") != NULL);
    uint8_t *bytes = aligned_alloc(64, (size + 64) / 64 * 64);
    if (!bytes) return 0;
    memcpy(bytes, data, size);
    mend(bytes, size);
    mvlm *file;
    tokenizer t;
    model m = {0};
    if (mvlm_open_memory(bytes, size, &file) == MVLM_OK) {
        if (tokenizer_open(file, &t) == MVLM_OK && model_open(file, &m) == MVLM_OK && is_small(&m)) run(&m, &t);
        mvlm_check(file);
        model_close(&m);
        mvlm_close(file);
    }
    free(bytes);
    return 0;
}
