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

static void quantize(const float *x, size_t columns, void *activations) {
    activation_layout layout = activations_of(columns);
    uint8_t *bytes = activations;
    memset(bytes + columns, 0, layout.bytes - columns);
    float *scales = (float *)(bytes + layout.scale), *sums32 = (float *)(bytes + layout.sum32);
    float *sums16 = (float *)(bytes + layout.sum16);
    int32_t *offsets32 = (int32_t *)(bytes + layout.offset32), *offsets16 = (int32_t *)(bytes + layout.offset16);
    for (size_t i = 0; i < columns / 32; i++) {
        f32x16 low = LOAD(f32x16, x + 32 * i), high = LOAD(f32x16, x + 32 * i + 16);
        f32x16 both = __builtin_elementwise_max(__builtin_elementwise_abs(low), __builtin_elementwise_abs(high));
        f32x8 eight = __builtin_elementwise_max(lower8(both), upper8(both));
        f32x4 four = __builtin_elementwise_max(
            __builtin_shufflevector(eight, eight, 0, 1, 2, 3), __builtin_shufflevector(eight, eight, 4, 5, 6, 7));
        float first = four[0] > four[2] ? four[0] : four[2], second = four[1] > four[3] ? four[1] : four[3];
        float largest = first > second ? first : second;
        bool empty = !(largest > VLMC_EMPTY_BLOCK);
        float inverse = empty ? 0 : 127 / largest, scale = empty ? 0 : largest / 127;
        i32x16 lows = __builtin_convertvector(__builtin_elementwise_roundeven(low * inverse), i32x16);
        i32x16 highs = __builtin_convertvector(__builtin_elementwise_roundeven(high * inverse), i32x16);
        STORE(bytes + 32 * i, __builtin_convertvector(lows, i8x16));
        STORE(bytes + 32 * i + 16, __builtin_convertvector(highs, i8x16));
        int32_t lower = __builtin_reduce_add(lows), upper = __builtin_reduce_add(highs);
        scales[i] = scale;
        sums16[2 * i] = scale * (float)lower;
        sums16[2 * i + 1] = scale * (float)upper;
        sums32[i] = scale * (float)(lower + upper);
        offsets16[2 * i] = -128 * lower;
        offsets16[2 * i + 1] = -128 * upper;
        offsets32[i] = -128 * (lower + upper);
    }
}
