// All kernels, compiled once per instruction set by the kernels_*.c files, which define VLMC_TABLE and VLMC_LANES:
// the sub-blocks that a search works on together. These fill two registers, so that one lane's chain of sums has
// another to overlap with.
//
// The kernels are written in the compiler's vector types instead of each processor's intrinsics: one text, one order
// of operations, the same bits everywhere. Vectors wider than a register are split by the compiler.

// Wide vectors are passed only to functions that are always inlined, so no ABI is involved.
#pragma GCC diagnostic ignored "-Wpsabi"
#if !defined(__clang__)
// GCC has no pragma for contraction: it is compiled with -ffp-contract=off.
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#endif
#pragma STDC FP_CONTRACT OFF

// A board decodes and never encodes; and GCC lacks builtins that the searches are written with.
#if defined(__clang__) && !defined(VLMC_WITHOUT_ENCODERS)
#define VLMC_ENCODERS 1
#endif

#include "tables.h"

#include "vectors.h"

#include "decode.h"
#include "decode_groups.h"
#include "decode_super_blocks.h"
#include "dot.h"
#include "dot_groups.h"
#include "dot_super_blocks.h"
#include "error.h"

#if VLMC_ENCODERS
#include "encode.h"
#include "search.h"

#include "lanes.h"
#include "levels.h"

#include "super_blocks.h"
#include "weighted.h"

#include "group_scales.h"
#endif

const vlmc_table VLMC_TABLE = {
    .decode =
        {
            [VLMC_F16] = decode_f16,
            [VLMC_BF16] = decode_bf16,
            [VLMC_Q4_0] = decode_q4_0,
            [VLMC_Q4_1] = decode_q4_1,
            [VLMC_Q5_0] = decode_q5_0,
            [VLMC_Q5_1] = decode_q5_1,
            [VLMC_Q8_0] = decode_q8_0,
            [VLMC_Q2_K] = decode_q2_k,
            [VLMC_Q3_K] = decode_q3_k,
            [VLMC_Q4_K] = decode_q4_k,
            [VLMC_Q5_K] = decode_q5_k,
            [VLMC_Q6_K] = decode_q6_k,
            [VLMC_IQ4_NL] = decode_iq4_nl,
            [VLMC_IQ4_XS] = decode_iq4_xs,
        },
#if VLMC_ENCODERS
    .encode =
        {
            [VLMC_F16] = encode_f16,
            [VLMC_BF16] = encode_bf16,
            [VLMC_Q4_0] = encode_q4_0,
            [VLMC_Q4_1] = encode_q4_1,
            [VLMC_Q5_0] = encode_q5_0,
            [VLMC_Q5_1] = encode_q5_1,
            [VLMC_Q8_0] = encode_q8_0,
            [VLMC_Q2_K] = encode_q2_k,
            [VLMC_Q3_K] = encode_q3_k,
            [VLMC_Q4_K] = encode_q4_k,
            [VLMC_Q5_K] = encode_q5_k,
            [VLMC_Q6_K] = encode_q6_k,
            [VLMC_IQ4_NL] = encode_iq4_nl,
            [VLMC_IQ4_XS] = encode_iq4_xs,
        },
#endif
    .dot =
        {
            [VLMC_F32] = dot_f32,
            [VLMC_F16] = dot_f16,
            [VLMC_BF16] = dot_bf16,
            [VLMC_Q4_0] = dot_q4_0,
            [VLMC_Q4_1] = dot_q4_1,
            [VLMC_Q5_0] = dot_q5_0,
            [VLMC_Q5_1] = dot_q5_1,
            [VLMC_Q8_0] = dot_q8_0,
            [VLMC_Q2_K] = dot_q2_k,
            [VLMC_Q3_K] = dot_q3_k,
            [VLMC_Q4_K] = dot_q4_k,
            [VLMC_Q5_K] = dot_q5_k,
            [VLMC_Q6_K] = dot_q6_k,
            [VLMC_IQ4_NL] = dot_iq4_nl,
            [VLMC_IQ4_XS] = dot_iq4_xs,
        },
    .error = error_of_row,
#if VLMC_ENCODERS
    .encode_groups = encode_groups,
#endif
    .decode_groups = decode_groups,
    .dot_groups = dot_groups,
};
