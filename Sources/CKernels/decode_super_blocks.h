// Super-blocks to floats. Included by all_kernels.h only. Layouts: formats/quantized-blocks.md.

/// Two bits each of the 16 elements of sub-block j, as Q2_K and Q3_K hold them.
INLINE u8x16 two_bits(const uint8_t *qs, int j) {
    u8x16 bytes = LOAD(u8x16, qs + 32 * (j / 8) + 16 * (j % 2));
    return (bytes >> (unsigned char)(2 * (j % 8 / 2))) & 3;
}

/// The scales and minima of the 16 sub-blocks of Q2_K.
INLINE void grids_q2_k(const uint8_t *block, float *scale, float *minimum) {
    u8x16 packed = LOAD(u8x16, block);
    STORE(scale, __builtin_convertvector(packed & 15, f32x16) * float_of(block + 80));
    STORE(minimum, __builtin_convertvector(packed >> 4, f32x16) * float_of(block + 82));
}

static void decode_q2_k(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 256, block += 84) {
        float scale[16], minimum[16];
        grids_q2_k(block, scale, minimum);
        UNROLLED
        for (int j = 0; j < 16; j++) put_affine(y + i + 16 * j, two_bits(block + 16, j), scale[j], -minimum[j]);
    }
}

/// The scales of the 16 sub-blocks of Q3_K.
INLINE void scales_q3_k(const uint8_t *block, float *scale) {
    uint64_t low = LOAD(uint64_t, block + 96);
    // Byte j % 4 holds the upper bits of scale j in its bits 2(j / 4) and 2(j / 4) + 1.
    uint64_t high = LOAD(uint32_t, block + 104);
    u64x2 lows = {low & 0x0F0F0F0F0F0F0F0Fu, low >> 4 & 0x0F0F0F0F0F0F0F0Fu};
    u64x2 highs = {high | high >> 2 << 32, high >> 4 | high >> 6 << 32};
    i8x16 levels = (i8x16)((u8x16)lows | ((u8x16)highs & 3) << 4) - 32;
    STORE(scale, __builtin_convertvector(levels, f32x16) * float_of(block + 108));
}

/// Level - 4 of the 16 elements of sub-block j.
INLINE i8x16 levels_q3_k(const uint8_t *block, int j) {
    u8x16 third = (LOAD(u8x16, block + 16 * (j % 2)) >> (unsigned char)(j / 2)) & 1;
    return (i8x16)(two_bits(block + 32, j) | third << 2) - 4;
}

static void decode_q3_k(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 256, block += 110) {
        float scale[16];
        scales_q3_k(block, scale);
        UNROLLED
        for (int j = 0; j < 16; j++) put_scaled(y + i + 16 * j, levels_q3_k(block, j), scale[j]);
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
        UNROLLED
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
        UNROLLED
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

/// The scales of the 16 sub-blocks of Q6_K.
INLINE void scales_q6_k(const uint8_t *block, float *scale) {
    STORE(scale, __builtin_convertvector(LOAD(i8x16, block + 192), f32x16) * float_of(block + 208));
}

static void decode_q6_k(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 256, block += 210) {
        float scale[16];
        scales_q6_k(block, scale);
        UNROLLED
        for (int j = 0; j < 16; j++) put_scaled(y + i + 16 * j, levels_q6_k(block, j), scale[j]);
    }
}

/// Scale of sub-block j of IQ4_XS.
INLINE float scale_iq4_xs(const uint8_t *block, int j) {
    uint32_t low = LOAD(uint32_t, block + 4) >> 4 * j & 15, high = (uint32_t)LOAD(uint16_t, block + 2) >> 2 * j & 3;
    return float_of(block) * (float)((int32_t)(low | high << 4) - 32);
}

static void decode_iq4_xs(const void *blocks, size_t columns, float *y) {
    const uint8_t *block = blocks;
    for (size_t i = 0; i < columns; i += 256, block += 136) {
        UNROLLED
        for (int j = 0; j < 8; j++) {
            float scale = scale_iq4_xs(block, j);
            u8x16 qs = LOAD(u8x16, block + 8 + 16 * j);
            put_scaled(y + i + 32 * j, on_iq4_curve(qs & 15), scale);
            put_scaled(y + i + 32 * j + 16, on_iq4_curve(qs >> 4), scale);
        }
    }
}
