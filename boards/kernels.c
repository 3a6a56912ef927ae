// Once more the kernels, for any processor that the compiler knows: for want of one with AVX2 or NEON.
#define VLMC_BASELINE
#if !defined(VLMC_WITHOUT_ENCODERS)
#define VLMC_WITHOUT_ENCODERS
#endif
#define VLMC_LANES 4
#define VLMC_TABLE vlmc_table_baseline
#include "all_kernels.h"

#include <stdlib.h>

#include "kernels.h"

static const vlmc_table *choose(void) {
    const char *wanted = getenv("VLMCONV_ISA");
    if (wanted && strcmp(wanted, "plain") == 0) return &vlmc_table_baseline;
#if defined(__aarch64__)
    return &vlmc_table_neon;
#elif defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c") ||
        !__builtin_cpu_supports("bmi2")) {
        return &vlmc_table_baseline;
    }
    bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return wide ? &vlmc_table_avx512 : &vlmc_table_avx2;
#else
    return &vlmc_table_baseline;
#endif
}

const vlmc_table *kernels(void) {
    static const vlmc_table *chosen;
    if (!chosen) chosen = choose();
    return chosen;
}

vlmc_isa instruction_set(void) { return vlmc_choose_isa(getenv("VLMCONV_ISA")); }
