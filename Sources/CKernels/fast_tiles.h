// Products with tiles: as many rows as a register has lanes, laid out so that a register holds four columns of each
// (formats/quantized-blocks.md, "Tiles"; tiles.c). Included by fast_kernels.h only.
//
// Sums stay in the lanes of their rows, so nothing is added up across lanes and scales are one load for all rows.
//
// One vector is multiplied with tiles of other sizes as well, which a file made for another processor has: of larger ones a
// register takes a part, of smaller ones two lie in it side by side. Sums are the same to the bit.

typedef uint8_t u8xf __attribute__((vector_size(VLMC_LANES)));

enum { TILE = VLMC_LANES };

/// What levels are lessened by: nothing where they may be unsigned.
INLINE int tile_taken(int kind) { return VNNI ? 0 : panel_zero(kind); }

/// As many rows as a register has lanes, in tiles of `rows` rows.
typedef struct tile_place {
    const uint8_t *bytes;
    /// Of a row with group scales: where its scales and minima begin, and where it ends.
    size_t scales, minima, end;
    int shift;
    /// Rows of a tile, and the first of them that is wanted.
    size_t rows, first;
    /// Of tiles that fill half a register: from one to the next that is there.
    size_t next;
} tile_place;

INLINE tile_place tile_at(
    int kind, uint32_t format, const uint8_t *bytes, size_t columns, size_t rows, size_t first, size_t next) {
    row r = row_at(kind, format, bytes, columns);
    tile_place t = {.bytes = bytes, .shift = r.shift, .rows = rows, .first = first, .next = next};
    if (is_group(kind)) {
        t.scales = (size_t)(r.scales - bytes);
        t.minima = (size_t)(r.minima - bytes);
        t.end = row_end(kind, r);
    }
    return t;
}

/// Copies the units of `size` bytes that begin `offset` bytes into the row, of all rows.
INLINE void tile_units(tile_place t, size_t offset, size_t size, void *units) {
    const uint8_t *from = t.bytes + offset * t.rows + size * t.first;
    if (t.rows >= TILE) {
        memcpy(units, from, size * TILE);
    } else {
        memcpy(units, from, size * TILE / 2);
        memcpy((uint8_t *)units + size * TILE / 2, from + t.next, size * TILE / 2);
    }
}

INLINE vb tile_words(tile_place t, size_t offset) {
    vb words;
    tile_units(t, offset, 4, &words);
    return words;
}

INLINE vf tile_halves(tile_place t, size_t offset) {
    f16xf halves;
    tile_units(t, offset, 2, &halves);
    return __builtin_convertvector(halves, vf);
}

INLINE u8xf tile_bytes(tile_place t, size_t offset) {
    u8xf bytes;
    tile_units(t, offset, 1, &bytes);
    return bytes;
}

/// Word k of unit `unit`: the levels of columns 32 * unit + 4k ... + 3 of all rows.
INLINE vb tile_levels(int kind, tile_place t, size_t unit, int k) {
    int j = (int)(unit % 8);
    size_t block = (is_super(kind) ? unit / 8 : unit) * size_of(kind), word = 4 * (size_t)k;
    switch (kind) {
    case VLMC_Q4_0:
    case VLMC_IQ4_NL:
    case S4:
    case A4: {
        vb v = tile_words(t, (is_group(kind) ? 16 * unit : block + 2) + word % 16);
        return k < 4 ? v & 15 : v >> 4;
    }
    case VLMC_Q8_0: return tile_words(t, block + 2 + word) ^ 128;
    case S8: return tile_words(t, 32 * unit + word) ^ 128;
    case A8: return tile_words(t, 32 * unit + word);
    case VLMC_Q4_K: {
        vb v = tile_words(t, block + 16 + 32 * (size_t)(j / 2) + word);
        return j % 2 ? v >> 4 : v & 15;
    }
    default: {  // Q6_K
        size_t half = (size_t)j / 4, quarter = (size_t)j % 4;
        vb low = tile_words(t, block + 64 * half + 32 * (quarter % 2) + word);
        vb high = tile_words(t, block + 128 + 32 * half + word);
        return (quarter / 2 ? low >> 4 : low & 15) | ((high >> (unsigned char)(2 * quarter)) & 3) << 4;
    }
    }
}

/// The scales and minima of a unit, or of a half of it.
INLINE void tile_grids(int kind, tile_place t, size_t unit, int half, int taken, vf *scale, vf *minimum) {
    size_t j = unit % 8, block = (is_super(kind) ? unit / 8 : unit) * size_of(kind);
    *minimum = (vf){0};
    if (is_group(kind)) {
        size_t group = 2 * (unit >> t.shift);
        *scale = tile_halves(t, t.scales + group);
        if (kind >= A4) *minimum = tile_halves(t, t.minima + group);
    } else if (kind == VLMC_Q4_K) {
        size_t packed = block + 4;
        u8xf s, m;
        if (j < 4) {
            s = tile_bytes(t, packed + j) & 63;
            m = tile_bytes(t, packed + j + 4) & 63;
        } else {
            u8xf both = tile_bytes(t, packed + j + 4);
            s = (both & 15) | (tile_bytes(t, packed + j - 4) >> 6) << 4;
            m = (both >> 4) | (tile_bytes(t, packed + j) >> 6) << 4;
        }
        *scale = __builtin_convertvector(s, vf) * tile_halves(t, block);
        *minimum = -(__builtin_convertvector(m, vf) * tile_halves(t, block + 2));
    } else if (kind == VLMC_Q6_K) {
        i8xf s = (i8xf)tile_bytes(t, block + 192 + 2 * j + (size_t)half);
        *scale = __builtin_convertvector(s, vf) * tile_halves(t, block + 208);
    } else {
        *scale = tile_halves(t, block);
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
    int kind, int A, tile_place t, size_t columns, const uint8_t *activations, size_t stride, size_t n, float *y,
    size_t y_stride) {
    activation_layout layout = activations_of(columns);
    int halves = is_of_16(kind) ? 2 : 1, words = 8 / halves, taken = tile_taken(kind);
    bool affine = has_minimum(kind) || taken != zero_of(kind);
    // As in gemv_row.
    size_t units = columns / 32;
    size_t perUnit = t.rows * (is_super(kind)   ? size_of(kind) / 8
                               : is_group(kind) ? (t.end + units - 1) / units
                                                : size_of(kind));
    // Scales of groups stand behind all levels of a tile and are wanted from its beginning on: the next tile is fetched.
    size_t ahead = is_group(kind) ? t.rows * t.end : AHEAD;
    vf sums[4], minima[4];
    for (int a = 0; a < A; a++) sums[a] = minima[a] = (vf){0};
    size_t whole = units / 8 * 8;
    for (size_t first = 0; first < units; first += 8) {
        for (int j = 0; j < 8; j++) {
            size_t unit = first + (size_t)j;
            if (first == whole && unit >= units) break;
            for (size_t line = 0; line < perUnit; line += 64) {
                __builtin_prefetch(t.bytes + unit * perUnit + ahead + line);
                if (t.rows < TILE) __builtin_prefetch(t.bytes + t.next + unit * perUnit + ahead + line);
            }
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
        tile_place t = tile_at(kind, format, rows + (size_t)p * TILE * row_bytes, columns, TILE, 0, 0);
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

/// n rows in tiles of `tile_rows`, the first of which begins one.
INLINE void gemv_in_tiles(
    int kind, size_t tile_rows, uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns,
    const uint8_t *activations, size_t stride, size_t count, float *y, size_t y_stride) {
    for (size_t a = 0; a < count;) {
        // Tiles of other sizes are rare, and one vector after the other finds them in the cache.
        bool four = tile_rows == TILE && count - a >= 4;
        for (size_t i = 0; i < n; i += TILE) {
            size_t first = i % tile_rows, next = n - i > tile_rows ? tile_rows * row_bytes : 0;
            tile_place t = tile_at(kind, format, rows + (i - first) * row_bytes, columns, tile_rows, first, next);
            const uint8_t *x = activations + a * stride;
            float *target = y + a * y_stride + i;
            if (four) {
                gemv_tile(kind, 4, t, columns, x, stride, n - i, target, y_stride);
            } else {
                gemv_tile(kind, 1, t, columns, x, stride, n - i, target, y_stride);
            }
        }
        a += four ? 4 : 1;
    }
}

#define GEMV_IN_TILES(name, kind, size, tile_rows)                                                                    \
    static void gemv_##size##_##name(                                                                                 \
        uint32_t format, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns,                             \
        const uint8_t *activations, size_t stride, size_t count, float *y, size_t y_stride) {                         \
        gemv_in_tiles(                                                                                                \
            kind, tile_rows, format, rows, row_bytes, n, columns, activations, stride, count, y, y_stride);           \
    }

// Twice and four times as many rows as lanes, or half as many.
#if VLMC_LANES == 4
#define OTHER_TILES(name, kind) GEMV_IN_TILES(name, kind, large, 8) GEMV_IN_TILES(name, kind, largest, 16)
#elif VLMC_LANES == 8
#define OTHER_TILES(name, kind) GEMV_IN_TILES(name, kind, small, 4) GEMV_IN_TILES(name, kind, large, 16)
#else
#define OTHER_TILES(name, kind) GEMV_IN_TILES(name, kind, small, 8)
#endif

#define TILED(name, kind)                                                                                             \
    GEMV_IN_TILES(name, kind, tiles, TILE)                                                                            \
    OTHER_TILES(name, kind)                                                                                           \
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

#define TABLE_OF(type, prefix)                                                                                        \
    static const type##_of_kind prefix##_table[A8 + 1] = {                                                            \
        [VLMC_Q4_0] = prefix##_q4_0, [VLMC_Q8_0] = prefix##_q8_0, [VLMC_Q4_K] = prefix##_q4_k,                        \
        [VLMC_Q6_K] = prefix##_q6_k, [VLMC_IQ4_NL] = prefix##_iq4_nl, [S4] = prefix##_s4, [S8] = prefix##_s8,         \
        [A4] = prefix##_a4, [A8] = prefix##_a8,                                                                       \
    };

#define GEMV_BY_TABLE(name)                                                                                           \
    TABLE_OF(gemv, name)                                                                                              \
    static void name(                                                                                                 \
        uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, const void *activations,       \
        size_t stride, size_t count, float *y, size_t y_stride) {                                                     \
        format &= ~(uint32_t)VLMC_TILED;                                                                              \
        name##_table[place_of(format)](                                                                               \
            format, rows, row_bytes, n, columns, activations, stride, count, y, y_stride);                            \
    }

GEMV_BY_TABLE(gemv_tiles)
#if VLMC_LANES == 4
GEMV_BY_TABLE(gemv_large)
GEMV_BY_TABLE(gemv_largest)
#define GEMVS_OF_TILES {gemv_tiles, gemv_large, gemv_largest}
#elif VLMC_LANES == 8
GEMV_BY_TABLE(gemv_small)
GEMV_BY_TABLE(gemv_large)
#define GEMVS_OF_TILES {gemv_small, gemv_tiles, gemv_large}
#else
GEMV_BY_TABLE(gemv_small)
#define GEMVS_OF_TILES {NULL, gemv_small, gemv_tiles}
#endif

TABLE_OF(unpack, unpack_tiles)

static void unpack_from_tiles(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, void *panel) {
    format &= ~(uint32_t)VLMC_TILED;
    unpack_tiles_table[place_of(format)](format, rows, row_bytes, n, columns, panel);
}

static void multiply_tiled(
    uint32_t format, const void *panel, size_t n, size_t columns, const void *activations, size_t stride,
    size_t count, float *y, size_t y_stride) {
    multiply_bits(format & ~(uint32_t)VLMC_TILED, panel, n, columns, activations, stride, count, y, y_stride);
}
