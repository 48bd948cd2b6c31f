//  idempotency_settings: one row for each member of the slice.

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "actors/idempotency/idempotency_settings.h"

#define WINDOW_BOUND_MS 31622400000.0 //  a leap year
#define BYTES_BOUND 68719476736.0     //  64 GB

typedef enum {
    WINDOW,
    BYTES,
    ANSWER,
    ROWS
} row_t;

static const struct {
    const char *key;
    double least;
    double most;
    double otherwise;
} s_rows[ROWS] = {
    [WINDOW] = { "window_ms", 1, WINDOW_BOUND_MS, IDEMPOTENCY_WINDOW_MS },
    [BYTES] = { "bytes_max", 0, BYTES_BOUND, IDEMPOTENCY_BYTES_MAX },
    [ANSWER] = { "answer_max", 0, IDEMPOTENCY_ANSWER_BOUND, IDEMPOTENCY_ANSWER_MAX },
};

static idempotency_settings_t
s_settings (const double *numbers)
{
    return (idempotency_settings_t) { .window_ms = (uint64_t) numbers[WINDOW],
                                      .bytes_max = (size_t) numbers[BYTES],
                                      .answer_max = (size_t) numbers[ANSWER] };
}

idempotency_settings_t
idempotency_settings_default (void)
{
    double numbers[ROWS];
    for (int i = 0; i < ROWS; i++)
        numbers[i] = s_rows[i].otherwise;
    return s_settings (numbers);
}

int
idempotency_settings_read (const char *slice, idempotency_settings_t *ret_settings,
                           br_error_t *reterr)
{
    cJSON *root = cJSON_Parse (slice);
    int rc = 0;
    if (!cJSON_IsObject (root))
        rc = br_error_set (reterr, BR_ECONFIG, "idempotency: the slice is no object");
    double numbers[ROWS];
    for (int i = 0; rc == 0 && i < ROWS; i++) {
        const cJSON *node = cJSON_GetObjectItemCaseSensitive (root, s_rows[i].key);
        numbers[i] = node ? cJSON_GetNumberValue (node) : s_rows[i].otherwise;
        bool good = numbers[i] >= s_rows[i].least && numbers[i] <= s_rows[i].most
                    && (double) (uint64_t) numbers[i] == numbers[i];
        if (!good)
            rc = br_error_set (reterr, BR_ECONFIG,
                               "idempotency: %s must be a whole number from %.0f to %.0f",
                               s_rows[i].key, s_rows[i].least, s_rows[i].most);
    }
    cJSON_Delete (root);
    if (rc)
        return -1;
    *ret_settings = s_settings (numbers);
    return 0;
}
