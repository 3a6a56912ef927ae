#include "tokenizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint32_t word(const uint8_t *table, size_t i) {
    const uint8_t *p = table + 4 * i;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

float tokenizer_score(const tokenizer *t, uint32_t id) {
    uint32_t bits = word(t->scores, id);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

const uint8_t *tokenizer_piece(const tokenizer *t, uint32_t id, uint32_t *length) {
    uint32_t start = id ? word(t->ends, id - 1) : 0;
    *length = word(t->ends, id) - start;
    return t->texts + start;
}

/// Bytes of the scalar that starts here; 0 if more bytes could complete it; -1 if none starts with these bytes (The
/// Unicode Standard, table 3-7).
static int scalar_length(const uint8_t *s, size_t available) {
    uint8_t first = s[0];
    int length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first >= 0x80 && (first < 0xC2 || first > 0xF4)) return -1;
    for (int i = 1; i < length && (size_t)i < available; i++) {
        uint8_t low = i > 1 ? 0x80 : first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        uint8_t high = i > 1 ? 0xBF : first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (s[i] < low || s[i] > high) return -1;
    }
    return available >= (size_t)length ? length : 0;
}

// Opening

static int hex_digit(uint8_t c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

/// The byte of a piece such as <0x0A>, or -1.
static int byte_of(const uint8_t *text, uint32_t length) {
    if (length != 6 || memcmp(text, "<0x", 3) != 0 || text[5] != '>') return -1;
    int high = hex_digit(text[3]), low = hex_digit(text[4]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static int compare_texts(const uint8_t *a, uint32_t a_length, const uint8_t *b, uint32_t b_length) {
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

static bool check_piece(tokenizer *t, uint32_t id) {
    uint32_t length;
    const uint8_t *text = tokenizer_piece(t, id, &length);
    if (length > t->longest) t->longest = length;
    for (uint32_t i = 0; i < length;) {
        int step = scalar_length(text + i, length - i);
        if (step <= 0) return false;
        i += (uint32_t)step;
    }
    uint8_t kind = t->kinds[id];
    if (kind < NORMAL || kind > BYTE || !isfinite(tokenizer_score(t, id))) return false;
    if (kind == UNKNOWN || kind == CONTROL || kind == USER_DEFINED) t->starts_special[text[0]] = true;
    if (kind == BYTE) {
        int byte = byte_of(text, length);
        if (byte < 0) return false;
        t->byte_ids[byte] = (int32_t)id;
        t->has_bytes = true;
    }
    return true;
}

mvlm_status tokenizer_open(const mvlm *file, tokenizer *t) {
    *t = (tokenizer){0};
    const mvlm_section *section = mvlm_find_section(file, "tokenizer");
    if (mvlm_check_section(section) != MVLM_OK) return MVLM_SECTION_DIGEST;
    const uint8_t *p = section->data;
    if (section->size < 32) return MVLM_TOKENIZER;
    t->count = word(p, 0);
    uint32_t flags = word(p, 1), text_bytes = word(p, 6);
    if (t->count < 1 || t->count > 1 << 21 || flags > 7 || word(p, 7) != 0) return MVLM_TOKENIZER;
    if (section->size != 32 + (uint64_t)13 * t->count + text_bytes) return MVLM_TOKENIZER;
    t->adds_bos = flags & 1;
    t->adds_space = flags & 2;
    t->legacy = flags & 4;
    int32_t *ids[4] = {&t->bos, &t->eos, &t->unknown, &t->padding};
    for (int i = 0; i < 4; i++) {
        uint32_t id = word(p, 2 + (size_t)i);
        if (id != UINT32_MAX && id >= t->count) return MVLM_TOKENIZER;
        *ids[i] = id == UINT32_MAX ? -1 : (int32_t)id;
    }
    size_t n = t->count;
    t->scores = p + 32;
    t->ends = t->scores + 4 * n;
    t->order = t->ends + 4 * n;
    t->kinds = t->order + 4 * n;
    t->texts = t->kinds + n;
    for (uint32_t id = 0; id < n; id++) {
        if (word(t->ends, id) <= (id ? word(t->ends, id - 1) : 0) || word(t->ends, id) > text_bytes) {
            return MVLM_TOKENIZER;
        }
    }
    if (word(t->ends, n - 1) != text_bytes) return MVLM_TOKENIZER;
    memset(t->byte_ids, -1, sizeof t->byte_ids);
    for (uint32_t id = 0; id < n; id++) {
        if (!check_piece(t, id)) return MVLM_TOKENIZER;
    }
    for (int byte = 0; byte < 256; byte++) {
        if (t->has_bytes && t->byte_ids[byte] < 0) return MVLM_TOKENIZER;
    }
    if (!t->has_bytes && t->unknown < 0) return MVLM_TOKENIZER;
    // Strictly rising, so no text is there twice, and all are there once.
    for (uint32_t i = 0; i < n; i++) {
        if (word(t->order, i) >= n) return MVLM_TOKENIZER;
        if (i == 0) continue;
        uint32_t left_length, right_length;
        const uint8_t *left = tokenizer_piece(t, word(t->order, i - 1), &left_length);
        const uint8_t *right = tokenizer_piece(t, word(t->order, i), &right_length);
        if (compare_texts(left, left_length, right, right_length) >= 0) return MVLM_TOKENIZER;
    }
    return MVLM_OK;
}

int32_t tokenizer_find(const tokenizer *t, const uint8_t *text, size_t length) {
    if (length == 0 || length > t->longest) return -1;
    uint32_t low = 0, high = t->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2, id = word(t->order, middle), piece_length;
        const uint8_t *piece = tokenizer_piece(t, id, &piece_length);
        int order = compare_texts(text, (uint32_t)length, piece, piece_length);
        if (order == 0) return (int32_t)id;
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return -1;
}

// Ids to text

/// Moves out of `pending` what is decided: whole scalars, and U+FFFD for each byte that is part of none.
static size_t drain(text_stream *s, bool last, uint8_t *out) {
    size_t written = 0, taken = 0;
    while (taken < s->count) {
        int length = scalar_length(s->pending + taken, s->count - taken);
        if (length == 0 && !last) break;
        if (length > 0) {
            memcpy(out + written, s->pending + taken, (size_t)length);
            written += (size_t)length;
            taken += (size_t)length;
        } else {
            memcpy(out + written, "\xEF\xBF\xBD", 3);
            written += 3;
            taken++;
        }
    }
    memmove(s->pending, s->pending + taken, s->count - taken);
    s->count -= taken;
    return written;
}

size_t detokenize_end(text_stream *s, uint8_t *out) { return drain(s, true, out); }

size_t detokenize(const tokenizer *t, text_stream *s, int32_t id, uint8_t *out) {
    if (id < 0 || (uint32_t)id >= t->count) return 0;
    uint32_t length;
    const uint8_t *text = tokenizer_piece(t, (uint32_t)id, &length);
    uint8_t kind = t->kinds[id];
    if (kind == BYTE) {
        s->pending[s->count++] = (uint8_t)byte_of(text, length);
        s->begun = true;
        return drain(s, false, out);
    }
    size_t written = drain(s, true, out);
    if (kind == CONTROL || kind == UNKNOWN) return written;
    uint32_t i = 0;
    if (!s->begun && t->adds_space && length >= 3 && memcmp(text, "\xE2\x96\x81", 3) == 0) i = 3;
    s->begun = true;
    while (i < length) {
        bool space = length - i >= 3 && memcmp(text + i, "\xE2\x96\x81", 3) == 0;
        out[written++] = space ? ' ' : text[i];
        i += space ? 3 : 1;
    }
    return written;
}
