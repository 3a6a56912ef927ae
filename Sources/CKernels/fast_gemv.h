// Rows of encoded weights by a few rows of activations: as fast as weights come from memory. Included by
// fast_kernels.h only.
//
// A row is read once, in order; its levels stay in registers while they meet every row of activations.

/// Bytes that are fetched ahead of use: two pages, for what the processor fetches by itself ends with a page.
enum { AHEAD = 8192 };

INLINE f32x8 lower8(f32x16 v) { return __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7); }

INLINE f32x8 upper8(f32x16 v) { return __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15); }

/// One vector of activations.
typedef struct vector {
    const int8_t *q;
    const float *scale, *sum32, *sum16;
} vector;

INLINE vector vector_at(const uint8_t *bytes, activation_layout layout) {
    return (vector){
        .q = (const int8_t *)bytes,
        .scale = (const float *)(bytes + layout.scale),
        .sum32 = (const float *)(bytes + layout.sum32),
        .sum16 = (const float *)(bytes + layout.sum16),
    };
}

/// What the levels of a kind are lessened by before they are multiplied.
INLINE int taken_of(int kind) { return UNSIGNED(is_small(kind)) ? 0 : kind == A8 ? 128 : zero_of(kind); }

/// Adds a unit, given the products of scales of weights and activations.
INLINE void add_unit(
    int kind, int A, row r, size_t chunk, int j, const vector *x, float (*scales)[16], f32x8 (*sums)[2]) {
    u8x32 levels = levels_of(kind, r, chunk, j) - (unsigned char)taken_of(kind);
    for (int a = 0; a < A; a++) {
        i8x32 q = LOAD(i8x32, x[a].q + CHUNK_COLUMNS * chunk + 32 * j);
        f32x8 products = __builtin_convertvector(dot32(levels, q, is_small(kind)), f32x8);
        if (is_of_16(kind)) {
            f32x2 pair = LOAD(f32x2, scales[a] + 2 * j);
            sums[a][j % 2] += products * __builtin_shufflevector(pair, pair, 0, 0, 0, 0, 1, 1, 1, 1);
        } else {
            sums[a][j % 2] += products * scales[a][j];
        }
    }
}

/// Adds `count` units of a chunk.
INLINE void add_chunk(
    int kind, int A, row r, size_t chunk, int count, const vector *x, f32x8 (*sums)[2], f32x8 *minima) {
    bool of16 = is_of_16(kind), affine = has_minimum(kind) || taken_of(kind) != zero_of(kind);
    grids g = grids_of(kind, r, chunk, count, taken_of(kind));
    float scales[4][16];
    for (int a = 0; a < A; a++) {
        f32x8 scale = LOAD(f32x8, x[a].scale + CHUNK_UNITS * chunk);
        if (of16) {
            f32x16 each = __builtin_shufflevector(scale, scale, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
            STORE(scales[a], g.scale * each);
        } else {
            STORE(scales[a], lower8(g.scale) * scale);
        }
        if (affine && of16) {
            f32x16 parts = g.minimum * LOAD(f32x16, x[a].sum16 + 2 * CHUNK_UNITS * chunk);
            minima[a] += lower8(parts) + upper8(parts);
        } else if (affine) {
            minima[a] += lower8(g.minimum) * LOAD(f32x8, x[a].sum32 + CHUNK_UNITS * chunk);
        }
    }
    if (count == CHUNK_UNITS) {
        UNROLLED
        for (int j = 0; j < CHUNK_UNITS; j++) add_unit(kind, A, r, chunk, j, x, scales, sums);
    } else {
        for (int j = 0; j < count; j++) add_unit(kind, A, r, chunk, j, x, scales, sums);
    }
}

#if FAST_DOT == DOT_VNNI512
#include "fast_pairs.h"
#endif

INLINE void gemv_row(
    int kind, int A, uint32_t format, const uint8_t *bytes, size_t columns, const uint8_t *activations, size_t stride,
    float *y, size_t y_stride) {
    activation_layout layout = activations_of(columns);
    row r = row_at(kind, format, bytes, columns);
    vector x[4];
    f32x8 sums[4][2], minima[4];
    for (int a = 0; a < A; a++) {
        x[a] = vector_at(activations + (size_t)a * stride, layout);
        sums[a][0] = sums[a][1] = minima[a] = (f32x8){0};
    }
#if FAST_DOT == DOT_VNNI512
    f32x16 wide[4][2];
    for (int a = 0; a < A; a++) wide[a][0] = wide[a][1] = (f32x16){0};
#endif
    size_t chunks = columns / CHUNK_COLUMNS;
    // Scales and minima of groups stand behind the levels: they are fetched in equal parts along with these.
    size_t bytesPerChunk = is_super(kind)    ? size_of(kind)
                           : is_group(kind) ? (row_end(kind, r) + chunks - 1) / (chunks ? chunks : 1)
                                            : CHUNK_UNITS * size_of(kind);
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        for (size_t line = 0; line < bytesPerChunk; line += 64) {
            __builtin_prefetch(bytes + chunk * bytesPerChunk + AHEAD + line);
        }
#if FAST_DOT == DOT_VNNI512
        add_pairs(kind, A, r, chunk, x, wide, minima);
#else
        add_chunk(kind, A, r, chunk, CHUNK_UNITS, x, sums, minima);
#endif
    }
    int rest = (int)(columns % CHUNK_COLUMNS / 32);
    if (!is_super(kind) && rest) add_chunk(kind, A, r, chunks, rest, x, sums, minima);
#if FAST_DOT == DOT_VNNI512
    for (int a = 0; a < A; a++) {
        sums[a][0] += lower8(wide[a][0]) + lower8(wide[a][1]);
        sums[a][1] += upper8(wide[a][0]) + upper8(wide[a][1]);
    }
#endif
    for (int a = 0; a < A; a++) y[(size_t)a * y_stride] = sum8((sums[a][0] + sums[a][1]) + minima[a]);
}

INLINE void gemv_kind(
    int kind, uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns,
    const uint8_t *activations, size_t stride, size_t count, float *y, size_t y_stride) {
    for (size_t a = 0; a < count; a += 4) {
        const uint8_t *some = activations + a * stride;
        size_t left = count - a;
        for (size_t i = 0; i < n; i++) {
            const uint8_t *bytes = rows + i * row_bytes;
            float *target = y + a * y_stride + i;
            if (left == 1) {
                gemv_row(kind, 1, format, bytes, columns, some, stride, target, y_stride);
            } else if (left == 2) {
                gemv_row(kind, 2, format, bytes, columns, some, stride, target, y_stride);
            } else if (left == 3) {
                gemv_row(kind, 3, format, bytes, columns, some, stride, target, y_stride);
            } else {
                gemv_row(kind, 4, format, bytes, columns, some, stride, target, y_stride);
            }
        }
    }
}

typedef void (*gemv_of_kind)(
    uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns, const uint8_t *activations,
    size_t stride, size_t count, float *y, size_t y_stride);

#define GEMV(name, kind)                                                                                      \
    static void name(                                                                                         \
        uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns,                     \
        const uint8_t *activations, size_t stride, size_t count, float *y, size_t y_stride) {                 \
        gemv_kind(kind, format, rows, row_bytes, n, columns, activations, stride, count, y, y_stride);        \
    }

GEMV(gemv_q4_0, VLMC_Q4_0)
GEMV(gemv_q4_1, VLMC_Q4_1)
GEMV(gemv_q5_0, VLMC_Q5_0)
GEMV(gemv_q5_1, VLMC_Q5_1)
GEMV(gemv_q8_0, VLMC_Q8_0)
GEMV(gemv_q2_k, VLMC_Q2_K)
GEMV(gemv_q3_k, VLMC_Q3_K)
GEMV(gemv_q4_k, VLMC_Q4_K)
GEMV(gemv_q5_k, VLMC_Q5_K)
GEMV(gemv_q6_k, VLMC_Q6_K)
GEMV(gemv_iq4_nl, VLMC_IQ4_NL)
GEMV(gemv_iq4_xs, VLMC_IQ4_XS)
GEMV(gemv_s4, S4)
GEMV(gemv_s5, S5)
GEMV(gemv_s8, S8)
GEMV(gemv_a4, A4)
GEMV(gemv_a5, A5)
GEMV(gemv_a8, A8)

/// A table's place for a format: ggml's number, or from S4 on for rows with group scales.
INLINE uint32_t place_of(uint32_t format) {
    return is_group_format(format) ? S4 + (format - VLMC_GROUPS) / 3 : format;
}

static const gemv_of_kind gemvs[A8 + 1] = {
    [VLMC_Q4_0] = gemv_q4_0, [VLMC_Q4_1] = gemv_q4_1, [VLMC_Q5_0] = gemv_q5_0, [VLMC_Q5_1] = gemv_q5_1,
    [VLMC_Q8_0] = gemv_q8_0, [VLMC_Q2_K] = gemv_q2_k, [VLMC_Q3_K] = gemv_q3_k, [VLMC_Q4_K] = gemv_q4_k,
    [VLMC_Q5_K] = gemv_q5_k, [VLMC_Q6_K] = gemv_q6_k, [VLMC_IQ4_NL] = gemv_iq4_nl, [VLMC_IQ4_XS] = gemv_iq4_xs,
    [S4] = gemv_s4, [S5] = gemv_s5, [S8] = gemv_s8, [A4] = gemv_a4, [A5] = gemv_a5, [A8] = gemv_a8,
};

static void gemv_bits(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, const void *activations,
    size_t stride, size_t count, float *y, size_t y_stride) {
    gemvs[place_of(format)](format, rows, row_bytes, n, columns, activations, stride, count, y, y_stride);
}
