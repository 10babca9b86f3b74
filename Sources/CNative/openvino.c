#include "CNative.h"

#include <stdio.h>
#include <stdlib.h>

const cnative_ov_functions *cnative_openvino_open(const char *library, char *message, size_t message_size) {
    void *handle = cnative_library_open(library, message, message_size);
    if (handle == NULL) return NULL;
    cnative_ov_functions *table = calloc(1, sizeof *table);
    if (table == NULL) {
        snprintf(message, message_size, "out of memory");
        return NULL;
    }
    const cnative_symbol_slot functions[] = {
        {"ov_get_openvino_version", &table->version_get},
        {"ov_version_free", &table->version_free},
        {"ov_get_last_err_msg", &table->last_error},
        {"ov_free", &table->text_free},
        {"ov_core_create", &table->core_create},
        {"ov_core_free", &table->core_free},
        {"ov_core_read_model", &table->model_read},
        {"ov_model_free", &table->model_free},
        {"ov_core_compile_model_props", &table->model_compile},
        {"ov_compiled_model_free", &table->compiled_free},
        {"ov_compiled_model_get_property", &table->compiled_property},
        {"ov_compiled_model_inputs_size", &table->compiled_input_count},
        {"ov_compiled_model_input_by_index", &table->compiled_input},
        {"ov_compiled_model_outputs_size", &table->compiled_output_count},
        {"ov_compiled_model_output_by_index", &table->compiled_output},
        {"ov_compiled_model_create_infer_request", &table->compiled_request},
        {"ov_port_get_any_name", &table->port_name},
        {"ov_output_const_port_free", &table->port_free},
        {"ov_tensor_create_from_host_ptr", &table->tensor_over},
        {"ov_tensor_data", &table->tensor_data},
        {"ov_tensor_get_size", &table->tensor_size},
        {"ov_tensor_get_shape", &table->tensor_shape},
        {"ov_shape_free", &table->shape_free},
        {"ov_tensor_free", &table->tensor_free},
        {"ov_infer_request_set_input_tensor_by_index", &table->request_set_input},
        {"ov_infer_request_set_output_tensor_by_index", &table->request_set_output},
        {"ov_infer_request_get_output_tensor_by_index", &table->request_output},
        {"ov_infer_request_infer", &table->request_infer},
        {"ov_infer_request_free", &table->request_free},
    };
    if (!cnative_library_resolve(handle, functions, sizeof functions / sizeof functions[0], message, message_size)) {
        free(table);
        return NULL;
    }
    return table;
}
