#pragma once
// The part of OpenVINO's C interface that the engine calls, as a table filled at run time with dlopen, so that
// building needs neither its headers nor its library. The declarations are our own, after the published reference
// of the C interface (docs.openvino.ai, release 2026); enumerations are passed as int.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cnative_ov_core cnative_ov_core;
typedef struct cnative_ov_model cnative_ov_model;
typedef struct cnative_ov_compiled cnative_ov_compiled;
typedef struct cnative_ov_request cnative_ov_request;
typedef struct cnative_ov_tensor cnative_ov_tensor;
typedef struct cnative_ov_port cnative_ov_port;

/// The dimensions of a tensor; the caller keeps them alive during the call.
typedef struct {
    int64_t rank;
    int64_t *dimensions;
} cnative_ov_shape;

/// Two strings that the library owns until `version_free`.
typedef struct {
    const char *build;
    const char *description;
} cnative_ov_version;

/// One property of the compilation; the value is a C string.
typedef struct {
    const char *key;
    const void *value;
} cnative_ov_property;

/// Status codes: zero is success.
enum { CNATIVE_OV_OK = 0 };

/// Element types, by the numbers of the C interface.
enum {
    CNATIVE_OV_BOOL = 1,
    CNATIVE_OV_FLOAT16 = 3,
    CNATIVE_OV_FLOAT32 = 4,
    CNATIVE_OV_FLOAT64 = 5,
    CNATIVE_OV_INT8 = 7,
    CNATIVE_OV_INT32 = 9,
    CNATIVE_OV_INT64 = 10,
    CNATIVE_OV_UINT8 = 16
};

/// The functions, every one resolved.
typedef struct {
    int (*version_get)(cnative_ov_version *version);
    void (*version_free)(cnative_ov_version *version);
    /// The text of the last error in any thread, to be released with `text_free`; NULL where there is none.
    const char *(*last_error)(void);
    void (*text_free)(const char *text);

    int (*core_create)(cnative_ov_core **core);
    void (*core_free)(cnative_ov_core *core);
    /// `weights_path` may be NULL.
    int (*model_read)(
        const cnative_ov_core *core, const char *path, const char *weights_path, cnative_ov_model **model);
    void (*model_free)(cnative_ov_model *model);
    int (*model_compile)(
        const cnative_ov_core *core, const cnative_ov_model *model, const char *device, size_t property_count,
        const cnative_ov_property *properties, cnative_ov_compiled **compiled);

    void (*compiled_free)(cnative_ov_compiled *compiled);
    /// The value is to be released with `text_free`.
    int (*compiled_property)(const cnative_ov_compiled *compiled, const char *key, char **value);
    int (*compiled_input_count)(const cnative_ov_compiled *compiled, size_t *count);
    int (*compiled_input)(const cnative_ov_compiled *compiled, size_t index, cnative_ov_port **port);
    int (*compiled_output_count)(const cnative_ov_compiled *compiled, size_t *count);
    int (*compiled_output)(const cnative_ov_compiled *compiled, size_t index, cnative_ov_port **port);
    int (*compiled_request)(const cnative_ov_compiled *compiled, cnative_ov_request **request);
    /// The name is to be released with `text_free`.
    int (*port_name)(const cnative_ov_port *port, char **name);
    void (*port_free)(cnative_ov_port *port);

    /// A tensor over memory that the caller owns and keeps alive.
    int (*tensor_over)(int element_type, cnative_ov_shape shape, void *host, cnative_ov_tensor **tensor);
    int (*tensor_data)(const cnative_ov_tensor *tensor, void **data);
    int (*tensor_size)(const cnative_ov_tensor *tensor, size_t *elements);
    /// The dimensions are to be freed with `shape_free`.
    int (*tensor_shape)(const cnative_ov_tensor *tensor, cnative_ov_shape *shape);
    int (*shape_free)(cnative_ov_shape *shape);
    void (*tensor_free)(cnative_ov_tensor *tensor);

    int (*request_set_input)(cnative_ov_request *request, size_t index, const cnative_ov_tensor *tensor);
    int (*request_set_output)(cnative_ov_request *request, size_t index, const cnative_ov_tensor *tensor);
    /// The tensor is to be freed; its memory stays the request's.
    int (*request_output)(const cnative_ov_request *request, size_t index, cnative_ov_tensor **tensor);
    int (*request_infer)(cnative_ov_request *request);
    void (*request_free)(cnative_ov_request *request);
} cnative_ov_functions;

/// Opens the library by the rules of `cnative_library_open` and resolves every function. The table lives as long
/// as the process. Returns NULL with the reason in `message`; otherwise `message` holds the path that was opened.
const cnative_ov_functions *cnative_openvino_open(const char *library, char *message, size_t message_size);

#ifdef __cplusplus
}
#endif
