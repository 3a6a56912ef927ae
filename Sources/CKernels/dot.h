// Products of a row of plain numbers or of blocks of 32 with a vector of floats. Included by all_kernels.h only.
//
// Elements are decoded in registers. Sums run in 64 lanes (plain numbers) or 32 lanes (blocks) that are added
// pairwise at the end; multiplication and addition are fused.

/// Adds up 16 lanes, always in the same tree.
INLINE float sum16(f32x16 v) {
    f32x8 a = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
              __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    f32x4 b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
    return (b[0] + b[2]) + (b[1] + b[3]);
}

/// Defines the dot product of a plain type: `WIDE` loads 16 elements, `ONE` one.
#define DOT_OF_NUMBERS(name, WIDE, ONE)                                                   \
    static float name(const void *blocks, const float *x, size_t columns) {               \
        _Pragma("STDC FP_CONTRACT ON")                                                    \
        const uint8_t *bytes = blocks;                                                    \
        f32x16 a = {0}, b = {0}, c = {0}, d = {0};                                        \
        size_t i = 0;                                                                     \
        for (; i + 64 <= columns; i += 64) {                                              \
            a += WIDE(bytes, i) * LOAD(f32x16, x + i);                                    \
            b += WIDE(bytes, i + 16) * LOAD(f32x16, x + i + 16);                          \
            c += WIDE(bytes, i + 32) * LOAD(f32x16, x + i + 32);                          \
            d += WIDE(bytes, i + 48) * LOAD(f32x16, x + i + 48);                          \
        }                                                                                 \
        for (; i + 16 <= columns; i += 16) a += WIDE(bytes, i) * LOAD(f32x16, x + i);     \
        float rest = 0;                                                                   \
        for (; i < columns; i++) rest += ONE(bytes, i) * x[i];                            \
        f32x16 sum = (a + b) + (c + d);                                                   \
        return sum16(sum) + rest;                                         \
    }

#define WIDE_F32(bytes, i) LOAD(f32x16, (bytes) + 4 * (i))
#define ONE_F32(bytes, i) LOAD(float, (bytes) + 4 * (i))
#define WIDE_F16(bytes, i) __builtin_convertvector(LOAD(f16x16, (bytes) + 2 * (i)), f32x16)
#define ONE_F16(bytes, i) float_of((bytes) + 2 * (i))
#define WIDE_BF16(bytes, i) \
    ((f32x16)(__builtin_convertvector(LOAD(u16x16, (bytes) + 2 * (i)), u32x16) << 16))
#define ONE_BF16(bytes, i) bfloat_of((bytes) + 2 * (i))

INLINE float bfloat_of(const uint8_t *bytes) {
    uint32_t bits = (uint32_t)LOAD(uint16_t, bytes) << 16;
    return LOAD(float, &bits);
}

DOT_OF_NUMBERS(dot_f32, WIDE_F32, ONE_F32)
DOT_OF_NUMBERS(dot_f16, WIDE_F16, ONE_F16)
DOT_OF_NUMBERS(dot_bf16, WIDE_BF16, ONE_BF16)

#define FLOATS(levels) __builtin_convertvector(levels, f32x16)

// Consecutive blocks go to two vectors of sums in turn, which swap names after each.
#define TAKE_TURNS(sum, other, next) \
    do {                             \
        f32x16 turned = (next);      \
        (other) = (sum);             \
        (sum) = turned;              \
    } while (0)

static float dot_q4_0(const void *blocks, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const uint8_t *block = blocks;
    f32x16 sum = {0}, other = {0};
    for (size_t i = 0; i < columns; i += 32, block += 18) {
        float d = float_of(block);
        u8x16 qs = LOAD(u8x16, block + 2);
        f32x16 part = FLOATS((i8x16)(qs & 15) - 8) * LOAD(f32x16, x + i);
        part += FLOATS((i8x16)(qs >> 4) - 8) * LOAD(f32x16, x + i + 16);
        TAKE_TURNS(sum, other, other + part * d);
    }
    return sum16(sum + other);
}

static float dot_q5_0(const void *blocks, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const uint8_t *block = blocks;
    f32x16 sum = {0}, other = {0};
    for (size_t i = 0; i < columns; i += 32, block += 22) {
        float d = float_of(block);
        uint32_t qh = LOAD(uint32_t, block + 2);
        u8x16 qs = LOAD(u8x16, block + 6);
        f32x16 part = FLOATS((i8x16)((qs & 15) | spread_bits(qh)) - 16) * LOAD(f32x16, x + i);
        part += FLOATS((i8x16)((qs >> 4) | spread_bits(qh >> 16)) - 16) * LOAD(f32x16, x + i + 16);
        TAKE_TURNS(sum, other, other + part * d);
    }
    return sum16(sum + other);
}

static float dot_q8_0(const void *blocks, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const uint8_t *block = blocks;
    f32x16 sum = {0}, other = {0};
    for (size_t i = 0; i < columns; i += 32, block += 34) {
        float d = float_of(block);
        f32x16 part = FLOATS(LOAD(i8x16, block + 2)) * LOAD(f32x16, x + i);
        part += FLOATS(LOAD(i8x16, block + 18)) * LOAD(f32x16, x + i + 16);
        TAKE_TURNS(sum, other, other + part * d);
    }
    return sum16(sum + other);
}

// With a minimum, each element is its level's value: that takes no more operations than to sum the vector apart for the
// minimum, and keeps clear of the difference of two large sums.

static float dot_q4_1(const void *blocks, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const uint8_t *block = blocks;
    f32x16 sum = {0}, other = {0};
    for (size_t i = 0; i < columns; i += 32, block += 20) {
        float d = float_of(block), m = float_of(block + 2);
        u8x16 qs = LOAD(u8x16, block + 4);
        sum += (FLOATS(qs & 15) * d + m) * LOAD(f32x16, x + i);
        other += (FLOATS(qs >> 4) * d + m) * LOAD(f32x16, x + i + 16);
    }
    return sum16(sum + other);
}

static float dot_q5_1(const void *blocks, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const uint8_t *block = blocks;
    f32x16 sum = {0}, other = {0};
    for (size_t i = 0; i < columns; i += 32, block += 24) {
        float d = float_of(block), m = float_of(block + 2);
        uint32_t qh = LOAD(uint32_t, block + 4);
        u8x16 qs = LOAD(u8x16, block + 8);
        sum += (FLOATS((qs & 15) | spread_bits(qh)) * d + m) * LOAD(f32x16, x + i);
        other += (FLOATS((qs >> 4) | spread_bits(qh >> 16)) * d + m) * LOAD(f32x16, x + i + 16);
    }
    return sum16(sum + other);
}

static float dot_iq4_nl(const void *blocks, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const uint8_t *block = blocks;
    f32x16 sum = {0}, other = {0};
    for (size_t i = 0; i < columns; i += 32, block += 18) {
        float d = float_of(block);
        u8x16 qs = LOAD(u8x16, block + 2);
        f32x16 part = FLOATS(on_iq4_curve(qs & 15)) * LOAD(f32x16, x + i);
        part += FLOATS(on_iq4_curve(qs >> 4)) * LOAD(f32x16, x + i + 16);
        TAKE_TURNS(sum, other, other + part * d);
    }
    return sum16(sum + other);
}
