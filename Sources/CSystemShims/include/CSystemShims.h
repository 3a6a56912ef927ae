// System calls that the C library's Swift module leaves out.
#pragma once

/// Tells the system to begin storing what was written to a file, without waiting for it. A hint: where there is no
/// such call, or it fails, nothing happens, and whoever syncs the file waits longer.
void vlmc_begin_writeback(int descriptor);

/// Tells the processor that this thread is waiting for another in a loop.
static inline void vlmc_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Gives the calling thread a name for debuggers, at most 15 letters.
void vlmc_name_thread(const char *name);

/// Processors that the calling process is bound to; 0 where the system does not say.
int vlmc_bound_processors(void);

/// Calls `handler` with the address whenever the process touches a page that its file no longer has (SIGBUS). The handler
/// must not return.
void vlmc_on_bus_error(void (*handler)(const void *address));
