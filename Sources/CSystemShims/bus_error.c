#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "CSystemShims.h"

static void (*on_fault)(const void *);

static void caught(int number, siginfo_t *info, void *context) {
    (void)context;
    // A second fault while the first is dealt with ends the process as if nobody had asked.
    signal(number, SIG_DFL);
    on_fault(info->si_addr);
    abort();
}

void vlmc_on_bus_error(void (*handler)(const void *address)) {
    on_fault = handler;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_sigaction = caught;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGBUS, &action, NULL);
}
