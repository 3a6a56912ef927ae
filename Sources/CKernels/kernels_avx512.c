#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,bmi,bmi2,lzcnt"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,bmi,bmi2,lzcnt")
#endif
#define VLMC_LANES 32
#define VLMC_TABLE vlmc_table_avx512
#include "all_kernels.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
