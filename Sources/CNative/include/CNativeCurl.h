#pragma once
// The part of libcurl's easy interface that the HTTP client calls, loaded at run time with dlopen, so that
// building needs neither its header nor its library. The declarations are our own, after the published
// reference (curl.se/libcurl/c). Two of its functions take a variable number of arguments, which Swift cannot
// call: here each type of argument has a function of its own.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A loaded library.
typedef struct cnative_curl cnative_curl;

/// Receives a part of an answer: `count` times `size` bytes. Any result but their number ends the transfer.
typedef size_t (*cnative_curl_receiver)(char *bytes, size_t size, size_t count, void *data);

/// The length of the text that the library writes about an error, with its end.
enum { CNATIVE_CURL_ERROR_SIZE = 256 };

/// Opens the named library by the rules of `cnative_library_open` and readies it for several threads. Returns
/// NULL with the reason in `message`. Not to be called by two threads at a time.
const cnative_curl *cnative_curl_open(const char *library, char *message, size_t message_size);

/// For example "libcurl/7.88.1 OpenSSL/3.0.19 nghttp2/1.52.0".
const char *cnative_curl_version(const cnative_curl *curl);

/// What the library says of one of its status codes.
const char *cnative_curl_words(const cnative_curl *curl, int code);

/// A transfer with its connections, for one thread at a time; NULL where there is no memory. Programs that
/// this process starts do not inherit its sockets.
void *cnative_curl_easy_create(const cnative_curl *curl);
void cnative_curl_easy_destroy(const cnative_curl *curl, void *easy);

/// Set an option to a number, a number of 64 bits, an address (of text, a list or data; NULL for none) or a
/// function. Text is copied; a list and data have to outlive the transfer. Return 0 for done.
int cnative_curl_set_number(const cnative_curl *curl, void *easy, int option, long value);
int cnative_curl_set_size(const cnative_curl *curl, void *easy, int option, int64_t value);
int cnative_curl_set_address(const cnative_curl *curl, void *easy, int option, const void *value);
int cnative_curl_set_receiver(const cnative_curl *curl, void *easy, int option,
                              cnative_curl_receiver value);

/// Makes the transfer and returns its status code, 0 for done. A broken connection never becomes a SIGPIPE:
/// the library leaves that signal to its caller, and the process may want its default.
int cnative_curl_perform(const cnative_curl *curl, void *easy);

/// What is known of the last transfer under the number of an item that is a C long; 0 where nothing is.
long cnative_curl_fact(const cnative_curl *curl, void *easy, int item);

/// A list with one text more, or NULL where there is no memory; the list may be NULL, for an empty one.
void *cnative_curl_list_append(const cnative_curl *curl, void *list, const char *text);
void cnative_curl_list_destroy(const cnative_curl *curl, void *list);

#ifdef __cplusplus
}
#endif
