// One loop over all cores.
#ifndef MVLM_THREADS_H
#define MVLM_THREADS_H

#include <stdint.h>

enum { MOST_THREADS = 64 };

/// Starts threads: `threads` of them, or one per core if that is 0. Where the system gives fewer, those do the work.
/// The first call decides; later ones start none.
/// @return How many there are, with the caller's.
int threads_start(int threads);

/// Calls `body` for each job below `jobs`, on all threads, and returns when all are done.
void parallel(int64_t jobs, void (*body)(void *context, int64_t job, int thread), void *context);

#endif
