#define _GNU_SOURCE
#include "CNative.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
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

int cnative_thread_cores(const int *cores, int count) {
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < count; i++) {
        if (cores[i] >= 0 && cores[i] < CPU_SETSIZE) CPU_SET(cores[i], &set);
    }
    return sched_setaffinity(0, sizeof set, &set) == 0;
#else
    (void)cores;
    (void)count;
    return 0;
#endif
}

int cnative_thread_allowed_cores(int *cores, int capacity) {
    int count = 0;
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
    for (int core = 0; core < CPU_SETSIZE && count < capacity; core++) {
        if (CPU_ISSET(core, &set)) cores[count++] = core;
    }
#else
    (void)cores;
    (void)capacity;
#endif
    return count;
}

void cnative_wait_while(const void *word, uint32_t value) {
#ifdef __linux__
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
#else
    (void)word;
    (void)value;
    usleep(20);
#endif
}

void cnative_wait_while_for(const void *word, uint32_t value, int64_t nanoseconds) {
    if (nanoseconds <= 0) return;
#ifdef __linux__
    struct timespec most = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &most, NULL, 0);
#else
    (void)word;
    (void)value;
    usleep(20);
#endif
}

void cnative_wake(const void *word, int threads) {
#ifdef __linux__
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, threads, NULL, NULL, 0);
#else
    (void)word;
    (void)threads;
#endif
}

void cnative_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
