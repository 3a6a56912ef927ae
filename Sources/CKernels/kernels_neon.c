#if defined(__aarch64__)

#define VLMC_LANES 8
#define VLMC_TABLE vlmc_table_neon
#include "all_kernels.h"

#endif
