#if defined(__x86_64__)

#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2,lzcnt"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,f16c,bmi,bmi2,lzcnt")
#endif
#define VLMC_LANES 8
#define FAST_TABLE vlmc_fast_avx2
#define FAST_DOT DOT_MADD
#define PANEL_VECTORS 2
#define TILE_ROWS 4
#define NUMBER_VECTORS 2
#define NUMBER_TILE 6
#include "fast_kernels.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
