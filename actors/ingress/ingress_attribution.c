//  ingress_attribution: a table of headers, and W3C's traceparent.

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "actors/ingress/ingress_attribution.h"
#include "broker/proto/attribution.h"

#define TRACE_DIGITS 32
#define SPAN_DIGITS 16
#define PARENT_SIZE 55 //  bytes of a traceparent of version 00

//  Headers of ours: what stands in one must be sound.
static const struct {
    const char *name;
    size_t at; //  of the text
} s_ours[] = {
    { "x-bitrouter-session", offsetof (br_attribution_t, session) },
    { "x-bitrouter-run", offsetof (br_attribution_t, run) },
    { "x-bitrouter-agent", offsetof (br_attribution_t, agent) },
    { "x-bitrouter-step", offsetof (br_attribution_t, step) },
};

//  Headers in which clients name their conversation; the first that is there counts.
static const char *const s_sessions[] = {
    "x-bitrouter-session",
    "x-bitrouter-session-id",
    "x-session-id",
    "session_id", //  Codex
    "session-id",
    "conversation_id", //  Codex, older ones
    "x-claude-code-session-id",
};

static bool
s_is_sound (const char *text)
{
    size_t size = strlen (text);
    bool sound = size > 0 && size <= BR_ATTRIBUTION_TEXT;
    for (size_t i = 0; sound && i < size; i++)
        sound = (uint8_t) text[i] > 0x20 && (uint8_t) text[i] < 0x7f;
    return sound;
}

const char *
ingress_attribution_session (const http_call_t *http)
{
    const char *session = NULL;
    for (size_t i = 0; !session && i < sizeof s_sessions / sizeof *s_sessions; i++)
        session = http_call_header (http, s_sessions[i]);
    return session;
}

static int
s_read_ours (const http_call_t *http, br_attribution_t *self, br_error_t *reterr)
{
    for (size_t i = 0; i < sizeof s_ours / sizeof *s_ours; i++) {
        const char *value = http_call_header (http, s_ours[i].name);
        if (!value)
            continue;
        if (!s_is_sound (value))
            return br_error_set (reterr, BR_EINVALID,
                                 "%s must be 1 to %d visible characters of ASCII",
                                 s_ours[i].name, BR_ATTRIBUTION_TEXT);
        memcpy ((char *) self + s_ours[i].at, &value, sizeof value);
    }
    return 0;
}

//  ---- traceparent

//  What of a traceparent counts.
typedef struct _parent_t {
    char trace[TRACE_DIGITS + 1];
    char span[SPAN_DIGITS + 1];
    bool sampled;
} parent_t;

//  So many small hexadecimal digits.
static bool
s_are_digits (const char *at, size_t size)
{
    return strspn (at, "0123456789abcdef") >= size;
}

//  An id of digits that are not all 0.
static bool
s_is_id (const char *at, size_t size)
{
    return s_are_digits (at, size) && strspn (at, "0") < size;
}

//  "00-TRACE-SPAN-FLAGS"; a later version may have more behind it.
static bool
s_read_parent (const char *text, parent_t *ret_parent)
{
    static const char hex[] = "0123456789abcdef";
    size_t size = text ? strlen (text) : 0;
    if (size < PARENT_SIZE || !s_are_digits (text, 2) || strncmp (text, "ff", 2) == 0)
        return false;
    bool is_first = strncmp (text, "00", 2) == 0;
    if (size > PARENT_SIZE && (is_first || text[PARENT_SIZE] != '-'))
        return false;
    const char *trace = text + 3;
    const char *span = trace + TRACE_DIGITS + 1;
    const char *flags = span + SPAN_DIGITS + 1;
    bool dashes = trace[-1] == '-' && span[-1] == '-' && flags[-1] == '-';
    if (!dashes || !s_is_id (trace, TRACE_DIGITS) || !s_is_id (span, SPAN_DIGITS)
        || !s_are_digits (flags, 2))
        return false;
    memcpy (ret_parent->trace, trace, TRACE_DIGITS);
    ret_parent->trace[TRACE_DIGITS] = 0;
    memcpy (ret_parent->span, span, SPAN_DIGITS);
    ret_parent->span[SPAN_DIGITS] = 0;
    ret_parent->sampled = (strchr (hex, flags[1]) - hex) & 1;
    return true;
}

static void
s_draw_span (ingress_random_fn *random, void *arg, char span[SPAN_DIGITS + 1])
{
    uint64_t number = random (arg);
    snprintf (span, SPAN_DIGITS + 1, "%016" PRIx64, number ? number : 1);
}

//  ---- public function

int
ingress_attribution_read (const http_call_t *http, const ingress_identity_t *identity,
                          ingress_random_fn *random, void *arg, br_buf_t *who,
                          br_error_t *reterr)
{
    br_attribution_t self;
    parent_t parent;
    char span[SPAN_DIGITS + 1];
    br_attribution_init (&self);
    br_buf_clear (who);
    if (s_read_ours (http, &self, reterr))
        return -1;
    const char *session = ingress_attribution_session (http);
    if (!*self.session && session && s_is_sound (session))
        self.session = session;
    if (identity) {
        self.account = identity->account;
        self.key = identity->key;
    }
    if (s_read_parent (http_call_header (http, "traceparent"), &parent)) {
        s_draw_span (random, arg, span);
        self.trace = parent.trace;
        self.parent = parent.span;
        self.sampled = parent.sampled;
        self.span = span;
    }
    br_attribution_write (&self, who); //  the bound of each text is the bound of all
    return 0;
}
