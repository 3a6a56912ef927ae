// Products with tiles: as many rows as a register has lanes, laid out so that a register holds four columns of each
// (formats/quantized-blocks.md, "Tiles"; tiles.c). Included by fast_kernels.h only.
//
// Sums stay in the lanes of their rows, so nothing is added up across lanes and scales are one load for all rows.

typedef uint8_t u8xf __attribute__((vector_size(VLMC_LANES)));

enum { TILE = VLMC_LANES };

/// What levels are lessened by: nothing where they may be unsigned.
INLINE int tile_taken(int kind) { return VNNI ? 0 : panel_zero(kind); }

INLINE vf tile_halves(const uint8_t *halves) { return __builtin_convertvector(LOAD(f16xf, halves), vf); }

/// A tile of rows: where the blocks (or the codes) of a chunk of 256 columns begin.
typedef struct tile_place {
    const uint8_t *bytes, *scales, *minima;
    int shift;
} tile_place;

INLINE tile_place tile_at(int kind, uint32_t format, const uint8_t *bytes, size_t columns) {
    row r = row_at(kind, format, bytes, columns);
    tile_place t = {.bytes = bytes, .shift = r.shift};
    if (is_group(kind)) {
        t.scales = bytes + (size_t)(r.scales - bytes) * TILE;
        t.minima = bytes + (size_t)(r.minima - bytes) * TILE;
    }
    return t;
}

/// Word k of unit `unit`: the levels of columns 32 * unit + 4k ... + 3 of all rows.
INLINE vb tile_levels(int kind, tile_place t, size_t unit, int k) {
    size_t block = size_of(kind);
    int j = (int)(unit % 8);
    const uint8_t *b = t.bytes + (is_super(kind) ? unit / 8 : unit) * block * TILE;
    switch (kind) {
    case VLMC_Q4_0:
    case VLMC_IQ4_NL:
    case S4:
    case A4: {
        const uint8_t *codes = is_group(kind) ? t.bytes + 16 * unit * TILE : b + 2 * TILE;
        vb v = LOAD(vb, codes + 4 * (k % 4) * TILE);
        return k < 4 ? v & 15 : v >> 4;
    }
    case VLMC_Q8_0: return LOAD(vb, b + (2 + 4 * k) * TILE) ^ 128;
    case S8: return LOAD(vb, t.bytes + (32 * unit + 4 * (size_t)k) * TILE) ^ 128;
    case A8: return LOAD(vb, t.bytes + (32 * unit + 4 * (size_t)k) * TILE);
    case VLMC_Q4_K: {
        vb v = LOAD(vb, b + (16 + 32 * (j / 2) + 4 * k) * TILE);
        return j % 2 ? v >> 4 : v & 15;
    }
    default: {  // Q6_K
        int half = j / 4, quarter = j % 4;
        vb low = LOAD(vb, b + (64 * half + 32 * (quarter % 2) + 4 * k) * TILE);
        vb high = LOAD(vb, b + (128 + 32 * half + 4 * k) * TILE);
        return (quarter / 2 ? low >> 4 : low & 15) | ((high >> (unsigned char)(2 * quarter)) & 3) << 4;
    }
    }
}

/// The scales and minima of a unit, or of a half of it.
INLINE void tile_grids(int kind, tile_place t, size_t unit, int half, int taken, vf *scale, vf *minimum) {
    size_t block = size_of(kind);
    int j = (int)(unit % 8);
    const uint8_t *b = t.bytes + (is_super(kind) ? unit / 8 : unit) * block * TILE;
    *minimum = (vf){0};
    if (is_group(kind)) {
        *scale = tile_halves(t.scales + 2 * (unit >> t.shift) * TILE);
        if (kind >= A4) *minimum = tile_halves(t.minima + 2 * (unit >> t.shift) * TILE);
    } else if (kind == VLMC_Q4_K) {
        const uint8_t *packed = b + 4 * TILE;
        u8xf s, m;
        if (j < 4) {
            s = LOAD(u8xf, packed + j * TILE) & 63;
            m = LOAD(u8xf, packed + (j + 4) * TILE) & 63;
        } else {
            u8xf both = LOAD(u8xf, packed + (j + 4) * TILE);
            s = (both & 15) | (LOAD(u8xf, packed + (j - 4) * TILE) >> 6) << 4;
            m = (both >> 4) | (LOAD(u8xf, packed + j * TILE) >> 6) << 4;
        }
        *scale = __builtin_convertvector(s, vf) * tile_halves(b);
        *minimum = -(__builtin_convertvector(m, vf) * tile_halves(b + 2 * TILE));
    } else if (kind == VLMC_Q6_K) {
        i8xf s = LOAD(i8xf, b + (192 + 2 * j + half) * TILE);
        *scale = __builtin_convertvector(s, vf) * tile_halves(b + 208 * TILE);
    } else {
        *scale = tile_halves(b);
    }
    if (taken != zero_of(kind)) *minimum += *scale * (float)(taken - zero_of(kind));
}

/// The levels of a kind whose codes are places in a table.
INLINE vb tile_values(int kind, vb levels) {
    if (kind != VLMC_IQ4_NL) return levels;
    const u8x16 values = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241};
#if VLMC_LANES == 16
    return (vb)_mm512_shuffle_epi8(_mm512_broadcast_i32x4((__m128i)values), (__m512i)levels);
#elif VLMC_LANES == 8
    return (vb)look_up32(values, (u8x32)levels);
#else
    return (vb)vqtbl1q_u8((uint8x16_t)values, (uint8x16_t)levels);
#endif
}

INLINE void gemv_tile(
    int kind, int A, uint32_t format, const uint8_t *bytes, size_t columns, const uint8_t *activations, size_t stride,
    size_t n, float *y, size_t y_stride) {
    activation_layout layout = activations_of(columns);
    tile_place t = tile_at(kind, format, bytes, columns);
    int halves = is_of_16(kind) ? 2 : 1, words = 8 / halves, taken = tile_taken(kind);
    bool affine = has_minimum(kind) || taken != zero_of(kind);
    size_t units = columns / 32, perUnit = is_super(kind) ? size_of(kind) / 8 * TILE
                                          : is_group(kind) ? (kind == S8 || kind == A8 ? 32 : 16) * TILE
                                                           : size_of(kind) * TILE;
    vf sums[4], minima[4];
    for (int a = 0; a < A; a++) sums[a] = minima[a] = (vf){0};
    size_t whole = units / 8 * 8;
    for (size_t first = 0; first < units; first += 8) {
        for (int j = 0; j < 8; j++) {
            size_t unit = first + (size_t)j;
            if (first == whole && unit >= units) break;
            for (size_t line = 0; line < perUnit; line += 64) __builtin_prefetch(bytes + unit * perUnit + AHEAD + line);
            UNROLLED
            for (int half = 0; half < halves; half++) {
                vi products[4];
                for (int a = 0; a < A; a++) products[a] = (vi){0};
                UNROLLED
                for (int k = 0; k < words; k++) {
                    vb levels = tile_values(kind, tile_levels(kind, t, unit, half * words + k)) - (unsigned char)taken;
                    for (int a = 0; a < A; a++) {
                        vi four = splat_int(activations + (size_t)a * stride + 32 * unit + 4 * (size_t)(half * words + k));
                        products[a] = dot_lanes(products[a], levels, four);
                    }
                }
                vf scale, minimum;
                tile_grids(kind, t, unit, half, taken, &scale, &minimum);
                for (int a = 0; a < A; a++) {
                    const uint8_t *x = activations + (size_t)a * stride;
                    sums[a] += __builtin_convertvector(products[a], vf) * (scale * LOAD(float, x + layout.scale + 4 * unit));
                    if (affine) {
                        size_t at = halves == 2 ? layout.sum16 + 8 * unit + 4 * (size_t)half : layout.sum32 + 4 * unit;
                        minima[a] += minimum * LOAD(float, x + at);
                    }
                }
            }
        }
    }
    for (int a = 0; a < A; a++) {
        vf sum = sums[a] + minima[a];
        memcpy(y + (size_t)a * y_stride, &sum, sizeof(float) * (n < TILE ? n : TILE));
    }
}

/// Puts the words of all rows of a tile where a panel has them: `p` counts the tiles of the panel.
INLINE void place_words(vb even, vb odd, size_t k, int p, uint8_t *unit) {
#if FAST_MMLA
    u32x4 a = (u32x4)even, b = (u32x4)odd;
    STORE(unit + 4 * k * PANEL_ROWS + 32 * p, __builtin_shufflevector(a, b, 0, 4, 1, 5));
    STORE(unit + 4 * k * PANEL_ROWS + 32 * p + 16, __builtin_shufflevector(a, b, 2, 6, 3, 7));
#else
    STORE(unit + 4 * k * PANEL_ROWS + (size_t)p * sizeof(vb), even);
    STORE(unit + 4 * (k + 1) * PANEL_ROWS + (size_t)p * sizeof(vb), odd);
#endif
}

INLINE void unpack_tiles(int kind, uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns, uint8_t *panel) {
    bool affine = has_minimum(kind);
    int halves = is_of_16(kind) ? 2 : 1, words = 8 / halves;
    size_t step = panel_step(halves == 2, affine);
    unsigned char shift = (unsigned char)(PANEL_OFFSET - panel_zero(kind));
    for (int p = 0; p < PANEL_VECTORS; p++) {
        bool there = (size_t)p * TILE < n;
        tile_place t = tile_at(kind, format, rows + (size_t)p * TILE * row_bytes, columns);
        for (size_t unit = 0; unit < columns / 32; unit++) {
            for (int half = 0; half < halves; half++) {
                uint8_t *target = panel + (unit * (size_t)halves + (size_t)half) * step;
                float *grid = (float *)(target + 4 * (size_t)words * PANEL_ROWS) + p * VLMC_LANES;
                vf scale = {0}, minimum = {0};
                if (there) tile_grids(kind, t, unit, half, panel_zero(kind), &scale, &minimum);
                STORE(grid, scale);
                if (affine) STORE(grid + PANEL_ROWS, minimum);
                for (int k = 0; k < words; k += 2) {
                    vb even = {0}, odd = {0};
                    if (there) {
                        even = tile_values(kind, tile_levels(kind, t, unit, half * words + k)) + shift;
                        odd = tile_values(kind, tile_levels(kind, t, unit, half * words + k + 1)) + shift;
                    }
                    place_words(even, odd, (size_t)k, p, target);
                }
            }
        }
    }
}

#define TILED(name, kind)                                                                                             \
    static void gemv_tiles_##name(                                                                                    \
        uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns,                             \
        const uint8_t *activations, size_t stride, size_t count, float *y, size_t y_stride) {                         \
        for (size_t a = 0; a < count; a += count - a >= 4 ? 4 : 1) {                                                  \
            for (size_t i = 0; i < n; i += TILE) {                                                                    \
                const uint8_t *tile = rows + i * row_bytes, *x = activations + a * stride;                            \
                float *target = y + a * y_stride + i;                                                                 \
                if (count - a >= 4) {                                                                                 \
                    gemv_tile(kind, 4, format, tile, columns, x, stride, n - i, target, y_stride);                    \
                } else {                                                                                              \
                    gemv_tile(kind, 1, format, tile, columns, x, stride, n - i, target, y_stride);                    \
                }                                                                                                     \
            }                                                                                                         \
        }                                                                                                             \
    }                                                                                                                 \
    static void unpack_tiles_##name(                                                                                  \
        uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns, uint8_t *panel) {           \
        unpack_tiles(kind, format, rows, row_bytes, n, columns, panel);                                               \
    }

TILED(q4_0, VLMC_Q4_0)
TILED(q8_0, VLMC_Q8_0)
TILED(q4_k, VLMC_Q4_K)
TILED(q6_k, VLMC_Q6_K)
TILED(iq4_nl, VLMC_IQ4_NL)
TILED(s4, S4)
TILED(s8, S8)
TILED(a4, A4)
TILED(a8, A8)

static const gemv_of_kind tiled_gemvs[A8 + 1] = {
    [VLMC_Q4_0] = gemv_tiles_q4_0, [VLMC_Q8_0] = gemv_tiles_q8_0, [VLMC_Q4_K] = gemv_tiles_q4_k,
    [VLMC_Q6_K] = gemv_tiles_q6_k, [VLMC_IQ4_NL] = gemv_tiles_iq4_nl, [S4] = gemv_tiles_s4, [S8] = gemv_tiles_s8,
    [A4] = gemv_tiles_a4, [A8] = gemv_tiles_a8,
};

static const unpack_of_kind tiled_unpacks[A8 + 1] = {
    [VLMC_Q4_0] = unpack_tiles_q4_0, [VLMC_Q8_0] = unpack_tiles_q8_0, [VLMC_Q4_K] = unpack_tiles_q4_k,
    [VLMC_Q6_K] = unpack_tiles_q6_k, [VLMC_IQ4_NL] = unpack_tiles_iq4_nl, [S4] = unpack_tiles_s4,
    [S8] = unpack_tiles_s8, [A4] = unpack_tiles_a4, [A8] = unpack_tiles_a8,
};

static void gemv_tiles(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, const void *activations,
    size_t stride, size_t count, float *y, size_t y_stride) {
    format &= ~(uint32_t)VLMC_TILED;
    tiled_gemvs[place_of(format)](format, rows, row_bytes, n, columns, activations, stride, count, y, y_stride);
}

static void unpack_from_tiles(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, void *panel) {
    format &= ~(uint32_t)VLMC_TILED;
    tiled_unpacks[place_of(format)](format, rows, row_bytes, n, columns, panel);
}

static void multiply_tiled(
    uint32_t format, const void *panel, size_t n, size_t columns, const void *activations, size_t stride,
    size_t count, float *y, size_t y_stride) {
    multiply_bits(format & ~(uint32_t)VLMC_TILED, panel, n, columns, activations, stride, count, y, y_stride);
}
