// Plain numbers and blocks of 32 to floats. Included by all_kernels.h only. Layouts: formats/quantized-blocks.md.

/// y = d * q
INLINE void put_scaled(float *y, i8x16 q, float d) { STORE(y, __builtin_convertvector(q, f32x16) * d); }

/// y = d * q + m
INLINE void put_affine(float *y, u8x16 q, float d, float m) { STORE(y, __builtin_convertvector(q, f32x16) * d + m); }

/// 16 in every byte whose bit is set.
INLINE u8x16 spread_bits(uint32_t bits) {
    const u8x16 bit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    u8x16 pair = (u8x16)(u64x2){bits, 0};
    u8x16 each = __builtin_shufflevector(pair, pair, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
    return (u8x16)((each & bit) == bit) & 16;
}

static void decode_f16(const void *blocks, size_t columns, float *y) {
    const uint8_t *bytes = blocks;
    size_t i = 0;
    for (; i + 16 <= columns; i += 16) {
        f16x16 halves = LOAD(f16x16, bytes + 2 * i);
        STORE(y + i, __builtin_convertvector(halves, f32x16));
    }
    for (; i < columns; i++) y[i] = float_of(bytes + 2 * i);
}

static void decode_bf16(const void *blocks, size_t columns, float *y) {
    const uint8_t *bytes = blocks;
    size_t i = 0;
    for (; i + 16 <= columns; i += 16) {
        u16x16 upper = LOAD(u16x16, bytes + 2 * i);
        STORE(y + i, __builtin_convertvector(upper, u32x16) << 16);
    }
    for (; i < columns; i++) STORE(y + i, (uint32_t)LOAD(uint16_t, bytes + 2 * i) << 16);
}

static void decode_q4_0(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 32, block += 18) {
        float d = float_of(block);
        u8x16 qs = LOAD(u8x16, block + 2);
        put_scaled(y + i, (i8x16)(qs & 15) - 8, d);
        put_scaled(y + i + 16, (i8x16)(qs >> 4) - 8, d);
    }
}

static void decode_q4_1(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 32, block += 20) {
        float d = float_of(block), m = float_of(block + 2);
        u8x16 qs = LOAD(u8x16, block + 4);
        put_affine(y + i, qs & 15, d, m);
        put_affine(y + i + 16, qs >> 4, d, m);
    }
}

static void decode_q5_0(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 32, block += 22) {
        float d = float_of(block);
        uint32_t qh = LOAD(uint32_t, block + 2);
        u8x16 qs = LOAD(u8x16, block + 6);
        put_scaled(y + i, (i8x16)((qs & 15) | spread_bits(qh)) - 16, d);
        put_scaled(y + i + 16, (i8x16)((qs >> 4) | spread_bits(qh >> 16)) - 16, d);
    }
}

static void decode_q5_1(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 32, block += 24) {
        float d = float_of(block), m = float_of(block + 2);
        uint32_t qh = LOAD(uint32_t, block + 4);
        u8x16 qs = LOAD(u8x16, block + 8);
        put_affine(y + i, (qs & 15) | spread_bits(qh), d, m);
        put_affine(y + i + 16, (qs >> 4) | spread_bits(qh >> 16), d, m);
    }
}

static void decode_q8_0(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 32, block += 34) {
        float d = float_of(block);
        put_scaled(y + i, LOAD(i8x16, block + 2), d);
        put_scaled(y + i + 16, LOAD(i8x16, block + 18), d);
    }
}

/// The values of IQ4's levels, 16 at a time.
INLINE i8x16 on_iq4_curve(u8x16 levels) {
    const i8x16 values = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    return look_up(values, levels);
}

static void decode_iq4_nl(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 32, block += 18) {
        float d = float_of(block);
        u8x16 qs = LOAD(u8x16, block + 2);
        put_scaled(y + i, on_iq4_curve(qs & 15), d);
        put_scaled(y + i + 16, on_iq4_curve(qs >> 4), d);
    }
}
