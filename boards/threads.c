#define _DEFAULT_SOURCE

#include "threads.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    int threads, busy;
    uint64_t round;
    void (*body)(void *, int64_t, int);
    void *context;
    int64_t jobs, next;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

/// A thread looks so often whether there is something to do before it sleeps: some microseconds, for the graph's steps follow
/// each other faster than a sleeping thread wakes up.
enum { LOOKS = 1 << 12 };

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void work(int thread) {
    int64_t job;
    while ((job = __atomic_fetch_add(&pool.next, 1, __ATOMIC_RELAXED)) < pool.jobs) {
        pool.body(pool.context, job, thread);
    }
}

static void *thread_main(void *number) {
    uint64_t seen = 0;
    while (true) {
        for (int i = 0; i < LOOKS && __atomic_load_n(&pool.round, __ATOMIC_ACQUIRE) == seen; i++) pause_briefly();
        pthread_mutex_lock(&pool.lock);
        while (pool.round == seen) pthread_cond_wait(&pool.work, &pool.lock);
        seen = pool.round;
        pthread_mutex_unlock(&pool.lock);
        work((int)(intptr_t)number);
        pthread_mutex_lock(&pool.lock);
        if (__atomic_sub_fetch(&pool.busy, 1, __ATOMIC_ACQ_REL) == 0) pthread_cond_signal(&pool.done);
        pthread_mutex_unlock(&pool.lock);
    }
    return NULL;
}

int threads_start(int threads) {
    if (pool.threads > 0) return pool.threads;
    if (threads < 1) threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (threads > MOST_THREADS) threads = MOST_THREADS;
    for (pool.threads = 1; pool.threads < threads; pool.threads++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, thread_main, (void *)(intptr_t)pool.threads) != 0) break;
        pthread_detach(thread);
    }
    return pool.threads;
}

void parallel(int64_t jobs, void (*body)(void *, int64_t, int), void *context) {
    bool alone = jobs < 2 || pool.threads < 2;
    pthread_mutex_lock(&pool.lock);
    pool.body = body;
    pool.context = context;
    pool.jobs = jobs;
    pool.next = 0;
    if (!alone) {
        pool.busy = pool.threads - 1;
        __atomic_fetch_add(&pool.round, 1, __ATOMIC_RELEASE);
        pthread_cond_broadcast(&pool.work);
    }
    pthread_mutex_unlock(&pool.lock);
    work(0);
    if (alone) return;
    for (int i = 0; i < LOOKS && __atomic_load_n(&pool.busy, __ATOMIC_ACQUIRE) > 0; i++) pause_briefly();
    pthread_mutex_lock(&pool.lock);
    while (pool.busy > 0) pthread_cond_wait(&pool.done, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}
