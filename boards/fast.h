// The arithmetic as phones and boards want it: what is multiplied with weights in blocks is rounded to 8 bits first, 32 columns
// by one scale, and multiplied in whole numbers (docs/kernels.md).
#ifndef MVLM_FAST_H
#define MVLM_FAST_H

#include "arithmetic.h"

/// Gives each of `threads` threads its memory. @return False if memory is short.
bool fast_start(int threads, int64_t longest_row);

// Each as its namesake in arithmetic.h. False, and nothing done, where fast arithmetic was not started, or has no kernels for
// these weights or heads.

bool fast_linear(linear l, const float *x, int64_t rows, float *y, activation then);
bool fast_attend(
    const float *q, int64_t rows, const float *keys, const float *values, int64_t key_count, heads h, int64_t past,
    float *out);
bool fast_normalise(norm n, const float *x, int64_t rows, float *y);

#endif
