// The kernels for any processor that the compiler knows, for want of one with AVX2 or NEON.
#define VLMC_BASELINE
#if !defined(VLMC_WITHOUT_ENCODERS)
#define VLMC_WITHOUT_ENCODERS
#endif
#define VLMC_LANES 4
#define VLMC_TABLE vlmc_table_baseline
#include "all_kernels.h"
