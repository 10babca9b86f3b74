#define _GNU_SOURCE
#include "CNative.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int readable(const char *path) { return access(path, R_OK) == 0; }

/// Tries `.deps/<relative>` of the working directory, then of each directory above the executable.
static int find_in_deps(const char *relative, char *path, size_t path_size) {
    snprintf(path, path_size, ".deps/%s", relative);
    if (readable(path)) return 1;
    char executable[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
    if (length <= 0) return 0;
    executable[length] = '\0';
    for (char *slash = strrchr(executable, '/'); slash != NULL; slash = strrchr(executable, '/')) {
        *slash = '\0';
        if ((size_t)snprintf(path, path_size, "%s/.deps/%s", executable, relative) >= path_size) return 0;
        if (readable(path)) return 1;
    }
    return 0;
}

int cnative_dependency_find(const char *relative, char *path, size_t path_size) {
    return find_in_deps(relative, path, path_size);
}

static void *open_resolved(const char *path, char *message, size_t message_size) {
    char resolved[PATH_MAX];
    const char *target = realpath(path, resolved) != NULL ? resolved : path;
    void *handle = dlopen(target, RTLD_NOW | RTLD_LOCAL);
    snprintf(message, message_size, "%s", handle != NULL ? target : dlerror());
    return handle;
}

void *cnative_library_open(const char *name, char *message, size_t message_size) {
    char path[PATH_MAX];
    const char *directories = getenv("HERCULES_LIB_PATH");
    while (directories != NULL && *directories != '\0') {
        size_t length = strcspn(directories, ":");
        if (length > 0 && (size_t)snprintf(path, sizeof path, "%.*s/%s", (int)length, directories, name) < sizeof path
            && readable(path)) {
            return open_resolved(path, message, message_size);
        }
        directories += length + (directories[length] == ':');
    }
    char relative[NAME_MAX + 8];
    snprintf(relative, sizeof relative, "lib/%s", name);
    if (find_in_deps(relative, path, sizeof path)) return open_resolved(path, message, message_size);
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    snprintf(message, message_size, "%s", handle != NULL ? name : dlerror());
    return handle;
}

void *cnative_library_symbol(void *handle, const char *symbol) { return dlsym(handle, symbol); }

int cnative_library_resolve(
    void *handle, const cnative_symbol_slot *slots, size_t count, char *message, size_t message_size) {
    for (size_t i = 0; i < count; i++) {
        void *address = dlsym(handle, slots[i].symbol);
        if (address == NULL) {
            char path[PATH_MAX];
            snprintf(path, sizeof path, "%s", message);
            snprintf(message, message_size, "%s has no function %s", path, slots[i].symbol);
            return 0;
        }
        // POSIX gives data and function pointers one representation.
        *(void **)slots[i].slot = address;
    }
    return 1;
}
