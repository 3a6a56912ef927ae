// From rows to lanes: gathers sub-blocks, weighs them and runs the searches. Included by all_kernels.h only.

/// Super-blocks that are worked on together: one per lane where their scales are quantized.
#define CHUNK VLMC_LANES

/// What the searches found for the sub-blocks of a chunk, in order.
typedef struct findings {
    float scale[16 * CHUNK], minimum[16 * CHUNK], inverse[16 * CHUNK], low[16 * CHUNK], weight[16 * CHUNK];
} findings;

/// Puts `lanes` sub-blocks of n consecutive floats side by side: out[i] holds element i of each. Lanes left over
/// are 0.
INLINE void gather(const float *x, int lanes, int n, vf *out) {
    float padded[32 * VLMC_LANES];
    if (lanes < VLMC_LANES) {
        memcpy(padded, x, sizeof(float) * (size_t)(lanes * n));
        memset(padded + lanes * n, 0, sizeof(float) * (size_t)((VLMC_LANES - lanes) * n));
        x = padded;
    }
    float *target = (float *)out;
    for (int j = 0; j < VLMC_LANES; j += 4) {
        for (int i = 0; i < n; i += 4) {
            const float *corner = x + j * n + i;
            f32x4 a = LOAD(f32x4, corner), b = LOAD(f32x4, corner + n);
            f32x4 c = LOAD(f32x4, corner + 2 * n), d = LOAD(f32x4, corner + 3 * n);
            f32x4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
            f32x4 abHigh = __builtin_shufflevector(a, b, 2, 6, 3, 7);
            f32x4 cdHigh = __builtin_shufflevector(c, d, 2, 6, 3, 7);
            STORE(target + i * VLMC_LANES + j, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
            STORE(target + (i + 1) * VLMC_LANES + j, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
            STORE(target + (i + 2) * VLMC_LANES + j, __builtin_shufflevector(abHigh, cdHigh, 0, 1, 4, 5));
            STORE(target + (i + 3) * VLMC_LANES + j, __builtin_shufflevector(abHigh, cdHigh, 2, 3, 6, 7));
        }
    }
}

/// Sums of squares of `count` groups of n floats, each in element order.
INLINE void sums_of_squares(const float *x, int count, int n, float *sums) {
    int g = 0;
    for (; g + 4 <= count; g += 4) {
        f32x4 sum = {0};
        for (int i = 0; i < n; i++) {
            const float *column = x + g * n + i;
            f32x4 v = {column[0], column[n], column[2 * n], column[3 * n]};
            sum += v * v;
        }
        STORE(sums + g, sum);
    }
    for (; g < count; g++) {
        sums[g] = 0;
        for (int i = 0; i < n; i++) sums[g] += x[g * n + i] * x[g * n + i];
    }
}

/// How the elements of a sub-block are weighed.
typedef enum weighing {
    /// importance * sqrt(sigma2 + x*x), sigma2 given for each group of 256 or 32.
    BY_IMPORTANCE,
    /// The importance itself.
    IMPORTANCE_ALONE,
    /// x*x
    BY_SQUARE,
    /// |x|
    BY_MAGNITUDE,
    /// |x| + root of the sub-block's mean square
    BY_MAGNITUDE_AND_MEAN,
} weighing;

/// Weights of the sub-blocks in `x`; `importance` and `sigma2` (one per lane) where they are used.
INLINE void weigh(const vf *x, int n, weighing kind, const float *importance, int lanes, vf sigma2, vf *w) {
    if (kind == BY_IMPORTANCE || kind == IMPORTANCE_ALONE) gather(importance, lanes, n, w);
    vf mean = {0};
    if (kind == BY_MAGNITUDE_AND_MEAN) {
        for (int i = 0; i < n; i++) mean += x[i] * x[i];
        mean = __builtin_elementwise_sqrt(mean / (float)n);
    }
    for (int i = 0; i < n; i++) {
        switch (kind) {
        case BY_IMPORTANCE: w[i] *= __builtin_elementwise_sqrt(sigma2 + x[i] * x[i]); break;
        case IMPORTANCE_ALONE: break;
        case BY_SQUARE: w[i] = x[i] * x[i]; break;
        case BY_MAGNITUDE: w[i] = magnitude(x[i]); break;
        case BY_MAGNITUDE_AND_MEAN: w[i] = mean + magnitude(x[i]); break;
        }
    }
}

/// The search wherever an importance is given.
#define TRIALS_UNDER_IMPORTANCE(levels) \
    (affine_trials) { .top = (levels), .start = -0.9f, .step = 0.05f, .steps = 36, .absolute = false }

/// Which search runs on the sub-blocks.
typedef enum search_kind { AFFINE, SYMMETRIC, CURVE } search_kind;

typedef struct search_plan {
    search_kind kind;
    weighing weights;
    /// Elements per sub-block; sub-blocks that share one sigma2.
    int n, shared;
    /// Search A's trials; search B's range.
    affine_trials trials;
    float range;
} search_plan;

/// Searches `count` consecutive sub-blocks.
INLINE void find_scales(
    const float *x, const float *importance, const float *sigma2, int count, search_plan plan, findings *found) {
    for (int first = 0; first < count; first += VLMC_LANES) {
        int lanes = count - first < VLMC_LANES ? count - first : VLMC_LANES;
        vf values[32], w[32], sigma = {0}, scale, minimum = {0}, inverse = {0}, low = {0}, weight = {0};
        gather(x + first * plan.n, lanes, plan.n, values);
        if (plan.weights == BY_IMPORTANCE) {
            float spread[VLMC_LANES] = {0};
            for (int j = 0; j < lanes; j++) spread[j] = sigma2[(first + j) / plan.shared];
            sigma = LOAD(vf, spread);
        }
        const float *weights = importance ? importance + first * plan.n : NULL;
        weigh(values, plan.n, plan.weights, weights, lanes, sigma, w);
        for (int i = 0; i < plan.n; i++) weight += w[i];
        switch (plan.kind) {
        case AFFINE: search_affine(values, w, plan.n, plan.trials, &scale, &minimum, &inverse, &low); break;
        case SYMMETRIC: search_symmetric(values, w, plan.n, plan.range, &scale, &inverse); break;
        case CURVE: scale = search_curve(values, w); break;
        }
        STORE(found->scale + first, scale);
        STORE(found->minimum + first, minimum);
        STORE(found->inverse + first, inverse);
        STORE(found->low + first, low);
        STORE(found->weight + first, weight);
    }
}

/// Levels of the scales (or minima) of `blocks` super-blocks with n each, by search D; `step` is the value of one.
INLINE void quantize_scales(
    const float *values, const float *weights, int blocks, int n, float top, uint8_t *levels, float *step) {
    vf v[16], w[16], l[16], found;
    gather(values, blocks, n, v);
    gather(weights, blocks, n, w);
    search_non_negative(v, w, n, top, &found, l);
    memcpy(step, &found, sizeof(float) * (size_t)blocks);
    for (int j = 0; j < n; j++) {
        for (int b = 0; b < blocks; b++) levels[b * n + j] = (uint8_t)(int32_t)l[j][b];
    }
}
