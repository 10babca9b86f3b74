#define _GNU_SOURCE
#include "CNative.h"

#include <sched.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

int cnative_usable_processors(void) {
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 0;
}

void cnative_thread_timer_slack(uint64_t nanoseconds) {
#ifdef __linux__
    prctl(PR_SET_TIMERSLACK, (unsigned long)nanoseconds, 0, 0, 0);
#else
    (void)nanoseconds;
#endif
}

int cnative_thread_first(int first) {
#ifdef __linux__
    struct sched_param parameters = {.sched_priority = first ? 1 : 0};
    // Reset on fork, so that no child process inherits the privilege.
    return sched_setscheduler(0, first ? SCHED_FIFO | SCHED_RESET_ON_FORK : SCHED_OTHER, &parameters) == 0;
#else
    (void)first;
    return 0;
#endif
}
