#include "fast.h"

#include <math.h>
#include <stdlib.h>

#include "fast_tables.h"
#include "kernels.h"
#include "threads.h"

enum {
    /// Rows of input up to which weights are multiplied as they lie. With more, panels are laid out in the cache first.
    FEW = 4,
    /// Rows of a weight that are one job: whole tiles in every layout, and whole panels.
    RUN = 64,
    /// Bytes of input that stay in the cache while all of a job's panels meet them.
    INPUT = 192 << 10,
    /// What kernels want their memory aligned to.
    LINE = 64,
    QUERIES = 64,
};

/// The instruction set, and its kernels for all but products; NULL before fast_start.
static vlmc_isa isa;
static const vlmc_float_kernels *floats;

/// Memory of each thread: rows of a job as the layout `plain` has them, and its panels.
static struct {
    uint8_t *rows, *panels;
} memories[MOST_THREADS];

/// Rounded input, as much as was needed so far.
static uint8_t *levels;
static size_t levels_size;

static uint8_t *aligned(uint8_t *memory) { return memory + (LINE - (uintptr_t)memory % LINE) % LINE; }

bool fast_start(int threads, int64_t longest_row) {
    for (int i = 0; i < threads; i++) {
        // No format with tiles takes two bytes an element, no panel more than a float.
        memories[i].rows = realloc(memories[i].rows, (size_t)(RUN * longest_row) * 2);
        memories[i].panels =
            realloc(memories[i].panels, (size_t)RUN * ((size_t)longest_row * sizeof(float) + LINE) + LINE);
        if (!memories[i].rows || !memories[i].panels) return false;
    }
    isa = instruction_set();
    floats = vlmc_floats(isa);
    return true;
}

// Products

typedef struct product {
    linear l;
    const float *x;
    int64_t rows;
    float *y;
    activation then;
    /// The format whose kernels are used: that of a row, or of a tile.
    uint32_t format;
    vlmc_linear kernels;
    /// For few rows of input.
    vlmc_gemv gemv;
    /// Input as the kernels read it.
    const uint8_t *input;
    size_t stride;
} product;

/// The number by which kernels know a format.
static uint32_t number_of(const mvlm_format *f) {
    if (f->ggml >= 0) return (uint32_t)f->ggml;
    uint32_t bits = f->bits == 4 ? 0 : f->bits == 5 ? 1 : 2;
    uint32_t length = f->block_length == 32 ? 0 : f->block_length == 64 ? 1 : 2;
    return VLMC_GROUPS + (f->affine ? 9 : 0) + 3 * bits + length;
}

/// The copy in this processor's own tiles, which its kernels read fastest, or the one given.
static const mvlm_tensor *best_copy(const mvlm_tensor *weight) {
    vlmc_linear kernels;
    if (!vlmc_linear_kernels(isa, number_of(weight->format) | VLMC_TILED, &kernels)) return weight;
    for (const mvlm_tensor *t = weight; t; t = t->next_copy) {
        if (t->tile_rows > 1 && (size_t)t->tile_rows == kernels.tile_rows) return t;
    }
    return weight;
}

/// Chooses the copy and kernels; false where there are none.
static bool choose(product *p) {
    const mvlm_tensor *w = p->l.weight = best_copy(p->l.weight);
    uint32_t plain = number_of(w->format), tiled = plain | VLMC_TILED;
    size_t columns = (size_t)w->columns, tile = (size_t)w->tile_rows;
    p->format = plain;
    if (tile > 1) {
        // Few rows of input are multiplied with any processor's tiles as they lie, many only with this one's.
        p->gemv = p->rows <= FEW ? vlmc_tile_gemv(isa, tiled, tile) : NULL;
        bool own = vlmc_linear_kernels(isa, tiled, &p->kernels) && p->kernels.tile_rows == tile;
        if (own || p->gemv) p->format = tiled;
    }
    if (!vlmc_linear_kernels(isa, p->format, &p->kernels) || columns % p->kernels.block != 0) return false;
    if (RUN % p->kernels.panel_rows != 0) return false;
    if (!p->gemv) p->gemv = p->kernels.gemv;
    return p->kernels.floats || columns % 32 == 0;
}

static void round_job(void *context, int64_t job, int thread) {
    (void)thread;
    const product *p = context;
    size_t columns = (size_t)p->l.weight->columns;
    floats->quantize(p->x + (size_t)job * columns, columns, aligned(levels) + (size_t)job * p->stride);
}

/// Input as it is, or rounded. @return False if memory is short.
static bool prepare(product *p) {
    p->input = (const uint8_t *)p->x;
    p->stride = (size_t)p->l.weight->columns * sizeof(float);
    if (p->kernels.floats) return true;
    p->stride = vlmc_activation_bytes((size_t)p->l.weight->columns);
    size_t size = (size_t)p->rows * p->stride + LINE;
    if (size > levels_size) {
        free(levels);
        levels = malloc(size);
        levels_size = levels ? size : 0;
        if (!levels) return false;
    }
    parallel(p->rows, round_job, p);
    p->input = aligned(levels);
    return true;
}

/// Some rows of a weight, laid out as panels, with many rows of input.
static void multiply_panels(const product *p, const uint8_t *rows, size_t count, float *y, uint8_t *panels) {
    const mvlm_tensor *w = p->l.weight;
    size_t columns = (size_t)w->columns, width = p->kernels.panel_rows, total = (size_t)p->rows;
    size_t size = (vlmc_panel_bytes(isa, p->format, columns) + LINE - 1) / LINE * LINE;
    for (size_t at = 0; at < count; at += width) {
        size_t some = count - at < width ? count - at : width;
        p->kernels.unpack(p->format, rows + at * w->row_bytes, w->row_bytes, some, columns, panels + at / width * size);
    }
    size_t step = INPUT / p->stride > 48 ? INPUT / p->stride / 48 * 48 : 48;
    for (size_t first = 0; first < total; first += step) {
        size_t together = total - first < step ? total - first : step;
        for (size_t at = 0; at < count; at += width) {
            size_t some = count - at < width ? count - at : width;
            p->kernels.multiply(
                p->format, panels + at / width * size, some, columns, p->input + first * p->stride, p->stride, together,
                y + first * (size_t)w->rows + at, (size_t)w->rows);
        }
    }
}

/// Bias and activation, while the results are in the cache.
static void finish(const product *p, int64_t first, size_t count) {
    static const vlmc_function functions[] = {
        [RELU] = VLMC_RELU,
        [SILU] = VLMC_SILU,
        [GELU] = VLMC_GELU,
        [QUICK_GELU] = VLMC_QUICK_GELU,
        [HARD_SIGMOID] = VLMC_HARD_SIGMOID,
        [HARD_SWISH] = VLMC_HARD_SWISH,
    };
    const vlmc_function *function = p->then == IDENTITY ? NULL : &functions[p->then];
    size_t stride = (size_t)p->l.weight->rows;
    float *y = p->y + first;
    if (p->l.bias) {
        floats->add_bias(p->l.bias + first, function, (size_t)p->rows, count, y, stride);
    } else if (function) {
        for (int64_t row = 0; row < p->rows; row++, y += stride) floats->apply(*function, y, count, y);
    }
}

static void run_job(void *context, int64_t job, int thread) {
    const product *p = context;
    const mvlm_tensor *w = p->l.weight;
    int64_t first = job * RUN, left = w->rows - first, count = left < RUN ? left : RUN;
    const uint8_t *rows = p->format & VLMC_TILED ? w->data + (size_t)first * w->row_bytes
                                                 : mvlm_rows(w, first, count, memories[thread].rows);
    if (p->rows <= FEW) {
        p->gemv(
            p->format, rows, w->row_bytes, (size_t)count, (size_t)w->columns, p->input, p->stride, (size_t)p->rows,
            p->y + first, (size_t)w->rows);
    } else {
        multiply_panels(p, rows, (size_t)count, p->y + first, aligned(memories[thread].panels));
    }
    finish(p, first, (size_t)count);
}

bool fast_linear(linear l, const float *x, int64_t rows, float *y, activation then) {
    product p = {.l = l, .x = x, .rows = rows, .y = y, .then = then};
    if (!floats || !choose(&p) || !prepare(&p)) return false;
    parallel((l.weight->rows + RUN - 1) / RUN, run_job, &p);
    return true;
}

// Attention

typedef struct attention {
    const float *q, *keys, *values;
    float *out;
    int64_t rows, key_count, past;
    heads h;
} attention;

/// Some queries of one head.
static void attend_job(void *context, int64_t job, int thread) {
    (void)thread;
    const attention *a = context;
    int64_t head = job % a->h.count, first = job / a->h.count * QUERIES, size = a->h.size, width = a->h.count * size;
    int64_t group = head / (a->h.count / a->h.groups) * size, left = a->rows - first, stride = a->h.groups * size;
    vlmc_attention some = {
        .q = a->q + first * width + head * size,
        .out = a->out + first * width + head * size,
        .q_stride = (size_t)width,
        .out_stride = (size_t)width,
        .queries = (size_t)(left < QUERIES ? left : QUERIES),
        .head = (size_t)size,
        .k = a->keys + group,
        .v = a->values + group,
        .k_stride = (size_t)stride * sizeof(float),
        .v_stride = (size_t)stride * sizeof(float),
        .type = VLMC_F32,
        .visible = (size_t)(a->past < 0 ? a->key_count : a->past + first + 1),
        .step = a->past < 0 ? 0 : 1,
        .scale = 1 / sqrtf((float)size),
    };
    floats->attend(&some);
}

bool fast_attend(
    const float *q, int64_t rows, const float *keys, const float *values, int64_t key_count, heads h, int64_t past,
    float *out) {
    if (!floats || h.size > VLMC_LARGEST_HEAD) return false;
    attention a = {q, keys, values, out, rows, key_count, past, h};
    parallel((rows + QUERIES - 1) / QUERIES * h.count, attend_job, &a);
    return true;
}

// Norms

typedef struct rows_to_normalise {
    norm n;
    const float *x;
    float *y;
} rows_to_normalise;

static void normalise_job(void *context, int64_t job, int thread) {
    (void)thread;
    const rows_to_normalise *r = context;
    const float *x = r->x + job * r->n.width;
    float *y = r->y + job * r->n.width;
    size_t width = (size_t)r->n.width;
    if (r->n.bias) floats->layer_norm(x, r->n.weight, r->n.bias, r->n.epsilon, width, y);
    else floats->rms_norm(x, r->n.weight, r->n.epsilon, width, y);
}

bool fast_normalise(norm n, const float *x, int64_t rows, float *y) {
    if (!floats) return false;
    rows_to_normalise r = {n, x, y};
    parallel(rows, normalise_job, &r);
    return true;
}
