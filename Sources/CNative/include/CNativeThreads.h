#pragma once
// What a load generator asks of the kernel and Swift cannot reach: macros and variadic calls.

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How many processors the scheduler may run this process on (taskset, cpuset); 0 where it cannot be read.
int cnative_usable_processors(void);

/// Lets timers of the calling thread fire up to so many nanoseconds late; the kernel's default of 50 000 makes
/// every sleep that much longer. Does nothing where the system has no such setting.
void cnative_thread_timer_slack(uint64_t nanoseconds);

/// Puts the calling thread ahead of all ordinary threads when it wakes up (1), or back among them (0). Returns 1, or
/// 0 where the system does not allow it; ordinary users usually lack the right.
int cnative_thread_first(int first);

#ifdef __cplusplus
}
#endif
