// The fast arithmetic: products of encoded weights with activations rounded to 8 bits, and what a graph needs around
// them. CKernels.h includes this file; docs/kernels.md says how the kernels work.
//
// Rules, besides those of CKernels.h:
//   - A value depends on its own inputs only: not on how many rows are computed together, nor on which thread does it.
//     Where there are two ways (`gemv` and `multiply`; few or many queries of attention) they may round differently.
//   - Integer sums are exact. Float sums run in lanes; each instruction set has a fixed order of its own.
//   - Inputs are finite. Pointers to floats are aligned to 4 bytes; activations and panels to 64.
#pragma once

/// Formats of weights: ggml's numbers, or VLMC_GROUPS + 9 * affine + 3 * {4, 5, 8 bits: 0, 1, 2} + {32, 64, 128: 0, 1, 2}.
enum {
    VLMC_GROUPS = 0x100,
    VLMC_GROUPS_END = 0x112,
    /// Added to a format: rows lie in tiles (formats/quantized-blocks.md), `tile_rows` of them in each.
    VLMC_TILED = 0x1000,
};

/// Activations of one row, rounded to 8 bits in blocks of 32: `columns` is a multiple of 32. With P = columns, rounded up
/// to a multiple of 256, and n = P/32, its sections are
///
///     i8  levels[P]       nearest even of x / scale; 0 past the end
///     f32 scale[n]        largest |x| of the block / 127
///     f32 sum32[n]        scale * sum of the block's levels
///     f32 sum16[2n]       the same of its halves
///     i32 offset32[n]     -128 * sum of the block's levels: undoes what makes levels of weights unsigned
///     i32 offset16[2n]    the same of its halves
///
/// then zeros up to a multiple of 64 bytes.
size_t vlmc_activation_bytes(size_t columns);

/// Rounds a row to 8 bits. All instruction sets give the same bytes.
typedef void (*vlmc_quantize)(const float *x, size_t columns, void *activations);

/// y[a * y_stride + i] = row i of the weights times row a of the activations, for i < n and a < count.
/// `row_bytes`: from one row of weights to the next. `stride`: bytes from one row of activations to the next. Meant for
/// few rows of activations (1 to 4), but right for any number.
typedef void (*vlmc_gemv)(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, const void *activations,
    size_t stride, size_t count, float *y, size_t y_stride);

/// Lays n rows of weights (at most `panel_rows`) out for `multiply`; missing ones count as zeros.
typedef void (*vlmc_unpack)(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, void *panel);

/// As vlmc_gemv, for n <= panel_rows rows of a panel and any number of rows of activations.
typedef void (*vlmc_multiply)(
    uint32_t format, const void *panel, size_t n, size_t columns, const void *activations, size_t stride,
    size_t count, float *y, size_t y_stride);

/// Kernels of one format of weights.
typedef struct vlmc_linear {
    vlmc_gemv gemv;
    vlmc_unpack unpack;
    vlmc_multiply multiply;
    /// Rows of a panel; columns that a row must be a multiple of.
    size_t panel_rows, block;
    /// Of formats in tiles the rows of one, else 0. `row_bytes` then is the size of a row in the format without tiles;
    /// `rows` of `gemv` and `unpack` begins at a tile, and the last tile may have fewer rows.
    size_t tile_rows;
    /// True if activations are rows of floats (F32, F16, BF16), false if they come from `quantize`.
    bool floats;
} vlmc_linear;

/// Kernels for a format; false for one that is unknown, or where `isa` is not available.
bool vlmc_linear_kernels(vlmc_isa isa, uint32_t format, vlmc_linear *kernels);

/// The gemv for rows in tiles of 4, 8 or 16, which need not be the size that `isa` has for its own: a file may have been made
/// for another processor. `format` has VLMC_TILED; `rows` begins at a tile. NULL where there is none.
vlmc_gemv vlmc_tile_gemv(vlmc_isa isa, uint32_t format, size_t tile_rows);

/// Size of a panel of a format with kernels.
size_t vlmc_panel_bytes(vlmc_isa isa, uint32_t format, size_t columns);

/// True if rows of that format (without VLMC_TILED) can be laid out in tiles.
bool vlmc_has_tiles(uint32_t format);

/// Bytes of a tile: those of its rows.
size_t vlmc_tile_bytes(uint32_t format, size_t columns, size_t tile_rows);

/// Lays n <= tile_rows rows out as a tile; missing ones are zeros. Loses nothing.
void vlmc_pack_tile(
    uint32_t format, const void *rows, size_t row_bytes, size_t n, size_t columns, size_t tile_rows, void *tile);

/// The inverse: gives the first n rows back.
void vlmc_unpack_tile(
    uint32_t format, const void *tile, size_t tile_rows, size_t n, size_t columns, void *rows, size_t row_bytes);

/// Attention of some query rows of one head, in one pass over the keys.
typedef struct vlmc_attention {
    /// Query row i lies at q + i * q_stride, its result at out + i * out_stride: `head` floats each.
    const float *q;
    float *out;
    size_t q_stride, out_stride, queries, head;
    /// Key and value of position t lie at k + t * k_stride and v + t * v_stride (bytes).
    const void *k, *v;
    size_t k_stride, v_stride;
    /// VLMC_F32, VLMC_F16 or, where `head` is a multiple of 32, VLMC_Q8_0.
    uint32_t type;
    /// Query i sees the positions before visible + i * step; step is 0 or 1. At least one.
    size_t visible, step;
    /// Scores are multiplied by this: 1/sqrt(head).
    float scale;
} vlmc_attention;

enum { VLMC_LARGEST_HEAD = 256 };

typedef enum vlmc_function {
    VLMC_GELU = 0,
    VLMC_QUICK_GELU = 1,
    VLMC_SILU = 2,
    VLMC_HARD_SWISH = 3,
    VLMC_HARD_SIGMOID = 4,
    VLMC_RELU = 5,
} vlmc_function;

/// What a graph needs besides products with weights. `n` and `channels` may be any number.
typedef struct vlmc_float_kernels {
    vlmc_quantize quantize;

    void (*attend)(const vlmc_attention *job);

    /// y = x / sqrt(mean(x*x) + epsilon) * weight. In place if y == x.
    void (*rms_norm)(const float *x, const float *weight, float epsilon, size_t n, float *y);
    /// y = (x - mean) / sqrt(variance + epsilon) * weight + bias. In place if y == x.
    void (*layer_norm)(const float *x, const float *weight, const float *bias, float epsilon, size_t n, float *y);

    /// Turns pairs of channels of `heads` heads that lie one after the other: channels 2i and 2i + 1 of a head if
    /// `neighbours`, else i and i + head/2, by the angle whose cosine and sine stand at i.
    void (*rotate)(
        float *x, size_t heads, size_t head, const float *cosines, const float *sines, bool neighbours);

    /// y = function(x). In place if y == x.
    void (*apply)(vlmc_function function, const float *x, size_t n, float *y);
    /// y = silu(gate) * up. In place if y is one of them.
    void (*swiglu)(const float *gate, const float *up, size_t n, float *y);
    /// y += x
    void (*add)(const float *x, size_t n, float *y);
    /// y *= x
    void (*scale)(const float *x, size_t n, float *y);
    /// Adds a bias (not NULL) to each of `rows` rows of n, then applies a function unless it is NULL.
    void (*add_bias)(
        const float *bias, const vlmc_function *function, size_t rows, size_t n, float *y, size_t y_stride);

    /// One line of a depthwise 3 x 3 convolution with padding 1, channels last: x is [height, width, channels], weight
    /// [3, 3, channels], bias [channels] or NULL, y [ceil(width / step), channels], the line `line` of the result.
    void (*depthwise)(
        const float *x, size_t height, size_t width, size_t channels, const float *weight, const float *bias,
        size_t step, size_t line, float *y);

    /// Floats to halves, nearest even.
    void (*to_half)(const float *x, size_t n, uint16_t *y);
} vlmc_float_kernels;

/// NULL where `isa` is not available.
const vlmc_float_kernels *vlmc_floats(vlmc_isa isa);

/// Its name for VLMCONV_ISA; NULL where this build does not have it.
const char *vlmc_isa_name(vlmc_isa isa);
