#include "CNative.h"

#include <stdio.h>
#include <stdlib.h>

/// The version of the interface that is asked for: the first of which every function used here is part. A library
/// gives out the table of any version up to its own.
enum { INTERFACE_VERSION = 5 };

/// What `OrtGetApiBase` returns.
typedef struct {
    const void *const *(*table)(uint32_t version);
    const char *(*version)(void);
} base;

const cnative_ort_functions *cnative_onnxruntime_open(const char *library, char *message, size_t message_size) {
    void *handle = cnative_library_open(library, message, message_size);
    if (handle == NULL) return NULL;
    const base *(*get_base)(void);
    const cnative_symbol_slot entry = {"OrtGetApiBase", &get_base};
    if (!cnative_library_resolve(handle, &entry, 1, message, message_size)) return NULL;
    const void *const *entries = get_base()->table(INTERFACE_VERSION);
    cnative_ort_functions *table = entries == NULL ? NULL : calloc(1, sizeof *table);
    if (table == NULL) {
        snprintf(message, message_size, "it does not offer version %d of its interface", INTERFACE_VERSION);
        return NULL;
    }
    struct {
        int place;
        void *slot;
    } functions[] = {
        {2, &table->error_message},          {3, &table->env_create},
        {7, &table->session_create},         {9, &table->session_run},
        {10, &table->options_create},        {24, &table->options_intra_threads},
        {25, &table->options_inter_threads}, {30, &table->session_input_count},
        {31, &table->session_output_count},  {33, &table->session_input_type},
        {36, &table->session_input_name},    {37, &table->session_output_name},
        {49, &table->value_over},            {50, &table->value_is_tensor},
        {51, &table->value_data},            {81, &table->value_count},
        {55, &table->type_shape},            {60, &table->shape_element_type},
        {61, &table->shape_rank},            {62, &table->shape_dimensions},
        {64, &table->shape_elements},        {65, &table->value_shape},
        {69, &table->memory_cpu},            {76, &table->allocator_free},
        {78, &table->allocator_default},     {92, &table->env_release},
        {93, &table->status_release},        {94, &table->memory_release},
        {95, &table->session_release},       {96, &table->value_release},
        {98, &table->type_release},          {99, &table->shape_release},
        {100, &table->options_release},      {130, &table->options_entry},
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        *(const void **)functions[i].slot = entries[functions[i].place];
    }
    table->version = get_base()->version();
    return table;
}
