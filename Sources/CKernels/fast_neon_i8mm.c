#if defined(__aarch64__)

#include <arm_neon.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
#else
#pragma GCC target("arch=armv8.2-a+dotprod+i8mm")
#endif
#define VLMC_LANES 4
#define FAST_TABLE vlmc_fast_neon_i8mm
#define FAST_DOT DOT_SDOT
#define FAST_MMLA 1
#define PANEL_VECTORS 2
#define TILE_ROWS 4
#define NUMBER_VECTORS 2
#define NUMBER_TILE 8
#include "fast_kernels.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
