#if defined(__x86_64__)

#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(                                                                                        \
    __attribute__((target(                                                                                           \
        "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vbmi,avx2,fma,f16c,bmi,bmi2,lzcnt,amx-tile,amx-int8"))), \
    apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vbmi,avx2,fma,f16c,bmi,bmi2,lzcnt,amx-tile,amx-int8")
#endif
#define VLMC_LANES 16
#define FAST_TABLE vlmc_fast_avx512_amx
#define FAST_DOT DOT_VNNI512
#define FAST_AMX 1
#define PANEL_VECTORS 2
#define TILE_ROWS 6
#define NUMBER_VECTORS 2
#define NUMBER_TILE 12
#include "fast_kernels.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
