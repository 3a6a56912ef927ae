#include "arithmetic.h"

#include <math.h>
#include <string.h>

#include "fast.h"
#include "kernels.h"
#include "threads.h"

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
    vlmc_dot_row multiply = kernels()->dot[VLMC_F32];
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
    if (fast_attend(q, rows, keys, values, key_count, h, past, out)) return;
    for (int64_t first = 0; first < rows; first += ATTEND_ROWS) {
        int64_t count = rows - first < ATTEND_ROWS ? rows - first : ATTEND_ROWS, done = first * h.count * h.size;
        attention a = {q + done, keys, values, first, key_count, past, h, scratch, out + done};
        parallel(count * h.count, attend_job, &a);
    }
}
