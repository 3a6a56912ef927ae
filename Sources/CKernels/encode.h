// Rows of floats to plain halves and to the blocks of 32 without an importance. Included by all_kernels.h only.
// Twins: Quantization/HalfPrecision.swift and LegacyBlocks.swift.

static void encode_f16(const float *x, const float *importance, size_t columns, void *blocks) {
    uint8_t *bytes = blocks;
    size_t i = 0;
    for (; i + 16 <= columns; i += 16) {
        f32x16 values = LOAD(f32x16, x + i);
        u16x16 halves = (u16x16)__builtin_convertvector(values, f16x16);
        u16x16 isNaN = (halves & 0x7FFF) > 0x7C00;
        STORE(bytes + 2 * i, SELECT(isNaN, (halves & 0x8000) | 0x7E00, halves));
    }
    for (; i < columns; i++) store_half(bytes + 2 * i, x[i]);
}

static void encode_bf16(const float *x, const float *importance, size_t columns, void *blocks) {
    uint8_t *bytes = blocks;
    size_t i = 0;
    for (; i + 16 <= columns; i += 16) {
        u32x16 bits = LOAD(u32x16, x + i);
        u32x16 rounded = bits + 0x7FFF + ((bits >> 16) & 1);
        u32x16 isNaN = (u32x16)((bits & 0x7FFFFFFF) > 0x7F800000);
        STORE(bytes + 2 * i, __builtin_convertvector(SELECT(isNaN, bits | 0x400000, rounded) >> 16, u16x16));
    }
    for (; i < columns; i++) {
        uint32_t bits = LOAD(uint32_t, x + i);
        uint32_t rounded = (bits & 0x7FFFFFFF) > 0x7F800000 ? bits | 0x400000 : bits + 0x7FFF + ((bits >> 16) & 1);
        STORE(bytes + 2 * i, (uint16_t)(rounded >> 16));
    }
}

/// The lowest and the highest of 32 values.
INLINE void bounds(const float *x, float *low, float *high) {
    f32x16 a = LOAD(f32x16, x), b = LOAD(f32x16, x + 16);
    f32x16 highs = MAX(a, b), lows = MAX(-a, -b);
    // From here on both go through one register: eight lanes of highs beside eight of lows.
    f32x16 first = __builtin_shufflevector(highs, lows, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    f32x16 second = __builtin_shufflevector(highs, lows, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    f32x16 m = MAX(first, second);
    f32x8 p = __builtin_shufflevector(m, m, 0, 1, 2, 3, 8, 9, 10, 11);
    f32x8 q = __builtin_shufflevector(m, m, 4, 5, 6, 7, 12, 13, 14, 15);
    f32x8 n = MAX(p, q);
    f32x4 r = __builtin_shufflevector(n, n, 0, 1, 4, 5);
    f32x4 s = __builtin_shufflevector(n, n, 2, 3, 6, 7);
    f32x4 t = MAX(r, s);
    *high = t[0] > t[1] ? t[0] : t[1];
    *low = -(t[2] > t[3] ? t[2] : t[3]);
}

/// The value of largest magnitude, the first of equals.
INLINE float extremum(const float *x) {
    float low, high;
    bounds(x, &low, &high);
    // Which sign wins is random, so it must not be a branch.
    float peak = high > -low ? high : low;
    if (__builtin_expect(high == -low, 0)) {
        // Both signs reach the same magnitude: whichever comes first.
        peak = 0;
        for (int i = 0; i < 32 && peak == 0; i++) peak = x[i] == high || x[i] == low ? x[i] : 0;
        if (high == 0) peak = 0;
    }
    return peak;
}

/// (x - low) * id + offset for 16 elements, rounded toward zero into 0 ... top; 0 for NaN.
INLINE u8x16 truncated(const float *x, float low, float id, float offset, float top) {
    f32x16 value = (LOAD(f32x16, x) - low) * id + offset;
    f32x16 none = {0}, highest = none + top;
    value = SELECT(value > none, value, none);
    value = SELECT(value < highest, value, highest);
    return __builtin_convertvector(__builtin_convertvector(value, i32x16), u8x16);
}

/// One bit per level: its fifth.
INLINE uint32_t fifth_bits(u8x16 low, u8x16 high) {
    const u8x16 bit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    u8x16 a = (u8x16)(low > 15) & bit, b = (u8x16)(high > 15) & bit;
    // Horizontal sums of the four groups of eight bytes; a multiplication adds up the bytes of a word.
    u64x2 sumsA = (u64x2)a * 0x0101010101010101u >> 56, sumsB = (u64x2)b * 0x0101010101010101u >> 56;
    return (uint32_t)(sumsA[0] | sumsA[1] << 8 | sumsB[0] << 16 | sumsB[1] << 24);
}

INLINE void encode_symmetric(const float *x, uint8_t *block, size_t columns, int range) {
    for (size_t i = 0; i < columns; i += 32, block += range == 8 ? 18 : 22) {
        float d = extremum(x + i) / (float)-range;
        float id = inverse(d), offset = (float)range + 0.5f, top = (float)(2 * range - 1);
        u8x16 low = truncated(x + i, 0, id, offset, top);
        u8x16 high = truncated(x + i + 16, 0, id, offset, top);
        store_half(block, d);
        if (range == 16) STORE(block + 2, fifth_bits(low, high));
        STORE(block + (range == 16 ? 6 : 2), (low & 15) | high << 4);
    }
}

INLINE void encode_affine(const float *x, uint8_t *block, size_t columns, int top) {
    for (size_t i = 0; i < columns; i += 32, block += top == 15 ? 20 : 24) {
        float least, most;
        bounds(x + i, &least, &most);
        if (least == 0) {
            // Of +0 and -0 the first counts, and its sign is stored.
            size_t first = i;
            while (x[first] != 0) first++;
            least = x[first];
            if (most == 0) most = least;
        }
        float d = (most - least) / (float)top;
        float id = inverse(d);
        u8x16 low = truncated(x + i, least, id, 0.5f, (float)top);
        u8x16 high = truncated(x + i + 16, least, id, 0.5f, (float)top);
        store_half(block, d);
        store_half(block + 2, least);
        if (top == 31) STORE(block + 4, fifth_bits(low, high));
        STORE(block + (top == 31 ? 8 : 4), (low & 15) | high << 4);
    }
}

/// x * id for 16 elements, halves away from zero, within -127 ... 127; 0 for NaN.
INLINE i8x16 rounded_away(const float *x, float id) {
    f32x16 value = LOAD(f32x16, x) * id;
    f32x16 none = {0}, highest = none + 127, lowest = none - 127;
    value = SELECT(value == value, value, none);
    value = SELECT(value < highest, value, highest);
    value = SELECT(value > lowest, value, lowest);
    i32x16 whole = __builtin_convertvector(value, i32x16);
    f32x16 rest = value - __builtin_convertvector(whole, f32x16);
    // A true comparison is -1.
    whole = whole - (rest >= 0.5f) + (rest <= -0.5f);
    return __builtin_convertvector(whole, i8x16);
}

static void encode_q8_0(const float *x, const float *importance, size_t columns, void *blocks) {
    uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 32, block += 34) {
        float low, high;
        bounds(x + i, &low, &high);
        float d = (high > -low ? high : -low) / 127;
        if (d == 0) d = 0;  // not -0
        float id = inverse(d);
        store_half(block, d);
        STORE(block + 2, rounded_away(x + i, id));
        STORE(block + 18, rounded_away(x + i + 16, id));
    }
}
