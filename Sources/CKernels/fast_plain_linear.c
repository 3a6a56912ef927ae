// Plain twins of the products: what the formats and fast.h say, element by element. Sums run in double.
#include <math.h>

#include "fast_plain.h"

enum { ROWS = 4 };

/// 32 columns of a row in one form for all types: value = scale * level + minimum, one of each per half.
typedef struct unit {
    int8_t levels[32];
    float scale[2], minimum[2];
} unit;

static float half_at(const uint8_t *bytes) { return plain_float_of_half((uint16_t)(bytes[0] | bytes[1] << 8)); }

static uint32_t word_at(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static int nibble(const uint8_t *qs, int e) { return e < 16 ? qs[e] & 15 : qs[e - 16] >> 4; }

static int bit(uint32_t bits, int e) { return (int)(bits >> e & 1); }

static const int8_t curve[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

static void set(unit *u, float scale, float minimum) {
    for (int half = 0; half < 2; half++) {
        u->scale[half] = scale;
        u->minimum[half] = minimum;
    }
}

static unit unit_of_32(uint32_t format, const uint8_t *row, size_t index) {
    static const uint8_t sizes[] = {
        [VLMC_Q4_0] = 18, [VLMC_Q4_1] = 20, [VLMC_Q5_0] = 22, [VLMC_Q5_1] = 24, [VLMC_Q8_0] = 34, [VLMC_IQ4_NL] = 18};
    const uint8_t *block = row + index * sizes[format];
    bool affine = is_affine(format);
    unit u;
    set(&u, half_at(block), affine ? half_at(block + 2) : 0);
    const uint8_t *rest = block + (affine ? 4 : 2);
    for (int e = 0; e < 32; e++) {
        int level = 0;
        switch (format) {
        case VLMC_Q4_0: level = nibble(rest, e) - 8; break;
        case VLMC_Q4_1: level = nibble(rest, e); break;
        case VLMC_Q5_0: level = (nibble(rest + 4, e) | bit(word_at(rest), e) << 4) - 16; break;
        case VLMC_Q5_1: level = nibble(rest + 4, e) | bit(word_at(rest), e) << 4; break;
        case VLMC_Q8_0: level = (int8_t)rest[e]; break;
        case VLMC_IQ4_NL: level = curve[nibble(rest, e)]; break;
        }
        u.levels[e] = (int8_t)level;
    }
    return u;
}

static unit unit_of_256(uint32_t format, const uint8_t *row, size_t index) {
    static const uint8_t sizes[] = {
        [VLMC_Q2_K] = 84, [VLMC_Q3_K] = 110, [VLMC_Q4_K] = 144, [VLMC_Q5_K] = 176, [VLMC_Q6_K] = 210,
        [VLMC_IQ4_XS] = 136};
    const uint8_t *block = row + index / 8 * sizes[format];
    int j = (int)(index % 8);  // the sub-block, where these have 32 elements
    unit u;
    for (int half = 0; half < 2; half++) {
        int s = 2 * j + half;  // the sub-block, where these have 16 elements
        switch (format) {
        case VLMC_Q2_K:
            u.scale[half] = half_at(block + 80) * (float)(block[s] & 15);
            u.minimum[half] = -(half_at(block + 82) * (float)(block[s] >> 4));
            break;
        case VLMC_Q3_K: {
            const uint8_t *scales = block + 96;
            int low = s < 8 ? scales[s] & 15 : scales[s - 8] >> 4, high = scales[8 + s % 4] >> 2 * (s / 4) & 3;
            u.scale[half] = half_at(block + 108) * (float)((low | high << 4) - 32);
            u.minimum[half] = 0;
            break;
        }
        case VLMC_Q4_K:
        case VLMC_Q5_K: {
            const uint8_t *b = block + 4;
            int scale = j < 4 ? b[j] & 63 : (b[j + 4] & 15) + 16 * (b[j - 4] >> 6);
            int minimum = j < 4 ? b[j + 4] & 63 : (b[j + 4] >> 4) + 16 * (b[j] >> 6);
            u.scale[half] = half_at(block) * (float)scale;
            u.minimum[half] = -(half_at(block + 2) * (float)minimum);
            break;
        }
        case VLMC_Q6_K:
            u.scale[half] = half_at(block + 208) * (float)(int8_t)block[192 + s];
            u.minimum[half] = 0;
            break;
        case VLMC_IQ4_XS: {
            int low = block[4 + j / 2] >> 4 * (j % 2) & 15, high = (block[2] | block[3] << 8) >> 2 * j & 3;
            u.scale[half] = half_at(block) * (float)((low | high << 4) - 32);
            u.minimum[half] = 0;
            break;
        }
        }
    }
    for (int l = 0; l < 32; l++) {
        int e = 32 * j + l, b = e / 128, k = e % 128 / 32, level = 0;
        switch (format) {
        case VLMC_Q2_K: level = block[16 + 32 * b + l] >> 2 * k & 3; break;
        case VLMC_Q3_K:
            level = (block[32 + 32 * b + l] >> 2 * k & 3) + 4 * (block[l] >> j & 1) - 4;
            break;
        case VLMC_Q4_K: level = block[16 + 32 * (j / 2) + l] >> 4 * (j % 2) & 15; break;
        case VLMC_Q5_K:
            level = (block[48 + 32 * (j / 2) + l] >> 4 * (j % 2) & 15) + 16 * (block[16 + l] >> j & 1);
            break;
        case VLMC_Q6_K:
            level = (block[64 * b + 32 * (k % 2) + l] >> 4 * (k / 2) & 15) +
                    16 * (block[128 + 32 * b + l] >> 2 * k & 3) - 32;
            break;
        case VLMC_IQ4_XS: level = curve[nibble(block + 8 + 16 * j, l)]; break;
        }
        u.levels[l] = (int8_t)level;
    }
    return u;
}

static unit unit_of_groups(uint32_t format, const uint8_t *row, size_t columns, size_t index) {
    vlmc_group_format f = group_format_of(format);
    size_t fifths = f.bits == 8 ? columns : columns / 2;
    size_t scales = fifths + (f.bits == 5 ? columns / 8 : 0), minima = scales + 2 * (columns / f.length);
    size_t group = index * 32 / f.length;
    float d = half_at(row + scales + 2 * group), m = f.affine ? half_at(row + minima + 2 * group) : 0;
    unit u;
    // Unsigned bytes become signed ones.
    set(&u, d, f.affine && f.bits == 8 ? m + 128 * d : m);
    int zero = f.affine ? 0 : f.bits == 4 ? 8 : 16;
    for (int e = 0; e < 32; e++) {
        int level;
        if (f.bits == 8) {
            level = f.affine ? row[32 * index + (size_t)e] - 128 : (int8_t)row[32 * index + (size_t)e];
        } else {
            level = nibble(row + 16 * index, e) - zero;
            if (f.bits == 5) level += 16 * bit(word_at(row + fifths + 4 * index), e);
        }
        u.levels[e] = (int8_t)level;
    }
    return u;
}

static unit unit_of(uint32_t format, const uint8_t *row, size_t columns, size_t index) {
    if (is_group_format(format)) return unit_of_groups(format, row, columns, index);
    return block_of(format) == 32 ? unit_of_32(format, row, index) : unit_of_256(format, row, index);
}

/// The product of 32 columns.
static double product(unit u, const uint8_t *activations, size_t columns, size_t index) {
    activation_layout layout = activations_of(columns);
    const int8_t *q = (const int8_t *)activations + 32 * index;
    float scale = ((const float *)(activations + layout.scale))[index];
    double result = 0;
    for (int half = 0; half < 2; half++) {
        int32_t sum = 0;
        for (int e = 16 * half; e < 16 * half + 16; e++) sum += u.levels[e] * q[e];
        float ofActivations = ((const float *)(activations + layout.sum16))[2 * index + (size_t)half];
        result += (double)u.scale[half] * scale * sum + (double)u.minimum[half] * ofActivations;
    }
    return result;
}

static void gemv_bits(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, const void *activations,
    size_t stride, size_t count, float *y, size_t y_stride) {
    for (size_t i = 0; i < n; i++) {
        const uint8_t *row = (const uint8_t *)rows + i * row_bytes;
        for (size_t a = 0; a < count; a++) {
            double sum = 0;
            for (size_t index = 0; index < columns / 32; index++) {
                const uint8_t *vector = (const uint8_t *)activations + a * stride;
                sum += product(unit_of(format, row, columns, index), vector, columns, index);
            }
            y[a * y_stride + i] = (float)sum;
        }
    }
}

// A panel holds the units of one row after the other.

static void unpack_bits(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, void *panel) {
    unit *units = panel;
    size_t length = columns / 32;
    for (size_t i = 0; i < n; i++) {
        for (size_t index = 0; index < length; index++) {
            units[i * length + index] = unit_of(format, (const uint8_t *)rows + i * row_bytes, columns, index);
        }
    }
}

static void multiply_bits(
    uint32_t format, const void *panel, size_t n, size_t columns, const void *activations, size_t stride,
    size_t count, float *y, size_t y_stride) {
    (void)format;
    const unit *units = panel;
    size_t length = columns / 32;
    for (size_t i = 0; i < n; i++) {
        for (size_t a = 0; a < count; a++) {
            double sum = 0;
            for (size_t index = 0; index < length; index++) {
                const uint8_t *vector = (const uint8_t *)activations + a * stride;
                sum += product(units[i * length + index], vector, columns, index);
            }
            y[a * y_stride + i] = (float)sum;
        }
    }
}

static float number_at(uint32_t format, const uint8_t *row, size_t i) {
    float value;
    if (format == VLMC_F16) return half_at(row + 2 * i);
    uint32_t bits = format == VLMC_F32 ? word_at(row + 4 * i) : (uint32_t)(row[2 * i] | row[2 * i + 1] << 8) << 16;
    memcpy(&value, &bits, 4);
    return value;
}

static void gemv_numbers(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, const void *activations,
    size_t stride, size_t count, float *y, size_t y_stride) {
    for (size_t i = 0; i < n; i++) {
        const uint8_t *row = (const uint8_t *)rows + i * row_bytes;
        for (size_t a = 0; a < count; a++) {
            const float *x = (const float *)((const uint8_t *)activations + a * stride);
            double sum = 0;
            for (size_t k = 0; k < columns; k++) sum += (double)number_at(format, row, k) * x[k];
            y[a * y_stride + i] = (float)sum;
        }
    }
}

static void unpack_numbers(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, void *panel) {
    for (size_t i = 0; i < n; i++) {
        const uint8_t *row = (const uint8_t *)rows + i * row_bytes;
        for (size_t k = 0; k < columns; k++) ((float *)panel)[i * columns + k] = number_at(format, row, k);
    }
}

static void multiply_numbers(
    uint32_t format, const void *panel, size_t n, size_t columns, const void *activations, size_t stride,
    size_t count, float *y, size_t y_stride) {
    (void)format;
    gemv_numbers(VLMC_F32, panel, 4 * columns, n, columns, activations, stride, count, y, y_stride);
}

static void quantize(const float *x, size_t columns, void *activations) {
    activation_layout layout = activations_of(columns);
    uint8_t *bytes = activations;
    memset(bytes, 0, layout.bytes);
    float *scales = (float *)(bytes + layout.scale), *sums32 = (float *)(bytes + layout.sum32);
    float *sums16 = (float *)(bytes + layout.sum16);
    int32_t *offsets32 = (int32_t *)(bytes + layout.offset32), *offsets16 = (int32_t *)(bytes + layout.offset16);
    for (size_t i = 0; i < columns / 32; i++) {
        float largest = 0;
        for (int e = 0; e < 32; e++) largest = fmaxf(largest, fabsf(x[32 * i + (size_t)e]));
        float inverse = largest > VLMC_EMPTY_BLOCK ? 127 / largest : 0;
        scales[i] = largest > VLMC_EMPTY_BLOCK ? largest / 127 : 0;
        int32_t sums[2] = {0, 0};
        for (int e = 0; e < 32; e++) {
            float level = rintf(x[32 * i + (size_t)e] * inverse);
            ((int8_t *)bytes)[32 * i + (size_t)e] = (int8_t)level;
            sums[e / 16] += (int32_t)level;
        }
        for (int half = 0; half < 2; half++) {
            sums16[2 * i + (size_t)half] = scales[i] * (float)sums[half];
            offsets16[2 * i + (size_t)half] = -128 * sums[half];
        }
        sums32[i] = scales[i] * (float)(sums[0] + sums[1]);
        offsets32[i] = -128 * (sums[0] + sums[1]);
    }
}

const vlmc_fast_table vlmc_fast_plain = {
    .bits = {.gemv = gemv_bits, .unpack = unpack_bits, .multiply = multiply_bits, .panel_rows = ROWS},
    .numbers =
        {.gemv = gemv_numbers, .unpack = unpack_numbers, .multiply = multiply_numbers, .panel_rows = ROWS, .floats = true},
    .floats =
        {
            .quantize = quantize,
            .attend = plain_attend,
            .rms_norm = plain_rms_norm,
            .layer_norm = plain_layer_norm,
            .rotate = plain_rotate,
            .apply = plain_apply,
            .swiglu = plain_swiglu,
            .add = plain_add,
            .scale = plain_scale,
            .add_bias = plain_add_bias,
            .depthwise = plain_depthwise,
            .to_half = plain_to_half,
        },
};
