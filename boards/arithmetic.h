// The arithmetic under the graph: threads, products with stored weights, norms, attention, activations. All in 32-bit
// floats; matrices are row by row.
#ifndef MVLM_ARITHMETIC_H
#define MVLM_ARITHMETIC_H

#include "mvlm.h"

/// Chooses the kernels that this processor has and starts threads: `threads` of them, or one per core if that is 0.
/// VLMCONV_ISA=plain in the environment forces the kernels that any processor has.
/// @param longest_row Columns of the widest weight. @return False if memory is short.
bool arithmetic_start(int threads, int64_t longest_row);

/// Calls `body` for each job below `jobs`, on all threads, and returns when all are done.
void parallel(int64_t jobs, void (*body)(void *context, int64_t job, int thread), void *context);

typedef enum activation { IDENTITY, RELU, SILU, GELU, QUICK_GELU, HARD_SIGMOID, HARD_SWISH } activation;

void activate(activation kind, float *x, int64_t count);

/// y = activation(x W' + b): a matrix as it lies in the file, and a vector of floats or NULL.
typedef struct linear {
    const mvlm_tensor *weight;
    const float *bias;
} linear;

/// @param x [rows, columns of the weight]. @param y Receives [rows, rows of the weight].
void apply_linear(linear l, const float *x, int64_t rows, float *y, activation then);

/// Decodes one row.
void decode_row(const mvlm_tensor *t, int64_t row, float *y);

/// Adds y to x.
void add(float *x, const float *y, int64_t count);

/// Row by row, from x to y: w * v / sqrt(mean(v^2) + epsilon), and (v - mean) / sqrt(variance + epsilon) * w + b.
void rms_norm(const float *x, int64_t rows, int64_t width, const float *w, float epsilon, float *y);
void layer_norm(
    const float *x, int64_t rows, int64_t width, const float *w, const float *b, float epsilon, float *y);

enum { ATTEND_ROWS = 64 };

typedef struct heads {
    /// Query heads, key and value heads that they share, width of each.
    int64_t count, groups, size;
} heads;

/// softmax(q k' / sqrt(size)) v, head by head. Query row t sees the keys 0 ... past + t, or all if `past` is negative.
/// @param q,out [rows, count * size]. @param keys,values [key_count, groups * size].
/// @param scratch At least min(rows, ATTEND_ROWS) * count * key_count floats.
void attend(
    const float *q, int64_t rows, const float *keys, const float *values, int64_t key_count, heads h, int64_t past,
    float *scratch, float *out);

#endif
