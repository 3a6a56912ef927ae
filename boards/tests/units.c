// What no file shows: exits with the number of the first check that fails.
#include <math.h>
#include <stdint.h>

#include "../arithmetic.h"
#include "../sampler.h"
#include "../threads.h"

static void count_job(void *context, int64_t job, int thread) {
    (void)job, (void)thread;
    __atomic_fetch_add((int64_t *)context, 1, __ATOMIC_RELAXED);
}

int main(void) {
    // Logits that are no numbers are never drawn, though those in front of them are tied.
    for (int seed = 0; seed < 100; seed++) {
        float logits[8] = {0, 0, 0, 0, NAN, NAN, NAN, NAN};
        choice choices[8];
        for (int i = 0; i < 8; i++) choices[i] = (choice){.id = 99, .logit = 0};
        sampler s = {.temperature = 1, .top_k = 2, .top_p = 1, .state = (uint64_t)seed};
        int32_t id = sample(&s, logits, 8, choices);
        if (id < 0 || id >= 4) return 1;
    }
    // A second start, for wider rows, leaves the loop whole: it returns when all jobs are done.
    if (!arithmetic_start(4, 64, true) || !arithmetic_start(4, 4096, true)) return 2;
    for (int round = 0; round < 1000; round++) {
        int64_t done = 0;
        parallel(64, count_job, &done);
        if (done != 64) return 3;
    }
    return 0;
}
