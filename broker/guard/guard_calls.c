//  guard_calls: an answer on its way to the client, and the calls of tools in it.
//
//  What an event or an answer says of calls is read at once; then, object by object, the names
//  that it says, then the arguments, each by the names that stand beside it, or by those that
//  its call had in events before.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_called.h"
#include "broker/guard/guard_calls.h"
#include "broker/guard/guard_edits.h"
#include "broker/guard/guard_events.h"
#include "broker/guard/guard_named.h"
#include "broker/guard/guard_stream.h"
#include "broker/proto/texts.h"

#define SPANS_MAX (GUARD_NAMED_MAX * 8) //  that one answer says of calls
#define OUT_MAX (256u << 20)
#define ARGUMENTS_MAX (4u << 20) //  bytes of those with rules that are whole: no slices
#define SPAN_COST 256            //  bytes that a span counts: about a microsecond
#define NAME_COST 8192 //  ... and a name that is judged, by up to some hundred rules

//  What is done of a single answer, one after the other.
typedef enum {
    READS,  //  where its calls stand
    NAMES,  //  whose they are
    JUDGES, //  may they be called
    ARGUES, //  with these arguments
    DONE
} phase_t;

struct _guard_calls_t {
    const guard_tools_t *tools; //  borrowed
    br_surface_t surface;
    guard_events_t *events;
    guard_called_t *calls[GUARD_CALLS_MAX]; //  owned, with numbers
    size_t ncalls;
    size_t held;        //  bytes of arguments, of all calls
    uint64_t begun;     //  blocks and items, count
    bool is_disordered; //  they say other numbers
    bool has_ruled;     //  a call had rules for its arguments
    bool failed;        //  nothing goes any more
    //  ---- the event or answer under way
    br_text_t source; //  borrowed
    br_buf_t spans;   //  of br_call_span_t
    guard_named_t named;
    guard_edits_t edits;
    br_error_t error;
    br_buf_t *out; //  borrowed
    //  ---- a single answer
    br_texts_t *texts; //  owned, while it is read
    phase_t phase;
    size_t next; //  index of the span or call that the phase is at
    size_t left; //  bytes of the slice under way
};

//  ---- calls

static guard_called_t *
s_find (const guard_calls_t *self, uint64_t number)
{
    for (size_t i = self->ncalls; number && i > 0; i--)
        if (guard_called_number (self->calls[i - 1]) == number)
            return self->calls[i - 1];
    return NULL;
}

static void
s_remove (guard_calls_t *self, size_t index)
{
    self->held -= guard_called_held (self->calls[index]);
    guard_called_destroy (&self->calls[index]);
    self->ncalls--;
    memmove (&self->calls[index], &self->calls[index + 1],
             (self->ncalls - index) * sizeof *self->calls);
}

//  Takes a call, in place of the one with its number.
static int
s_keep (guard_calls_t *self, guard_called_t **called_p)
{
    for (size_t i = 0; i < self->ncalls; i++)
        if (guard_called_number (self->calls[i]) == guard_called_number (*called_p)) {
            s_remove (self, i);
            break;
        }
    if (self->ncalls == GUARD_CALLS_MAX)
        return br_error_set (&self->error, BR_ETOOBIG, "the answer has too many calls");
    self->calls[self->ncalls++] = *called_p;
    *called_p = NULL;
    return 0;
}

//  The call with a number, a new one when there is none. ret: NULL, with the error
static guard_called_t *
s_call (guard_calls_t *self, uint64_t number)
{
    guard_called_t *called = s_find (self, number);
    if (called)
        return called;
    guard_called_t *fresh = guard_called_new (self->tools, number);
    called = fresh;
    if (s_keep (self, &fresh) == 0)
        return called;
    guard_called_destroy (&fresh);
    return NULL;
}

//  ---- names

//  The call that a piece in an object goes on with: of this event or of those before; NULL
//  when there is none.
static guard_called_t *
s_before (const guard_calls_t *self, const br_call_span_t *span)
{
    size_t place = span->call ? guard_named_place (&self->named, span->object) : 0;
    for (size_t i = place; i > 0; i--) {
        const guard_named_row_t *row = guard_named_at (&self->named, i - 1);
        if (row->is_joint && guard_called_number (row->called) == span->call)
            return row->called;
    }
    return s_find (self, span->call);
}

static int
s_follow (guard_calls_t *self, const guard_named_row_t *row, const guard_called_t *before)
{
    if (!row->is_ours || !before)
        return 0;
    if (row->is_joint)
        return guard_called_join (row->called, before, &self->error);
    return guard_called_follow (row->called, before, &self->error);
}

//  The call that an object names. Where clients put pieces of a name together it is the one
//  of the events before, else a new one.
static guard_called_t *
s_begin_named (guard_calls_t *self, const br_call_span_t *span)
{
    guard_named_row_t row = { .object = span->object,
                              .called = guard_named_get (&self->named, span->object) };
    if (row.called)
        return row.called;
    guard_called_t *before = s_before (self, span);
    row.is_joint = span->joins
                   || (span->channel && before
                       && guard_called_is_other (before, span->id));
    row.is_ours = span->channel == 0 || row.is_joint;
    if (guard_named_count (&self->named) == GUARD_NAMED_MAX) {
        br_error_set (&self->error, BR_ETOOBIG, "the answer has too many calls");
        return NULL;
    }
    row.called = row.is_ours ? guard_called_new (self->tools, span->call)
                 : before    ? before
                             : s_call (self, span->call);
    if (!row.called)
        return NULL;
    if (row.is_ours || !before)
        guard_called_tell (row.called, span->id, span->joins);
    (void) guard_named_add (&self->named, &row);
    return s_follow (self, &row, before) == 0 ? row.called : NULL;
}

static int
s_take_name (guard_calls_t *self, const br_call_span_t *span)
{
    br_text_t value = { self->source.at + span->at, span->size };
    guard_called_t *called = s_begin_named (self, span);
    if (!called)
        return -1;
    switch (span->part) {
    case BR_CALL_NAME:
        return guard_called_name (called, value, span->channel || span->joins,
                                  &self->error);
    case BR_CALL_SERVER:
    case BR_CALL_SPACE:
        return guard_called_server (called, value, span->part == BR_CALL_SPACE,
                                    &self->error);
    default: return guard_called_type (called, value, &self->error);
    }
}

static const br_call_span_t *
s_spans (const guard_calls_t *self, size_t *ret_count)
{
    *ret_count = self->spans.size / sizeof (br_call_span_t);
    return (const br_call_span_t *) (const void *) self->spans.data;
}

static int
s_take_names (guard_calls_t *self)
{
    size_t count = 0;
    const br_call_span_t *spans = s_spans (self, &count);
    for (size_t i = 0; i < count; i++)
        if (spans[i].part != BR_CALL_ARGUMENTS && s_take_name (self, &spans[i]))
            return -1;
    for (size_t i = 0; i < guard_named_count (&self->named); i++) {
        const guard_called_t *called = guard_named_at (&self->named, i)->called;
        if (guard_called_judge (called, &self->error))
            return -1;
        self->has_ruled = self->has_ruled || guard_called_is_ruled (called);
    }
    return 0;
}

//  ---- arguments

static void
s_put (guard_calls_t *self, const br_call_span_t *span, br_buf_t *value)
{
    guard_edits_put (&self->edits, span->at, span->size,
                     (br_text_t) { br_buf_text (value), value->size });
}

//  Whether some clients take a piece for one of another call that has rules: by its id, or by
//  the number of blocks in front of that one.
static bool
s_may_be_other (const guard_calls_t *self, const br_call_span_t *span)
{
    if (self->is_disordered && self->has_ruled
        && br_texts_choice (span->call) < self->begun)
        return true;
    for (size_t i = 0; span->id && i < self->ncalls; i++)
        if (guard_called_number (self->calls[i]) != span->call
            && guard_called_has_id (self->calls[i], span->id)
            && guard_called_is_ruled (self->calls[i]))
            return true;
    return false;
}

static int
s_take_piece (guard_calls_t *self, const br_call_span_t *span)
{
    if (s_may_be_other (self, span))
        return br_error_set (&self->error, BR_EGUARD,
                             "arguments of a tool are said to be of two calls, and the "
                             "rules for tools fail closed");
    guard_called_t *called = guard_named_get (&self->named, span->object);
    if (!called)
        called = s_before (self, span);
    if (!called)
        called = s_call (self, span->call);
    if (!called)
        return -1;
    br_buf_t value;
    br_buf_init (&value, OUT_MAX);
    self->held -= guard_called_held (called);
    int rc = guard_called_push (called,
                                (br_text_t) { self->source.at + span->at, span->size },
                                &value, &self->error);
    self->held += guard_called_held (called);
    if (rc == 1)
        s_put (self, span, &value);
    br_buf_free (&value);
    if (rc >= 0 && self->held > GUARD_CALLS_HELD)
        return br_error_set (&self->error, BR_ETOOBIG,
                             "arguments of a tool are too long for the rules that they "
                             "are under");
    return rc < 0 ? -1 : 0;
}

//  in:   inside, the JSON that a string holds, or as it stands
static int
s_judge_whole (guard_calls_t *self, const guard_called_t *called,
               const br_call_span_t *span, br_text_t inside)
{
    br_buf_t rest, value;
    br_buf_init (&rest, OUT_MAX);
    br_buf_init (&value, OUT_MAX);
    guard_args_t verdict = guard_called_args (called, inside, &rest, &self->error);
    if (verdict == GUARD_ARGS_STRIPPED) {
        if (span->form == BR_TEXT_STRING)
            br_buf_add_json (&value, br_buf_text (&rest), rest.size);
        s_put (self, span, span->form == BR_TEXT_STRING ? &value : &rest);
    }
    br_buf_free (&value);
    br_buf_free (&rest);
    return verdict == GUARD_ARGS_REJECTED ? -1 : 0;
}

static int
s_judge_form (guard_calls_t *self, const guard_called_t *called,
              const br_call_span_t *span, br_text_t value)
{
    const br_surface_row_t *row = br_surface_row (self->surface);
    if (value.size > ARGUMENTS_MAX)
        return br_error_set (&self->error, BR_ETOOBIG,
                             "arguments of a tool are too long for the rules that they "
                             "are under");
    if (row && row->wire == BR_PROTOCOL_GOOGLE && *value.at == '[')
        return guard_called_paths (called, value, &self->error);
    if (span->form != BR_TEXT_STRING)
        return s_judge_whole (self, called, span, value);
    br_buf_t text;
    br_buf_init (&text, OUT_MAX);
    int rc = json_string (value.at, value.size, &text, &self->error);
    if (rc == 0)
        rc = s_judge_whole (self, called, span,
                            (br_text_t) { br_buf_text (&text), text.size });
    br_buf_free (&text);
    return rc;
}

static int
s_take_whole (guard_calls_t *self, const br_call_span_t *span)
{
    br_text_t value = { self->source.at + span->at, span->size };
    guard_called_t *nobody = NULL;
    guard_called_t *called = guard_named_get (&self->named, span->object);
    if (!called)
        called = s_find (self, span->call);
    if (!called)
        called = nobody = guard_called_new (self->tools, 0);
    int rc = 0;
    if (guard_called_is_ruled (called))
        rc = s_judge_form (self, called, span, value);
    else if (span->joins && !br_text_is (value, "\"{}\""))
        guard_called_pass (called);
    guard_called_destroy (&nobody);
    return rc;
}

static int
s_take_argument (guard_calls_t *self, const br_call_span_t *span)
{
    if (span->part != BR_CALL_ARGUMENTS)
        return 0;
    return span->channel ? s_take_piece (self, span) : s_take_whole (self, span);
}

static int
s_take_arguments (guard_calls_t *self)
{
    size_t count = 0;
    const br_call_span_t *span = s_spans (self, &count);
    for (; count; count--, span++)
        if (s_take_argument (self, span))
            return -1;
    return 0;
}

//  ---- an event or answer

static void
s_begin (guard_calls_t *self, br_text_t source)
{
    self->source = source;
    self->error = (br_error_t) { .code = BR_OK };
    br_buf_clear (&self->spans);
    guard_edits_clear (&self->edits);
}

//  Calls that it names stay for the events behind it, when they have a number.
static int
s_leave_named (guard_calls_t *self)
{
    int rc = 0;
    for (size_t i = 0; i < guard_named_count (&self->named); i++) {
        const guard_named_row_t *row = guard_named_at (&self->named, i);
        guard_called_t *called = row->is_ours ? row->called : NULL;
        if (called && guard_called_number (called))
            rc = s_keep (self, &called) != 0 ? -1 : rc;
        guard_called_destroy (&called);
    }
    guard_named_clear (&self->named);
    return rc;
}

static int
s_judge (guard_calls_t *self)
{
    int rc = s_take_names (self);
    if (rc == 0)
        rc = s_take_arguments (self);
    return s_leave_named (self) != 0 ? -1 : rc;
}

static int
s_keep_span (void *arg, const br_call_span_t *span)
{
    return br_buf_add (arg, span, sizeof *span);
}

//  ---- events

static bool
s_is_ended (const br_text_event_t *told, uint64_t number)
{
    for (size_t i = 0; i < told->nends; i++) {
        const br_text_end_t *end = &told->ends[i];
        if (end->all || (end->is_choice && end->choice == br_texts_choice (number)))
            return true;
    }
    return false;
}

static int
s_end_calls (guard_calls_t *self, const br_text_event_t *told)
{
    for (size_t i = 0; i < self->ncalls;) {
        if (!s_is_ended (told, guard_called_number (self->calls[i]))) {
            i++;
            continue;
        }
        if (guard_called_end (self->calls[i], &self->error))
            return -1;
        s_remove (self, i);
    }
    return 0;
}

static int
s_give (guard_calls_t *self, const guard_event_t *event)
{
    if (guard_edits_count (&self->edits) == 0) {
        (void) br_buf_add (self->out, event->raw.at, event->raw.size);
    } else {
        br_buf_t data;
        br_buf_init (&data, OUT_MAX);
        if (guard_edits_write (&self->edits, event->data, &data, &self->error) == 0)
            guard_event_write (event, (br_text_t) { br_buf_text (&data), data.size },
                               self->out);
        br_buf_free (&data);
    }
    if (self->out->overflow)
        br_error_set (&self->error, BR_ETOOBIG, "the answer is too long");
    return self->error.code ? -1 : 0;
}

static int
s_fail_unread (guard_calls_t *self)
{
    return br_error_set (
        &self->error, BR_EGUARD,
        "a part of the answer could not be read, and the rules for tools "
        "fail closed");
}

static int
s_event (void *arg, const guard_event_t *event)
{
    guard_calls_t *self = arg;
    br_text_event_t told = { .nends = 0 };
    s_begin (self, event->data);
    if (br_text_is_blank (event->data))
        return s_give (self, event);
    if (guard_event_is_done (event)) {
        told = (br_text_event_t) { .ends = { { .all = true } }, .nends = 1 };
        return s_end_calls (self, &told) == 0 ? s_give (self, event) : -1;
    }
    if (br_texts_calls_of_event (self->surface, event->data.at, event->data.size, &told,
                                 s_keep_span, &self->spans, &self->error)
        != 0)
        return s_fail_unread (self);
    if (told.begins)
        self->is_disordered = told.begun != self->begun++ || self->is_disordered;
    if (s_judge (self) != 0 || s_end_calls (self, &told) != 0)
        return -1;
    if (told.doubled) //  a client may put it together otherwise
        return s_fail_unread (self);
    return s_give (self, event);
}

//  ---- life

bool
guard_calls_concern (br_surface_t surface)
{
    const br_surface_row_t *row = br_surface_row (surface);
    return row
           && (row->kind == BR_SURFACE_TALK || row->kind == BR_SURFACE_TOKENS
               || surface == BR_SURFACE_RESPONSES_COMPACT
               || surface == BR_SURFACE_RESPONSE
               || surface == BR_SURFACE_RESPONSE_CANCEL);
}

guard_calls_t *
guard_calls_new (const guard_tools_t *tools, br_surface_t surface)
{
    guard_calls_t *self = BR_NEW (guard_calls_t);
    self->tools = tools;
    self->surface = surface;
    self->events = guard_events_new (GUARD_EVENT_MAX, s_event, self);
    br_buf_init (&self->spans, SPANS_MAX * sizeof (br_call_span_t));
    guard_named_init (&self->named);
    guard_edits_init (&self->edits);
    return self;
}

void
guard_calls_destroy (guard_calls_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_calls_t *self = *self_p;
    (void) s_leave_named (self);
    br_texts_destroy (&self->texts);
    guard_edits_free (&self->edits);
    guard_named_free (&self->named);
    br_buf_free (&self->spans);
    while (self->ncalls)
        guard_called_destroy (&self->calls[--self->ncalls]);
    guard_events_destroy (&self->events);
    free (self);
    *self_p = NULL;
}

//  ---- a single answer; ret: 1 = there is more, 0 = the phase is over, -1

static void
s_spend (guard_calls_t *self, size_t bytes)
{
    self->left -= bytes < self->left ? bytes : self->left;
}

static int
s_read_on (guard_calls_t *self)
{
    size_t before = self->spans.size;
    int rc = br_texts_step_calls (self->texts, self->left, s_keep_span, &self->spans,
                                  NULL);
    self->left = rc == 1 ? 0 : self->left;
    s_spend (self, (self->spans.size - before) / sizeof (br_call_span_t) * SPAN_COST);
    if (rc < 0)
        br_error_set (&self->error, BR_EGUARD,
                      self->spans.overflow
                          ? "the answer has too many calls, and the rules for tools "
                            "fail closed"
                          : "the answer could not be read, and the rules for tools "
                            "fail closed");
    return rc;
}

//  The span that the phase is at; NULL behind the last one.
static const br_call_span_t *
s_next_span (guard_calls_t *self)
{
    size_t count = 0;
    const br_call_span_t *spans = s_spans (self, &count);
    s_spend (self, SPAN_COST);
    return self->next < count ? &spans[self->next++] : NULL;
}

static int
s_name_on (guard_calls_t *self)
{
    const br_call_span_t *span = s_next_span (self);
    if (!span)
        return 0;
    return span->part == BR_CALL_ARGUMENTS || s_take_name (self, span) == 0 ? 1 : -1;
}

static int
s_judge_on (guard_calls_t *self)
{
    if (self->next == guard_named_count (&self->named))
        return 0;
    s_spend (self, NAME_COST);
    const guard_named_row_t *row = guard_named_at (&self->named, self->next++);
    return guard_called_judge (row->called, &self->error) ? -1 : 1;
}

static int
s_argue_on (guard_calls_t *self)
{
    const br_call_span_t *span = s_next_span (self);
    if (!span)
        return 0;
    if (span->part == BR_CALL_ARGUMENTS)
        s_spend (self, span->size + NAME_COST);
    return s_take_argument (self, span) ? -1 : 1;
}

//  ret: -1 when the answer is refused
static int
s_answer_over (guard_calls_t *self, int rc)
{
    self->phase = DONE;
    br_texts_destroy (&self->texts);
    return s_leave_named (self) != 0 ? -1 : rc;
}

void
guard_calls_begin (guard_calls_t *self, const void *bytes, size_t size)
{
    (void) s_leave_named (self);
    s_begin (self, (br_text_t) { bytes, size });
    br_texts_destroy (&self->texts);
    self->texts = br_texts_new_answer (self->surface, bytes, size);
    self->phase = READS;
    self->next = 0;
}

int
guard_calls_step (guard_calls_t *self, size_t slice, br_error_t *reterr)
{
    static int (*const phases[DONE]) (guard_calls_t *) = {
        [READS] = s_read_on,
        [NAMES] = s_name_on,
        [JUDGES] = s_judge_on,
        [ARGUES] = s_argue_on,
    };
    int rc = 0;
    self->left = slice ? slice : 1;
    while (self->phase != DONE && rc >= 0 && self->left) {
        rc = phases[self->phase](self);
        if (rc == 0) {
            self->phase++;
            self->next = 0;
        }
    }
    if (rc >= 0 && self->phase != DONE)
        return 1;
    rc = s_answer_over (self, rc < 0 ? -1 : 0);
    if (rc && reterr)
        *reterr = self->error;
    return rc;
}

bool
guard_calls_is_changed (const guard_calls_t *self)
{
    return guard_edits_count (&self->edits) > 0;
}

int
guard_calls_put (guard_calls_t *self, br_buf_t *out, br_error_t *reterr)
{
    return guard_edits_write (&self->edits, self->source, out, reterr);
}

int
guard_calls_write (guard_calls_t *self, const void *bytes, size_t size, br_buf_t *out,
                   br_error_t *reterr)
{
    guard_calls_begin (self, bytes, size);
    int rc = 1;
    while (rc == 1)
        rc = guard_calls_step (self, SIZE_MAX, reterr);
    if (rc == 0 && guard_calls_is_changed (self))
        rc = guard_calls_put (self, out, reterr) == 0 ? 1 : -1;
    return rc;
}

//  ---- a stream

static int
s_fail (guard_calls_t *self, br_error_t *reterr)
{
    if (!self->error.code)
        br_error_set (&self->error, BR_ETOOBIG,
                      "an event of the answer is too long for its guardrails");
    self->failed = true;
    if (reterr)
        *reterr = self->error;
    return -1;
}

int
guard_calls_push (guard_calls_t *self, const void *bytes, size_t size, br_buf_t *out,
                  br_error_t *reterr)
{
    self->out = out;
    if (!self->failed && guard_events_push (self->events, bytes, size) == 0)
        return 0;
    return s_fail (self, reterr);
}

int
guard_calls_end (guard_calls_t *self, br_buf_t *out, br_error_t *reterr)
{
    const br_text_event_t all = { .ends = { { .all = true } }, .nends = 1 };
    self->out = out;
    if (!self->failed && guard_events_end (self->events) == 0
        && s_end_calls (self, &all) == 0)
        return 0;
    return s_fail (self, reterr);
}
