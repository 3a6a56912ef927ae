#include "tables.h"

bool vlmc_isa_available(vlmc_isa isa) {
    switch (isa) {
    case VLMC_ISA_PLAIN:
        return true;
#if defined(__x86_64__)
    case VLMC_ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
               __builtin_cpu_supports("bmi2");
    case VLMC_ISA_AVX512:
        return vlmc_isa_available(VLMC_ISA_AVX2) && __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
#elif defined(__aarch64__)
    case VLMC_ISA_NEON:
        return true;
#endif
    default:
        return false;
    }
}

static const vlmc_table *table(vlmc_isa isa) {
    if (!vlmc_isa_available(isa)) return NULL;
    switch (isa) {
#if defined(__x86_64__)
    case VLMC_ISA_AVX2:
        return &vlmc_table_avx2;
    case VLMC_ISA_AVX512:
        return &vlmc_table_avx512;
#elif defined(__aarch64__)
    case VLMC_ISA_NEON:
        return &vlmc_table_neon;
#endif
    default:
        return NULL;
    }
}

vlmc_decode_row vlmc_decoder(vlmc_isa isa, uint32_t type) {
    const vlmc_table *kernels = table(isa);
    return kernels && type < VLMC_TYPE_COUNT ? kernels->decode[type] : NULL;
}

vlmc_encode_row vlmc_encoder(vlmc_isa isa, uint32_t type) {
    const vlmc_table *kernels = table(isa);
    return kernels && type < VLMC_TYPE_COUNT ? kernels->encode[type] : NULL;
}

vlmc_dot_row vlmc_dot(vlmc_isa isa, uint32_t type) {
    const vlmc_table *kernels = table(isa);
    return kernels && type < VLMC_TYPE_COUNT ? kernels->dot[type] : NULL;
}

vlmc_error_of_row vlmc_error_kernel(vlmc_isa isa) {
    const vlmc_table *kernels = table(isa);
    return kernels ? kernels->error : NULL;
}

vlmc_encode_groups vlmc_group_encoder(vlmc_isa isa) {
    const vlmc_table *kernels = table(isa);
    return kernels ? kernels->encode_groups : NULL;
}

vlmc_decode_groups vlmc_group_decoder(vlmc_isa isa) {
    const vlmc_table *kernels = table(isa);
    return kernels ? kernels->decode_groups : NULL;
}
