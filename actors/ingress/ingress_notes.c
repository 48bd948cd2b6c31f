//  ingress_notes: headers of our own, written out.

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "actors/ingress/ingress_notes.h"
#include "broker/core/pairs.h"
#include "broker/guard/guard_said.h"

#define ROUTE_MAX 1600 //  bytes of a route's name with its escapes
#define VALUE_MAX 64   //  bytes of any other value

static void
s_add_number (br_buf_t *pairs, const char *name, uint64_t number)
{
    char value[VALUE_MAX];
    snprintf (value, sizeof value, "%" PRIu64, number);
    br_pairs_add (pairs, name, value);
}

void
ingress_notes_add_route (br_buf_t *pairs, const char *route)
{
    br_buf_t value;
    br_buf_init (&value, ROUTE_MAX);
    for (const char *at = route; *at; at++) {
        uint8_t c = (uint8_t) *at;
        if (c > 0x20 && c < 0x7f && c != '%')
            br_buf_addc (&value, *at);
        else
            br_buf_addf (&value, "%%%02X", c);
    }
    br_pairs_add (pairs, "x-bitrouter-route", br_buf_text (&value));
    br_buf_free (&value);
}

void
ingress_notes_add_times (br_buf_t *pairs, uint64_t took_us, uint64_t elsewhere_us)
{
    uint64_t own_us = took_us > elsewhere_us ? took_us - elsewhere_us : 0;
    s_add_number (pairs, "x-bitrouter-overhead-us", own_us);
    char value[2 * VALUE_MAX];
    snprintf (value, sizeof value,
              "router;dur=%" PRIu64 ".%03" PRIu64 ", provider;dur=%" PRIu64 ".%" PRIu64,
              own_us / 1000, own_us % 1000, elsewhere_us / 1000,
              elsewhere_us % 1000 / 100);
    br_pairs_add (pairs, "server-timing", value);
}

static uint64_t
s_whole_seconds (uint64_t ms)
{
    return ms / 1000 + (ms % 1000 != 0);
}

void
ingress_notes_add_retry (br_buf_t *pairs, uint64_t retry_ms)
{
    uint64_t seconds = s_whole_seconds (retry_ms);
    s_add_number (pairs, "retry-after", seconds ? seconds : 1);
    s_add_number (pairs, "retry-after-ms", retry_ms);
}

void
ingress_notes_add_cost (br_buf_t *pairs, int64_t nusd)
{
    if (nusd != BR_PRICE_UNKNOWN)
        s_add_number (pairs, "x-bitrouter-cost-nusd", (uint64_t) nusd);
}

void
ingress_notes_add_guard (br_buf_t *pairs, uint64_t guard_said)
{
    br_buf_t value;
    br_buf_init (&value, GUARD_SAID_MAX);
    guard_said_write (guard_said, &value);
    if (value.size)
        br_pairs_add (pairs, GUARD_SAID_NAME, br_buf_text (&value));
    br_buf_free (&value);
}

//  ---- rates

//  "250ms", "1s", "6m0s", as OpenAI says it.
static void
s_write_span (uint64_t ms, char value[VALUE_MAX])
{
    uint64_t seconds = s_whole_seconds (ms);
    if (ms > 0 && ms < 1000)
        snprintf (value, VALUE_MAX, "%" PRIu64 "ms", ms);
    else if (seconds < 60)
        snprintf (value, VALUE_MAX, "%" PRIu64 "s", seconds);
    else if (seconds < 3600)
        snprintf (value, VALUE_MAX, "%" PRIu64 "m%" PRIu64 "s", seconds / 60,
                  seconds % 60);
    else
        snprintf (value, VALUE_MAX, "%" PRIu64 "h%" PRIu64 "m%" PRIu64 "s",
                  seconds / 3600, seconds % 3600 / 60, seconds % 60);
}

//  A time of day in RFC 3339.
static void
s_write_time (uint64_t unix_ms, char value[VALUE_MAX])
{
    time_t seconds = (time_t) s_whole_seconds (unix_ms);
    struct tm parts;
    value[0] = 0;
    if (gmtime_r (&seconds, &parts))
        strftime (value, VALUE_MAX, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

//  "x-ratelimit-limit-requests", or "anthropic-ratelimit-requests-limit".
static void
s_write_name (br_protocol_t wire, const char *part, const char *what,
              char name[VALUE_MAX])
{
    if (wire == BR_PROTOCOL_MESSAGES)
        snprintf (name, VALUE_MAX, "anthropic-ratelimit-%s-%s", what, part);
    else
        snprintf (name, VALUE_MAX, "x-ratelimit-%s-%s", part, what);
}

void
ingress_notes_add_rate (br_buf_t *pairs, br_protocol_t wire, const char *what,
                        const quota_rate_t *rate, uint64_t unix_ms)
{
    if (!rate->limit)
        return;
    char name[VALUE_MAX];
    char value[VALUE_MAX];
    s_write_name (wire, "limit", what, name);
    s_add_number (pairs, name, rate->limit);
    s_write_name (wire, "remaining", what, name);
    s_add_number (pairs, name, rate->remaining);
    s_write_name (wire, "reset", what, name);
    if (wire == BR_PROTOCOL_MESSAGES)
        s_write_time (unix_ms + rate->reset_ms, value);
    else
        s_write_span (rate->reset_ms, value);
    br_pairs_add (pairs, name, value);
}
