//  guard_trial: findings of one text or body, in their order.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_body.h"
#include "broker/guard/guard_calls.h"
#include "broker/guard/guard_offers.h"
#include "broker/guard/guard_stream.h"
#include "broker/guard/guard_words.h"
#include "cli/guard_trial.h"

#define STEP 65536        //  bytes of a body at once
#define MESSAGE_MAX 65536 //  bytes of what a client would be told

//  ---- findings

static void
s_keep (cli_guard_trial_t *self, const cli_guard_finding_t *found)
{
    if (found->action > self->strictest)
        self->strictest = found->action;
    if (self->count == CLI_GUARD_FINDINGS_MAX) {
        self->more++;
        return;
    }
    self->findings = br_realloc (self->findings,
                                 (self->count + 1) * sizeof *self->findings);
    self->findings[self->count++] = *found;
}

//  The rules that look redact where the real ones block.
static void
s_take (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    cli_guard_trial_t *self = arg;
    const cli_guard_plan_t *plan = self->plan;
    cli_guard_finding_t found = { .kind = finding->kind,
                                  .pattern = finding->pattern,
                                  .action = finding->action,
                                  .place = place,
                                  .at = finding->at };
    if (finding->action == GUARD_REDACT)
        found.action = guard_rules_action (plan->rules, plan->sets, self->direction,
                                           finding->pattern);
    if (finding->kind == GUARD_FOUND)
        guard_text_mask (finding, found.masked);
    s_keep (self, &found);
}

static void
s_take_of_text (void *arg, const guard_finding_t *finding)
{
    s_take (arg, finding, BR_TEXT_ANSWER);
}

//  ---- one text

static int
s_compare (const void *one, const void *two)
{
    const cli_guard_finding_t *a = one, *b = two;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return (a->pattern > b->pattern) - (a->pattern < b->pattern);
}

//  Puts findings in the order of the text, and finds their lines.
static void
s_place (cli_guard_trial_t *self, const char *text)
{
    if (self->count)
        qsort (self->findings, self->count, sizeof *self->findings, s_compare);
    unsigned line = 1;
    uint64_t at = 0, begin = 0;
    for (size_t i = 0; i < self->count; i++) {
        for (; at < self->findings[i].at; at++)
            if (text[at] == '\n') {
                line++;
                begin = at + 1;
            }
        self->findings[i].line = line;
        self->findings[i].column = (unsigned) (at - begin + 1);
    }
}

//  The text with its ranges redacted.
static void
s_redact (cli_guard_trial_t *self, const guard_text_t *text, const char *bytes,
          size_t size)
{
    size_t count = 0, done = 0;
    const guard_range_t *ranges = guard_text_ranges (text, &count);
    for (size_t i = 0; i < count; i++) {
        br_buf_add (&self->redacted, bytes + done, (size_t) ranges[i].from - done);
        br_buf_adds (&self->redacted, GUARD_REDACTED);
        done = (size_t) ranges[i].to;
    }
    br_buf_add (&self->redacted, bytes + done, size - done);
}

static void
s_run_text (cli_guard_trial_t *self, const void *bytes, size_t size)
{
    guard_text_t *text = guard_text_new (self->plan->looking, self->plan->sets,
                                         self->direction, GUARD_WARN, GUARD_BLOCK,
                                         s_take_of_text, self);
    guard_text_push (text, bytes, size);
    guard_text_end (text);
    s_place (self, bytes);
    s_redact (self, text, bytes, size);
    guard_text_destroy (&text);
}

//  ---- a body

static int
s_run_body (cli_guard_trial_t *self, const void *bytes, size_t size, br_error_t *reterr)
{
    guard_body_t *body = guard_body_new (self->plan->looking, self->plan->sets,
                                         self->direction, GUARD_WARN, GUARD_BLOCK,
                                         self->surface, bytes, size, s_take, self);
    while (guard_body_step (body, STEP))
        continue;
    guard_body_verdict_t verdict = guard_body_verdict (body);
    int rc = 0;
    if (verdict == GUARD_BODY_UNREADABLE)
        rc = br_error_set (reterr, BR_EINVALID,
                           "the input is no JSON of that protocol; rules that fail "
                           "closed would refuse it");
    else if (verdict == GUARD_BODY_CHANGED)
        rc = guard_body_write (body, &self->redacted, NULL, reterr);
    else
        br_buf_add (&self->redacted, bytes, size);
    guard_body_destroy (&body);
    return rc;
}

//  ---- a stream

//  Whether an answer begins as a stream of server-sent events.
static bool
s_is_stream (const cli_guard_trial_t *self, const char *bytes, size_t size)
{
    static const char *const s_begins[] = { "data:", "event:", "id:", "retry:", ":" };
    size_t at = 0;
    if (self->direction != GUARD_DOWN)
        return false;
    while (at < size && strchr ("\r\n", bytes[at]) && bytes[at])
        at++;
    for (size_t i = 0; i < sizeof s_begins / sizeof *s_begins; i++) {
        size_t length = strlen (s_begins[i]);
        if (size - at >= length && memcmp (bytes + at, s_begins[i], length) == 0)
            return true;
    }
    return false;
}

static int
s_run_stream (cli_guard_trial_t *self, const void *bytes, size_t size, br_error_t *reterr)
{
    guard_stream_t *stream = guard_stream_new (self->plan->looking, self->plan->sets,
                                               GUARD_WARN, GUARD_BLOCK, self->surface,
                                               s_take, self);
    int rc = guard_stream_push (stream, bytes, size, &self->redacted);
    if (rc == 0)
        rc = guard_stream_end (stream, &self->redacted);
    if (rc || guard_stream_has_missed (stream))
        rc = br_error_set (reterr, BR_EINVALID,
                           "the input is no stream of events of that protocol; rules "
                           "that fail closed would end it");
    guard_stream_destroy (&stream);
    return rc;
}

//  ---- tools

//  The same of a stream. ret: 1 = something was taken out, 0 or -1
static int
s_push_calls (cli_guard_trial_t *self, guard_calls_t *calls, const void *bytes,
              size_t size, br_buf_t *out)
{
    if (guard_calls_push (calls, bytes, size, out, &self->refusal)
        || guard_calls_end (calls, out, &self->refusal))
        return -1;
    return out->size != size || memcmp (out->data, bytes, size) != 0;
}

//  Appends the body as the rules for tools leave it.
static void
s_run_tools (cli_guard_trial_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    const guard_tools_t *tools = self->plan->tools;
    int rc = 0;
    if (self->direction == GUARD_UP) {
        rc = guard_offers_write (tools, self->surface, bytes, size, out, NULL,
                                 &self->refusal);
    } else {
        guard_calls_t *calls = guard_calls_new (tools, self->surface);
        rc = s_is_stream (self, bytes, size)
                 ? s_push_calls (self, calls, bytes, size, out)
                 : guard_calls_write (calls, bytes, size, out, &self->refusal);
        guard_calls_destroy (&calls);
    }
    if (rc <= 0) {
        br_buf_clear (out);
        br_buf_add (out, bytes, size);
    }
    self->tools = rc < 0    ? CLI_GUARD_TOOLS_REFUSED
                  : rc == 1 ? CLI_GUARD_TOOLS_HIDDEN
                            : CLI_GUARD_TOOLS_STAY;
    if (rc < 0)
        self->strictest = GUARD_BLOCK;
}

const char *
cli_guard_trial_tools (const cli_guard_trial_t *self)
{
    static const char *const s_words[] = {
        [CLI_GUARD_TOOLS_STAY] = "as it is",
        [CLI_GUARD_TOOLS_HIDDEN] = "taken out",
        [CLI_GUARD_TOOLS_REFUSED] = "refused",
    };
    return s_words[self->tools];
}

//  ---- the whole

static int
s_run_whole (cli_guard_trial_t *self, const void *bytes, size_t size, br_error_t *reterr)
{
    bool is_stream = s_is_stream (self, bytes, size);
    if (!guard_tools_has_rules (self->plan->tools))
        return is_stream ? s_run_stream (self, bytes, size, reterr)
                         : s_run_body (self, bytes, size, reterr);
    br_buf_t left;
    br_buf_init (&left, (size_t) CLI_GUARD_INPUT_MAX * 2);
    s_run_tools (self, bytes, size, &left);
    int rc = is_stream ? s_run_stream (self, left.data, left.size, reterr)
                       : s_run_body (self, left.data, left.size, reterr);
    br_buf_free (&left);
    return rc;
}

int
cli_guard_trial_run (cli_guard_trial_t *self, const void *bytes, size_t size,
                     br_error_t *reterr)
{
    //  A redaction may be longer than what was there.
    br_buf_init (&self->redacted, (size_t) CLI_GUARD_INPUT_MAX * sizeof GUARD_REDACTED);
    if (self->surface != BR_SURFACE_NONE)
        return s_run_whole (self, bytes, size, reterr);
    s_run_text (self, bytes, size);
    return 0;
}

void
cli_guard_trial_clear (cli_guard_trial_t *self)
{
    br_buf_free (&self->redacted);
    free (self->findings);
    self->findings = NULL;
    self->count = 0;
}

char *
cli_guard_trial_where (const cli_guard_trial_t *self, const cli_guard_finding_t *finding)
{
    const char *place = self->surface == BR_SURFACE_NONE
                            ? "text"
                            : guard_place_name (self->direction, finding->place);
    return br_strf ("%s %s", guard_direction_name (self->direction), place);
}

static bool
s_has (const char *const *texts, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp (texts[i], text) == 0)
            return true;
    return false;
}

char *
cli_guard_trial_message (const cli_guard_trial_t *self)
{
    if (self->tools == CLI_GUARD_TOOLS_REFUSED)
        return br_strdup (self->refusal.text);
    const char *abouts[GUARD_PATTERNS_MAX];
    size_t count = 0;
    char *where = NULL;
    for (size_t i = 0; i < self->count && count < GUARD_PATTERNS_MAX; i++) {
        const cli_guard_finding_t *finding = &self->findings[i];
        if (finding->action != GUARD_BLOCK)
            continue;
        const char *about = guard_rules_about (self->plan->rules, finding->pattern);
        if (!s_has (abouts, count, about))
            abouts[count++] = about;
        if (!where)
            where = cli_guard_trial_where (self, finding);
    }
    br_buf_t out;
    br_buf_init (&out, MESSAGE_MAX);
    guard_rules_message (self->plan->rules, where ? where : "text", abouts, count, &out);
    char *message = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    free (where);
    return message;
}
