#include "CNative.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/// One entry of the table: where the address goes, and the symbol it comes from.
struct binding {
    size_t offset;
    const char *symbol;
};

#define BIND(field, name) {offsetof(CNativeHiGHS, field), name}

static const struct binding bindings[] = {
    BIND(create, "Highs_create"),
    BIND(destroy, "Highs_destroy"),
    BIND(version, "Highs_version"),
    BIND(set_bool_option, "Highs_setBoolOptionValue"),
    BIND(set_int_option, "Highs_setIntOptionValue"),
    BIND(set_double_option, "Highs_setDoubleOptionValue"),
    BIND(set_string_option, "Highs_setStringOptionValue"),
    BIND(clear_model, "Highs_clearModel"),
    BIND(zero_all_clocks, "Highs_zeroAllClocks"),
    BIND(pass_model, "Highs_passModel"),
    BIND(set_solution, "Highs_setSolution"),
    BIND(run, "Highs_run"),
    BIND(model_status, "Highs_getModelStatus"),
    BIND(get_solution, "Highs_getSolution"),
    BIND(get_int_info, "Highs_getIntInfoValue"),
    BIND(get_int64_info, "Highs_getInt64InfoValue"),
    BIND(get_double_info, "Highs_getDoubleInfoValue"),
    BIND(set_callback, "Highs_setCallback"),
    BIND(start_callback, "Highs_startCallback"),
};

/// Whether the library counts in C ints, as the table's signatures do.
static int counts_in_ints(void *handle, const CNativeHiGHS *table) {
    int (*size_of_int)(const void *) = NULL;
    void *address = cnative_library_symbol(handle, "Highs_getSizeofHighsInt");
    if (address == NULL) return 0;
    memcpy(&size_of_int, &address, sizeof address);
    void *highs = table->create();
    if (highs == NULL) return 0;
    int size = size_of_int(highs);
    table->destroy(highs);
    return size == (int)sizeof(int);
}

int cnative_highs_load(const char *library_name, CNativeHiGHS *table, char *message, size_t message_size) {
    void *handle = cnative_library_open(library_name, message, message_size);
    if (handle == NULL) return 0;
    for (size_t index = 0; index < sizeof bindings / sizeof bindings[0]; index++) {
        void *address = cnative_library_symbol(handle, bindings[index].symbol);
        if (address == NULL) {
            snprintf(message, message_size, "%s has no symbol %s", library_name, bindings[index].symbol);
            return 0;
        }
        memcpy((char *)table + bindings[index].offset, &address, sizeof address);
    }
    if (!counts_in_ints(handle, table)) {
        snprintf(message, message_size, "%s was built with integers that are not C ints", library_name);
        return 0;
    }
    return 1;
}

double cnative_highs_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/// Answers every question of the solver whether to go on. The first member of its answer is the order to stop.
static void answer(int type, const char *message, const void *figures, int *stop, void *data) {
    (void)type;
    (void)message;
    (void)figures;
    CNativeHiGHSGuard *guard = data;
    if (stop == NULL) return;
    guard->asks += 1;
    int is_late = cnative_highs_clock() >= guard->deadline_seconds;
    if (is_late || (guard->asks_max >= 0 && guard->asks > guard->asks_max)) {
        guard->stopped = 1;
    }
    // Written every time: the solver keeps the order of a run that was stopped for its next one.
    *stop = guard->stopped;
}

int cnative_highs_watch(const CNativeHiGHS *table, void *highs, CNativeHiGHSGuard *guard) {
    // Asked at simplex and interior point iterations and between the steps of branch and bound.
    static const int types[] = {1, 2, 6};
    if (table->set_callback(highs, answer, guard) < 0) return 0;
    for (size_t index = 0; index < sizeof types / sizeof types[0]; index++) {
        if (table->start_callback(highs, types[index]) < 0) return 0;
    }
    return 1;
}
