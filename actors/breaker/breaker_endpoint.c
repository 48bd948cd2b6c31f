//  breaker_endpoint: a ring of spans for the share of failures, a count of those in a row,
//  and what each kind of failure does while it is closed or tried.

#include <stddef.h>

#include "actors/breaker/breaker_endpoint.h"

const char *
breaker_state_name (br_breaker_t state)
{
    static const char *const names[] = { "closed", "open", "half-open" };
    return names[state];
}

uint64_t
breaker_endpoint_for_ms (const breaker_endpoint_t *self, uint64_t now_ms)
{
    bool is_open = self->state == BR_BREAKER_OPEN && self->until_ms > now_ms;
    return is_open ? self->until_ms - now_ms : 0;
}

//  ---- outcomes

static uint64_t
s_span_number (const breaker_settings_t *settings, uint64_t now_ms)
{
    uint64_t span_ms = (settings->window_ms + BREAKER_SPANS - 1) / BREAKER_SPANS;
    return now_ms / span_ms;
}

static void
s_note (breaker_endpoint_t *self, const breaker_settings_t *settings, uint64_t good,
        uint64_t bad, uint64_t now_ms)
{
    uint64_t number = s_span_number (settings, now_ms);
    breaker_span_t *span = &self->spans[number % BREAKER_SPANS];
    if (span->number != number)
        *span = (breaker_span_t) { .number = number };
    span->good += (uint32_t) (good < UINT32_MAX - span->good ? good
                                                             : UINT32_MAX - span->good);
    span->bad += bad && span->bad < UINT32_MAX;
}

void
breaker_endpoint_count (const breaker_endpoint_t *self,
                        const breaker_settings_t *settings, uint64_t now_ms,
                        uint64_t *ret_good, uint64_t *ret_bad)
{
    uint64_t number = s_span_number (settings, now_ms);
    *ret_good = *ret_bad = 0;
    for (size_t i = 0; i < BREAKER_SPANS; i++) {
        const breaker_span_t *span = &self->spans[i];
        if (span->number > number || number - span->number >= BREAKER_SPANS)
            continue;
        *ret_good += span->good;
        *ret_bad += span->bad;
    }
}

//  ---- opening and closing

static bool
s_open (breaker_endpoint_t *self, uint64_t for_ms, const char *reason, uint64_t now_ms)
{
    self->state = BR_BREAKER_OPEN;
    self->until_ms = now_ms + for_ms;
    self->reason = reason;
    self->lease = 0;
    return true;
}

//  For open_ms, and after a probe that failed for twice as long as last time.
static bool
s_open_on (breaker_endpoint_t *self, const breaker_settings_t *settings,
           const char *reason, uint64_t now_ms)
{
    uint64_t for_ms = self->open_ms ? self->open_ms * 2 : settings->open_ms;
    if (for_ms > settings->open_max_ms)
        for_ms = settings->open_max_ms;
    self->open_ms = for_ms;
    return s_open (self, for_ms, reason, now_ms);
}

bool
breaker_endpoint_close (breaker_endpoint_t *self)
{
    bool was_closed = self->state == BR_BREAKER_CLOSED;
    *self = (breaker_endpoint_t) { .state = BR_BREAKER_CLOSED, .reason = "" };
    return !was_closed;
}

static uint64_t
s_retry_ms (const breaker_settings_t *settings, const breaker_report_t *report)
{
    return report->retry_after_ms < settings->open_max_ms ? report->retry_after_ms
                                                          : settings->open_max_ms;
}

//  ---- while it is closed

static bool
s_is_over (const breaker_endpoint_t *self, const breaker_settings_t *settings,
           uint64_t now_ms)
{
    uint64_t good, bad;
    if (settings->failures && self->row >= settings->failures)
        return true;
    breaker_endpoint_count (self, settings, now_ms, &good, &bad);
    return settings->error_percent && good + bad >= settings->window_min
           && bad * 100 >= settings->error_percent * (good + bad);
}

static bool
s_count (breaker_endpoint_t *self, const breaker_settings_t *settings,
         const breaker_report_t *report, uint64_t now_ms)
{
    self->row++;
    s_note (self, settings, 0, 1, now_ms);
    return s_is_over (self, settings, now_ms)
           && s_open_on (self, settings, br_failure_label (report->failure), now_ms);
}

//  Without a word of when to come back, a limit is not an outage unless it repeats.
static bool
s_limit (breaker_endpoint_t *self, const breaker_settings_t *settings,
         const breaker_report_t *report, uint64_t now_ms)
{
    const char *reason = br_failure_label (report->failure);
    self->row++;
    if (breaker_settings_is_off (settings))
        return false;
    if (report->retry_after_ms)
        return s_open (self, s_retry_ms (settings, report), reason, now_ms);
    return settings->failures && self->row >= settings->failures
           && s_open_on (self, settings, reason, now_ms);
}

static bool
s_key (breaker_endpoint_t *self, const breaker_settings_t *settings,
       const breaker_report_t *report, uint64_t now_ms)
{
    s_note (self, settings, 0, 1, now_ms);
    if (breaker_settings_is_off (settings))
        return false;
    self->open_ms = settings->open_max_ms;
    return s_open (self, settings->open_max_ms, br_failure_label (report->failure),
                   now_ms);
}

static bool
s_clean (breaker_endpoint_t *self, const breaker_settings_t *settings,
         const breaker_report_t *report, uint64_t now_ms)
{
    (void) self;
    (void) settings;
    (void) report;
    (void) now_ms;
    return false;
}

//  ---- the end of a probe

static bool
s_probe_failed (breaker_endpoint_t *self, const breaker_settings_t *settings,
                const breaker_report_t *report, uint64_t now_ms)
{
    s_note (self, settings, 0, 1, now_ms);
    return s_open_on (self, settings, br_failure_label (report->failure), now_ms);
}

static bool
s_probe_limited (breaker_endpoint_t *self, const breaker_settings_t *settings,
                 const breaker_report_t *report, uint64_t now_ms)
{
    const char *reason = br_failure_label (report->failure);
    return report->retry_after_ms
               ? s_open (self, s_retry_ms (settings, report), reason, now_ms)
               : s_open_on (self, settings, reason, now_ms);
}

//  It said nothing of the endpoint, or had no end: the next call may try.
static bool
s_free (breaker_endpoint_t *self)
{
    self->state = BR_BREAKER_OPEN;
    self->lease = 0;
    return true;
}

static bool
s_probe_clean (breaker_endpoint_t *self, const breaker_settings_t *settings,
               const breaker_report_t *report, uint64_t now_ms)
{
    (void) settings;
    (void) now_ms;
    return report->failure == BR_FAILURE_NONE ? breaker_endpoint_close (self)
                                              : s_free (self);
}

//  ---- reports

typedef bool (mark_fn) (breaker_endpoint_t *self, const breaker_settings_t *settings,
                        const breaker_report_t *report, uint64_t now_ms);

static const struct {
    mark_fn *closed;
    mark_fn *probe;
} s_marks[] = {
    [BR_MARK_CLEAN] = { s_clean, s_probe_clean },
    [BR_MARK_COUNT] = { s_count, s_probe_failed },
    [BR_MARK_LIMIT] = { s_limit, s_probe_limited },
    [BR_MARK_KEY] = { s_key, s_key },
};

//  Calls that were under way when it opened tell nothing new, but when to come back: the
//  later time counts.
static bool
s_report_open (breaker_endpoint_t *self, const breaker_settings_t *settings,
               const breaker_report_t *report, uint64_t now_ms)
{
    if (self->state != BR_BREAKER_OPEN
        || br_failure_mark (report->failure) != BR_MARK_LIMIT)
        return false;
    uint64_t until_ms = now_ms + s_retry_ms (settings, report);
    if (!report->retry_after_ms || until_ms <= self->until_ms)
        return false;
    self->until_ms = until_ms;
    self->reason = br_failure_label (report->failure);
    return true;
}

//  A probe may last for longer than its lease: an answer that is good tells so all the same.
static bool
s_is_late_good (const breaker_endpoint_t *self, const breaker_report_t *report)
{
    return report->failure == BR_FAILURE_NONE && self->first_lease
           && report->lease >= self->first_lease && report->lease <= self->last_lease;
}

bool
breaker_endpoint_report (breaker_endpoint_t *self, const breaker_settings_t *settings,
                         const breaker_report_t *report, uint64_t now_ms)
{
    br_mark_t mark = br_failure_mark (report->failure);
    if (report->lease && report->lease == self->lease)
        return s_marks[mark].probe (self, settings, report, now_ms);
    if (self->state != BR_BREAKER_CLOSED && s_is_late_good (self, report))
        return breaker_endpoint_close (self);
    if (self->state != BR_BREAKER_CLOSED)
        return s_report_open (self, settings, report, now_ms);
    if (report->good) {
        s_note (self, settings, report->good, 0, now_ms);
        self->row = 0;
    }
    return s_marks[mark].closed (self, settings, report, now_ms);
}

//  ---- probes

bool
breaker_endpoint_probe (breaker_endpoint_t *self, uint64_t lease, br_addr_t who,
                        uint64_t now_ms)
{
    (void) breaker_endpoint_expire (self, now_ms);
    if (self->state != BR_BREAKER_OPEN || self->until_ms > now_ms)
        return false;
    self->state = BR_BREAKER_HALF_OPEN;
    self->lease = lease;
    self->lease_ms = now_ms + BREAKER_LEASE_MS;
    self->lease_for = who;
    self->last_lease = lease;
    if (!self->first_lease)
        self->first_lease = lease;
    return true;
}

bool
breaker_endpoint_expire (breaker_endpoint_t *self, uint64_t now_ms)
{
    return self->lease && now_ms >= self->lease_ms && s_free (self);
}

bool
breaker_endpoint_gone (breaker_endpoint_t *self, uint32_t host, uint32_t life)
{
    return self->lease && self->lease_for.host == host && self->lease_for.life == life
           && s_free (self);
}
