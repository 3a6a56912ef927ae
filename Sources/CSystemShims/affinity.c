#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#endif

#include "CSystemShims.h"

int vlmc_bound_processors(void) {
    int bound = 0;
#if defined(__linux__)
    // A set that is too small for the machine is refused; larger ones are tried until one fits.
    for (int processors = 1024; processors <= 1 << 16 && bound == 0; processors *= 4) {
        cpu_set_t *set = CPU_ALLOC(processors);
        size_t size = CPU_ALLOC_SIZE(processors);
        if (set && sched_getaffinity(0, size, set) == 0) bound = CPU_COUNT_S(size, set);
        CPU_FREE(set);
    }
#endif
    return bound;
}
