#define _DEFAULT_SOURCE

#include "arithmetic.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The weights are used where they lie, and they are little-endian."
#endif

enum {
    MOST_THREADS = 64,
    /// Rows of a weight per job, with many rows of input and with one.
    TILE = 16,
    DOTS = 64,
};

static const vlmc_table *kernels;

void decode_row(const mvlm_tensor *t, int64_t row, float *y) {
    const uint8_t *bytes = t->data + (size_t)row * t->row_bytes;
    const mvlm_format *f = t->format;
    if (!kernels) kernels = choose_kernels();
    if (f->ggml < 0) {
        vlmc_group_format format = {.affine = f->affine, .bits = f->bits, .length = f->block_length};
        kernels->decode_groups(format, bytes, (size_t)t->columns, y);
    } else if (f->ggml == VLMC_F32) {
        memcpy(y, bytes, t->row_bytes);
    } else {
        kernels->decode[f->ggml](bytes, (size_t)t->columns, y);
    }
}

// Threads

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    int threads, busy;
    uint64_t round;
    void (*body)(void *, int64_t, int);
    void *context;
    int64_t jobs, next;
    /// TILE decoded rows for each thread.
    float *tiles;
    int64_t tile_size;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

static void work(int thread) {
    int64_t job;
    while ((job = __atomic_fetch_add(&pool.next, 1, __ATOMIC_RELAXED)) < pool.jobs) {
        pool.body(pool.context, job, thread);
    }
}

static void *thread_main(void *number) {
    uint64_t seen = 0;
    while (true) {
        pthread_mutex_lock(&pool.lock);
        while (pool.round == seen) pthread_cond_wait(&pool.work, &pool.lock);
        seen = pool.round;
        pthread_mutex_unlock(&pool.lock);
        work((int)(intptr_t)number);
        pthread_mutex_lock(&pool.lock);
        if (--pool.busy == 0) pthread_cond_signal(&pool.done);
        pthread_mutex_unlock(&pool.lock);
    }
    return NULL;
}

bool arithmetic_start(int threads, int64_t longest_row) {
    if (!kernels) kernels = choose_kernels();
    if (threads < 1) threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (threads > MOST_THREADS) threads = MOST_THREADS;
    pool.tile_size = TILE * longest_row;
    pool.tiles = malloc((size_t)(threads * pool.tile_size) * sizeof *pool.tiles);
    if (!pool.tiles) return false;
    for (pool.threads = 1; pool.threads < threads; pool.threads++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, thread_main, (void *)(intptr_t)pool.threads) != 0) break;
        pthread_detach(thread);
    }
    return true;
}

void parallel(int64_t jobs, void (*body)(void *, int64_t, int), void *context) {
    bool alone = jobs < 2 || pool.threads < 2;
    pthread_mutex_lock(&pool.lock);
    pool.body = body;
    pool.context = context;
    pool.jobs = jobs;
    pool.next = 0;
    if (!alone) {
        pool.busy = pool.threads - 1;
        pool.round++;
        pthread_cond_broadcast(&pool.work);
    }
    pthread_mutex_unlock(&pool.lock);
    work(0);
    if (alone) return;
    pthread_mutex_lock(&pool.lock);
    while (pool.busy > 0) pthread_cond_wait(&pool.done, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
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
    (void)thread;
    const product *p = context;
    const mvlm_tensor *w = p->l.weight;
    bool grouped = w->format->ggml < 0;
    vlmc_group_format format = {.affine = w->format->affine, .bits = w->format->bits, .length = w->format->block_length};
    vlmc_dot_row multiply = grouped ? NULL : kernels->dot[w->format->ggml];
    int64_t first = job * DOTS, count = w->rows - first < DOTS ? w->rows - first : DOTS;
    for (int64_t i = first; i < first + count; i++) {
        const uint8_t *row = w->data + (size_t)i * w->row_bytes;
        p->y[i] = grouped ? kernels->dot_groups(format, row, p->x, (size_t)w->columns)
                          : multiply(row, p->x, (size_t)w->columns);
    }
    finish(p, 0, first, count);
}

/// Many rows of input: a few rows of the weight are decoded and meet all of them.
static void tile_job(void *context, int64_t job, int thread) {
    const product *p = context;
    const mvlm_tensor *w = p->l.weight;
    vlmc_dot_row multiply = kernels->dot[VLMC_F32];
    int64_t first = job * TILE, count = w->rows - first < TILE ? w->rows - first : TILE;
    float *tile = pool.tiles + thread * pool.tile_size;
    for (int64_t i = 0; i < count; i++) decode_row(w, first + i, tile + i * w->columns);
    for (int64_t row = 0; row < p->rows; row++) {
        for (int64_t i = 0; i < count; i++) {
            p->y[row * w->rows + first + i] =
                multiply(tile + i * w->columns, p->x + row * w->columns, (size_t)w->columns);
        }
        finish(p, row, first, count);
    }
}

void apply_linear(linear l, const float *x, int64_t rows, float *y, activation then) {
    product p = {l, x, rows, y, then};
    if (rows == 1) {
        parallel((l.weight->rows + DOTS - 1) / DOTS, dot_job, &p);
    } else {
        parallel((l.weight->rows + TILE - 1) / TILE, tile_job, &p);
    }
}

// Norms

/// The sum of (v - shift)^power in eight lanes, which keeps it exact to about a unit of the last place.
static float sum(const float *v, int64_t count, float shift, bool squared) {
    float lanes[8] = {0}, total = 0;
    for (int64_t i = 0; i < count; i++) {
        float d = v[i] - shift;
        lanes[i % 8] += squared ? d * d : d;
    }
    for (int i = 0; i < 8; i++) total += lanes[i];
    return total;
}

void rms_norm(const float *x, int64_t rows, int64_t width, const float *w, float epsilon, float *y) {
    for (int64_t row = 0; row < rows; row++, x += width, y += width) {
        float scale = 1 / sqrtf(sum(x, width, 0, true) / (float)width + epsilon);
        for (int64_t i = 0; i < width; i++) y[i] = w[i] * (x[i] * scale);
    }
}

void layer_norm(
    const float *x, int64_t rows, int64_t width, const float *w, const float *b, float epsilon, float *y) {
    for (int64_t row = 0; row < rows; row++, x += width, y += width) {
        float mean = sum(x, width, 0, false) / (float)width;
        float scale = 1 / sqrtf(sum(x, width, mean, true) / (float)width + epsilon);
        for (int64_t i = 0; i < width; i++) y[i] = (x[i] - mean) * scale * w[i] + b[i];
    }
}

// Attention

typedef struct attention {
    const float *q, *keys, *values;
    int64_t first_row, key_count, past;
    heads h;
    float *scratch, *out;
} attention;

/// e^(v - max) / sum in place.
static void softmax(float *v, int64_t count) {
    float greatest = v[0];
    for (int64_t i = 1; i < count; i++) {
        if (v[i] > greatest) greatest = v[i];
    }
    for (int64_t i = 0; i < count; i++) v[i] = expf(v[i] - greatest);
    float share = 1 / sum(v, count, 0, false);
    for (int64_t i = 0; i < count; i++) v[i] *= share;
}

/// One query of one head.
static void attend_job(void *context, int64_t job, int thread) {
    (void)thread;
    const attention *a = context;
    vlmc_dot_row multiply = kernels->dot[VLMC_F32];
    int64_t head = job % a->h.count, row = a->first_row + job / a->h.count, size = a->h.size, stride = a->h.groups * size;
    int64_t seen = a->past < 0 ? a->key_count : a->past + row + 1;
    int64_t group = head / (a->h.count / a->h.groups) * size;
    const float *q = a->q + job * size;
    float *scores = a->scratch + job * a->key_count, *out = a->out + job * size;
    float scale = 1 / sqrtf((float)size);
    for (int64_t k = 0; k < seen; k++) scores[k] = scale * multiply(a->keys + k * stride + group, q, (size_t)size);
    softmax(scores, seen);
    memset(out, 0, (size_t)size * sizeof *out);
    for (int64_t k = 0; k < seen; k++) {
        const float *value = a->values + k * stride + group;
        for (int64_t i = 0; i < size; i++) out[i] += scores[k] * value[i];
    }
}

void attend(
    const float *q, int64_t rows, const float *keys, const float *values, int64_t key_count, heads h, int64_t past,
    float *scratch, float *out) {
    for (int64_t first = 0; first < rows; first += ATTEND_ROWS) {
        int64_t count = rows - first < ATTEND_ROWS ? rows - first : ATTEND_ROWS, done = first * h.count * h.size;
        attention a = {q + done, keys, values, first, key_count, past, h, scratch, out + done};
        parallel(count * h.count, attend_job, &a);
    }
}
