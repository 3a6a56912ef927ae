// How far decoded values lie from their source. Included by all_kernels.h only. Twin: Quantization/ErrorFigures.swift.

/// Adds eight elements to the lanes of the sums.
INLINE void add_errors(const float *reference, const float *values, f64x8 *error, f64x8 *square, f64x8 *largest) {
    f64x8 source = __builtin_convertvector(LOAD(f32x8, reference), f64x8);
    f64x8 difference = __builtin_convertvector(LOAD(f32x8, values), f64x8) - source;
    f64x8 size = (f64x8)((i64x8)difference & INT64_MAX);
    *error += difference * difference;
    *square += source * source;
    *largest = MAX(*largest, size);
}

static void error_of_row(const float *reference, const float *values, size_t columns, vlmc_error *figures) {
    f64x8 error = {0}, square = {0}, largest = {0};
    size_t i = 0;
    for (; i + 8 <= columns; i += 8) add_errors(reference + i, values + i, &error, &square, &largest);
    if (i < columns) {
        // What is padded with zeros on both sides adds nothing.
        float lastReference[8] = {0}, lastValues[8] = {0};
        memcpy(lastReference, reference + i, sizeof(float) * (columns - i));
        memcpy(lastValues, values + i, sizeof(float) * (columns - i));
        add_errors(lastReference, lastValues, &error, &square, &largest);
    }
    *figures = (vlmc_error){0};
    for (int lane = 0; lane < 8; lane++) {
        figures->squared_error += error[lane];
        figures->squared_reference += square[lane];
        if (largest[lane] > figures->largest) figures->largest = largest[lane];
    }
    // A maximum may lose NaN; a sum of squares is NaN if and only if a difference was.
    if (figures->squared_error != figures->squared_error) figures->largest = figures->squared_error;
}
