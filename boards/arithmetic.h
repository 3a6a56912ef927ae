// The arithmetic under the graph: products with stored weights, norms, attention, activations. What is between them are
// 32-bit floats; matrices are row by row.
#ifndef MVLM_ARITHMETIC_H
#define MVLM_ARITHMETIC_H

#include "mvlm.h"

/// Starts threads, `threads` of them or one per core if that is 0, and gives each its memory. Kernels are those that this processor
/// has; VLMCONV_ISA=plain in the environment forces those of any. To be called again, while nothing computes, before a model with
/// wider rows is used.
/// @param longest_row Columns of the widest weight.
/// @param reference All in 32-bit floats, as vlmconv's `reference` computes; otherwise as in fast.h where that is possible.
/// @return False if memory is short.
bool arithmetic_start(int threads, int64_t longest_row, bool reference);

typedef enum activation { IDENTITY, RELU, SILU, GELU, QUICK_GELU, HARD_SIGMOID, HARD_SWISH } activation;

void activate(activation kind, float *x, int64_t count);

/// y = activation(x W' + b): a matrix as it lies in the file, and a vector of floats or NULL.
typedef struct linear {
    const mvlm_tensor *weight;
    const float *bias;
} linear;

/// @param x [rows, columns of the weight]. @param y Receives [rows, rows of the weight].
void apply_linear(linear l, const float *x, int64_t rows, float *y, activation then);

/// Decodes `count` rows from `first` on, in any layout. @return False if memory is short.
bool decode_rows(const mvlm_tensor *t, int64_t first, int64_t count, float *y);

/// Adds y to x.
void add(float *x, const float *y, int64_t count);

/// The sum of (v - shift), or of its squares, in eight lanes, which keeps it exact to about a unit of the last place.
float sum(const float *v, int64_t count, float shift, bool squared);

/// With a bias a layer norm, (v - mean) / sqrt(variance + epsilon) * weight + bias; without one v / sqrt(mean(v^2) + epsilon) * weight.
typedef struct norm {
    const float *weight, *bias;
    int64_t width;
    float epsilon;
} norm;

/// Row by row, from x to y, which may be the same.
void normalise(norm n, const float *x, int64_t rows, float *y);

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
