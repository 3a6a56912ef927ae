// The searches for scales, one sub-block per lane, so that each lane keeps the order of sums that makes the result.
// Included by all_kernels.h only. Twins, with the same letters: Quantization/ScaleSearch.swift.
//
// Weights of NULL are all 1. Only scales come out. Levels follow from a scale's inverse and are rounded row by row
// afterwards (levels.h).

/// Groups whose largest magnitude is below this become zeros.
#define SMALLEST_GROUP 1e-15f

/// The most elements that are searched for one scale.
#define LONGEST_GROUP 128

/// v * w[i]
INLINE vf weighed(const vf *w, int i, vf v) { return w ? w[i] * v : v; }

/// The trials of search A: scale s is (start + step*s + top) / range, s = 0 ... steps.
typedef struct affine_trials {
    float top, start, step;
    int steps;
    /// Compares by absolute deviations.
    bool absolute;
} affine_trials;

INLINE vf deviation(const vf *x, const vf *w, const vf *levels, int n, vf scale, vf low, bool absolute) {
    vf error = {0};
    for (int i = 0; i < n; i++) {
        vf difference = (scale * levels[i] + low) - x[i];
        error += weighed(w, i, absolute ? magnitude(difference) : difference * difference);
    }
    return error;
}

/// Search A. Level = clip(ni(inverse * (x - low))); value = scale * level - minimum.
INLINE void search_affine(
    const vf *x, const vf *w, int n, affine_trials trials, vf *scaleOut, vf *minimumOut, vf *inverseOut, vf *lowOut) {
    const vf none = {0};
    vf low = x[0], high = x[0], sumW = weighed(w, 0, splat(1)), sumX = weighed(w, 0, x[0]);
    for (int i = 1; i < n; i++) {
        low = SELECT(x[i] < low, x[i], low);
        high = SELECT(x[i] > high, x[i], high);
        sumW += weighed(w, i, splat(1));
        sumX += weighed(w, i, x[i]);
    }
    low = SELECT(low > none, none, low);
    vi flat = high <= low;
    vf inverse = trials.top / (high - low);
    vf scale = 1 / inverse, bestLow = low;
    vf levels[LONGEST_GROUP];
    for (int i = 0; i < n; i++) levels[i] = level(inverse * (x[i] - low), 0, trials.top);
    vf bestError = deviation(x, w, levels, n, scale, low, trials.absolute);
    for (int s = 0; s <= trials.steps; s++) {
        // An accepted trial moves `low`, and with it the scales of the trials after it.
        vf trial = ((trials.start + trials.step * (float)s) + trials.top) / (high - low);
        vf sumL = {0}, sumL2 = {0}, sumXL = {0};
        for (int i = 0; i < n; i++) {
            levels[i] = level(trial * (x[i] - low), 0, trials.top);
            vf weighted = weighed(w, i, levels[i]);
            sumL += weighted;
            // Without weights this is a sum of small integers, which fusing cannot change.
            sumL2 = w ? sumL2 + weighted * levels[i] : __builtin_elementwise_fma(levels[i], levels[i], sumL2);
            sumXL += weighted * x[i];
        }
        vf determinant = sumW * sumL2 - sumL * sumL;
        vf trialScale = (sumW * sumXL - sumX * sumL) / determinant;
        vf trialLow = (sumL2 * sumX - sumL * sumXL) / determinant;
        vi above = trialLow > none;
        trialScale = SELECT(above, sumXL / sumL2, trialScale);
        trialLow = SELECT(above, none, trialLow);
        vf error = deviation(x, w, levels, n, trialScale, trialLow, trials.absolute);
        vi better = (determinant > none) & (error < bestError);
        bestError = SELECT(better, error, bestError);
        scale = SELECT(better, trialScale, scale);
        inverse = SELECT(better, trial, inverse);
        bestLow = SELECT(better, low, bestLow);
        // A flat lane must keep its first minimum.
        low = SELECT(better & ~flat, trialLow, low);
    }
    *scaleOut = SELECT(flat, none, scale);
    *minimumOut = -low;
    *inverseOut = SELECT(flat, none, inverse);
    *lowOut = bestLow;
}

/// The value of largest magnitude in each lane, the first of equals.
INLINE vf extrema(const vf *x, int n) {
    vf most = {0}, value = {0};
    for (int i = 0; i < n; i++) {
        vf candidate = magnitude(x[i]);
        vi larger = candidate > most;
        most = SELECT(larger, candidate, most);
        value = SELECT(larger, x[i], value);
    }
    return value;
}

/// Search B, levels -range ..< range: level = clip(ni(inverse * x)). An inverse of 0 marks a group of zeros.
INLINE void search_symmetric(const vf *x, const vf *w, int n, float range, vf *scaleOut, vf *inverseOut) {
    const vf none = {0};
    vf peak = extrema(x, n), weighted[LONGEST_GROUP];
    vi empty = magnitude(peak) < splat(SMALLEST_GROUP);
    for (int i = 0; i < n; i++) weighted[i] = weighed(w, i, x[i]);
    vf inverse = none, scale = none, bestGain = none;
    for (int k = 0; k < 19; k++) {
        // The plain scale first, then those around it.
        int s = k == 0 ? 0 : k <= 9 ? k - 10 : k - 9;
        vf trial = -(range + 0.1f * (float)s) / peak;
        vf sumXL = {0}, sumL2 = {0};
        for (int i = 0; i < n; i++) {
            vf l = level(trial * x[i], -range, range - 1);
            sumXL += weighted[i] * l;
            sumL2 = w ? sumL2 + (w[i] * l) * l : __builtin_elementwise_fma(l, l, sumL2);
        }
        vi better = k == 0 ? sumL2 != none : (sumL2 > none) & (sumXL * sumXL > bestGain * sumL2);
        scale = SELECT(better, sumXL / sumL2, scale);
        inverse = k == 0 ? trial : SELECT(better, trial, inverse);
        bestGain = SELECT(better, scale * sumXL, bestGain);
    }
    *scaleOut = SELECT(empty, none, scale);
    *inverseOut = SELECT(empty, none, inverse);
}

/// Search C: 3-bit levels by coordinate descent, which come out as well; weights x*x.
INLINE void search_three_bits(const vf *x, int n, vf *scaleOut, vf *levels) {
    const vf none = {0};
    vf peak = extrema(x, n);
    vi empty = magnitude(peak) < splat(SMALLEST_GROUP);
    vf inverse = -4 / peak, sumXL = none, sumL2 = none;
    for (int i = 0; i < n; i++) {
        vf w = x[i] * x[i];
        levels[i] = level(inverse * x[i], -4, 3);
        sumXL += (w * x[i]) * levels[i];
        sumL2 += (w * levels[i]) * levels[i];
    }
    for (int pass = 0; pass < 5; pass++) {
        vi changed = {0};
        for (int i = 0; i < n; i++) {
            vf w = x[i] * x[i];
            vf otherXL = sumXL - (w * x[i]) * levels[i];
            vf otherL2 = sumL2 - (w * levels[i]) * levels[i];
            vf next = level((x[i] * otherL2) / otherXL, -4, 3);
            vi better = (otherXL > none) & (next != levels[i]);
            otherXL += (w * x[i]) * next;
            otherL2 += (w * next) * next;
            better &= (otherL2 > none) & ((otherXL * otherXL) * sumL2 > (sumXL * sumXL) * otherL2);
            levels[i] = SELECT(better, next, levels[i]);
            sumXL = SELECT(better, otherXL, sumXL);
            sumL2 = SELECT(better, otherL2, sumL2);
            changed |= better;
        }
        // A lane without a change repeats its pass without one, so lanes may go on together.
        if (!any(changed)) break;
    }
    for (int i = 0; i < n; i++) levels[i] = SELECT(empty, splat(-4), levels[i]);
    *scaleOut = SELECT(empty | ~(sumL2 > none), none, sumXL / sumL2);
}

/// Search D, values that are not negative: levels 0 ... top come out as well.
INLINE void search_non_negative(const vf *x, const vf *w, int n, float top, vf *scaleOut, vf *levels) {
    const vf none = {0};
    const float least = -4194304;
    vf high = none;
    for (int i = 0; i < n; i++) high = SELECT(x[i] > high, x[i], high);
    vi empty = high < splat(SMALLEST_GROUP);
    vf inverse = none, bestError = none;
    for (int k = 0; k < 9; k++) {
        int s = k == 0 ? 0 : k <= 4 ? k - 5 : k - 4;
        vf trial = (0.1f * (float)s + top) / high;
        vf scale = 1 / trial, error = {0};
        for (int i = 0; i < n; i++) {
            vf difference = x[i] - scale * level(trial * x[i], least, top);
            error += (w[i] * difference) * difference;
        }
        vi better = k == 0 ? ~(vi){0} : error < bestError;
        bestError = SELECT(better, error, bestError);
        inverse = SELECT(better, trial, inverse);
    }
    vf sumXL = none, sumL2 = none;
    for (int i = 0; i < n; i++) {
        levels[i] = level(inverse * x[i], least, top);
        sumXL += (w[i] * x[i]) * levels[i];
        sumL2 += (w[i] * levels[i]) * levels[i];
    }
    for (int pass = 0; pass < 5; pass++) {
        vi changed = {0};
        for (int i = 0; i < n; i++) {
            vf otherXL = sumXL - (w[i] * x[i]) * levels[i];
            vf otherL2 = sumL2 - (w[i] * levels[i]) * levels[i];
            vf next = level((x[i] * otherL2) / otherXL, least, top);
            vi better = (otherXL > none) & (otherL2 > none) & (next != levels[i]);
            otherXL += (w[i] * x[i]) * next;
            otherL2 += (w[i] * next) * next;
            better &= (otherXL * otherXL) * sumL2 > (sumXL * sumXL) * otherL2;
            levels[i] = SELECT(better, next, levels[i]);
            sumXL = SELECT(better, otherXL, sumXL);
            sumL2 = SELECT(better, otherL2, sumL2);
            changed |= better;
        }
        if (!any(changed)) break;
    }
    for (int i = 0; i < n; i++) levels[i] = SELECT(empty, none, levels[i]);
    *scaleOut = SELECT(empty | ~(sumL2 > none), none, sumXL / sumL2);
}

/// The values of IQ4's levels, and the points halfway between them.
static const float curve[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
static const float curve_middle[15] = {
    -115.5f, -93.5f, -74, -57, -42, -28.5f, -16, -4.5f, 7, 19, 31.5f, 45.5f, 61, 79, 101};

/// The value of the level nearest to `v`: the highest, less every step that lies above.
INLINE vf on_curve(vf v) {
    vf value = splat(curve[15]);
    for (int u = 0; u < 15; u++) {
        value -= (vf)((v < curve_middle[u] - (vf){0}) & (vi)splat(curve[u + 1] - curve[u]));
    }
    return value;
}

/// The search of IQ4_NL and IQ4_XS, for groups of 32.
INLINE vf search_curve(const vf *x, const vf *w) {
    const vf none = {0};
    vf peak = extrema(x, 32);
    vf scale = none, bestGain = none;
    for (int k = 0; k < 16; k++) {
        vf trial = k == 0 ? 1 / (-peak / curve[0]) : ((float)(k - 8) + curve[0]) / peak;
        vf sumQX = {0}, sumQ2 = {0};
        for (int i = 0; i < 32; i++) {
            vf q = on_curve(trial * x[i]);
            vf weighted = w[i] * q;
            sumQX += weighted * x[i];
            sumQ2 += weighted * q;
        }
        vi better = sumQ2 > none;
        if (k > 0) better &= sumQX * sumQX > bestGain * sumQ2;
        scale = SELECT(better, sumQX / sumQ2, scale);
        bestGain = SELECT(better, scale * sumQX, bestGain);
    }
    return SELECT(magnitude(peak) < splat(SMALLEST_GROUP), none, scale);
}
