// Rows of encoded weights by many rows of activations. Included by fast_kernels.h only.
//
// All types are first brought to one form, a panel of PANEL_ROWS rows, which a single loop multiplies. A panel has, for
// each unit of 32 columns,
//
//     levels     for each group of 4 columns (8 for i8mm): 4 (8) bytes of every row
//     scales     f32 of every row; types with groups of 16 have two times half the levels and scales of their own
//     minima     the same, of types that have them
//
// Levels are signed. For instructions that multiply unsigned by signed bytes they are moved up by 128, and sums begin
// with what that adds: the offsets that come with the activations. With tile registers they stay signed.

enum { PANEL_ROWS = PANEL_VECTORS * VLMC_LANES, PANEL_OFFSET = VNNI && !FAST_AMX ? 128 : 0 };

/// Bytes of `columns` (32 or 16) columns that share a scale.
INLINE size_t panel_step(bool of16, bool affine) {
    return PANEL_ROWS * ((of16 ? 16 : 32) + (affine ? 8 : 4));
}

/// What levels are lessened by in a panel.
INLINE int panel_zero(int kind) { return kind == A8 ? 128 : zero_of(kind); }

#if FAST_MMLA
/// Puts `words` words of every row, `step` words apart, two of each row side by side: that is what smmla multiplies.
INLINE void place_levels(const uint32_t *in, size_t step, size_t words, uint32_t *out) {
    for (size_t k = 0; k < words; k += 2) {
        for (size_t i = 0; i < PANEL_ROWS; i++) memcpy(out + k * PANEL_ROWS + 2 * i, in + i * step + k, 8);
    }
}
#else
/// Puts 4 rows of 4 words side by side: word i of row j goes to out[i * PANEL_ROWS + j].
INLINE void transpose4(const uint32_t *in, size_t step, uint32_t *out) {
    u32x4 a = LOAD(u32x4, in), b = LOAD(u32x4, in + step);
    u32x4 c = LOAD(u32x4, in + 2 * step), d = LOAD(u32x4, in + 3 * step);
    u32x4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    u32x4 abHigh = __builtin_shufflevector(a, b, 2, 6, 3, 7), cdHigh = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    STORE(out, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
    STORE(out + PANEL_ROWS, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
    STORE(out + 2 * PANEL_ROWS, __builtin_shufflevector(abHigh, cdHigh, 0, 1, 4, 5));
    STORE(out + 3 * PANEL_ROWS, __builtin_shufflevector(abHigh, cdHigh, 2, 3, 6, 7));
}

/// Puts `words` words of every row, `step` words apart, side by side.
INLINE void place_levels(const uint32_t *in, size_t step, size_t words, uint32_t *out) {
    for (size_t k = 0; k < words; k += 4) {
        for (size_t i = 0; i < PANEL_ROWS; i += 4) transpose4(in + i * step + k, step, out + k * PANEL_ROWS + i);
    }
}
#endif

/// Decodes `count` units of a chunk of one row.
INLINE void decode_chunk(
    int kind, row r, size_t chunk, int count, uint8_t *levels, float *scales, float *minima) {
    grids g = grids_of(kind, r, chunk, count, panel_zero(kind));
    STORE(scales, g.scale);
    STORE(minima, g.minimum);
    int shift = PANEL_OFFSET - panel_zero(kind);
    if (count == CHUNK_UNITS) {
        UNROLLED
        for (int j = 0; j < CHUNK_UNITS; j++) {
            STORE(levels + 32 * j, levels_of(kind, r, chunk, j) + (unsigned char)shift);
        }
    } else {
        for (int j = 0; j < count; j++) {
            STORE(levels + 32 * j, levels_of(kind, r, chunk, j) + (unsigned char)shift);
        }
    }
}

INLINE void unpack_kind(
    int kind, uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns, uint8_t *panel) {
    bool of16 = is_of_16(kind), affine = has_minimum(kind);
    // Rows are 64 bytes further apart than their levels, lest all fall into the same lines of the cache.
    uint32_t levels[PANEL_ROWS][CHUNK_COLUMNS / 4 + 16];
    float scales[PANEL_ROWS][16], minima[PANEL_ROWS][16];
    memset(levels, PANEL_OFFSET, sizeof levels);
    memset(scales, 0, sizeof scales);
    memset(minima, 0, sizeof minima);
    size_t halves = of16 ? 2 : 1, step = panel_step(of16, affine);
    for (size_t chunk = 0; chunk * CHUNK_COLUMNS < columns; chunk++) {
        size_t left = (columns - chunk * CHUNK_COLUMNS) / 32;
        int count = left < CHUNK_UNITS ? (int)left : CHUNK_UNITS;
        for (size_t i = 0; i < n; i++) {
            row r = row_at(kind, format, rows + i * row_bytes, columns);
            if (is_super(kind) || count == CHUNK_UNITS) {
                decode_chunk(kind, r, chunk, CHUNK_UNITS, (uint8_t *)levels[i], scales[i], minima[i]);
            } else {
                decode_chunk(kind, r, chunk, count, (uint8_t *)levels[i], scales[i], minima[i]);
            }
        }
        for (size_t part = 0; part < (size_t)count * halves; part++) {
            uint8_t *target = panel + (CHUNK_UNITS * chunk * halves + part) * step;
            size_t words = 8 / halves;
            place_levels(&levels[0][part * words], CHUNK_COLUMNS / 4 + 16, words, (uint32_t *)target);
            float *grid = (float *)(target + 4 * words * PANEL_ROWS);
            for (size_t i = 0; i < PANEL_ROWS; i++) {
                grid[i] = scales[i][part];
                if (affine) grid[PANEL_ROWS + i] = minima[i][part];
            }
        }
    }
}

#define UNPACK(name, kind)                                                                                   \
    static void name(                                                                                        \
        uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns, uint8_t *panel) {  \
        unpack_kind(kind, format, rows, row_bytes, n, columns, panel);                                       \
    }

UNPACK(unpack_q4_0, VLMC_Q4_0)
UNPACK(unpack_q4_1, VLMC_Q4_1)
UNPACK(unpack_q5_0, VLMC_Q5_0)
UNPACK(unpack_q5_1, VLMC_Q5_1)
UNPACK(unpack_q8_0, VLMC_Q8_0)
UNPACK(unpack_q2_k, VLMC_Q2_K)
UNPACK(unpack_q3_k, VLMC_Q3_K)
UNPACK(unpack_q4_k, VLMC_Q4_K)
UNPACK(unpack_q5_k, VLMC_Q5_K)
UNPACK(unpack_q6_k, VLMC_Q6_K)
UNPACK(unpack_iq4_nl, VLMC_IQ4_NL)
UNPACK(unpack_iq4_xs, VLMC_IQ4_XS)
UNPACK(unpack_s4, S4)
UNPACK(unpack_s5, S5)
UNPACK(unpack_s8, S8)
UNPACK(unpack_a4, A4)
UNPACK(unpack_a5, A5)
UNPACK(unpack_a8, A8)

typedef void (*unpack_of_kind)(
    uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns, uint8_t *panel);

static const unpack_of_kind unpacks[A8 + 1] = {
    [VLMC_Q4_0] = unpack_q4_0, [VLMC_Q4_1] = unpack_q4_1, [VLMC_Q5_0] = unpack_q5_0, [VLMC_Q5_1] = unpack_q5_1,
    [VLMC_Q8_0] = unpack_q8_0, [VLMC_Q2_K] = unpack_q2_k, [VLMC_Q3_K] = unpack_q3_k, [VLMC_Q4_K] = unpack_q4_k,
    [VLMC_Q5_K] = unpack_q5_k, [VLMC_Q6_K] = unpack_q6_k, [VLMC_IQ4_NL] = unpack_iq4_nl,
    [VLMC_IQ4_XS] = unpack_iq4_xs, [S4] = unpack_s4, [S5] = unpack_s5, [S8] = unpack_s8, [A4] = unpack_a4,
    [A5] = unpack_a5, [A8] = unpack_a8,
};

static void unpack_bits(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, void *panel) {
    unpacks[place_of(format)](format, rows, row_bytes, n, columns, panel);
}

#include "fast_products.h"
#if FAST_AMX
#include "fast_amx.h"
#else
INLINE size_t multiply_in_tiles(
    bool of16, bool affine, const uint8_t *panel, size_t n, size_t columns, const uint8_t *activations, size_t stride,
    size_t count, float *y, size_t y_stride) {
    (void)of16, (void)affine, (void)panel, (void)n, (void)columns, (void)activations, (void)stride, (void)count;
    (void)y, (void)y_stride;
    return 0;
}
#endif

#define MULTIPLY(name, of16, affine)                                                                         \
    static void name(                                                                                        \
        const uint8_t *panel, size_t n, size_t columns, const uint8_t *activations, size_t stride,           \
        size_t count, float *y, size_t y_stride) {                                                           \
        size_t done =                                                                                        \
            multiply_in_tiles(of16, affine, panel, n, columns, activations, stride, count, y, y_stride);     \
        multiply_in_registers(                                                                               \
            of16, affine, panel, n, columns, activations + done * stride, stride, count - done,              \
            y + done * y_stride, y_stride);                                                                  \
    }

MULTIPLY(multiply_32, false, false)
MULTIPLY(multiply_32_affine, false, true)
MULTIPLY(multiply_16, true, false)
MULTIPLY(multiply_16_affine, true, true)

static void multiply_bits(
    uint32_t format, const void *panel, size_t n, size_t columns, const void *activations, size_t stride,
    size_t count, float *y, size_t y_stride) {
    if (has_groups_of_16(format)) {
        (is_affine(format) ? multiply_16_affine : multiply_16)(
            panel, n, columns, activations, stride, count, y, y_stride);
    } else {
        (is_affine(format) ? multiply_32_affine : multiply_32)(
            panel, n, columns, activations, stride, count, y, y_stride);
    }
}
