// What a graph does to rows of floats between products. Included by fast_kernels.h only. Tails go through the same
// vector functions, so that a value's image does not depend on where it stands.

/// y = expression of `v` (a register of x at `i`) for all n elements; `i` may be used to load from other rows by AT.
#define MAP(n, y, expression)                                   \
    do {                                                        \
        size_t i = 0, some = VLMC_LANES;                        \
        for (; i + VLMC_LANES <= (n); i += VLMC_LANES) {        \
            STORE((y) + i, (expression));                       \
        }                                                       \
        if (i < (n)) {                                          \
            some = (n) - i;                                     \
            vf last = (expression);                             \
            memcpy((y) + i, &last, sizeof(float) * some);       \
        }                                                       \
    } while (0)

#define AT(x) (some == VLMC_LANES ? LOAD(vf, (x) + i) : load_some((x) + i, some))

INLINE void apply_one(vlmc_function function, const float *x, size_t n, float *y) {
    MAP(n, y, value_of(function, AT(x)));
}

static void apply(vlmc_function function, const float *x, size_t n, float *y) {
    switch (function) {
    case VLMC_GELU: apply_one(VLMC_GELU, x, n, y); break;
    case VLMC_QUICK_GELU: apply_one(VLMC_QUICK_GELU, x, n, y); break;
    case VLMC_SILU: apply_one(VLMC_SILU, x, n, y); break;
    case VLMC_HARD_SWISH: apply_one(VLMC_HARD_SWISH, x, n, y); break;
    case VLMC_HARD_SIGMOID: apply_one(VLMC_HARD_SIGMOID, x, n, y); break;
    case VLMC_RELU: apply_one(VLMC_RELU, x, n, y); break;
    }
}

static void swiglu(const float *gate, const float *up, size_t n, float *y) {
    MAP(n, y, value_of(VLMC_SILU, AT(gate)) * AT(up));
}

static void add(const float *x, size_t n, float *y) { MAP(n, y, AT(y) + AT(x)); }

static void scale(const float *x, size_t n, float *y) { MAP(n, y, AT(y) * AT(x)); }

static void add_bias(
    const float *bias, const vlmc_function *function, size_t rows, size_t n, float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++) {
        add(bias, n, y + row * y_stride);
        if (function) apply(*function, y + row * y_stride, n, y + row * y_stride);
    }
}

/// The sum over a row of (x - origin) to the first or second power.
INLINE float sum_of(const float *x, size_t n, float origin, bool squared) {
    vf sums[4] = {0};
    size_t i = 0;
    for (; i + 4 * VLMC_LANES <= n; i += 4 * VLMC_LANES) {
        for (size_t part = 0; part < 4; part++) {
            vf v = LOAD(vf, x + i + part * VLMC_LANES) - origin;
            sums[part] += squared ? v * v : v;
        }
    }
    for (; i + VLMC_LANES <= n; i += VLMC_LANES) {
        vf v = LOAD(vf, x + i) - origin;
        sums[0] += squared ? v * v : v;
    }
    float rest = 0;
    for (; i < n; i++) rest += squared ? (x[i] - origin) * (x[i] - origin) : x[i] - origin;
    return sum_lanes((sums[0] + sums[1]) + (sums[2] + sums[3])) + rest;
}

static void rms_norm(const float *x, const float *weight, float epsilon, size_t n, float *y) {
    float factor = 1 / __builtin_sqrtf(sum_of(x, n, 0, true) / (float)n + epsilon);
    MAP(n, y, AT(x) * factor * AT(weight));
}

static void layer_norm(
    const float *x, const float *weight, const float *bias, float epsilon, size_t n, float *y) {
    float mean = sum_of(x, n, 0, false) / (float)n;
    float factor = 1 / __builtin_sqrtf(sum_of(x, n, mean, true) / (float)n + epsilon);
    MAP(n, y, (AT(x) - mean) * factor * AT(weight) + AT(bias));
}

/// Pairs of channels; `half` is half a head.
static void rotate(float *x, size_t heads, size_t head, const float *cosines, const float *sines, bool neighbours) {
    size_t half = head / 2;
    for (size_t h = 0; h < heads; h++, x += head) {
        size_t i = 0;
        if (!neighbours) {
            for (; i + VLMC_LANES <= half; i += VLMC_LANES) {
                vf a = LOAD(vf, x + i), b = LOAD(vf, x + half + i);
                vf cosine = LOAD(vf, cosines + i), sine = LOAD(vf, sines + i);
                STORE(x + i, a * cosine - b * sine);
                STORE(x + half + i, b * cosine + a * sine);
            }
        } else {
            for (; i + 4 <= half; i += 4) {
                f32x4 first = LOAD(f32x4, x + 2 * i), second = LOAD(f32x4, x + 2 * i + 4);
                f32x4 a = __builtin_shufflevector(first, second, 0, 2, 4, 6);
                f32x4 b = __builtin_shufflevector(first, second, 1, 3, 5, 7);
                f32x4 cosine = LOAD(f32x4, cosines + i), sine = LOAD(f32x4, sines + i);
                f32x4 c = a * cosine - b * sine, d = b * cosine + a * sine;
                STORE(x + 2 * i, __builtin_shufflevector(c, d, 0, 4, 1, 5));
                STORE(x + 2 * i + 4, __builtin_shufflevector(c, d, 2, 6, 3, 7));
            }
        }
        for (; i < half; i++) {
            float *left = x + (neighbours ? 2 * i : i), *right = neighbours ? left + 1 : left + half;
            float a = *left, b = *right;
            *left = a * cosines[i] - b * sines[i];
            *right = b * cosines[i] + a * sines[i];
        }
    }
}

static void depthwise(
    const float *x, size_t height, size_t width, size_t channels, const float *weight, const float *bias,
    size_t step, size_t line, float *y) {
    for (size_t column = 0; column < (width + step - 1) / step; column++, y += channels) {
        // Cells outside of the picture are zeros.
        const float *cells[9];
        for (size_t c = 0; c < 9; c++) {
            size_t row = line * step + c / 3, place = column * step + c % 3;
            bool inside = row >= 1 && row <= height && place >= 1 && place <= width;
            cells[c] = inside ? x + ((row - 1) * width + place - 1) * channels : NULL;
        }
        for (size_t i = 0; i < channels; i += VLMC_LANES) {
            size_t some = channels - i < VLMC_LANES ? channels - i : VLMC_LANES;
            vf sum = bias ? AT(bias) : (vf){0};
            for (size_t c = 0; c < 9; c++) {
                if (cells[c]) sum += AT(cells[c]) * AT(weight + c * channels);
            }
            memcpy(y + i, &sum, sizeof(float) * some);
        }
    }
}

static void to_half(const float *x, size_t n, uint16_t *y) {
    size_t i = 0;
    for (; i + VLMC_LANES <= n; i += VLMC_LANES) STORE(y + i, __builtin_convertvector(LOAD(vf, x + i), f16xf));
    for (; i < n; i++) y[i] = half_of(x[i]);
}

/// The largest magnitudes of four blocks of 32 floats each, `step` floats apart.
INLINE f32x4 largest_of_blocks(const float *x, size_t step) {
    f32x4 four[4];
    UNROLLED
    for (int b = 0; b < 4; b++) {
        f32x16 low = LOAD(f32x16, x + (size_t)b * step), high = LOAD(f32x16, x + (size_t)b * step + 16);
        low = (f32x16)((i32x16)low & 0x7FFFFFFF);
        high = (f32x16)((i32x16)high & 0x7FFFFFFF);
        f32x16 both = MAX(low, high);
        f32x8 lower = lower8(both), upper = upper8(both);
        f32x8 eight = MAX(lower, upper);
        f32x4 left = __builtin_shufflevector(eight, eight, 0, 1, 2, 3);
        f32x4 right = __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
        four[b] = MAX(left, right);
    }
    f32x4 a = __builtin_shufflevector(four[0], four[1], 0, 4, 1, 5), b = __builtin_shufflevector(four[0], four[1], 2, 6, 3, 7);
    f32x4 c = __builtin_shufflevector(four[2], four[3], 0, 4, 1, 5), d = __builtin_shufflevector(four[2], four[3], 2, 6, 3, 7);
    f32x4 ab = MAX(a, b), cd = MAX(c, d);
    f32x4 even = __builtin_shufflevector(ab, cd, 0, 1, 4, 5), odd = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    return MAX(even, odd);
}

/// Rounds 16 floats to levels.
INLINE i8x16 levels_of_16(const float *x, float inverse) {
    f32x16 scaled = LOAD(f32x16, x) * inverse;
    return __builtin_convertvector(__builtin_convertvector(ROUND_EVEN(scaled), i32x16), i8x16);
}

/// Rounds eight blocks, the first `some` of them to be stored from block `i` on.
INLINE void quantize_blocks(const float *x, size_t i, size_t some, uint8_t *bytes, activation_layout layout) {
    f32x4 low = largest_of_blocks(x, 32), high = largest_of_blocks(x + 128, 32);
    f32x8 largest = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7), zero = {0};
    i32x8 full = largest > VLMC_EMPTY_BLOCK - zero;
    f32x8 inverse = SELECT(full, 127 / largest, zero), scale = SELECT(full, largest / 127, zero);
    i32x8 halves[2];
    UNROLLED
    for (int part = 0; part < 2; part++) {
        i32x8 fours[4];
        UNROLLED
        for (int b = 0; b < 4; b++) {
            int block = 4 * part + b;
            i8x16 first = levels_of_16(x + 32 * block, inverse[block]);
            i8x16 second = levels_of_16(x + 32 * block + 16, inverse[block]);
            i8x32 levels = __builtin_shufflevector(
                first, second, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
                25, 26, 27, 28, 29, 30, 31);
            if ((size_t)block < some) STORE(bytes + 32 * (i + (size_t)block), levels);
            fours[b] = dot32((u8x32){0} + 1, levels, true);
        }
        // Lanes 0 to 3 belong to the first half of a block, lanes 4 to 7 to the second.
        i32x8 a = __builtin_shufflevector(fours[0], fours[1], 0, 8, 2, 10, 4, 12, 6, 14) +
                  __builtin_shufflevector(fours[0], fours[1], 1, 9, 3, 11, 5, 13, 7, 15);
        i32x8 b = __builtin_shufflevector(fours[2], fours[3], 0, 8, 2, 10, 4, 12, 6, 14) +
                  __builtin_shufflevector(fours[2], fours[3], 1, 9, 3, 11, 5, 13, 7, 15);
        halves[part] = __builtin_shufflevector(a, b, 0, 4, 1, 5, 8, 12, 9, 13) +
                       __builtin_shufflevector(a, b, 2, 6, 3, 7, 10, 14, 11, 15);
    }
    i32x8 of32 = __builtin_shufflevector(halves[0], halves[1], 0, 2, 4, 6, 8, 10, 12, 14) +
                 __builtin_shufflevector(halves[0], halves[1], 1, 3, 5, 7, 9, 11, 13, 15);
    STORE(bytes + layout.scale + 4 * i, scale);
    STORE(bytes + layout.sum32 + 4 * i, scale * __builtin_convertvector(of32, f32x8));
    STORE(bytes + layout.offset32 + 4 * i, of32 * -128);
    UNROLLED
    for (size_t part = 0; part < 2; part++) {
        f32x8 each = part == 0 ? __builtin_shufflevector(scale, scale, 0, 0, 1, 1, 2, 2, 3, 3)
                               : __builtin_shufflevector(scale, scale, 4, 4, 5, 5, 6, 6, 7, 7);
        STORE(bytes + layout.offset16 + 8 * i + 32 * part, halves[part] * -128);
        STORE(bytes + layout.sum16 + 8 * i + 32 * part, each * __builtin_convertvector(halves[part], f32x8));
    }
}

static void quantize(const float *x, size_t columns, void *activations) {
    activation_layout layout = activations_of(columns);
    uint8_t *bytes = activations;
    size_t i = 0, padded = layout.scale;
    memset(bytes + columns, 0, padded - columns);
    memset(bytes + layout.offset16 + padded / 4, 0, layout.bytes - layout.offset16 - padded / 4);
    for (; 32 * i + CHUNK_COLUMNS <= columns; i += 8) quantize_blocks(x + 32 * i, i, 8, bytes, layout);
    if (32 * i < columns) {
        // Blocks of zeros after the last: what belongs to them is 0.
        float last[CHUNK_COLUMNS] = {0};
        memcpy(last, x + 32 * i, sizeof(float) * (columns - 32 * i));
        quantize_blocks(last, i, (columns - 32 * i) / 32, bytes, layout);
    }
}
