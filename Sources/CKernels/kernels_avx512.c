#if defined(__x86_64__)

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,bmi,bmi2,lzcnt"))), apply_to = function)
#define VLMC_LANES 32
#define VLMC_TABLE vlmc_table_avx512
#include "all_kernels.h"
#pragma clang attribute pop

#endif
