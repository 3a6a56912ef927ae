// Floats to rows with group scales. Included by all_kernels.h only. Layout and rules: formats/quantized-blocks.md; twins:
// Quantization/PlainGroups.swift.
//
// Groups of several rows are searched together, so that short rows of long groups fill the lanes too.

/// Puts groups of n floats side by side, beginning with the one of that index. `count` of them are in memory, after
/// which they begin anew. Lanes left over are 0.
INLINE void gather_groups(const float *x, size_t first, int lanes, int n, size_t count, vf *out) {
    float copies[LONGEST_GROUP * VLMC_LANES];
    for (int j = 0; j < lanes; j++) {
        memcpy(copies + j * n, x + (first + (size_t)j) % count * (size_t)n, sizeof(float) * (size_t)n);
    }
    memset(copies + lanes * n, 0, sizeof(float) * (size_t)((VLMC_LANES - lanes) * n));
    gather(copies, VLMC_LANES, n, out);
}

/// Scales as the search left them. A group is not zeros because its weights are, or because all that has a weight
/// rounds to 0: then every weight is 1.
INLINE vf symmetric_scales(const vf *x, const vf *w, int n, float range) {
    vf scale, inverse;
    search_symmetric(x, w, n, range, &scale, &inverse);
    vi vanished = scale == (vf){0};
    if (w && any(vanished)) {
        vf unweighted;
        search_symmetric(x, NULL, n, range, &unweighted, &inverse);
        scale = SELECT(vanished, unweighted, scale);
    }
    return scale;
}

/// Scales and minima, likewise. The values are moved below 0: the search knows no minimum above.
INLINE vf affine_scales(vf *x, const vf *w, int n, float top, vf *minimum) {
    vf high = x[0], scale, fall, inverse, low;
    for (int i = 1; i < n; i++) high = SELECT(x[i] > high, x[i], high);
    for (int i = 0; i < n; i++) x[i] -= high;
    search_affine(x, w, n, TRIALS_UNDER_IMPORTANCE(top), &scale, &fall, &inverse, &low);
    *minimum = high - fall;
    return scale;
}

/// The level nearest to (x - origin) / step for 16 elements, as the low byte of its two's complement.
INLINE u8x16 nearest_levels(const float *x, float origin, float step, float low, float high) {
    f32x16 value = (LOAD(f32x16, x) - origin) / step;
    f32x16 lowest = low - (f32x16){0}, highest = high - (f32x16){0};
    value = MAX(value, lowest);
    value = MIN(value, highest);
    return __builtin_convertvector((u32x16)(value + ROUNDER), u8x16);
}

/// Stores the scale, the minimum and the codes of group `group` of a row.
INLINE void put_group(
    vlmc_group_format format, group_layout layout, const float *x, size_t group, float scale, float minimum,
    uint8_t *row) {
    uint8_t *scaleField = row + layout.scales + 2 * group, *minimumField = row + layout.minima + 2 * group;
    store_half(scaleField, scale);
    float step = float_of(scaleField), origin = 0;
    if (step == 0) STORE(scaleField, (uint16_t)0);
    if (format.affine) {
        store_half(minimumField, minimum);
        origin = float_of(minimumField);
    }
    float count = (float)(1 << format.bits), low = format.affine ? 0 : -count / 2, high = low + count - 1;
    // Bytes with a sign are stored as they are.
    u8x16 offset = (u8x16){0} + (unsigned char)(format.affine || format.bits == 8 ? 0 : -low);
    for (size_t i = 0; i < format.length; i += 32) {
        size_t column = group * format.length + i;
        u8x16 first = {0}, second = {0};
        if (step != 0) {
            first = nearest_levels(x + i, origin, step, low, high);
            second = nearest_levels(x + i + 16, origin, step, low, high);
        }
        first += offset;
        second += offset;
        if (format.bits == 8) {
            STORE(row + column, first);
            STORE(row + column + 16, second);
        } else {
            STORE(row + column / 2, (first & 15) | second << 4);
            if (format.bits == 5) STORE(row + layout.fifths + column / 8, fifth_bits(first, second));
        }
    }
}

/// Encodes at most as many rows as there are lanes.
static __attribute__((noinline)) void encode_some_groups(
    vlmc_group_format format, const float *x, const float *importance, size_t columns, size_t rows, uint8_t *output) {
    const group_layout layout = layout_of(format, columns);
    const size_t groups = columns / format.length, count = groups * rows;
    const int n = (int)format.length;
    const float levels = (float)(1 << format.bits);
    float sigma2[VLMC_LANES];
    if (importance) {
        sums_of_squares(x, (int)rows, (int)columns, sigma2);
        for (size_t row = 0; row < rows; row++) sigma2[row] /= (float)columns;
    }
    for (size_t start = 0; start < count; start += VLMC_LANES) {
        int lanes = count - start < VLMC_LANES ? (int)(count - start) : VLMC_LANES;
        vf values[LONGEST_GROUP], w[LONGEST_GROUP], scale, minimum = {0};
        gather_groups(x, start, lanes, n, count, values);
        if (importance) {
            float spread[VLMC_LANES] = {0};
            for (int j = 0; j < lanes; j++) spread[j] = sigma2[(start + (size_t)j) / groups];
            vf sigma = LOAD(vf, spread);
            gather_groups(importance, start, lanes, n, groups, w);
            for (int i = 0; i < n; i++) w[i] *= __builtin_elementwise_sqrt(sigma + values[i] * values[i]);
        }
        // NULL is written out, for the searches to be compiled apart for it.
        if (format.affine) {
            scale = importance ? affine_scales(values, w, n, levels - 1, &minimum)
                               : affine_scales(values, NULL, n, levels - 1, &minimum);
        } else {
            scale = importance ? symmetric_scales(values, w, n, levels / 2)
                               : symmetric_scales(values, NULL, n, levels / 2);
        }
        for (int j = 0; j < lanes; j++) {
            size_t group = start + (size_t)j;
            put_group(
                format, layout, x + group * format.length, group % groups, scale[j], minimum[j],
                output + group / groups * layout.bytes);
        }
    }
}

static void encode_groups(
    vlmc_group_format format, const float *x, const float *importance, size_t columns, size_t rows, void *output) {
    size_t bytes = layout_of(format, columns).bytes;
    for (size_t row = 0; row < rows; row += VLMC_LANES) {
        size_t some = rows - row < VLMC_LANES ? rows - row : VLMC_LANES;
        encode_some_groups(
            format, x + row * columns, importance, columns, some, (uint8_t *)output + row * bytes);
    }
}
