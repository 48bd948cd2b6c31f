//  guard_findings: rows of one text or answer.

#include <string.h>

#include "actors/guard/guard_findings.h"
#include "broker/guard/guard_words.h"

void
guard_findings_add (guard_findings_t *self, const guard_finding_t *finding,
                    br_text_place_t place)
{
    guard_findings_row_t *row = NULL;
    for (size_t i = 0; i < self->size && !row; i++)
        if (self->rows[i].pattern == finding->pattern && self->rows[i].place == place
            && self->rows[i].action == finding->action
            && self->rows[i].kind == finding->kind)
            row = &self->rows[i];
    size_t most = finding->action == GUARD_BLOCK ? GUARD_FINDINGS_ROWS
                                                 : GUARD_FINDINGS_MAX;
    if (!row && self->size >= most)
        row = &self->rows[most - 1];
    if (!row) {
        row = &self->rows[self->size++];
        *row = (guard_findings_row_t) { .pattern = finding->pattern,
                                        .place = place,
                                        .action = finding->action,
                                        .kind = finding->kind };
        if (finding->kind == GUARD_FOUND)
            guard_text_mask (finding, row->masked);
    }
    row->count++;
    self->is_redacted = self->is_redacted || finding->action == GUARD_REDACT;
    if (finding->kind == GUARD_FAILED && finding->action <= GUARD_WARN)
        self->is_unchecked = true;
}

void
guard_findings_miss (guard_findings_t *self)
{
    self->is_unchecked = true;
}

uint64_t
guard_findings_said (const guard_findings_t *self, guard_direction_t direction)
{
    static const struct {
        guard_said_t redacted;
        guard_said_t unchecked;
    } bits[GUARD_DIRECTIONS] = {
        [GUARD_UP] = { GUARD_SAID_REQUEST_REDACTED, GUARD_SAID_UNCHECKED },
        [GUARD_DOWN] = { GUARD_SAID_ANSWER_REDACTED, GUARD_SAID_ANSWER_UNCHECKED },
    };
    return (self->is_redacted ? bits[direction].redacted : 0u)
           | (self->is_unchecked ? bits[direction].unchecked : 0u);
}

//  ---- telling

static void
s_log (const guard_findings_row_t *row, br_ctx_t *ctx, const guard_rules_t *rules,
       guard_direction_t direction, const char *call)
{
    bool failed = row->kind == GUARD_FAILED;
    const br_log_field_t fields[] = {
        { .name = "call", .text = call },
        { .name = "family", .text = guard_rules_family (rules, row->pattern) },
        { .name = "pattern", .text = guard_rules_name (rules, row->pattern) },
        { .name = "action", .text = guard_action_name (row->action) },
        { .name = "direction", .text = guard_direction_name (direction) },
        { .name = "place", .text = guard_place_name (direction, row->place) },
        { .name = "masked", .text = row->masked },
    };
    br_ctx_log_fields (ctx, BR_LOG_WARN,
                       failed ? "guardrail could not look to the end of a text"
                              : "guardrail found something",
                       fields, sizeof fields / sizeof *fields);
}

static void
s_raise (const guard_findings_row_t *row, br_ctx_t *ctx, const guard_rules_t *rules,
         guard_direction_t direction, const char *call)
{
    struct br_event_guard_finding event = { .call = call };
    event.direction = guard_direction_name (direction);
    event.place = guard_place_name (direction, row->place);
    event.family = guard_rules_family (rules, row->pattern);
    event.pattern = guard_rules_name (rules, row->pattern);
    event.action = guard_action_name (row->action);
    event.masked = row->masked;
    event.count = row->count;
    event.failed = row->kind == GUARD_FAILED;
    br_ctx_event (ctx, BR_EVENT_GUARD_FINDING, &event);
}

void
guard_findings_tell (guard_findings_t *self, br_ctx_t *ctx, guard_tally_t *tally,
                     const guard_rules_t *rules, guard_direction_t direction,
                     br_id_t call)
{
    char id[BR_ID_TEXT];
    for (size_t i = 0; i < self->size; i++) {
        const guard_findings_row_t *row = &self->rows[i];
        s_log (row, ctx, rules, direction, br_id_text (call, id));
        if (br_ctx_is_watched (ctx))
            s_raise (row, ctx, rules, direction, id);
        guard_tally_add (tally, guard_rules_family (rules, row->pattern), row->action,
                         direction, row->count, row->kind == GUARD_FAILED);
    }
    self->size = 0;
}

//  ---- a block

//  Nothing was found that blocks: it was too much, or it could not be read.
static void
s_say_limit (guard_direction_t direction, bool is_stream, br_buf_t *out)
{
    br_buf_addf (out,
                 "the %s %s could not be looked at to its end, and its guardrails fail "
                 "closed: a part of it cannot be read, or is over a limit of theirs",
                 guard_direction_name (direction), is_stream ? "stream" : "body");
}

void
guard_findings_message (const guard_findings_t *self, const guard_rules_t *rules,
                        guard_direction_t direction, bool is_stream, br_buf_t *out)
{
    const char *abouts[GUARD_FINDINGS_ROWS];
    size_t count = 0;
    const guard_findings_row_t *first = NULL;
    bool is_found = false;
    for (size_t i = 0; i < self->size; i++) {
        const guard_findings_row_t *row = &self->rows[i];
        if (row->action != GUARD_BLOCK)
            continue;
        first = first ? first : row;
        is_found = is_found || row->kind == GUARD_FOUND;
        const char *about = guard_rules_about (rules, row->pattern);
        bool is_known = false;
        for (size_t j = 0; j < count && !is_known; j++)
            is_known = strcmp (abouts[j], about) == 0;
        if (!is_known)
            abouts[count++] = about;
    }
    if (!first) {
        s_say_limit (direction, is_stream, out);
        return;
    }
    br_buf_t where;
    br_buf_init (&where, 128);
    br_buf_addf (&where, "%s %s%s", guard_direction_name (direction),
                 is_stream ? "stream " : "", guard_place_name (direction, first->place));
    if (!is_found)
        br_buf_addf (out,
                     "the %s content could not be looked at to its end, and its "
                     "guardrails fail closed: ",
                     br_buf_text (&where));
    guard_rules_message (rules, br_buf_text (&where), abouts, count, out);
    br_buf_free (&where);
}
