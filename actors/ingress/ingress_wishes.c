//  ingress_wishes: a table of headers.

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "actors/ingress/ingress_wishes.h"

#define DIGITS_MAX 9 //  of whole seconds, and behind the point

static const struct {
    const char *name;
    size_t at; //  of the member, a uint64_t
} s_times[] = {
    { "x-bitrouter-connect-timeout", offsetof (ingress_wishes_t, connect_ms) },
    { "x-bitrouter-first-byte-timeout", offsetof (ingress_wishes_t, first_byte_ms) },
    { "x-bitrouter-idle-timeout", offsetof (ingress_wishes_t, idle_ms) },
    { "x-bitrouter-timeout", offsetof (ingress_wishes_t, timeout_ms) },
};

#define TIMES (sizeof s_times / sizeof *s_times)

static const struct {
    const char *name;
    size_t at; //  of the member, a bool
} s_flags[] = {
    { "x-bitrouter-continue", offsetof (ingress_wishes_t, continues) },
    { "x-bitrouter-cost", offsetof (ingress_wishes_t, tells_cost) },
};

#define FLAGS (sizeof s_flags / sizeof *s_flags)

//  Digits at *at, at most DIGITS_MAX of them; *at moves behind. Returns how many.
static size_t
s_digits (const char **at, uint64_t *ret_number)
{
    size_t count = 0;
    *ret_number = 0;
    for (; **at >= '0' && **at <= '9' && count <= DIGITS_MAX; (*at)++, count++)
        *ret_number = *ret_number * 10 + (uint64_t) (**at - '0');
    return count;
}

//  "1.5" as 1500. -1 when it is no number over 0.
static int
s_seconds (const char *at, uint64_t *ret_ms)
{
    uint64_t whole = 0;
    uint64_t part = 0;
    size_t digits = s_digits (&at, &whole);
    if (digits == 0 || digits > DIGITS_MAX)
        return -1;
    if (*at == '.') {
        at++;
        digits = s_digits (&at, &part);
        if (digits == 0 || digits > DIGITS_MAX)
            return -1;
        for (; digits < DIGITS_MAX; digits++)
            part *= 10;
    }
    if (*at || (whole == 0 && part == 0))
        return -1;
    *ret_ms = whole * 1000 + (part + 999999) / 1000000; //  part is in nanoseconds
    return 0;
}

static int
s_set_flag (ingress_wishes_t *self, size_t i, const char *value, br_error_t *reterr)
{
    bool on = strcasecmp (value, "on") == 0;
    if (!on && strcasecmp (value, "off") != 0)
        return br_error_set (reterr, BR_EINVALID, "%s must be on or off",
                             s_flags[i].name);
    memcpy ((char *) self + s_flags[i].at, &on, sizeof on);
    return 0;
}

int
ingress_wishes_set (ingress_wishes_t *self, const char *name, const char *value,
                    uint64_t cap_ms, br_error_t *reterr)
{
    for (size_t i = 0; i < FLAGS; i++)
        if (strcasecmp (name, s_flags[i].name) == 0)
            return s_set_flag (self, i, value, reterr);
    for (size_t i = 0; i < TIMES; i++) {
        if (strcasecmp (name, s_times[i].name) != 0)
            continue;
        uint64_t ms = 0;
        if (s_seconds (value, &ms))
            return br_error_set (reterr, BR_EINVALID,
                                 "%s must be seconds, more than 0, such as 30 or 1.5",
                                 s_times[i].name);
        ms = ms < cap_ms ? ms : cap_ms;
        memcpy ((char *) self + s_times[i].at, &ms, sizeof ms);
    }
    return 0;
}

int
ingress_wishes_read (ingress_wishes_t *self, const http_call_t *http, uint64_t cap_ms,
                     br_error_t *reterr)
{
    *self = (ingress_wishes_t) { .continues = false };
    for (size_t i = 0; i < TIMES + FLAGS; i++) {
        const char *name = i < TIMES ? s_times[i].name : s_flags[i - TIMES].name;
        const char *value = http_call_header (http, name);
        if (value && ingress_wishes_set (self, name, value, cap_ms, reterr))
            return -1;
    }
    return 0;
}
