// SIMD kernels over rows of weights. This header is the contract; Quantization is its only user in Swift and holds
// the plain twins.
//
// Rules for every kernel:
//   - Rows are whole numbers of blocks; nothing is checked. Block pointers need no alignment.
//   - Encoders and decoders give the plain twin's bytes and bits for every row of finite floats, whatever the
//     instruction set: sums run in the twin's order and nothing is contracted to fused multiply-add.
//   - Dot products may fuse and sum in lanes; each instruction set has a fixed order of its own.
//   - No kernel keeps state, so all may run on many threads at once.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Instruction sets that kernels are compiled for. `VLMC_ISA_PLAIN` has no kernels: use the plain twins.
typedef enum vlmc_isa {
    VLMC_ISA_PLAIN = 0,
    /// x86-64 with AVX2, FMA, F16C and BMI2.
    VLMC_ISA_AVX2 = 1,
    /// The same with AVX-512 F, BW, DQ and VL.
    VLMC_ISA_AVX512 = 2,
    /// Every 64-bit ARM.
    VLMC_ISA_NEON = 3,
    /// AVX2 with AVX-VNNI.
    VLMC_ISA_AVX2_VNNI = 4,
    /// AVX-512 with VNNI and VBMI.
    VLMC_ISA_AVX512_VNNI = 5,
    /// ARM with the dot products of 8.2.
    VLMC_ISA_NEON_DOTPROD = 6,
    /// The same with the matrix products of 8.6.
    VLMC_ISA_NEON_I8MM = 7,
    /// AVX-512 with VNNI, VBMI and AMX's products of bytes.
    VLMC_ISA_AVX512_AMX = 8,
    VLMC_ISA_END = 9,
} vlmc_isa;

/// Element types by ggml's numbers.
typedef enum vlmc_type {
    VLMC_F32 = 0,
    VLMC_F16 = 1,
    VLMC_Q4_0 = 2,
    VLMC_Q4_1 = 3,
    VLMC_Q5_0 = 6,
    VLMC_Q5_1 = 7,
    VLMC_Q8_0 = 8,
    VLMC_Q2_K = 10,
    VLMC_Q3_K = 11,
    VLMC_Q4_K = 12,
    VLMC_Q5_K = 13,
    VLMC_Q6_K = 14,
    VLMC_IQ4_NL = 20,
    VLMC_IQ4_XS = 23,
    VLMC_BF16 = 30,
    VLMC_TYPE_COUNT = 31,
} vlmc_type;

/// True if this build has kernels for `isa` and this processor can run them. Always true for the plain one.
bool vlmc_isa_available(vlmc_isa isa);

/// The one of that name; the fastest if that is NULL, unknown, or none that this processor can run.
vlmc_isa vlmc_choose_isa(const char *name);

/// Decodes a row of `columns` elements into floats.
typedef void (*vlmc_decode_row)(const void *blocks, size_t columns, float *y);

/// Encodes a row of `columns` floats. `importance`: one weight per column, or NULL.
typedef void (*vlmc_encode_row)(const float *x, const float *importance, size_t columns, void *blocks);

/// The product of an encoded row with a vector of `columns` floats.
typedef float (*vlmc_dot_row)(const void *blocks, const float *x, size_t columns);

/// Sums over the elements of a row; `largest` is the largest |value - reference|, NaN once a difference was NaN.
typedef struct vlmc_error {
    double squared_error, squared_reference, largest;
} vlmc_error;

/// How far `columns` values lie from their reference.
typedef void (*vlmc_error_of_row)(const float *reference, const float *values, size_t columns, vlmc_error *figures);

// Each of these is NULL where `isa` is not available or has no kernel for the type: use the plain twin.
vlmc_decode_row vlmc_decoder(vlmc_isa isa, uint32_t type);
vlmc_encode_row vlmc_encoder(vlmc_isa isa, uint32_t type);
vlmc_dot_row vlmc_dot(vlmc_isa isa, uint32_t type);

/// NULL where `isa` is not available: use the plain twin.
vlmc_error_of_row vlmc_error_kernel(vlmc_isa isa);

/// A format with group scales (formats/quantized-blocks.md).
typedef struct vlmc_group_format {
    bool affine;
    /// 4, 5 or 8.
    uint32_t bits;
    /// Columns that share a scale: 32, 64 or 128.
    size_t length;
} vlmc_group_format;

/// Encodes consecutive rows of `columns` floats, each to as many bytes as a row of the format has.
/// `importance`: one weight per column, or NULL. Rows need not be finite; those that are give the twin's bytes as long
/// as all their scales and minima are finite too.
typedef void (*vlmc_encode_groups)(
    vlmc_group_format format, const float *x, const float *importance, size_t columns, size_t rows, void *output);

/// Decodes one row into floats.
typedef void (*vlmc_decode_groups)(vlmc_group_format format, const void *row, size_t columns, float *y);

/// The product of one row with a vector of `columns` floats.
typedef float (*vlmc_dot_groups)(vlmc_group_format format, const void *row, const float *x, size_t columns);

// NULL where `isa` is not available or is the plain one.
vlmc_encode_groups vlmc_group_encoder(vlmc_isa isa);
vlmc_decode_groups vlmc_group_decoder(vlmc_isa isa);
vlmc_dot_groups vlmc_group_dot(vlmc_isa isa);

#include "fast.h"
