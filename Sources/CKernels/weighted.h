// The blocks of 32 under an importance, and IQ4_NL. Included by all_kernels.h only.
// Twins: Quantization/LegacyBlocks.swift and IQ4.swift.

/// Blocks that go through the searches together.
#define BLOCKS (8 * CHUNK)

/// Mean square of a row, summed in element order.
INLINE float row_sigma2(const float *x, size_t columns) {
    float sum = 0;
    for (size_t i = 0; i < columns; i++) sum += x[i] * x[i];
    return sum / (float)columns;
}

INLINE void weighted_symmetric(const float *x, const float *importance, uint8_t *block, size_t columns, int range) {
    const search_plan plan = {
        .kind = SYMMETRIC, .weights = BY_IMPORTANCE, .n = 32, .shared = BLOCKS, .range = (float)range};
    float sigma2 = row_sigma2(x, columns), low = (float)-range, high = (float)(range - 1);
    findings found;
    for (size_t start = 0; start < columns; start += 32 * BLOCKS) {
        size_t left = (columns - start) / 32;
        int count = left < BLOCKS ? (int)left : BLOCKS;
        find_scales(x + start, importance + start, &sigma2, count, plan, &found);
        for (int b = 0; b < count; b++, block += range == 8 ? 18 : 22) {
            const float *source = x + start + 32 * b;
            u8x16 first = {0}, second = {0};
            if (found.inverse[b] != 0) {
                first = multiplied(source, 0, found.inverse[b], low, high);
                second = multiplied(source + 16, 0, found.inverse[b], low, high);
            }
            store_half(block, found.scale[b]);
            if (range == 16) STORE(block + 2, fifth_bits(first, second));
            STORE(block + (range == 16 ? 6 : 2), (first & 15) | second << 4);
        }
    }
}

INLINE void weighted_affine(const float *x, const float *importance, uint8_t *block, size_t columns, float top) {
    const search_plan plan = {
        .kind = AFFINE, .weights = BY_IMPORTANCE, .n = 32, .shared = BLOCKS, .trials = TRIALS_UNDER_IMPORTANCE(top)};
    float sigma2 = row_sigma2(x, columns);
    findings found;
    for (size_t start = 0; start < columns; start += 32 * BLOCKS) {
        size_t left = (columns - start) / 32;
        int count = left < BLOCKS ? (int)left : BLOCKS;
        find_scales(x + start, importance + start, &sigma2, count, plan, &found);
        for (int b = 0; b < count; b++, block += top == 15 ? 20 : 24) {
            const float *source = x + start + 32 * b;
            u8x16 first = multiplied(source, found.low[b], found.inverse[b], 0, top);
            u8x16 second = multiplied(source + 16, found.low[b], found.inverse[b], 0, top);
            store_half(block, found.scale[b]);
            store_half(block + 2, -found.minimum[b]);
            if (top == 31) STORE(block + 4, fifth_bits(first, second));
            STORE(block + (top == 31 ? 8 : 4), (first & 15) | second << 4);
        }
    }
}

static void encode_q4_0(const float *x, const float *importance, size_t columns, void *blocks) {
    if (importance) weighted_symmetric(x, importance, blocks, columns, 8);
    else encode_symmetric(x, blocks, columns, 8);
}

static void encode_q5_0(const float *x, const float *importance, size_t columns, void *blocks) {
    if (importance) weighted_symmetric(x, importance, blocks, columns, 16);
    else encode_symmetric(x, blocks, columns, 16);
}

static void encode_q4_1(const float *x, const float *importance, size_t columns, void *blocks) {
    if (importance) weighted_affine(x, importance, blocks, columns, 15);
    else encode_affine(x, blocks, columns, 15);
}

static void encode_q5_1(const float *x, const float *importance, size_t columns, void *blocks) {
    if (importance) weighted_affine(x, importance, blocks, columns, 31);
    else encode_affine(x, blocks, columns, 31);
}

static void encode_iq4_nl(const float *x, const float *importance, size_t columns, void *blocks) {
    const search_plan plan = {
        .kind = CURVE, .weights = importance ? BY_IMPORTANCE : BY_SQUARE, .n = 32, .shared = 1};
    uint8_t *block = blocks;
    findings found;
    float sigma2[BLOCKS];
    for (size_t start = 0; start < columns; start += 32 * BLOCKS) {
        size_t left = (columns - start) / 32;
        int count = left < BLOCKS ? (int)left : BLOCKS;
        if (importance) {
            sums_of_squares(x + start, count, 32, sigma2);
            for (int b = 0; b < count; b++) sigma2[b] *= 2.0f / 32;
        }
        find_scales(x + start, importance ? importance + start : NULL, sigma2, count, plan, &found);
        for (int b = 0; b < count; b++, block += 18) {
            const float *source = x + start + 32 * b;
            float id = inverse(found.scale[b]);
            store_half(block, found.scale[b]);
            STORE(block + 2, indexed(source, id) | indexed(source + 16, id) << 4);
        }
    }
}
