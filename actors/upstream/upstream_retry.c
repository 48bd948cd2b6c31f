//  upstream_retry: what a provider says of another try.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "actors/upstream/upstream_retry.h"

#define NAME_MAX_BYTES 64   //  of a header's name
#define NUMBER_MAX_BYTES 16 //  of a number

//  ---- numbers and times

static uint64_t
s_bounded (double ms)
{
    if (!(ms > 0))
        return 0;
    if (ms >= UPSTREAM_RETRY_MAX_MS)
        return UPSTREAM_RETRY_MAX_MS;
    uint64_t whole = (uint64_t) ms;
    return whole + (whole < ms);
}

//  A number without sign or exponent at the beginning of *text_p, which moves behind it.
//  -1 when there is none.
static double
s_number (const char **text_p)
{
    char digits[NUMBER_MAX_BYTES];
    size_t size = strspn (*text_p, "0123456789.");
    if (size == 0 || size >= sizeof digits)
        return -1;
    memcpy (digits, *text_p, size);
    digits[size] = 0;
    char *end;
    double number = strtod (digits, &end);
    *text_p += size;
    return *end ? -1 : number;
}

//  The whole text is a number; else -1.
static double
s_only_number (const char *text)
{
    double number = s_number (&text);
    return *text ? -1 : number;
}

//  From now until then.
static uint64_t
s_until (double then_ms, uint64_t unix_ms)
{
    return s_bounded (then_ms - (double) unix_ms);
}

//  The three forms that HTTP knows.
static uint64_t
s_until_date (const char *text, uint64_t unix_ms)
{
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y",
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm tm = { .tm_isdst = 0 };
        const char *end = strptime (text, forms[i], &tm);
        if (end && *end == 0)
            return s_until ((double) timegm (&tm) * 1000, unix_ms);
    }
    return 0;
}

//  "2026-01-31T12:00:00Z", with a fraction and another offset if need be.
static uint64_t
s_until_rfc3339 (const char *text, uint64_t unix_ms)
{
    struct tm tm = { .tm_isdst = 0 };
    const char *at = strptime (text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!at)
        return 0;
    double ms = (double) timegm (&tm) * 1000;
    if (*at == '.')
        at += 1 + strspn (at + 1, "0123456789");
    unsigned hours = 0;
    unsigned minutes = 0;
    if ((*at == '+' || *at == '-') && sscanf (at + 1, "%2u:%2u", &hours, &minutes) == 2)
        ms += (*at == '+' ? -60000.0 : 60000.0) * (hours * 60 + minutes);
    else if (strcasecmp (at, "Z") != 0)
        return 0;
    return s_until (ms, unix_ms);
}

static uint64_t
s_until_unix (const char *text, uint64_t unix_ms)
{
    double seconds = s_only_number (text);
    return seconds > 0 ? s_until (seconds * 1000, unix_ms) : 0;
}

static uint64_t
s_until_duration (const char *text, uint64_t unix_ms)
{
    (void) unix_ms;
    return upstream_retry_duration_ms (text);
}

uint64_t
upstream_retry_duration_ms (const char *text)
{
    static const struct {
        const char *unit;
        double ms;
    } rows[] = {
        { "ms", 1 }, { "us", 0.001 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
    };
    double ms = 0;
    while (*text) {
        double number = s_number (&text);
        size_t i = 0;
        while (i < sizeof rows / sizeof *rows
               && strncmp (text, rows[i].unit, strlen (rows[i].unit)) != 0)
            i++;
        if (number < 0 || i == sizeof rows / sizeof *rows)
            return 0;
        ms += number * rows[i].ms;
        text += strlen (rows[i].unit);
    }
    return s_bounded (ms);
}

//  ---- headers

uint64_t
upstream_retry_after_ms (br_bytes_t headers, uint64_t unix_ms)
{
    const char *ms = br_pairs_get (headers, "retry-after-ms");
    double number = ms ? s_only_number (ms) : -1;
    if (number >= 0)
        return s_bounded (number);
    const char *after = br_pairs_get (headers, "retry-after");
    if (!after)
        return 0;
    number = s_only_number (after);
    return number >= 0 ? s_bounded (number * 1000) : s_until_date (after, unix_ms);
}

//  A limit: how its moment is written, and how its name says what is left: %s of either
//  is one of the names.
static const struct {
    const char *reset;
    const char *state; //  "0", or "rejected": it has nothing left
    bool may_be_absent;
    const char *names[4];
    uint64_t (*until) (const char *text, uint64_t unix_ms);
} s_limits[] = {
    { "anthropic-ratelimit-%s-reset",
      "anthropic-ratelimit-%s-remaining",
      false,
      { "requests", "tokens", "input-tokens", "output-tokens" },
      s_until_rfc3339 },
    //  Of subscriptions; it is there, with the state "allowed", on good answers too.
    { "anthropic-ratelimit-%s-reset",
      "anthropic-ratelimit-%s-status",
      true,
      { "unified" },
      s_until_unix },
    { "x-ratelimit-reset-%s",
      "x-ratelimit-remaining-%s",
      false,
      { "requests", "tokens" },
      s_until_duration },
};

static const char *
s_header (br_bytes_t headers, const char *form, const char *name)
{
    const char *gap = strstr (form, "%s");
    char whole[NAME_MAX_BYTES];
    snprintf (whole, sizeof whole, "%.*s%s%s", (int) (gap - form), form, name, gap + 2);
    return br_pairs_get (headers, whole);
}

static bool
s_is_used_up (const char *state, bool may_be_absent)
{
    if (!state)
        return may_be_absent;
    return strcmp (state, "0") == 0 || strcasecmp (state, "rejected") == 0;
}

uint64_t
upstream_retry_reset_ms (br_bytes_t headers, uint64_t unix_ms)
{
    uint64_t longest = 0;
    for (size_t i = 0; i < sizeof s_limits / sizeof *s_limits; i++)
        for (size_t n = 0; n < 4 && s_limits[i].names[n]; n++) {
            const char *name = s_limits[i].names[n];
            const char *reset = s_header (headers, s_limits[i].reset, name);
            const char *state = s_header (headers, s_limits[i].state, name);
            if (!reset || !s_is_used_up (state, s_limits[i].may_be_absent))
                continue;
            uint64_t ms = s_limits[i].until (reset, unix_ms);
            longest = ms > longest ? ms : longest;
        }
    return longest;
}

br_failure_t
upstream_retry_advise (br_bytes_t headers, br_failure_t failure)
{
    const char *advice = br_pairs_get (headers, "x-should-retry");
    if (!advice)
        return failure;
    br_after_t after = br_failure_after (failure);
    bool may_be_again = after == BR_AFTER_AGAIN || after == BR_AFTER_NEXT;
    if (strcasecmp (advice, "false") == 0 && may_be_again)
        return BR_FAILURE_REFUSED;
    if (strcasecmp (advice, "true") == 0 && failure == BR_FAILURE_REQUEST)
        return BR_FAILURE_CONFLICT;
    return failure;
}
