//  upstream_patience: how long an attempt waits for what.

#include <stddef.h>
#include <stdio.h>

#include "actors/upstream/upstream_patience.h"

//  The bounds in the order of upstream_bounds_t.
static const struct {
    http_end_t end;       //  that one which has passed makes
    br_failure_t hurried; //  what that is when the client was in a hurry
    const char *about;    //  with the seconds in it
    const char *key;      //  of the configuration
    const char *header;   //  of the client
} s_rows[] = {
    { HTTP_END_TIMEOUT_CONNECT, BR_FAILURE_IMPATIENT, "could not be reached in %g s",
      "connect_secs", "x-bitrouter-connect-timeout" },
    { HTTP_END_TIMEOUT_FIRST, BR_FAILURE_IMPATIENT, "did not begin its answer in %g s",
      "first_byte_secs", "x-bitrouter-first-byte-timeout" },
    { HTTP_END_TIMEOUT_IDLE, BR_FAILURE_IMPATIENT,
      "fell silent for %g s in the middle of its answer", "idle_secs",
      "x-bitrouter-idle-timeout" },
    //  The time of the whole call has passed then.
    { HTTP_END_TIMEOUT_TOTAL, BR_FAILURE_CLIENT_TIME, "did not finish in %g s",
      "total_secs", "x-bitrouter-timeout" },
};

#define ROWS (sizeof s_rows / sizeof *s_rows)

upstream_patience_t
upstream_patience_of (const upstream_bounds_t *own, const struct br_attempt_start *start)
{
    upstream_patience_t self = { .bounds = *own };
    uint64_t *const bounds[ROWS] = { &self.bounds.connect_ms, &self.bounds.first_byte_ms,
                                     &self.bounds.idle_ms, &self.bounds.total_ms };
    const uint64_t asked[ROWS] = { start->connect_ms, start->first_byte_ms,
                                   start->idle_ms, start->timeout_ms };
    for (size_t i = 0; i < ROWS; i++) {
        bool shorter = asked[i] && (!*bounds[i] || asked[i] < *bounds[i]);
        bool is_total = s_rows[i].end == HTTP_END_TIMEOUT_TOTAL;
        if (shorter)
            self.hurried |= 1u << s_rows[i].end;
        if (shorter || (asked[i] && !is_total))
            *bounds[i] = asked[i];
    }
    return self;
}

br_failure_t
upstream_patience_failure (const upstream_patience_t *self, http_end_t end,
                           br_failure_t otherwise)
{
    for (size_t i = 0; i < ROWS; i++)
        if (s_rows[i].end == end && self->hurried & 1u << end)
            return s_rows[i].hurried;
    return otherwise;
}

const char *
upstream_patience_tell (const upstream_patience_t *self, http_end_t end,
                        const char *provider, const char *otherwise,
                        char out[UPSTREAM_PATIENCE_TEXT])
{
    const uint64_t bounds[ROWS] = { self->bounds.connect_ms, self->bounds.first_byte_ms,
                                    self->bounds.idle_ms, self->bounds.total_ms };
    size_t i = 0;
    while (i < ROWS && s_rows[i].end != end)
        i++;
    if (i == ROWS)
        return otherwise;
    double seconds = (double) bounds[i] / 1000;
    int size = snprintf (out, UPSTREAM_PATIENCE_TEXT, s_rows[i].about, seconds);
    snprintf (out + size, (size_t) (UPSTREAM_PATIENCE_TEXT - size),
              "; the limit is providers.%.60s.timeouts.%s or %s", provider, s_rows[i].key,
              s_rows[i].header);
    return out;
}
