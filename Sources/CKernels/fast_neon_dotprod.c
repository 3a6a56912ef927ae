#if defined(__aarch64__)

#include <arm_neon.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#else
#pragma GCC target("arch=armv8.2-a+dotprod")
#endif
#define VLMC_LANES 4
#define FAST_TABLE vlmc_fast_neon_dotprod
#define FAST_DOT DOT_SDOT
#define PANEL_VECTORS 2
#define TILE_ROWS 4
#define NUMBER_VECTORS 2
#define NUMBER_TILE 8
#include "fast_kernels.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
