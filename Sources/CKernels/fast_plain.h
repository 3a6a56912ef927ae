// The plain twins of what surrounds the products (fast_plain_floats.c).
#pragma once

#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#endif
#pragma STDC FP_CONTRACT OFF

#include "fast_tables.h"

float plain_float_of_half(uint16_t half);
void plain_attend(const vlmc_attention *job);
void plain_rms_norm(const float *x, const float *weight, float epsilon, size_t n, float *y);
void plain_layer_norm(
    const float *x, const float *weight, const float *bias, float epsilon, size_t n, float *y);
void plain_rotate(float *x, size_t heads, size_t head, const float *cosines, const float *sines, bool neighbours);
void plain_apply(vlmc_function function, const float *x, size_t n, float *y);
void plain_swiglu(const float *gate, const float *up, size_t n, float *y);
void plain_add(const float *x, size_t n, float *y);
void plain_scale(const float *x, size_t n, float *y);
void plain_add_bias(
    const float *bias, const vlmc_function *function, size_t rows, size_t n, float *y, size_t y_stride);
void plain_depthwise(
    const float *x, size_t height, size_t width, size_t channels, const float *weight, const float *bias,
    size_t step, size_t line, float *y);
void plain_to_half(const float *x, size_t n, uint16_t *y);
