#include "arithmetic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fast.h"
#include "kernels.h"
#include "threads.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The weights are used where they lie, and they are little-endian."
#endif

enum {
    /// Rows of a weight that a thread takes at a time: whole tiles in every layout.
    TILE = 16,
    /// As many of these per job with one row of input.
    TILES = 4,
};

/// Memory of each thread: TILE rows as the layout `plain` has them, and as floats.
static struct {
    uint8_t *rows;
    float *values;
} memories[MOST_THREADS];

bool arithmetic_start(int threads, int64_t longest_row, bool reference) {
    static int64_t widest;
    if (longest_row > widest) widest = longest_row;
    threads = threads_start(threads);
    for (int i = 0; i < threads; i++) {
        // No format with tiles takes two bytes an element.
        memories[i].rows = realloc(memories[i].rows, (size_t)(TILE * widest) * 2);
        memories[i].values = realloc(memories[i].values, (size_t)(TILE * widest) * sizeof(float));
        if (!memories[i].rows || !memories[i].values) return false;
    }
    return reference || fast_start(threads, widest);
}

// Stored rows

static vlmc_group_format group_format(const mvlm_format *f) {
    return (vlmc_group_format){.affine = f->affine, .bits = f->bits, .length = f->block_length};
}

/// Decodes a row that lies for itself.
static void decode(const mvlm_tensor *t, const uint8_t *row, float *y) {
    if (t->format->ggml < 0) {
        kernels()->decode_groups(group_format(t->format), row, (size_t)t->columns, y);
    } else if (t->format->ggml == VLMC_F32) {
        memcpy(y, row, t->row_bytes);
    } else {
        kernels()->decode[t->format->ggml](row, (size_t)t->columns, y);
    }
}

bool decode_rows(const mvlm_tensor *t, int64_t first, int64_t count, float *y) {
    uint8_t *memory = t->tile_rows > 1 ? malloc(t->row_bytes) : NULL;
    if (t->tile_rows > 1 && !memory) return false;
    for (int64_t i = 0; i < count; i++) decode(t, mvlm_rows(t, first + i, 1, memory), y + i * t->columns);
    free(memory);
    return true;
}

// Elements

void add(float *x, const float *y, int64_t count) {
    for (int64_t i = 0; i < count; i++) x[i] += y[i];
}

/// Between 0 and `top`; what is no number stays so.
static float clip(float x, float top) { return x < 0 ? 0 : x > top ? top : x; }

void activate(activation kind, float *x, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        float v = x[i];
        switch (kind) {
        case IDENTITY: return;
        case RELU: x[i] = v < 0 ? 0 : v; break;
        case SILU: x[i] = v / (1 + expf(-v)); break;
        case GELU: x[i] = 0.5f * v * (1 + erff(v * 0.70710678f)); break;
        case QUICK_GELU: x[i] = v / (1 + expf(-1.702f * v)); break;
        case HARD_SIGMOID: x[i] = clip(v * (1.0f / 6) + 0.5f, 1); break;
        case HARD_SWISH: x[i] = v * clip(v + 3, 6) * (1.0f / 6); break;
        }
    }
}

// Products

typedef struct product {
    linear l;
    const float *x;
    int64_t rows;
    float *y;
    activation then;
} product;

static void finish(const product *p, int64_t row, int64_t first, int64_t count) {
    float *y = p->y + row * p->l.weight->rows + first;
    if (p->l.bias) add(y, p->l.bias + first, count);
    activate(p->then, y, count);
}

/// One row of input: each output is a dot product with a row of blocks, which is never decoded to memory.
static void dot_job(void *context, int64_t job, int thread) {
    const product *p = context;
    const mvlm_tensor *w = p->l.weight;
    const mvlm_format *f = w->format;
    vlmc_dot_row multiply = f->ggml < 0 ? NULL : kernels()->dot[f->ggml];
    int64_t start = job * TILE * TILES, end = start + TILE * TILES < w->rows ? start + TILE * TILES : w->rows;
    for (int64_t first = start; first < end; first += TILE) {
        int64_t count = end - first < TILE ? end - first : TILE;
        const uint8_t *row = mvlm_rows(w, first, count, memories[thread].rows);
        for (int64_t i = first; i < first + count; i++, row += w->row_bytes) {
            p->y[i] = multiply ? multiply(row, p->x, (size_t)w->columns)
                               : kernels()->dot_groups(group_format(f), row, p->x, (size_t)w->columns);
        }
    }
    finish(p, 0, start, end - start);
}

/// Many rows of input: a few rows of the weight are decoded and meet all of them.
static void tile_job(void *context, int64_t job, int thread) {
    const product *p = context;
    const mvlm_tensor *w = p->l.weight;
    vlmc_dot_row multiply = kernels()->dot[VLMC_F32];
    int64_t first = job * TILE, count = w->rows - first < TILE ? w->rows - first : TILE;
    const uint8_t *rows = mvlm_rows(w, first, count, memories[thread].rows);
    float *values = memories[thread].values;
    for (int64_t i = 0; i < count; i++) decode(w, rows + (size_t)i * w->row_bytes, values + i * w->columns);
    for (int64_t row = 0; row < p->rows; row++) {
        for (int64_t i = 0; i < count; i++) {
            p->y[row * w->rows + first + i] =
                multiply(values + i * w->columns, p->x + row * w->columns, (size_t)w->columns);
        }
        finish(p, row, first, count);
    }
}

void apply_linear(linear l, const float *x, int64_t rows, float *y, activation then) {
    if (fast_linear(l, x, rows, y, then)) return;
    product p = {l, x, rows, y, then};
    int64_t together = rows == 1 ? TILE * TILES : TILE;
    parallel((l.weight->rows + together - 1) / together, rows == 1 ? dot_job : tile_job, &p);
}

// Norms

float sum(const float *v, int64_t count, float shift, bool squared) {
    float lanes[8] = {0}, total = 0;
    for (int64_t i = 0; i < count; i++) {
        float d = v[i] - shift;
        lanes[i % 8] += squared ? d * d : d;
    }
    for (int i = 0; i < 8; i++) total += lanes[i];
    return total;
}

void normalise(norm n, const float *x, int64_t rows, float *y) {
    if (fast_normalise(n, x, rows, y)) return;
    for (int64_t row = 0; row < rows; row++, x += n.width, y += n.width) {
        float mean = n.bias ? sum(x, n.width, 0, false) / (float)n.width : 0;
        float scale = 1 / sqrtf(sum(x, n.width, mean, true) / (float)n.width + n.epsilon);
        for (int64_t i = 0; i < n.width; i++) y[i] = (x[i] - mean) * scale * n.weight[i];
        if (n.bias) add(y, n.bias, n.width);
    }
}
