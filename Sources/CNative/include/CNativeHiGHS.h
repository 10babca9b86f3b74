#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The functions of the HiGHS C interface that are used here, declared anew from its published reference
/// (ergo-code.github.io/HiGHS, release 1.15). All return 0 for done, 1 for done with a warning and -1 for an error,
/// where nothing else is said. HiGHS' own integer is a C `int` in every published binary; `load` verifies it.
typedef struct CNativeHiGHS {
    /// A solver instance, to be destroyed.
    void *(*create)(void);
    void (*destroy)(void *highs);
    /// A constant text such as "1.15.1".
    const char *(*version)(void);

    int (*set_bool_option)(void *highs, const char *option, int value);
    int (*set_int_option)(void *highs, const char *option, int value);
    int (*set_double_option)(void *highs, const char *option, double value);
    int (*set_string_option)(void *highs, const char *option, const char *value);

    /// Forgets the model, the solution and the basis.
    int (*clear_model)(void *highs);
    /// Starts the clock that the time limit is compared with anew.
    int (*zero_all_clocks)(const void *highs);
    /// Replaces the model. `format` is 2 for rows; `sense` is 1 to minimise; `integrality` holds 1 for an integer
    /// column and may be NULL for a linear program.
    int (*pass_model)(void *highs, int columns, int rows, int nonzeros, int quadratic_nonzeros, int format,
                      int quadratic_format, int sense, double offset, const double *costs,
                      const double *column_lower, const double *column_upper, const double *row_lower,
                      const double *row_upper, const int *starts, const int *indices, const double *values,
                      const int *quadratic_starts, const int *quadratic_indices, const double *quadratic_values,
                      const int *integrality);
    /// Offers a point to start from; the row values and both kinds of dual may be NULL.
    int (*set_solution)(void *highs, const double *column_values, const double *row_values,
                        const double *column_duals, const double *row_duals);
    int (*run)(void *highs);

    /// One of the numbers of the interface's model status table.
    int (*model_status)(const void *highs);
    /// Fills arrays of one number per column, column, row and row.
    int (*get_solution)(const void *highs, double *column_values, double *column_duals, double *row_values,
                        double *row_duals);
    int (*get_int_info)(const void *highs, const char *name, int *value);
    int (*get_int64_info)(const void *highs, const char *name, int64_t *value);
    int (*get_double_info)(const void *highs, const char *name, double *value);

    /// Registers a function that is called from within a run: with the type of the call, a message, figures, a place
    /// whose first member says whether to stop, and the address given here.
    int (*set_callback)(void *highs, void (*call)(int, const char *, const void *, int *, void *), void *data);
    /// Turns on the calls of a type.
    int (*start_callback)(void *highs, int type);
} CNativeHiGHS;

/// What stops a run from within: the solver's own time limit is looked at too seldom to hold.
typedef struct CNativeHiGHSGuard {
    /// On the clock of `cnative_highs_clock`; after it the run is told to stop.
    double deadline_seconds;
    /// How often the solver may ask before it is told to stop; negative for any number.
    int64_t asks_max;
    /// How often it has asked.
    int64_t asks;
    /// Whether it was told to stop.
    int stopped;
} CNativeHiGHSGuard;

/// Seconds on a clock that never goes back.
double cnative_highs_clock(void);

/// Lets a guard watch all runs of an instance; the guard has to outlive it. Returns 1, or 0 where the library refused.
int cnative_highs_watch(const CNativeHiGHS *table, void *highs, CNativeHiGHSGuard *guard);

/// Opens the named library by the rules of `cnative_library_open` and fills the table. Returns 1 and the opened path
/// in `message`, or 0 and the reason.
int cnative_highs_load(const char *library_name, CNativeHiGHS *table, char *message, size_t message_size);

#ifdef __cplusplus
}
#endif
