// Products of plain numbers (F32, F16, BF16) with floats. Included by fast_kernels.h only.

INLINE vf numbers_at(int kind, const uint8_t *bytes, size_t i) {
    if (kind == VLMC_F32) return LOAD(vf, bytes + 4 * i);
    if (kind == VLMC_F16) return __builtin_convertvector(LOAD(f16xf, bytes + 2 * i), vf);
    return (vf)(__builtin_convertvector(LOAD(u16xf, bytes + 2 * i), vu) << 16);
}

/// The first `count` of a register of numbers, zeros after them.
INLINE vf some_numbers(int kind, const uint8_t *bytes, size_t i, size_t count) {
    size_t size = kind == VLMC_F32 ? 4 : 2;
    uint8_t some[4 * VLMC_LANES] = {0};
    memcpy(some, bytes + size * i, size * count);
    return numbers_at(kind, some, 0);
}

INLINE void gemv_numbers_of(
    int kind, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns, const uint8_t *activations,
    size_t stride, size_t count, float *y, size_t y_stride) {
    for (size_t a = 0; a < count; a++) {
        const float *x = (const float *)(activations + a * stride);
        for (size_t i = 0; i < n; i++) {
            const uint8_t *bytes = rows + i * row_bytes;
            vf sums[4] = {0};
            size_t k = 0;
            for (; k + 4 * VLMC_LANES <= columns; k += 4 * VLMC_LANES) {
                __builtin_prefetch(bytes + (kind == VLMC_F32 ? 4 : 2) * k + AHEAD);
                for (size_t part = 0; part < 4; part++) {
                    size_t at = k + part * VLMC_LANES;
                    sums[part] += numbers_at(kind, bytes, at) * LOAD(vf, x + at);
                }
            }
            for (; k + VLMC_LANES <= columns; k += VLMC_LANES) sums[0] += numbers_at(kind, bytes, k) * LOAD(vf, x + k);
            if (k < columns) sums[1] += some_numbers(kind, bytes, k, columns - k) * load_some(x + k, columns - k);
            y[a * y_stride + i] = sum_lanes((sums[0] + sums[1]) + (sums[2] + sums[3]));
        }
    }
}

static void gemv_numbers(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, const void *activations,
    size_t stride, size_t count, float *y, size_t y_stride) {
    if (format == VLMC_F32) {
        gemv_numbers_of(VLMC_F32, rows, row_bytes, n, columns, activations, stride, count, y, y_stride);
    } else if (format == VLMC_F16) {
        gemv_numbers_of(VLMC_F16, rows, row_bytes, n, columns, activations, stride, count, y, y_stride);
    } else {
        gemv_numbers_of(VLMC_BF16, rows, row_bytes, n, columns, activations, stride, count, y, y_stride);
    }
}

enum { NUMBER_ROWS = NUMBER_VECTORS * VLMC_LANES };

// A panel holds, for each column, a float of every row.

INLINE void unpack_numbers_of(
    int kind, const uint8_t *rows, size_t row_bytes, size_t n, size_t columns, float *panel) {
    float block[NUMBER_ROWS][VLMC_LANES + 16];
    memset(block, 0, sizeof block);
    for (size_t k = 0; k < columns; k += VLMC_LANES) {
        size_t width = columns - k < VLMC_LANES ? columns - k : VLMC_LANES;
        for (size_t i = 0; i < n; i++) {
            const uint8_t *bytes = rows + i * row_bytes;
            vf v = width == VLMC_LANES ? numbers_at(kind, bytes, k) : some_numbers(kind, bytes, k, width);
            STORE(block[i], v);
        }
        for (size_t c = 0; c < width; c++) {
            float *target = panel + (k + c) * NUMBER_ROWS;
            if (width < VLMC_LANES) {
                for (size_t i = 0; i < NUMBER_ROWS; i++) target[i] = block[i][c];
            } else if (c % 4 == 0) {
                for (size_t i = 0; i < NUMBER_ROWS; i += 4) {
                    f32x4 a = LOAD(f32x4, &block[i][c]), b = LOAD(f32x4, &block[i + 1][c]);
                    f32x4 d = LOAD(f32x4, &block[i + 2][c]), e = LOAD(f32x4, &block[i + 3][c]);
                    f32x4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), de = __builtin_shufflevector(d, e, 0, 4, 1, 5);
                    f32x4 abHigh = __builtin_shufflevector(a, b, 2, 6, 3, 7);
                    f32x4 deHigh = __builtin_shufflevector(d, e, 2, 6, 3, 7);
                    STORE(target + i, __builtin_shufflevector(ab, de, 0, 1, 4, 5));
                    STORE(target + NUMBER_ROWS + i, __builtin_shufflevector(ab, de, 2, 3, 6, 7));
                    STORE(target + 2 * NUMBER_ROWS + i, __builtin_shufflevector(abHigh, deHigh, 0, 1, 4, 5));
                    STORE(target + 3 * NUMBER_ROWS + i, __builtin_shufflevector(abHigh, deHigh, 2, 3, 6, 7));
                }
            }
        }
    }
}

static void unpack_numbers(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, void *panel) {
    if (format == VLMC_F32) {
        unpack_numbers_of(VLMC_F32, rows, row_bytes, n, columns, panel);
    } else if (format == VLMC_F16) {
        unpack_numbers_of(VLMC_F16, rows, row_bytes, n, columns, panel);
    } else {
        unpack_numbers_of(VLMC_BF16, rows, row_bytes, n, columns, panel);
    }
}

/// c[r * c_step ...] (+)= sum over k of a[r * a_step + k] * b[k * b_step ...], for R rows and V registers.
INLINE void float_tile(
    int R, int V, bool add, size_t length, const float *a, size_t a_step, const float *b, size_t b_step, float *c,
    size_t c_step) {
    vf sums[NUMBER_TILE][NUMBER_VECTORS];
    UNROLLED
    for (int r = 0; r < R; r++) {
        UNROLLED
        for (int v = 0; v < V; v++) {
            sums[r][v] = add ? LOAD(vf, c + (size_t)r * c_step + v * VLMC_LANES) : (vf){0};
        }
    }
    for (size_t k = 0; k < length; k++) {
        vf right[NUMBER_VECTORS];
        UNROLLED
        for (int v = 0; v < V; v++) right[v] = LOAD(vf, b + k * b_step + v * VLMC_LANES);
        UNROLLED
        for (int r = 0; r < R; r++) {
            float left = a[(size_t)r * a_step + k];
            UNROLLED
            for (int v = 0; v < V; v++) sums[r][v] += right[v] * left;
        }
    }
    UNROLLED
    for (int r = 0; r < R; r++) {
        UNROLLED
        for (int v = 0; v < V; v++) STORE(c + (size_t)r * c_step + v * VLMC_LANES, sums[r][v]);
    }
}

INLINE void number_tile(
    int R, const float *panel, size_t n, size_t columns, const float *x, size_t step, float *y, size_t y_stride) {
    if (n == NUMBER_ROWS) {
        float_tile(R, NUMBER_VECTORS, false, columns, x, step, panel, NUMBER_ROWS, y, y_stride);
        return;
    }
    float some[NUMBER_TILE][NUMBER_ROWS];
    float_tile(R, NUMBER_VECTORS, false, columns, x, step, panel, NUMBER_ROWS, some[0], NUMBER_ROWS);
    for (int r = 0; r < R; r++) memcpy(y + (size_t)r * y_stride, some[r], sizeof(float) * n);
}

static void multiply_numbers(
    uint32_t format, const void *panel, size_t n, size_t columns, const void *activations, size_t stride,
    size_t count, float *y, size_t y_stride) {
    (void)format;
    const uint8_t *x = activations;
    size_t a = 0, step = stride / sizeof(float);
    for (; a + NUMBER_TILE <= count; a += NUMBER_TILE) {
        number_tile(NUMBER_TILE, panel, n, columns, (const float *)(x + a * stride), step, y + a * y_stride, y_stride);
    }
    for (; a + 4 <= count; a += 4) {
        number_tile(4, panel, n, columns, (const float *)(x + a * stride), step, y + a * y_stride, y_stride);
    }
    for (; a < count; a++) {
        number_tile(1, panel, n, columns, (const float *)(x + a * stride), step, y + a * y_stride, y_stride);
    }
}
