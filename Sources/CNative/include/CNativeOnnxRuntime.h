#pragma once
// The part of ONNX Runtime's C interface that the engine calls. The library exports one function,
// `OrtGetApiBase`, which hands out a table of functions that only ever grows at its end: a function's place in it is
// part of the interface. The places below are those of the published reference of the C interface
// (onnxruntime.ai/docs/api/c), counted by us and checked by tests against the real library. The declarations are our
// own; enumerations are passed as int.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cnative_ort_status cnative_ort_status;
typedef struct cnative_ort_env cnative_ort_env;
typedef struct cnative_ort_options cnative_ort_options;
typedef struct cnative_ort_session cnative_ort_session;
typedef struct cnative_ort_run_options cnative_ort_run_options;
typedef struct cnative_ort_value cnative_ort_value;
typedef struct cnative_ort_memory cnative_ort_memory;
typedef struct cnative_ort_allocator cnative_ort_allocator;
typedef struct cnative_ort_type cnative_ort_type;
typedef struct cnative_ort_shape cnative_ort_shape;

/// Element types, by the numbers of the ONNX standard's TensorProto.
enum {
    CNATIVE_ORT_FLOAT32 = 1,
    CNATIVE_ORT_UINT8 = 2,
    CNATIVE_ORT_INT8 = 3,
    CNATIVE_ORT_INT32 = 6,
    CNATIVE_ORT_INT64 = 7,
    CNATIVE_ORT_BOOL = 9,
    CNATIVE_ORT_FLOAT16 = 10,
    CNATIVE_ORT_FLOAT64 = 11
};

/// The functions that are used. Where one returns a status, NULL is success and anything else is to be released.
typedef struct {
    /// The library's version, for example "1.31.1"; a constant text.
    const char *version;

    const char *(*error_message)(const cnative_ort_status *status);
    void (*status_release)(cnative_ort_status *status);

    /// `level` 2 reports warnings, 3 only errors.
    cnative_ort_status *(*env_create)(int level, const char *log_id, cnative_ort_env **env);
    void (*env_release)(cnative_ort_env *env);

    cnative_ort_status *(*options_create)(cnative_ort_options **options);
    cnative_ort_status *(*options_intra_threads)(cnative_ort_options *options, int threads);
    cnative_ort_status *(*options_inter_threads)(cnative_ort_options *options, int threads);
    cnative_ort_status *(*options_entry)(cnative_ort_options *options, const char *key, const char *value);
    void (*options_release)(cnative_ort_options *options);

    cnative_ort_status *(*session_create)(
        const cnative_ort_env *env, const char *path, const cnative_ort_options *options,
        cnative_ort_session **session);
    cnative_ort_status *(*session_input_count)(const cnative_ort_session *session, size_t *count);
    cnative_ort_status *(*session_output_count)(const cnative_ort_session *session, size_t *count);
    /// The names are to be freed with `allocator_free`.
    cnative_ort_status *(*session_input_name)(
        const cnative_ort_session *session, size_t index, cnative_ort_allocator *allocator, char **name);
    cnative_ort_status *(*session_output_name)(
        const cnative_ort_session *session, size_t index, cnative_ort_allocator *allocator, char **name);
    cnative_ort_status *(*session_input_type)(
        const cnative_ort_session *session, size_t index, cnative_ort_type **type);
    /// Runs on the calling thread and the session's own; outputs start as NULL and are to be released.
    cnative_ort_status *(*session_run)(
        cnative_ort_session *session, const cnative_ort_run_options *options, const char *const *input_names,
        const cnative_ort_value *const *inputs, size_t input_count, const char *const *output_names,
        size_t output_count, cnative_ort_value **outputs);
    void (*session_release)(cnative_ort_session *session);

    /// The shape belongs to the type; NULL where the type is no tensor.
    cnative_ort_status *(*type_shape)(const cnative_ort_type *type, const cnative_ort_shape **shape);
    cnative_ort_status *(*shape_element_type)(const cnative_ort_shape *shape, int *element_type);
    cnative_ort_status *(*shape_rank)(const cnative_ort_shape *shape, size_t *rank);
    /// A dimension that is free is -1.
    cnative_ort_status *(*shape_dimensions)(const cnative_ort_shape *shape, int64_t *dimensions, size_t rank);
    cnative_ort_status *(*shape_elements)(const cnative_ort_shape *shape, size_t *elements);
    void (*type_release)(cnative_ort_type *type);
    void (*shape_release)(cnative_ort_shape *shape);

    /// `allocator` 1 is the arena, 0 the device's own; `kind` 0 is the default.
    cnative_ort_status *(*memory_cpu)(int allocator, int kind, cnative_ort_memory **memory);
    void (*memory_release)(cnative_ort_memory *memory);
    /// The library's own allocator, never to be released.
    cnative_ort_status *(*allocator_default)(cnative_ort_allocator **allocator);
    cnative_ort_status *(*allocator_free)(cnative_ort_allocator *allocator, void *memory);

    /// A tensor over memory that the caller owns and keeps alive.
    cnative_ort_status *(*value_over)(
        const cnative_ort_memory *memory, void *data, size_t bytes, const int64_t *shape, size_t rank,
        int element_type, cnative_ort_value **value);
    cnative_ort_status *(*value_data)(cnative_ort_value *value, void **data);
    /// 1 where the value is a tensor, 0 for a sequence or a map.
    cnative_ort_status *(*value_is_tensor)(const cnative_ort_value *value, int *is_tensor);
    /// How many values a sequence holds.
    cnative_ort_status *(*value_count)(const cnative_ort_value *value, size_t *count);
    /// The shape is to be released.
    cnative_ort_status *(*value_shape)(const cnative_ort_value *value, cnative_ort_shape **shape);
    void (*value_release)(cnative_ort_value *value);
} cnative_ort_functions;

/// Opens the library by the rules of `cnative_library_open` and fills the table, which lives as long as the process.
/// Returns NULL with the reason in `message`; otherwise `message` holds the path that was opened.
const cnative_ort_functions *cnative_onnxruntime_open(const char *library, char *message, size_t message_size);

#ifdef __cplusplus
}
#endif
