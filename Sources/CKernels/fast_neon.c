#if defined(__aarch64__)

#include <arm_neon.h>

#define VLMC_LANES 4
#define FAST_TABLE vlmc_fast_neon
#define FAST_DOT DOT_NEON
#define PANEL_VECTORS 2
#define TILE_ROWS 4
#define NUMBER_VECTORS 2
#define NUMBER_TILE 8
#include "fast_kernels.h"

#endif
