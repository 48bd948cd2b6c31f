//  when: a time as people write it.

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/when.h"

#define MS_PER_S 1000u
#define DAY_MS (24u * 3600 * MS_PER_S)
#define SPAN_DIGITS 6

//  "7d": how long before now.
static int
s_read_span (const char *text, uint64_t *ret_ms)
{
    static const struct {
        char unit;
        uint64_t ms;
    } rows[] = { { 'd', DAY_MS },
                 { 'h', 3600 * MS_PER_S },
                 { 'm', 60 * MS_PER_S },
                 { 's', MS_PER_S } };
    size_t digits = strspn (text, "0123456789");
    if (digits == 0 || digits > SPAN_DIGITS || !text[digits] || text[digits + 1])
        return -1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].unit == text[digits]) {
            *ret_ms = strtoull (text, NULL, 10) * rows[i].ms;
            return 0;
        }
    return -1;
}

//  0 a moment, 1 a day.
static int
s_read_date (const char *text, uint64_t *ret_ms)
{
    static const char *const forms[] = { "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d" };
    for (int i = 0; i < 2; i++) {
        struct tm tm = { .tm_mday = 1 };
        const char *end = strptime (text, forms[i], &tm);
        time_t at = end && !*end ? timegm (&tm) : -1;
        if (at < 0)
            continue;
        *ret_ms = (uint64_t) at * MS_PER_S;
        return i;
    }
    return -1;
}

int
cli_when (const char *text, uint64_t now_ms, bool is_end, uint64_t *ret_ms)
{
    uint64_t ms = 0;
    if (s_read_span (text, &ms) == 0) {
        *ret_ms = ms < now_ms ? now_ms - ms : 0;
        return 0;
    }
    int is_day = 1;
    if (strcmp (text, "today") == 0)
        ms = now_ms - now_ms % DAY_MS;
    else if (strcmp (text, "yesterday") == 0)
        ms = now_ms - now_ms % DAY_MS - DAY_MS;
    else
        is_day = s_read_date (text, &ms);
    if (is_day < 0)
        return -1;
    *ret_ms = is_day && is_end ? ms + DAY_MS : ms;
    return 0;
}
