// The kernels of Sources/CKernels that fit this processor.
#ifndef MVLM_KERNELS_H
#define MVLM_KERNELS_H

#include "CKernels.h"
#include "tables.h"

/// The fastest there are, or those for any processor if VLMCONV_ISA is "plain" in the environment. The first call, which chooses,
/// comes before there are threads.
const vlmc_table *kernels(void);

/// The instruction set of the fast arithmetic's kernels: the one that VLMCONV_ISA names, or the fastest.
vlmc_isa instruction_set(void);

#endif
