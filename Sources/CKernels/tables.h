// The kernels of one instruction set; NULL where there is none.
#pragma once

#include "CKernels.h"

typedef struct vlmc_table {
    vlmc_decode_row decode[VLMC_TYPE_COUNT];
    vlmc_encode_row encode[VLMC_TYPE_COUNT];
    vlmc_dot_row dot[VLMC_TYPE_COUNT];
    vlmc_error_of_row error;
    vlmc_encode_groups encode_groups;
    vlmc_decode_groups decode_groups;
    vlmc_dot_groups dot_groups;
} vlmc_table;

#if defined(__x86_64__)
extern const vlmc_table vlmc_table_avx2;
extern const vlmc_table vlmc_table_avx512;
#elif defined(__aarch64__)
extern const vlmc_table vlmc_table_neon;
#endif
