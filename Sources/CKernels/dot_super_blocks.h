// Products of a row of super-blocks with a vector of floats, as in dot.h. Included by all_kernels.h only.

static float dot_q2_k(const void *blocks, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const uint8_t *block = blocks;
    f32x16 sum = {0}, other = {0};
    for (size_t i = 0; i < columns; i += 256, block += 84) {
        float scale[16], minimum[16];
        grids_q2_k(block, scale, minimum);
        UNROLLED
        for (int j = 0; j < 16; j++) {
            f32x16 values = FLOATS(two_bits(block + 16, j)) * scale[j] - minimum[j];
            TAKE_TURNS(sum, other, other + values * LOAD(f32x16, x + i + 16 * j));
        }
    }
    return sum16(sum + other);
}

static float dot_q3_k(const void *blocks, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const uint8_t *block = blocks;
    f32x16 sum = {0}, other = {0};
    for (size_t i = 0; i < columns; i += 256, block += 110) {
        float scale[16];
        scales_q3_k(block, scale);
        UNROLLED
        for (int j = 0; j < 16; j++) {
            i8x16 q = levels_q3_k(block, j);
            TAKE_TURNS(sum, other, other + FLOATS(q) * LOAD(f32x16, x + i + 16 * j) * scale[j]);
        }
    }
    return sum16(sum + other);
}

/// Q4_K and Q5_K: of each sub-block, step * sum(level * x) - low * sum(x).
INLINE float dot_affine_super(const uint8_t *block, const float *x, size_t columns, bool fifth_bit) {
#pragma STDC FP_CONTRACT ON
    f32x16 sum = {0}, lows = {0};
    for (size_t i = 0; i < columns; i += 256, block += fifth_bit ? 176 : 144) {
        float d = float_of(block), dmin = float_of(block + 2);
        UNROLLED
        for (int j = 0; j < 8; j++) {
            float scale, minimum;
            unpack_scale(block + 4, j, &scale, &minimum);
            f32x16 part = {0}, values = {0};
            for (int half = 0; half < 2; half++) {
                u8x16 q = LOAD(u8x16, block + (fifth_bit ? 48 : 16) + 32 * (j / 2) + 16 * half);
                q = j % 2 ? q >> 4 : q & 15;
                if (fifth_bit) q |= ((LOAD(u8x16, block + 16 + 16 * half) >> (unsigned char)j) & 1) << 4;
                f32x16 v = LOAD(f32x16, x + i + 32 * j + 16 * half);
                part += FLOATS(q) * v;
                values += v;
            }
            sum += part * (d * scale);
            lows += values * (dmin * minimum);
        }
    }
    return sum16(sum - lows);
}

static float dot_q4_k(const void *blocks, const float *x, size_t columns) {
    return dot_affine_super(blocks, x, columns, false);
}

static float dot_q5_k(const void *blocks, const float *x, size_t columns) {
    return dot_affine_super(blocks, x, columns, true);
}

static float dot_q6_k(const void *blocks, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const uint8_t *block = blocks;
    f32x16 sum = {0}, other = {0};
    for (size_t i = 0; i < columns; i += 256, block += 210) {
        float scale[16];
        scales_q6_k(block, scale);
        UNROLLED
        for (int j = 0; j < 16; j++) {
            i8x16 q = levels_q6_k(block, j);
            TAKE_TURNS(sum, other, other + FLOATS(q) * LOAD(f32x16, x + i + 16 * j) * scale[j]);
        }
    }
    return sum16(sum + other);
}

static float dot_iq4_xs(const void *blocks, const float *x, size_t columns) {
#pragma STDC FP_CONTRACT ON
    const uint8_t *block = blocks;
    f32x16 sum = {0}, other = {0};
    for (size_t i = 0; i < columns; i += 256, block += 136) {
        UNROLLED
        for (int j = 0; j < 8; j++) {
            float scale = scale_iq4_xs(block, j);
            u8x16 qs = LOAD(u8x16, block + 8 + 16 * j);
            f32x16 part = FLOATS(on_iq4_curve(qs & 15)) * LOAD(f32x16, x + i + 32 * j);
            part += FLOATS(on_iq4_curve(qs >> 4)) * LOAD(f32x16, x + i + 32 * j + 16);
            TAKE_TURNS(sum, other, other + part * scale);
        }
    }
    return sum16(sum + other);
}
