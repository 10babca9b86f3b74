/* A solver that is never in time: every run of HiGHS has as good as none. It is linked to the real library, which has all
   other functions. */
#define _GNU_SOURCE
#include <dlfcn.h>

int Highs_setDoubleOptionValue(void *highs, const char *name, double value);

int Highs_run(void *highs) {
    int (*run)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "Highs_run");
    if (!run || Highs_setDoubleOptionValue(highs, "time_limit", 1e-9)) return -1;
    return run(highs);
}
