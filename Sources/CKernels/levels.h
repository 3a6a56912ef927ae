// Levels from scales, row by row. Included by all_kernels.h only.

/// Level - low of 16 elements: clip(ni((x + minimum) / scale), low, high).
INLINE u8x16 divided(const float *x, float minimum, float scale, float low, float high) {
    f32x16 value = (LOAD(f32x16, x) + minimum) / scale;
    f32x16 rounded = LEVEL(f32x16, i32x16, value, low, high) - low;
    return __builtin_convertvector(__builtin_convertvector(rounded, i32x16), u8x16);
}

/// Level - low of 16 elements: clip(ni((x - origin) * inverse), low, high).
INLINE u8x16 multiplied(const float *x, float origin, float inverse, float low, float high) {
    f32x16 value = (LOAD(f32x16, x) - origin) * inverse;
    f32x16 rounded = LEVEL(f32x16, i32x16, value, low, high) - low;
    return __builtin_convertvector(__builtin_convertvector(rounded, i32x16), u8x16);
}

/// The index of the value of IQ4's curve that is nearest to x * inverse, for 16 elements.
INLINE u8x16 indexed(const float *x, float inverse) {
    f32x16 value = LOAD(f32x16, x) * inverse;
    i32x16 index = (i32x16){0} + 15;
    for (int u = 0; u < 15; u++) index += value < curve_middle[u] - (f32x16){0};
    return __builtin_convertvector(index, u8x16);
}

/// The value of largest magnitude among n, the first of equals.
INLINE float peak_of(const float *x, int n) {
    float most = 0, value = 0;
    for (int i = 0; i < n; i++) {
        float candidate = __builtin_fabsf(x[i]);
        if (candidate > most) {
            most = candidate;
            value = x[i];
        }
    }
    return value;
}

INLINE float largest_of(const float *x, int n) {
    float value = 0;
    for (int i = 0; i < n; i++) value = x[i] > value ? x[i] : value;
    return value;
}
