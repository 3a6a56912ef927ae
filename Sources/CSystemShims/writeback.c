#if defined(__linux__)
#define _GNU_SOURCE
#include <fcntl.h>
#endif

#include "CSystemShims.h"

void vlmc_begin_writeback(int descriptor) {
#if defined(__linux__)
    (void)sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
    (void)descriptor;
#endif
}
