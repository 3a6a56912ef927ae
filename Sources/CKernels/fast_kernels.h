// The fast arithmetic, compiled once per instruction set by the fast_*.c files, which define
//
//     FAST_TABLE       the table's name
//     FAST_DOT         how bytes are multiplied (fast_vectors.h)
//     FAST_MMLA        1 if two rows by two are multiplied in one step (smmla)
//     FAST_AMX         1 if panels are multiplied by tile registers
//     VLMC_LANES       floats in a register
//     PANEL_VECTORS    registers of rows in a panel of encoded weights; TILE_ROWS: rows of activations in a tile
//     NUMBER_VECTORS   the same for plain numbers; NUMBER_TILE
//
// Written in the compiler's vector types, like the kernels over rows of weights; only products of bytes are intrinsics.
// Unlike there, multiplication and addition are fused, and sums have the order of the registers.

#pragma GCC diagnostic ignored "-Wpsabi"
#if !defined(__clang__)
// GCC has no pragma for contraction: it is compiled with -ffp-contract=off.
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#endif
#pragma STDC FP_CONTRACT ON

#ifndef FAST_AMX
#define FAST_AMX 0
#endif

#include "fast_tables.h"
#include "vectors.h"

#include "fast_vectors.h"
#include "fast_units.h"
#include "fast_gemv.h"
#include "fast_panel.h"
#include "fast_tiles.h"
#include "fast_numbers.h"
#include "fast_math.h"
#include "fast_rows.h"
#include "fast_attention.h"

const vlmc_fast_table FAST_TABLE = {
    .bits = {.gemv = gemv_bits, .unpack = unpack_bits, .multiply = multiply_bits, .panel_rows = PANEL_ROWS},
    .tiles =
        {
            .gemv = gemv_tiles,
            .unpack = unpack_from_tiles,
            .multiply = multiply_tiled,
            .panel_rows = PANEL_ROWS,
            .tile_rows = TILE,
        },
    .gemv_of_tiles = GEMVS_OF_TILES,
    .numbers =
        {
            .gemv = gemv_numbers,
            .unpack = unpack_numbers,
            .multiply = multiply_numbers,
            .panel_rows = NUMBER_ROWS,
            .floats = true,
        },
    .floats =
        {
            .quantize = quantize,
            .attend = attend,
            .rms_norm = rms_norm,
            .layer_norm = layer_norm,
            .rotate = rotate,
            .apply = apply,
            .swiglu = swiglu,
            .add = add,
            .scale = scale,
            .add_bias = add_bias,
            .depthwise = depthwise,
            .to_half = to_half,
        },
};
