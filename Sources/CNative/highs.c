#include "CNative.h"

#include <stdio.h>
#include <string.h>

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
