#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Opens a shared library by file name, for example "libhighs.so". Looks, in this order, into each directory of
/// $HERCULES_LIB_PATH (separated by colons), `.deps/lib` under the working directory, `.deps/lib` beside or above
/// the executable, and the system's own search path. Symbolic links are resolved first, so that a library finds
/// its siblings through $ORIGIN.
///
/// Returns the dlopen handle, or NULL with the reason in `message` (always terminated). On success `message` holds
/// the path that was opened.
void *cnative_library_open(const char *name, char *message, size_t message_size);

/// The address of a symbol, or NULL.
void *cnative_library_symbol(void *handle, const char *symbol);

/// A symbol, and where its address goes: a pointer to data or to a function.
typedef struct {
    const char *symbol;
    void *slot;
} cnative_symbol_slot;

/// Writes the addresses of symbols into their slots. Returns 1, or 0 where one is missing; `message`, which holds
/// the path of the library as `cnative_library_open` left it, then says which.
int cnative_library_resolve(
    void *handle, const cnative_symbol_slot *slots, size_t count, char *message, size_t message_size);

/// Finds a file under `.deps` (for example "share/plotly.min.js") by the same rules as a library, without the
/// system's path. Returns 1 and the path, or 0.
int cnative_dependency_find(const char *relative, char *path, size_t path_size);

#ifdef __cplusplus
}
#endif
