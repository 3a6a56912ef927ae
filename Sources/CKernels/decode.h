// Rows to floats. Included by all_kernels.h only. Layouts: formats/quantized-blocks.md.

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

/// Scale and minimum of sub-block j of Q4_K and Q5_K.
INLINE void unpack_scale(const uint8_t *scales, int j, float *scale, float *minimum) {
    if (j < 4) {
        *scale = scales[j] & 63;
        *minimum = scales[j + 4] & 63;
    } else {
        *scale = (scales[j + 4] & 15) | (scales[j - 4] >> 6) << 4;
        *minimum = scales[j + 4] >> 4 | (scales[j] >> 6) << 4;
    }
}

static void decode_q4_k(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 256, block += 144) {
        float d = float_of(block), dmin = float_of(block + 2);
        for (int j = 0; j < 8; j++) {
            float scale, minimum;
            unpack_scale(block + 4, j, &scale, &minimum);
            float step = d * scale, low = dmin * minimum;
            for (int part = 0; part < 2; part++) {
                u8x16 qs = LOAD(u8x16, block + 16 + 32 * (j / 2) + 16 * part);
                put_affine(y + i + 32 * j + 16 * part, j % 2 ? qs >> 4 : qs & 15, step, -low);
            }
        }
    }
}

static void decode_q5_k(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 256, block += 176) {
        float d = float_of(block), dmin = float_of(block + 2);
        for (int j = 0; j < 8; j++) {
            float scale, minimum;
            unpack_scale(block + 4, j, &scale, &minimum);
            float step = d * scale, low = dmin * minimum;
            for (int part = 0; part < 2; part++) {
                u8x16 qs = LOAD(u8x16, block + 48 + 32 * (j / 2) + 16 * part);
                u8x16 qh = LOAD(u8x16, block + 16 + 16 * part);
                u8x16 fifth = ((qh >> (unsigned char)j) & 1) << 4;
                put_affine(y + i + 32 * j + 16 * part, (j % 2 ? qs >> 4 : qs & 15) | fifth, step, -low);
            }
        }
    }
}

/// Level - 32 of the 16 elements of sub-block j.
INLINE i8x16 levels_q6_k(const uint8_t *block, int j) {
    // Sub-block j lies in quarter k of its half.
    int half = j / 8, k = j % 8 / 2, column = 16 * (j % 2);
    u8x16 ql = LOAD(u8x16, block + 64 * half + 32 * (k % 2) + column);
    u8x16 qh = LOAD(u8x16, block + 128 + 32 * half + column);
    u8x16 upper = ((qh >> (unsigned char)(2 * k)) & 3) << 4;
    return (i8x16)((k / 2 ? ql >> 4 : ql & 15) | upper) - 32;
}

static void decode_q6_k(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 256, block += 210) {
        float d = float_of(block + 208);
        for (int j = 0; j < 16; j++) {
            put_scaled(y + i + 16 * j, levels_q6_k(block, j), d * (float)(int8_t)block[192 + j]);
        }
    }
}
