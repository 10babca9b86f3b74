#define _GNU_SOURCE
#include "CNative.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct cnative_curl {
    int (*global_init)(long flags);
    const char *(*version)(void);
    const char *(*words)(int code);
    void *(*easy_create)(void);
    void (*easy_destroy)(void *easy);
    int (*set)(void *easy, int option, ...);
    int (*perform)(void *easy);
    int (*fact)(void *easy, int item, ...);
    void *(*list_append)(void *list, const char *text);
    void (*list_destroy)(void *list);
};

/// Encryption and sockets, as curl.h says.
enum { GLOBAL_DEFAULT = 3 };

/// CURLOPT_SOCKOPTFUNCTION: what is called with each socket before it is connected.
enum { SOCKET_FUNCTION = 20148 };

const cnative_curl *cnative_curl_open(const char *library, char *message, size_t message_size) {
    void *handle = cnative_library_open(library, message, message_size);
    if (handle == NULL) return NULL;
    cnative_curl *curl = calloc(1, sizeof *curl);
    if (curl == NULL) {
        snprintf(message, message_size, "out of memory");
        return NULL;
    }
    const cnative_symbol_slot functions[] = {
        {"curl_global_init", &curl->global_init},
        {"curl_version", &curl->version},
        {"curl_easy_strerror", &curl->words},
        {"curl_easy_init", &curl->easy_create},
        {"curl_easy_cleanup", &curl->easy_destroy},
        {"curl_easy_setopt", &curl->set},
        {"curl_easy_perform", &curl->perform},
        {"curl_easy_getinfo", &curl->fact},
        {"curl_slist_append", &curl->list_append},
        {"curl_slist_free_all", &curl->list_destroy},
    };
    if (!cnative_library_resolve(handle, functions, sizeof functions / sizeof functions[0], message, message_size)) {
        free(curl);
        return NULL;
    }
    int code = curl->global_init(GLOBAL_DEFAULT);
    if (code != 0) {
        snprintf(message, message_size, "%s could not start: %s", library, curl->words(code));
        free(curl);
        return NULL;
    }
    return curl;
}

const char *cnative_curl_version(const cnative_curl *curl) { return curl->version(); }

const char *cnative_curl_words(const cnative_curl *curl, int code) { return curl->words(code); }

/// Called with the socket and what it is for; 0 lets the library go on.
static int close_on_exec(void *data, int descriptor, int purpose) {
    (void)data;
    (void)purpose;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return 0;
}

void *cnative_curl_easy_create(const cnative_curl *curl) {
    void *easy = curl->easy_create();
    if (easy != NULL) curl->set(easy, SOCKET_FUNCTION, close_on_exec);
    return easy;
}

/// Keeps SIGPIPE from the calling thread, and remembers what was kept from it before.
static void hold_pipe(sigset_t *pipe, sigset_t *before) {
    sigemptyset(pipe);
    sigaddset(pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, pipe, before);
}

/// Takes back what `hold_pipe` did, and the signal itself where one came.
static void release_pipe(const sigset_t *pipe, const sigset_t *before) {
    if (sigismember(before, SIGPIPE)) return;
    sigset_t pending;
    sigpending(&pending);
    int signal;
    if (sigismember(&pending, SIGPIPE)) sigwait(pipe, &signal);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

void cnative_curl_easy_destroy(const cnative_curl *curl, void *easy) {
    // Closing an encrypted connection writes to it.
    sigset_t pipe, before;
    hold_pipe(&pipe, &before);
    curl->easy_destroy(easy);
    release_pipe(&pipe, &before);
}

int cnative_curl_set_number(const cnative_curl *curl, void *easy, int option, long value) {
    return curl->set(easy, option, value);
}

int cnative_curl_set_size(const cnative_curl *curl, void *easy, int option, int64_t value) {
    return curl->set(easy, option, value);
}

int cnative_curl_set_address(const cnative_curl *curl, void *easy, int option, const void *value) {
    return curl->set(easy, option, value);
}

int cnative_curl_set_receiver(const cnative_curl *curl, void *easy, int option,
                              cnative_curl_receiver value) {
    return curl->set(easy, option, value);
}

int cnative_curl_perform(const cnative_curl *curl, void *easy) {
    sigset_t pipe, before;
    hold_pipe(&pipe, &before);
    int code = curl->perform(easy);
    release_pipe(&pipe, &before);
    return code;
}

long cnative_curl_fact(const cnative_curl *curl, void *easy, int item) {
    long value = 0;
    return curl->fact(easy, item, &value) == 0 ? value : 0;
}

void *cnative_curl_list_append(const cnative_curl *curl, void *list, const char *text) {
    return curl->list_append(list, text);
}

void cnative_curl_list_destroy(const cnative_curl *curl, void *list) { curl->list_destroy(list); }
