// The kernels of Sources/CKernels that fit this processor.
#ifndef MVLM_KERNELS_H
#define MVLM_KERNELS_H

#include "tables.h"

/// The fastest there are, or those for any processor if VLMCONV_ISA is "plain" in the environment.
const vlmc_table *choose_kernels(void);

#endif
