#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi,bmi2,lzcnt"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,f16c,bmi,bmi2,lzcnt")
#endif
#define VLMC_LANES 16
#define VLMC_TABLE vlmc_table_avx2
#include "all_kernels.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
