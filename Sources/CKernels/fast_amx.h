// The rows of a panel by rows of activations with AMX's tile registers, which multiply 16 rows by 16 in one step (Intel,
// "Intel Architecture Instruction Set Extensions Programming Reference", chapter on AMX). Included by fast_panel.h only.
//
// A panel's levels lie as a tile register of weights wants them: four bytes of each of 16 rows to a line. One step
// covers the columns that share a scale; its integers go through the first cache to become floats, while the next steps
// run. Sums have the order, and so the bits, of fast_products.h.

enum { AMX_ROWS = 16, AMX_SUMS = 4 };

/// Integers of a part: those of a row of activations side by side.
typedef int32_t amx_products[AMX_ROWS][VLMC_LANES] __attribute__((aligned(64)));

/// Registers 0 to 3 are for sums, 4 and 5 for activations, 6 and 7 for weights.
INLINE void configure_tiles(size_t width) {
    struct {
        uint8_t palette, start, reserved[14];
        uint16_t bytes[16];
        uint8_t rows[16];
    } __attribute__((aligned(64))) shape = {.palette = 1};
    for (int i = 0; i < 8; i++) {
        bool isWeights = i >= 6;
        shape.rows[i] = (uint8_t)(isWeights ? width / 4 : AMX_ROWS);
        shape.bytes[i] = (uint16_t)(i < 4 || isWeights ? 64 : width);
    }
    _tile_loadconfig(&shape);
}

#define AMX_START(sum, left, right)           \
    _tile_zero(sum);                          \
    _tile_loadd(left, q, stride);             \
    _tile_loadd(right, panel, 4 * PANEL_ROWS); \
    _tile_dpbssd(sum, left, right)

/// Begins the products of a part in register `t`.
INLINE void amx_start(int t, const uint8_t *panel, const uint8_t *q, size_t stride) {
    switch (t) {
    case 0: AMX_START(0, 4, 6); break;
    case 1: AMX_START(1, 5, 7); break;
    case 2: AMX_START(2, 4, 6); break;
    default: AMX_START(3, 5, 7); break;
    }
}

/// Waits for the products in register `t`.
INLINE void amx_finish(int t, amx_products products) {
    switch (t) {
    case 0: _tile_stored(0, products, sizeof *products); break;
    case 1: _tile_stored(1, products, sizeof *products); break;
    case 2: _tile_stored(2, products, sizeof *products); break;
    default: _tile_stored(3, products, sizeof *products); break;
    }
}

/// Of row `r`: four rows are reached from one pointer.
INLINE float row_float(const uint8_t *first, size_t stride, size_t r) {
    return LOAD(float, first + r / 4 * (4 * stride) + r % 4 * stride);
}

/// What a tile is computed from.
typedef struct amx_operands {
    bool of16, affine;
    const uint8_t *panel, *activations;
    activation_layout layout;
    size_t stride;
} amx_operands;

/// Adds the integers of a part to the sums of each row.
INLINE void amx_add(amx_operands o, size_t part, int p, const amx_products products, vf *sums) {
    size_t width = o.of16 ? 16 : 32;
    const float *grid =
        (const float *)(o.panel + part * panel_step(o.of16, o.affine) + width * PANEL_ROWS) + p * VLMC_LANES;
    vf scale = LOAD(vf, grid), minimum = o.affine ? LOAD(vf, grid + PANEL_ROWS) : (vf){0};
    const uint8_t *scales = o.activations + o.layout.scale + 4 * (o.of16 ? part / 2 : part);
    const uint8_t *ofLevels = o.activations + (o.of16 ? o.layout.sum16 : o.layout.sum32) + 4 * part;
    UNROLLED
    for (size_t r = 0; r < AMX_ROWS; r++) {
        vf factor = scale * row_float(scales, o.stride, r);
        sums[r] += __builtin_convertvector(LOAD(vi, products[r]), vf) * factor;
        if (o.affine) sums[r] += minimum * row_float(ofLevels, o.stride, r);
    }
}

/// `n` rows of weights, 16 at most, which begin with register `p` of a panel's, by 16 rows of activations.
///
/// While a part's integers become floats, those of the next ones are on their way: a register is emptied just before it
/// is used again, and its integers are read one part later.
INLINE void amx_tile(amx_operands o, int p, size_t n, size_t columns, float *y, size_t y_stride) {
    size_t step = panel_step(o.of16, o.affine), width = o.of16 ? 16 : 32, parts = columns / width;
    const uint8_t *levels = o.panel + (size_t)p * sizeof(vb);
    amx_products products[2];
    vf sums[AMX_ROWS];
    UNROLLED
    for (int r = 0; r < AMX_ROWS; r++) sums[r] = (vf){0};
    UNROLLED
    for (int t = 0; t < AMX_SUMS; t++) {
        size_t part = (size_t)t;
        if (part < parts) amx_start(t, levels + part * step, o.activations + part * width, o.stride);
    }
    for (size_t first = 0; first < parts; first += AMX_SUMS) {
        UNROLLED
        for (int t = 0; t < AMX_SUMS; t++) {
            size_t part = first + (size_t)t, next = part + AMX_SUMS;
            if (part < parts) amx_finish(t, products[t % 2]);
            if (next < parts) amx_start(t, levels + next * step, o.activations + next * width, o.stride);
            if (part > 0 && part <= parts) amx_add(o, part - 1, p, products[(t + 1) % 2], sums);
        }
    }
    if (parts % AMX_SUMS == 0) amx_add(o, parts - 1, p, products[1], sums);
    __mmask16 there = n < VLMC_LANES ? (__mmask16)((1u << n) - 1) : 0xFFFF;
    UNROLLED
    for (int r = 0; r < AMX_ROWS; r++) _mm512_mask_storeu_ps(y + (size_t)r * y_stride, there, (__m512)sums[r]);
}

/// All rows of a panel by rows of activations, as many as whole tiles have.
/// Returns how many.
INLINE size_t multiply_in_tiles(
    bool of16, bool affine, const uint8_t *panel, size_t n, size_t columns, const uint8_t *activations, size_t stride,
    size_t count, float *y, size_t y_stride) {
    amx_operands o = {of16, affine, panel, activations, activations_of(columns), stride};
    size_t whole = count / AMX_ROWS * AMX_ROWS;
    if (whole == 0) return 0;
    configure_tiles(of16 ? 16 : 32);
    for (int p = 0; p < PANEL_VECTORS && (size_t)p * VLMC_LANES < n; p++) {
        size_t at = (size_t)p * VLMC_LANES;
        for (size_t a = 0; a < whole; a += AMX_ROWS) {
            o.activations = activations + a * stride;
            amx_tile(o, p, n - at, columns, y + a * y_stride + at, y_stride);
        }
    }
    // The system need not save empty registers.
    _tile_release();
    return whole;
}
