//  breaker_settings: one row for each member of the slice.

#include <cjson/cJSON.h>
#include <stddef.h>

#include "actors/breaker/breaker_settings.h"

#define TIME_MAX_MS 86400000.0 //  a day
#define COUNT_MAX 1000000000.0

static const struct {
    const char *key;
    size_t offset; //  in the struct
    double least;
    double most;
    double otherwise;
} s_rows[] = {
    { "failures", offsetof (breaker_settings_t, failures), 0, COUNT_MAX, 5 },
    { "window_ms", offsetof (breaker_settings_t, window_ms), 1, TIME_MAX_MS, 30000 },
    { "window_min", offsetof (breaker_settings_t, window_min), 1, COUNT_MAX, 20 },
    { "error_percent", offsetof (breaker_settings_t, error_percent), 0, 100, 50 },
    { "open_ms", offsetof (breaker_settings_t, open_ms), 1, TIME_MAX_MS, 15000 },
    { "open_max_ms", offsetof (breaker_settings_t, open_max_ms), 1, TIME_MAX_MS, 300000 },
};

#define ROWS (sizeof s_rows / sizeof *s_rows)

static void
s_put (breaker_settings_t *settings, size_t row, double number)
{
    uint64_t *member = (uint64_t *) (void *) ((char *) settings + s_rows[row].offset);
    *member = (uint64_t) number;
}

breaker_settings_t
breaker_settings_default (void)
{
    breaker_settings_t settings;
    for (size_t i = 0; i < ROWS; i++)
        s_put (&settings, i, s_rows[i].otherwise);
    return settings;
}

bool
breaker_settings_is_off (const breaker_settings_t *self)
{
    return !self->failures && !self->error_percent;
}

static int
s_read_row (const cJSON *root, size_t row, breaker_settings_t *settings,
            br_error_t *reterr)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive (root, s_rows[row].key);
    double number = node ? cJSON_GetNumberValue (node) : s_rows[row].otherwise;
    if (!(number >= s_rows[row].least && number <= s_rows[row].most)
        || (double) (uint64_t) number != number)
        return br_error_set (reterr, BR_ECONFIG,
                             "breaker: %s must be a whole number from %.0f to %.0f",
                             s_rows[row].key, s_rows[row].least, s_rows[row].most);
    s_put (settings, row, number);
    return 0;
}

int
breaker_settings_read (const char *slice, breaker_settings_t *ret_settings,
                       br_error_t *reterr)
{
    breaker_settings_t settings = breaker_settings_default ();
    cJSON *root = cJSON_Parse (slice);
    int rc = 0;
    if (!cJSON_IsObject (root))
        rc = br_error_set (reterr, BR_ECONFIG, "breaker: the slice is no object");
    for (size_t i = 0; rc == 0 && i < ROWS; i++)
        rc = s_read_row (root, i, &settings, reterr);
    cJSON_Delete (root);
    if (rc)
        return -1;
    if (settings.open_max_ms < settings.open_ms)
        settings.open_max_ms = settings.open_ms;
    *ret_settings = settings;
    return 0;
}
