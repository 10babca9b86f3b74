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

/// Holds the calling thread to some processors. Returns 1, or 0 where the system refuses.
int cnative_thread_cores(const int *cores, int count);

/// The processors the calling thread may run on, ascending; returns how many, at most `capacity`.
int cnative_thread_allowed_cores(int *cores, int capacity);

/// Sleeps while the 32-bit word holds a value, until woken; may return at any time for no reason.
void cnative_wait_while(const void *word, uint32_t value);

/// The same, for at most so many nanoseconds.
void cnative_wait_while_for(const void *word, uint32_t value, int64_t nanoseconds);

/// Wakes at most so many threads that sleep on a word.
void cnative_wake(const void *word, int threads);

/// Tells the processor that the thread is only waiting for another.
void cnative_pause(void);

#ifdef __cplusplus
}
#endif
