// The rows of a panel by rows of activations, some of which keep their sums in registers. Included by fast_panel.h only.

/// The integer part of a tile, for the `width` columns that share a scale.
#if FAST_MMLA
INLINE void integer_tile(
    int R, size_t width, const uint8_t *panel, const uint8_t *q, const uint8_t *offset, size_t stride,
    vi (*products)[PANEL_VECTORS]) {
    (void)offset;
    // Of two rows of activations by two of weights: the first by both, then the second by both.
    vi squares[TILE_ROWS / 2][PANEL_ROWS / 2];
    int pairs = (R + 1) / 2;
    UNROLLED
    for (int a = 0; a < pairs; a++) {
        UNROLLED
        for (int w = 0; w < PANEL_ROWS / 2; w++) squares[a][w] = (vi){0};
    }
    UNROLLED
    for (size_t k = 0; k < width / 8; k++) {
        vb levels[PANEL_ROWS / 2];
        UNROLLED
        for (int w = 0; w < PANEL_ROWS / 2; w++) {
            levels[w] = LOAD(vb, panel + 8 * k * PANEL_ROWS + (size_t)w * sizeof(vb));
        }
        UNROLLED
        for (int a = 0; a < pairs; a++) {
            const uint8_t *first = q + (size_t)(2 * a) * stride + 8 * k;
            // A single row is its own partner.
            const uint8_t *second = 2 * a + 1 < R ? first + stride : first;
            int8x16_t both = vcombine_s8(vld1_s8((const int8_t *)first), vld1_s8((const int8_t *)second));
            UNROLLED
            for (int w = 0; w < PANEL_ROWS / 2; w++) {
                squares[a][w] = (vi)vmmlaq_s32((int32x4_t)squares[a][w], both, (int8x16_t)levels[w]);
            }
        }
    }
    UNROLLED
    for (int a = 0; a < pairs; a++) {
        UNROLLED
        for (int p = 0; p < PANEL_VECTORS; p++) {
            vi left = squares[a][2 * p], right = squares[a][2 * p + 1];
            products[2 * a][p] = __builtin_shufflevector(left, right, 0, 1, 4, 5);
            if (2 * a + 1 < R) products[2 * a + 1][p] = __builtin_shufflevector(left, right, 2, 3, 6, 7);
        }
    }
}
#else
INLINE void integer_tile(
    int R, size_t width, const uint8_t *panel, const uint8_t *q, const uint8_t *offset, size_t stride,
    vi (*products)[PANEL_VECTORS]) {
    UNROLLED
    for (int r = 0; r < R; r++) {
        vi start = VNNI ? splat_int(offset + (size_t)r * stride) : (vi){0};
        UNROLLED
        for (int p = 0; p < PANEL_VECTORS; p++) products[r][p] = start;
    }
    UNROLLED
    for (size_t k = 0; k < width / 4; k++) {
        vb levels[PANEL_VECTORS];
        UNROLLED
        for (int p = 0; p < PANEL_VECTORS; p++) {
            levels[p] = LOAD(vb, panel + 4 * k * PANEL_ROWS + (size_t)p * sizeof(vb));
            if (VNNI && !PANEL_OFFSET) levels[p] ^= 128;
        }
        UNROLLED
        for (int r = 0; r < R; r++) {
            vi four = splat_int(q + (size_t)r * stride + 4 * k);
            UNROLLED
            for (int p = 0; p < PANEL_VECTORS; p++) products[r][p] = dot_lanes(products[r][p], levels[p], four);
        }
    }
}
#endif

/// A tile: all rows of a panel by R rows of activations, whose sums stay in registers.
INLINE void tile(
    bool of16, bool affine, int R, const uint8_t *panel, size_t n, size_t columns, const uint8_t *activations,
    size_t stride, float *y, size_t y_stride) {
    activation_layout layout = activations_of(columns);
    size_t step = panel_step(of16, affine), width = of16 ? 16 : 32, parts = columns / width;
    size_t offsets = of16 ? layout.offset16 : layout.offset32, sumsAt = of16 ? layout.sum16 : layout.sum32;
    vf sums[TILE_ROWS][PANEL_VECTORS];
    UNROLLED
    for (int r = 0; r < R; r++) {
        UNROLLED
        for (int p = 0; p < PANEL_VECTORS; p++) sums[r][p] = (vf){0};
    }
    for (size_t part = 0; part < parts; part++, panel += step) {
        const uint8_t *place = activations + 4 * part;
        vi products[TILE_ROWS][PANEL_VECTORS];
        integer_tile(R, width, panel, activations + width * part, place + offsets, stride, products);
        const float *grid = (const float *)(panel + width * PANEL_ROWS);
        UNROLLED
        for (int r = 0; r < R; r++) {
            float scale = LOAD(float, activations + (size_t)r * stride + layout.scale + 4 * (of16 ? part / 2 : part));
            UNROLLED
            for (int p = 0; p < PANEL_VECTORS; p++) {
                vf factor = LOAD(vf, grid + p * VLMC_LANES) * scale;
                sums[r][p] += __builtin_convertvector(products[r][p], vf) * factor;
                if (affine) {
                    sums[r][p] += LOAD(vf, grid + PANEL_ROWS + p * VLMC_LANES) *
                                  LOAD(float, place + (size_t)r * stride + sumsAt);
                }
            }
        }
    }
    UNROLLED
    for (int r = 0; r < R; r++) {
        float *target = y + (size_t)r * y_stride;
        if (n == PANEL_ROWS) {
            UNROLLED
            for (int p = 0; p < PANEL_VECTORS; p++) STORE(target + p * VLMC_LANES, sums[r][p]);
        } else {
            memcpy(target, sums[r], sizeof(float) * n);
        }
    }
}

/// All rows of a panel by rows of activations.
INLINE void multiply_in_registers(
    bool of16, bool affine, const uint8_t *panel, size_t n, size_t columns, const uint8_t *activations, size_t stride,
    size_t count, float *y, size_t y_stride) {
    size_t a = 0;
    for (; a + TILE_ROWS <= count; a += TILE_ROWS) {
        tile(of16, affine, TILE_ROWS, panel, n, columns, activations + a * stride, stride, y + a * y_stride, y_stride);
    }
    for (; a + 2 <= count; a += 2) {
        tile(of16, affine, 2, panel, n, columns, activations + a * stride, stride, y + a * y_stride, y_stride);
    }
    if (a < count) {
        tile(of16, affine, 1, panel, n, columns, activations + a * stride, stride, y + a * y_stride, y_stride);
    }
}
