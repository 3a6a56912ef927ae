// What a kernel set offers, and what both the plain and the vector kernels know about formats.
#pragma once

#include <string.h>

#include "CKernels.h"

/// Blocks of activations whose largest magnitude is not above this become zeros: 127 divided by it still is finite.
#define VLMC_EMPTY_BLOCK 1e-35f

/// The kernels of the fast arithmetic for one set.
typedef struct vlmc_fast_table {
    vlmc_float_kernels floats;
    /// Products with activations of 8 bits, and with floats.
    vlmc_linear bits, numbers;
    /// The first of these for rows in tiles; NULL in the plain set.
    vlmc_linear tiles;
    /// Row products with tiles of 4, 8 and 16 rows; NULL for sizes that the set does not read.
    vlmc_gemv gemv_of_tiles[3];
} vlmc_fast_table;

extern const vlmc_fast_table vlmc_fast_plain;
#if defined(__x86_64__)
extern const vlmc_fast_table vlmc_fast_avx2, vlmc_fast_avx2_vnni, vlmc_fast_avx512_vnni, vlmc_fast_avx512_amx;
#elif defined(__aarch64__)
extern const vlmc_fast_table vlmc_fast_neon, vlmc_fast_neon_dotprod, vlmc_fast_neon_i8mm;
#endif

/// Sections of a row of activations, in bytes; its levels begin at 0.
typedef struct activation_layout {
    size_t scale, sum32, sum16, offset32, offset16, bytes;
} activation_layout;

static inline activation_layout activations_of(size_t columns) {
    size_t padded = (columns + 255) / 256 * 256, blocks = padded / 32;
    activation_layout layout = {.scale = padded};
    layout.sum32 = layout.scale + 4 * blocks;
    layout.sum16 = layout.sum32 + 4 * blocks;
    layout.offset32 = layout.sum16 + 8 * blocks;
    layout.offset16 = layout.offset32 + 4 * blocks;
    layout.bytes = (layout.offset16 + 8 * blocks + 63) / 64 * 64;
    return layout;
}

static inline vlmc_group_format group_format_of(uint32_t format) {
    uint32_t code = format - VLMC_GROUPS;
    const uint32_t bits[3] = {4, 5, 8};
    return (vlmc_group_format){.affine = code >= 9, .bits = bits[code / 3 % 3], .length = (size_t)32 << code % 3};
}

static inline bool is_group_format(uint32_t format) { return format >= VLMC_GROUPS && format < VLMC_GROUPS_END; }

static inline bool is_number_format(uint32_t format) {
    return format == VLMC_F32 || format == VLMC_F16 || format == VLMC_BF16;
}

/// True for types whose scales are of 16 columns each.
static inline bool has_groups_of_16(uint32_t format) {
    return format == VLMC_Q2_K || format == VLMC_Q3_K || format == VLMC_Q6_K;
}

/// True for types whose values have a minimum besides a scale.
static inline bool is_affine(uint32_t format) {
    switch (format) {
    case VLMC_Q4_1:
    case VLMC_Q5_1:
    case VLMC_Q2_K:
    case VLMC_Q4_K:
    case VLMC_Q5_K:
        return true;
    default:
        return is_group_format(format) && group_format_of(format).affine;
    }
}

/// Columns that a row is a multiple of; 0 for an unknown format.
static inline size_t block_of(uint32_t format) {
    switch (format) {
    case VLMC_F32:
    case VLMC_F16:
    case VLMC_BF16:
        return 1;
    case VLMC_Q4_0:
    case VLMC_Q4_1:
    case VLMC_Q5_0:
    case VLMC_Q5_1:
    case VLMC_Q8_0:
    case VLMC_IQ4_NL:
        return 32;
    case VLMC_Q2_K:
    case VLMC_Q3_K:
    case VLMC_Q4_K:
    case VLMC_Q5_K:
    case VLMC_Q6_K:
    case VLMC_IQ4_XS:
        return 256;
    default:
        return is_group_format(format) ? group_format_of(format).length : 0;
    }
}
