// The K types and IQ4_XS. Included by all_kernels.h only. Twins: Quantization/Q2_K.swift and its neighbours.

/// Calls `body` with the number of super-blocks in each chunk of the row.
#define FOR_CHUNKS(columns)                                                                                  \
    for (size_t start = 0, count = 0; count = ((columns) - start) / 256, count = count < CHUNK ? count : CHUNK, \
                count > 0;                                                                                   \
         start += 256 * count)

/// The spread sigma2 = factor * sum(x*x) of each super-block of a chunk; the factor's grouping differs by type.
INLINE void spreads(const float *x, int count, float times, float over, float *sigma2) {
    sums_of_squares(x, count, 256, sigma2);
    for (int b = 0; b < count; b++) sigma2[b] = (times * sigma2[b]) / over;
}

/// Two bits per level, as Q2_K and the lower bits of Q3_K are stored.
INLINE void pack_two_bits(const uint8_t *levels, uint8_t *qs) {
    for (int part = 0; part < 4; part++) {
        const uint8_t *source = levels + 128 * (part / 2) + 16 * (part % 2);
        u8x16 a = LOAD(u8x16, source) & 3, b = LOAD(u8x16, source + 32) & 3;
        u8x16 c = LOAD(u8x16, source + 64) & 3, d = LOAD(u8x16, source + 96);
        STORE(qs + 16 * part, a | b << 2 | c << 4 | d << 6);
    }
}

/// The levels of a super-block: rounded with the stored scales, or as the search left them where a scale is 0.
INLINE void affine_levels(
    const float *x, const findings *found, int first, int n, const float *scale, const float *minimum, float top,
    uint8_t *levels) {
    for (int j = 0; j < 256 / n; j++) {
        for (int i = n * j; i < n * (j + 1); i += 16) {
            u8x16 l = scale[j] != 0 ? divided(x + i, minimum[j], scale[j], 0, top)
                                    : multiplied(x + i, found->low[first + j], found->inverse[first + j], 0, top);
            STORE(levels + i, l);
        }
    }
}

/// The same for levels of both signs, stored from 0 on; a group of zeros has the stored level 0.
INLINE void symmetric_levels(
    const float *x, const findings *found, int first, const float *scale, float range, uint8_t *levels) {
    for (int j = 0; j < 16; j++) {
        float inverse = found->inverse[first + j];
        u8x16 l = {0};
        if (scale[j] != 0) l = divided(x + 16 * j, 0, scale[j], -range, range - 1);
        else if (inverse != 0) l = multiplied(x + 16 * j, 0, inverse, -range, range - 1);
        STORE(levels + 16 * j, l);
    }
}

/// Levels of n scales (or minima) as multiples of the largest; returns the value of one step.
INLINE float linear_scales(const float *values, int n, float top, uint8_t *levels) {
    float high = largest_of(values, n), factor = high > 0 ? top / high : 0;
    for (int j = 0; j < n; j++) {
        uint8_t l = (uint8_t)nearest_int(factor * values[j]);
        levels[j] = l < (uint8_t)top ? l : (uint8_t)top;
    }
    return high / top;
}

static void encode_q2_k(const float *x, const float *importance, size_t columns, void *blocks) {
    search_plan plan = {.kind = AFFINE, .n = 16, .shared = 16};
    if (importance) {
        plan.weights = BY_IMPORTANCE;
        plan.trials = TRIALS_UNDER_IMPORTANCE(3);
    } else {
        plan.weights = BY_MAGNITUDE;
        plan.trials = (affine_trials){.top = 3, .start = -0.5f, .step = 0.1f, .steps = 15, .absolute = true};
    }
    uint8_t *block = blocks;
    findings found;
    float sigma2[CHUNK], d[CHUNK], dmin[CHUNK];
    uint8_t scales[16 * CHUNK], minima[16 * CHUNK], levels[256];
    FOR_CHUNKS(columns) {
        int n = (int)count;
        if (importance) {
            spreads(x + start, n, 1, 256, sigma2);
            find_scales(x + start, importance + start, sigma2, 16 * n, plan, &found);
            quantize_scales(found.scale, found.weight, n, 16, 15, scales, d);
            quantize_scales(found.minimum, found.weight, n, 16, 15, minima, dmin);
        } else {
            find_scales(x + start, NULL, NULL, 16 * n, plan, &found);
            for (int b = 0; b < n; b++) {
                d[b] = linear_scales(found.scale + 16 * b, 16, 15, scales + 16 * b);
                dmin[b] = linear_scales(found.minimum + 16 * b, 16, 15, minima + 16 * b);
            }
        }
        for (int b = 0; b < n; b++, block += 84) {
            float scale[16], minimum[16];
            store_half(block + 80, d[b]);
            store_half(block + 82, dmin[b]);
            for (int j = 0; j < 16; j++) {
                block[j] = scales[16 * b + j] | (uint8_t)(minima[16 * b + j] << 4);
                scale[j] = float_of(block + 80) * (float)(block[j] & 15);
                minimum[j] = float_of(block + 82) * (float)(block[j] >> 4);
            }
            affine_levels(x + start + 256 * (size_t)b, &found, 16 * b, 16, scale, minimum, 3, levels);
            pack_two_bits(levels, block + 16);
        }
    }
}

static void encode_q3_k(const float *x, const float *importance, size_t columns, void *blocks) {
    const search_plan plan = {.kind = SYMMETRIC, .weights = BY_IMPORTANCE, .n = 16, .shared = 16, .range = 4};
    uint8_t *block = blocks;
    findings found;
    float sigma2[CHUNK], d[CHUNK];
    uint8_t scales[16 * CHUNK], levels[256], searched[256 * CHUNK];
    FOR_CHUNKS(columns) {
        int n = (int)count;
        if (importance) {
            spreads(x + start, n, 2, 256, sigma2);
            find_scales(x + start, importance + start, sigma2, 16 * n, plan, &found);
            vf v[16], w[16], scale, factor;
            gather(found.scale, n, 16, v);
            gather(found.weight, n, 16, w);
            search_symmetric(v, w, 16, 32, &scale, &factor);
            memcpy(d, &scale, sizeof(float) * count);
            for (int b = 0; b < n; b++) {
                u8x16 l = {0};
                if (factor[b] != 0) l = multiplied(found.scale + 16 * b, 0, factor[b], -32, 31);
                STORE(scales + 16 * b, l);
            }
        } else {
            for (int first = 0; first < 16 * n; first += VLMC_LANES) {
                int lanes = 16 * n - first < VLMC_LANES ? 16 * n - first : VLMC_LANES;
                vf values[16], l[16], scale;
                gather(x + start + 16 * first, lanes, 16, values);
                search_three_bits(values, 16, &scale, l);
                STORE(found.scale + first, scale);
                for (int j = 0; j < lanes; j++) {
                    for (int i = 0; i < 16; i++) searched[16 * (first + j) + i] = (uint8_t)((int32_t)l[i][j] + 4);
                }
            }
            for (int b = 0; b < n; b++) {
                float peak = peak_of(found.scale + 16 * b, 16), factor = peak != 0 ? -32 / peak : 0;
                u8x16 l = {0};
                if (peak != 0) l = multiplied(found.scale + 16 * b, 0, factor, -32, 31);
                STORE(scales + 16 * b, l);
                d[b] = peak != 0 ? 1 / factor : 0;
            }
        }
        for (int b = 0; b < n; b++, block += 110) {
            const uint8_t *l = scales + 16 * b;
            float scale[16];
            store_half(block + 108, d[b]);
            for (int j = 0; j < 16; j++) scale[j] = float_of(block + 108) * (float)((int)l[j] - 32);
            for (int j = 0; j < 8; j++) block[96 + j] = (l[j] & 15) | (uint8_t)(l[j + 8] << 4);
            for (int j = 0; j < 4; j++) {
                block[104 + j] = (uint8_t)(l[j] >> 4 | l[j + 4] >> 4 << 2 | l[j + 8] >> 4 << 4 | l[j + 12] >> 4 << 6);
            }
            symmetric_levels(x + start + 256 * (size_t)b, &found, 16 * b, scale, 4, levels);
            for (int j = 0; j < 16 && !importance; j++) {
                if (scale[j] == 0) memcpy(levels + 16 * j, searched + 256 * b + 16 * j, 16);
            }
            for (int part = 0; part < 2; part++) {
                u8x16 bits = {0};
                for (int k = 0; k < 8; k++) {
                    bits |= LOAD(u8x16, levels + 32 * k + 16 * part) >> 2 << (unsigned char)k;
                }
                STORE(block + 16 * part, bits);
            }
            pack_two_bits(levels, block + 32);
        }
    }
}

/// Q4_K (top 15) and Q5_K (top 31).
INLINE void encode_affine_super(const float *x, const float *importance, size_t columns, uint8_t *block, int top) {
    search_plan plan = {.kind = AFFINE, .n = 32, .shared = 8};
    if (importance) {
        plan.weights = BY_IMPORTANCE;
        plan.trials = TRIALS_UNDER_IMPORTANCE((float)top);
    } else {
        plan.weights = BY_MAGNITUDE_AND_MEAN;
        plan.trials = top == 15 ? (affine_trials){.top = 15, .start = -1, .step = 0.1f, .steps = 20}
                                : (affine_trials){.top = 31, .start = -0.5f, .step = 0.1f, .steps = 15};
    }
    findings found;
    float sigma2[CHUNK], d[CHUNK], dmin[CHUNK];
    uint8_t scales[8 * CHUNK], minima[8 * CHUNK], levels[256];
    FOR_CHUNKS(columns) {
        int n = (int)count;
        if (importance) {
            spreads(x + start, n, 2, 256, sigma2);
            find_scales(x + start, importance + start, sigma2, 8 * n, plan, &found);
            quantize_scales(found.scale, found.weight, n, 8, 63, scales, d);
            quantize_scales(found.minimum, found.weight, n, 8, 63, minima, dmin);
        } else {
            find_scales(x + start, NULL, NULL, 8 * n, plan, &found);
            for (int b = 0; b < n; b++) {
                d[b] = linear_scales(found.scale + 8 * b, 8, 63, scales + 8 * b);
                dmin[b] = linear_scales(found.minimum + 8 * b, 8, 63, minima + 8 * b);
            }
        }
        for (int b = 0; b < n; b++, block += top == 31 ? 176 : 144) {
            const uint8_t *s = scales + 8 * b, *m = minima + 8 * b;
            float scale[8], minimum[8];
            store_half(block, d[b]);
            store_half(block + 2, dmin[b]);
            for (int j = 0; j < 8; j++) {
                scale[j] = float_of(block) * (float)s[j];
                minimum[j] = float_of(block + 2) * (float)m[j];
            }
            for (int j = 0; j < 4; j++) {
                block[4 + j] = s[j] | (uint8_t)(s[j + 4] >> 4 << 6);
                block[8 + j] = m[j] | (uint8_t)(m[j + 4] >> 4 << 6);
                block[12 + j] = (s[j + 4] & 15) | (uint8_t)(m[j + 4] << 4);
            }
            affine_levels(x + start + 256 * (size_t)b, &found, 8 * b, 32, scale, minimum, (float)top, levels);
            for (int part = 0; part < 2 && top == 31; part++) {
                u8x16 bits = {0};
                for (int j = 0; j < 8; j++) {
                    bits |= LOAD(u8x16, levels + 32 * j + 16 * part) >> 4 << (unsigned char)j;
                }
                STORE(block + 16 + 16 * part, bits);
            }
            uint8_t *qs = block + (top == 31 ? 48 : 16);
            for (int part = 0; part < 8; part++) {
                const uint8_t *source = levels + 64 * (part / 2) + 16 * (part % 2);
                STORE(qs + 16 * part, (LOAD(u8x16, source) & 15) | LOAD(u8x16, source + 32) << 4);
            }
        }
    }
}

static void encode_q4_k(const float *x, const float *importance, size_t columns, void *blocks) {
    encode_affine_super(x, importance, columns, blocks, 15);
}

static void encode_q5_k(const float *x, const float *importance, size_t columns, void *blocks) {
    encode_affine_super(x, importance, columns, blocks, 31);
}

static void encode_q6_k(const float *x, const float *importance, size_t columns, void *blocks) {
    const search_plan plan = {
        .kind = SYMMETRIC, .weights = importance ? IMPORTANCE_ALONE : BY_SQUARE, .n = 16, .shared = 16, .range = 32};
    uint8_t *block = blocks;
    findings found;
    uint8_t levels[256];
    FOR_CHUNKS(columns) {
        int n = (int)count;
        find_scales(x + start, importance ? importance + start : NULL, NULL, 16 * n, plan, &found);
        for (int b = 0; b < n; b++, block += 210) {
            float peak = peak_of(found.scale + 16 * b, 16), scale[16];
            if (__builtin_fabsf(peak) < SMALLEST_GROUP) {
                memset(block, 0, 210);
                continue;
            }
            float factor = -128 / peak;
            store_half(block + 208, 1 / factor);
            for (int j = 0; j < 16; j++) {
                int32_t l = nearest_int(factor * found.scale[16 * b + j]);
                block[192 + j] = (uint8_t)(l < 127 ? l : 127);
                scale[j] = float_of(block + 208) * (float)(int8_t)block[192 + j];
            }
            symmetric_levels(x + start + 256 * (size_t)b, &found, 16 * b, scale, 32, levels);
            for (int part = 0; part < 4; part++) {
                const uint8_t *source = levels + 128 * (part / 2) + 16 * (part % 2);
                u8x16 q0 = LOAD(u8x16, source), q1 = LOAD(u8x16, source + 32);
                u8x16 q2 = LOAD(u8x16, source + 64), q3 = LOAD(u8x16, source + 96);
                uint8_t *ql = block + 64 * (part / 2) + 16 * (part % 2);
                STORE(ql, (q0 & 15) | q2 << 4);
                STORE(ql + 32, (q1 & 15) | q3 << 4);
                STORE(block + 128 + 16 * part, q0 >> 4 | q1 >> 4 << 2 | q2 >> 4 << 4 | q3 >> 4 << 6);
            }
        }
    }
}

static void encode_iq4_xs(const float *x, const float *importance, size_t columns, void *blocks) {
    const search_plan plan = {
        .kind = CURVE, .weights = importance ? BY_IMPORTANCE : BY_SQUARE, .n = 32, .shared = 8};
    uint8_t *block = blocks;
    findings found;
    float sigma2[CHUNK];
    FOR_CHUNKS(columns) {
        int n = (int)count;
        if (importance) spreads(x + start, n, 2.0f / 256, 1, sigma2);
        find_scales(x + start, importance ? importance + start : NULL, sigma2, 8 * n, plan, &found);
        for (int b = 0; b < n; b++, block += 136) {
            // The levels are rounded with the scale as computed, not as stored.
            float d = -peak_of(found.scale + 8 * b, 8) / 32, id = inverse(d);
            uint32_t lower = 0, upper = 0;
            store_half(block, d);
            for (int j = 0; j < 8; j++) {
                int32_t scale = clip(nearest_int(id * found.scale[8 * b + j]), -32, 31);
                const float *source = x + start + 256 * (size_t)b + 32 * j;
                float factor = inverse(d * (float)scale);
                STORE(block + 8 + 16 * j, indexed(source, factor) | indexed(source + 16, factor) << 4);
                lower |= (uint32_t)((scale + 32) & 15) << 4 * j;
                upper |= (uint32_t)((scale + 32) >> 4) << 2 * j;
            }
            STORE(block + 2, (uint16_t)upper);
            STORE(block + 4, lower);
        }
    }
}
