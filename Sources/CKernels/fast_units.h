// Encoded weights in registers: 32 levels at a time, and the scales of 256 columns. Included by fast_kernels.h only.
// Layouts: formats/quantized-blocks.md.
//
// Every type is brought to one form, value = scale * (level - zero) + minimum, with unsigned levels and a `zero` that is
// the same for the whole type. `kind` is a constant wherever these functions are called, so all their choices vanish.

/// Kinds of rows with group scales, by symmetry and bits; the other kinds are ggml's types.
enum { S4 = 64, S5, S8, A4, A5, A8 };

/// Columns that are worked on together.
enum { CHUNK_COLUMNS = 256, CHUNK_UNITS = 8 };

/// A row of weights.
typedef struct row {
    const uint8_t *bytes;
    /// Rows with group scales: where their sections begin, and log2 of the units per group.
    const uint8_t *fifths, *scales, *minima;
    int shift;
} row;

INLINE bool is_super(int kind) {
    return kind == VLMC_Q2_K || kind == VLMC_Q3_K || kind == VLMC_Q4_K || kind == VLMC_Q5_K || kind == VLMC_Q6_K ||
           kind == VLMC_IQ4_XS;
}

INLINE bool is_of_16(int kind) { return kind == VLMC_Q2_K || kind == VLMC_Q3_K || kind == VLMC_Q6_K; }

INLINE bool is_group(int kind) { return kind >= S4; }

INLINE bool has_minimum(int kind) {
    return kind == VLMC_Q4_1 || kind == VLMC_Q5_1 || kind == VLMC_Q2_K || kind == VLMC_Q4_K || kind == VLMC_Q5_K ||
           kind >= A4;
}

/// True unless levels exceed 127.
INLINE bool is_small(int kind) {
    return !(kind == VLMC_Q8_0 || kind == VLMC_IQ4_NL || kind == VLMC_IQ4_XS || kind == S8 || kind == A8);
}

INLINE int zero_of(int kind) {
    switch (kind) {
    case VLMC_Q4_0:
    case S4: return 8;
    case VLMC_Q5_0:
    case S5: return 16;
    case VLMC_Q3_K: return 4;
    case VLMC_Q6_K: return 32;
    case VLMC_Q8_0:
    case VLMC_IQ4_NL:
    case VLMC_IQ4_XS:
    case S8: return 128;
    default: return 0;
    }
}

/// Bytes of a block or super-block.
INLINE size_t size_of(int kind) {
    switch (kind) {
    case VLMC_Q4_0: return 18;
    case VLMC_Q4_1: return 20;
    case VLMC_Q5_0: return 22;
    case VLMC_Q5_1: return 24;
    case VLMC_Q8_0: return 34;
    case VLMC_IQ4_NL: return 18;
    case VLMC_Q2_K: return 84;
    case VLMC_Q3_K: return 110;
    case VLMC_Q4_K: return 144;
    case VLMC_Q5_K: return 176;
    case VLMC_Q6_K: return 210;
    case VLMC_IQ4_XS: return 136;
    default: return 0;
    }
}

INLINE row row_at(int kind, uint32_t format, const uint8_t *bytes, size_t columns) {
    row r = {.bytes = bytes};
    if (is_group(kind)) {
        bool eight = kind == S8 || kind == A8, five = kind == S5 || kind == A5;
        r.shift = (int)((format - VLMC_GROUPS) % 3);
        r.fifths = bytes + (eight ? columns : columns / 2);
        r.scales = r.fifths + (five ? columns / 8 : 0);
        r.minima = r.scales + 2 * ((columns / 32) >> r.shift);
    }
    return r;
}

/// Where a row with group scales ends.
INLINE size_t row_end(int kind, row r) {
    const uint8_t *end = kind >= A4 ? r.minima + (r.minima - r.scales) : r.minima;
    return (size_t)(end - r.bytes);
}

INLINE u8x32 nibbles(const uint8_t *qs) {
    u8x16 v = LOAD(u8x16, qs);
    return __builtin_shufflevector(
               v, v >> 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
               26, 27, 28, 29, 30, 31) &
           15;
}

/// IQ4's values, moved up by 128.
INLINE u8x32 on_curve(u8x32 levels) {
    const u8x16 values = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241};
    return look_up32(values, levels);
}

/// The levels of unit `j` of 32 columns of chunk `chunk`.
INLINE u8x32 levels_of(int kind, row r, size_t chunk, int j) {
    size_t unit = CHUNK_UNITS * chunk + (size_t)j;
    const uint8_t *b = r.bytes + (is_super(kind) ? chunk : unit) * size_of(kind);
    unsigned char k = (unsigned char)(j % 4), sub = (unsigned char)j;
    switch (kind) {
    case VLMC_Q4_0: return nibbles(b + 2);
    case VLMC_Q4_1: return nibbles(b + 4);
    case VLMC_Q5_0: return nibbles(b + 6) | spread32(LOAD(uint32_t, b + 2)) << 4;
    case VLMC_Q5_1: return nibbles(b + 8) | spread32(LOAD(uint32_t, b + 4)) << 4;
    case VLMC_Q8_0: return LOAD(u8x32, b + 2) ^ 128;
    case VLMC_IQ4_NL: return on_curve(nibbles(b + 2));
    case VLMC_IQ4_XS: return on_curve(nibbles(b + 8 + 16 * j));
    case VLMC_Q2_K: return (LOAD(u8x32, b + 16 + 32 * (j / 4)) >> (unsigned char)(2 * k)) & 3;
    case VLMC_Q3_K:
        return ((LOAD(u8x32, b + 32 + 32 * (j / 4)) >> (unsigned char)(2 * k)) & 3) | ((LOAD(u8x32, b) >> sub) & 1) << 2;
    case VLMC_Q4_K:
    case VLMC_Q5_K: {
        u8x32 qs = LOAD(u8x32, b + (kind == VLMC_Q5_K ? 48 : 16) + 32 * (j / 2));
        qs = j % 2 ? qs >> 4 : qs & 15;
        return kind == VLMC_Q5_K ? qs | ((LOAD(u8x32, b + 16) >> sub) & 1) << 4 : qs;
    }
    case VLMC_Q6_K: {
        u8x32 ql = LOAD(u8x32, b + 64 * (j / 4) + 32 * (k % 2)), qh = LOAD(u8x32, b + 128 + 32 * (j / 4));
        return (k / 2 ? ql >> 4 : ql & 15) | ((qh >> (unsigned char)(2 * k)) & 3) << 4;
    }
    case S4:
    case A4: return nibbles(r.bytes + 16 * unit);
    case S5:
    case A5: return nibbles(r.bytes + 16 * unit) | spread32(LOAD(uint32_t, r.fifths + 4 * unit)) << 4;
    case S8: return LOAD(u8x32, r.bytes + 32 * unit) ^ 128;
    default: return LOAD(u8x32, r.bytes + 32 * unit);
    }
}

/// The scales and minima of a chunk, per 32 or 16 columns.
typedef struct grids {
    f32x16 scale, minimum;
} grids;

INLINE f32x8 halves8(u16x8 bits) { return __builtin_convertvector((f16x8)bits, f32x8); }

INLINE f32x16 widen(f32x8 v) { return __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7); }

/// Halves at `count` <= 8 places.
INLINE f32x8 gather_halves(const uint8_t *b, size_t step, int count) {
#if FAST_DOT == DOT_VNNI512
    if (count == CHUNK_UNITS && step == 18) {
        // Word 9i of 64 words.
        const u16x8 places = {0, 9, 18, 27, 36, 45, 54, 63};
        __m512i all = _mm512_permutex2var_epi16(
            _mm512_loadu_si512(b), _mm512_castsi128_si512((__m128i)places), _mm512_loadu_si512(b + 64));
        return halves8((u16x8)_mm512_castsi512_si128(all));
    }
#endif
    if (count == CHUNK_UNITS) {
        u16x8 bits = {
            LOAD(uint16_t, b), LOAD(uint16_t, b + step), LOAD(uint16_t, b + 2 * step), LOAD(uint16_t, b + 3 * step),
            LOAD(uint16_t, b + 4 * step), LOAD(uint16_t, b + 5 * step), LOAD(uint16_t, b + 6 * step),
            LOAD(uint16_t, b + 7 * step)};
        return halves8(bits);
    }
    uint16_t bits[8] = {0};
    for (int i = 0; i < count; i++) bits[i] = LOAD(uint16_t, b + (size_t)i * step);
    return halves8(LOAD(u16x8, bits));
}

/// Scales (or minima) of `count` units that begin with `unit`, of a row with group scales.
INLINE f32x8 group_halves(const uint8_t *halves, size_t unit, int shift, int count) {
    const uint8_t *first = halves + 2 * (unit >> shift);
    if (count == CHUNK_UNITS && shift == 0) return halves8(LOAD(u16x8, first));
    if (count == CHUNK_UNITS) {
        u16x8 v = (u16x8)(u64x2){shift == 1 ? LOAD(uint64_t, first) : LOAD(uint32_t, first), 0};
        return halves8(
            shift == 1 ? __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3)
                       : __builtin_shufflevector(v, v, 0, 0, 0, 0, 1, 1, 1, 1));
    }
    uint16_t some[8] = {0};
    for (int i = 0; i < count; i++) some[i] = LOAD(uint16_t, halves + 2 * ((unit + (size_t)i) >> shift));
    return halves8(LOAD(u16x8, some));
}

/// The 6-bit scales and minima of Q4_K and Q5_K.
INLINE void grids_of_affine_super(const uint8_t *b, f32x8 *scale, f32x8 *minimum) {
    uint32_t low = LOAD(uint32_t, b), middle = LOAD(uint32_t, b + 4), high = LOAD(uint32_t, b + 8);
    uint64_t scales = (low & 0x3F3F3F3F) | (uint64_t)((high & 0x0F0F0F0F) | (low >> 2 & 0x30303030)) << 32;
    uint64_t minima = (middle & 0x3F3F3F3F) | (uint64_t)((high >> 4 & 0x0F0F0F0F) | (middle >> 2 & 0x30303030)) << 32;
    typedef uint8_t u8x8 __attribute__((vector_size(8)));
    *scale = __builtin_convertvector((u8x8)scales, f32x8);
    *minimum = __builtin_convertvector((u8x8)minima, f32x8);
}

/// The 6-bit scales of Q3_K, less 32.
INLINE i8x16 scales_of_q3_k(const uint8_t *b) {
    uint64_t low = LOAD(uint64_t, b), high = LOAD(uint32_t, b + 8);
    // Byte j % 4 of `high` holds the upper bits of scale j in its bits 2(j / 4) and 2(j / 4) + 1.
    u64x2 lows = {low & 0x0F0F0F0F0F0F0F0Fu, low >> 4 & 0x0F0F0F0F0F0F0F0Fu};
    u64x2 highs = {high | high >> 2 << 32, high >> 4 | high >> 6 << 32};
    return (i8x16)((u8x16)lows | ((u8x16)highs & 3) << 4) - 32;
}

INLINE f32x8 scales_of_iq4_xs(const uint8_t *b) {
    u32x8 low = {0}, high = {0};
    low += LOAD(uint32_t, b + 4);
    high += LOAD(uint16_t, b + 2);
    low = low >> (u32x8){0, 4, 8, 12, 16, 20, 24, 28} & 15;
    high = high >> (u32x8){0, 2, 4, 6, 8, 10, 12, 14} & 3;
    return __builtin_convertvector((i32x8)(low | high << 4) - 32, f32x8);
}

/// Grids of the first `count` units of a chunk; super-blocks have all eight. `taken` is what was subtracted from levels
/// (or will be by other means): minima make up for the rest of the kind's zero.
INLINE grids grids_of(int kind, row r, size_t chunk, int count, int taken) {
    grids g = {0};
    const uint8_t *b = r.bytes + (is_super(kind) ? chunk : CHUNK_UNITS * chunk) * size_of(kind);
    switch (kind) {
    case VLMC_Q2_K: {
        u8x16 packed = LOAD(u8x16, b);
        g.scale = __builtin_convertvector(packed & 15, f32x16) * float_of(b + 80);
        g.minimum = __builtin_convertvector(packed >> 4, f32x16) * -float_of(b + 82);
        break;
    }
    case VLMC_Q3_K:
        g.scale = __builtin_convertvector(scales_of_q3_k(b + 96), f32x16) * float_of(b + 108);
        break;
    case VLMC_Q6_K:
        g.scale = __builtin_convertvector(LOAD(i8x16, b + 192), f32x16) * float_of(b + 208);
        break;
    case VLMC_Q4_K:
    case VLMC_Q5_K: {
        f32x8 scale, minimum;
        grids_of_affine_super(b + 4, &scale, &minimum);
        g.scale = widen(scale * float_of(b));
        g.minimum = widen(minimum * -float_of(b + 2));
        break;
    }
    case VLMC_IQ4_XS:
        g.scale = widen(scales_of_iq4_xs(b) * float_of(b));
        break;
    default:
        if (is_group(kind)) {
            g.scale = widen(group_halves(r.scales, CHUNK_UNITS * chunk, r.shift, count));
            if (kind >= A4) g.minimum = widen(group_halves(r.minima, CHUNK_UNITS * chunk, r.shift, count));
        } else {
            g.scale = widen(gather_halves(b, size_of(kind), count));
            if (has_minimum(kind)) g.minimum = widen(gather_halves(b + 2, size_of(kind), count));
        }
    }
    if (taken != zero_of(kind)) g.minimum += g.scale * (float)(taken - zero_of(kind));
    return g;
}
