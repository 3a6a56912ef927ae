// Plain twins of what surrounds the products. Sums and functions run in double, results are rounded once.
#include <math.h>

#include "fast_plain.h"

float plain_float_of_half(uint16_t half) {
    int exponent = half >> 10 & 31, fraction = half & 1023;
    float magnitude = exponent == 0    ? ldexpf((float)fraction, -24)
                      : exponent == 31 ? (fraction ? NAN : INFINITY)
                                       : ldexpf((float)(fraction | 1024), exponent - 25);
    return half >> 15 ? -magnitude : magnitude;
}

/// Nearest even; beyond the largest half infinity.
static uint16_t half_of(float value) {
    if (isnan(value)) return (uint16_t)(signbit(value) ? 0xFE00 : 0x7E00);
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    double magnitude = fabs((double)value);
    if (magnitude >= 65520) return sign | 0x7C00;
    // Halves below 2^-14 are multiples of 2^-24; above, 11 bits are kept.
    int exponent = magnitude < 0x1p-14 ? -14 : ilogb(magnitude);
    double steps = rint(ldexp(magnitude, 10 - exponent));
    return sign | (uint16_t)(steps + 1024 * (exponent + 14));
}

void plain_to_half(const float *x, size_t n, uint16_t *y) {
    for (size_t i = 0; i < n; i++) y[i] = half_of(x[i]);
}

void plain_rms_norm(const float *x, const float *weight, float epsilon, size_t n, float *y) {
    double square = 0;
    for (size_t i = 0; i < n; i++) square += (double)x[i] * x[i];
    double factor = 1 / sqrt(square / (double)n + epsilon);
    for (size_t i = 0; i < n; i++) y[i] = (float)(x[i] * factor * weight[i]);
}

void plain_layer_norm(
    const float *x, const float *weight, const float *bias, float epsilon, size_t n, float *y) {
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++) mean += x[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) square += (x[i] - mean) * (x[i] - mean);
    double factor = 1 / sqrt(square / (double)n + epsilon);
    for (size_t i = 0; i < n; i++) y[i] = (float)((x[i] - mean) * factor * weight[i] + bias[i]);
}

void plain_rotate(float *x, size_t heads, size_t head, const float *cosines, const float *sines, bool neighbours) {
    for (size_t h = 0; h < heads; h++) {
        for (size_t i = 0; i < head / 2; i++) {
            float *a = x + h * head + (neighbours ? 2 * i : i), *b = neighbours ? a + 1 : a + head / 2;
            float first = *a, second = *b;
            *a = (float)((double)first * cosines[i] - (double)second * sines[i]);
            *b = (float)((double)second * cosines[i] + (double)first * sines[i]);
        }
    }
}

static double value_of(vlmc_function function, double x) {
    switch (function) {
    case VLMC_GELU: return 0.5 * x * erfc(-x * 0.70710678118654752440);
    case VLMC_QUICK_GELU: return x / (1 + exp(-1.702 * x));
    case VLMC_SILU: return x / (1 + exp(-x));
    case VLMC_HARD_SWISH: return x * fmin(fmax(x + 3, 0), 6) / 6;
    case VLMC_HARD_SIGMOID: return fmin(fmax(x + 3, 0), 6) / 6;
    case VLMC_RELU: return fmax(x, 0);
    }
    return 0;
}

void plain_apply(vlmc_function function, const float *x, size_t n, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = (float)value_of(function, x[i]);
}

void plain_swiglu(const float *gate, const float *up, size_t n, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = (float)(value_of(VLMC_SILU, gate[i]) * up[i]);
}

void plain_add(const float *x, size_t n, float *y) {
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

void plain_scale(const float *x, size_t n, float *y) {
    for (size_t i = 0; i < n; i++) y[i] *= x[i];
}

void plain_add_bias(
    const float *bias, const vlmc_function *function, size_t rows, size_t n, float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++) {
        plain_add(bias, n, y + row * y_stride);
        if (function) plain_apply(*function, y + row * y_stride, n, y + row * y_stride);
    }
}

void plain_depthwise(
    const float *x, size_t height, size_t width, size_t channels, const float *weight, const float *bias,
    size_t step, size_t line, float *y) {
    for (size_t column = 0; column < (width + step - 1) / step; column++) {
        for (size_t c = 0; c < channels; c++) {
            double sum = bias ? bias[c] : 0;
            for (size_t i = 0; i < 3; i++) {
                for (size_t j = 0; j < 3; j++) {
                    // One more than the position, for the padding.
                    size_t row = line * step + i, place = column * step + j;
                    if (row < 1 || row > height || place < 1 || place > width) continue;
                    sum += (double)x[((row - 1) * width + place - 1) * channels + c] * weight[(3 * i + j) * channels + c];
                }
            }
            y[column * channels + c] = (float)sum;
        }
    }
}

/// Element i of a key or value.
static double cached(const vlmc_attention *job, const void *base, size_t stride, size_t position, size_t i) {
    const uint8_t *row = (const uint8_t *)base + position * stride;
    if (job->type == VLMC_F32) return ((const float *)row)[i];
    if (job->type == VLMC_F16) return plain_float_of_half(((const uint16_t *)row)[i]);
    const uint8_t *block = row + i / 32 * 34;
    return (double)plain_float_of_half((uint16_t)(block[0] | block[1] << 8)) * (int8_t)block[2 + i % 32];
}

void plain_attend(const vlmc_attention *job) {
    for (size_t row = 0; row < job->queries; row++) {
        const float *q = job->q + row * job->q_stride;
        double sum = 0, largest = -INFINITY, result[VLMC_LARGEST_HEAD] = {0};
        for (size_t t = 0; t < job->visible + row * job->step; t++) {
            double score = 0;
            for (size_t i = 0; i < job->head; i++) score += q[i] * cached(job, job->k, job->k_stride, t, i);
            score *= job->scale;
            if (score > largest) {
                double shrink = exp(largest - score);
                sum *= shrink;
                for (size_t i = 0; i < job->head; i++) result[i] *= shrink;
                largest = score;
            }
            double weight = exp(score - largest);
            sum += weight;
            for (size_t i = 0; i < job->head; i++) result[i] += weight * cached(job, job->v, job->v_stride, t, i);
        }
        for (size_t i = 0; i < job->head; i++) job->out[row * job->out_stride + i] = (float)(result[i] / sum);
    }
}
