//  texts: where in a body or an event the texts stand. What a protocol's bodies look like is a
//  table in its own folder; all of them are walked by texts_walk.

#include "broker/core/json_lex.h"
#include "broker/proto/texts.h"
#include "broker/proto/texts_walk.h"

static const texts_protocol_t *const s_protocols[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = &chat_texts,         [BR_PROTOCOL_RESPONSES] = &responses_texts,
    [BR_PROTOCOL_MESSAGES] = &messages_texts, [BR_PROTOCOL_GOOGLE] = &gemini_texts,
    [BR_PROTOCOL_COMPLETIONS] = &chat_texts,
};

static int
s_row (br_surface_t surface, const br_surface_row_t **ret_row, br_error_t *reterr)
{
    *ret_row = br_surface_row (surface);
    if (*ret_row)
        return 0;
    return br_error_set (reterr, BR_EINVALID, "surface %d is none", (int) surface);
}

//  By its first byte.
static bool
s_is_json (const uint8_t *at, size_t size)
{
    while (size && json_lex_is_blank (*at)) {
        at++;
        size--;
    }
    return size && (*at == '{' || *at == '[');
}

int
br_texts_of_request (br_surface_t surface, const void *bytes, size_t size, br_text_fn *fn,
                     void *arg, br_error_t *reterr)
{
    const br_surface_row_t *row = NULL;
    int rc = s_row (surface, &row, reterr);
    if (rc)
        return -1;
    bool is_without = row->place == REQUEST_NOWHERE && size == 0;
    if (is_without || (row->place == REQUEST_FORM && !s_is_json (bytes, size)))
        return 0;
    return texts_walk (s_protocols[row->wire], TEXTS_REQUEST, bytes, size, NULL, fn, arg,
                       reterr);
}

int
br_texts_of_answer (br_surface_t surface, const void *bytes, size_t size, br_text_fn *fn,
                    void *arg, br_error_t *reterr)
{
    const br_surface_row_t *row = NULL;
    int rc = s_row (surface, &row, reterr);
    if (rc)
        return -1;
    if (row->any_answer && !s_is_json (bytes, size))
        return 0;
    return texts_walk (s_protocols[row->wire], TEXTS_ANSWER, bytes, size, NULL, fn, arg,
                       reterr);
}

int
br_texts_calls_of_answer (br_surface_t surface, const void *bytes, size_t size,
                          br_call_fn *fn, void *arg, br_error_t *reterr)
{
    const br_surface_row_t *row = NULL;
    int rc = s_row (surface, &row, reterr);
    if (rc)
        return -1;
    if (row->any_answer && !s_is_json (bytes, size))
        return 0;
    return texts_walk_calls (s_protocols[row->wire], TEXTS_ANSWER, bytes, size, NULL, fn,
                             arg, reterr);
}

//  Images and sounds stream in events of the form that Responses has.
static const texts_protocol_t *
s_protocol_of_events (const br_surface_row_t *row)
{
    bool is_other = row->wire == BR_PROTOCOL_CHAT && row->kind == BR_SURFACE_PASS;
    return is_other ? &responses_texts : s_protocols[row->wire];
}

int
br_texts_of_event (br_surface_t surface, const void *bytes, size_t size,
                   br_text_event_t *ret_event, br_text_fn *fn, void *arg,
                   br_error_t *reterr)
{
    const br_surface_row_t *row = NULL;
    int rc = s_row (surface, &row, reterr);
    if (rc)
        return -1;
    return texts_walk (s_protocol_of_events (row), TEXTS_EVENT, bytes, size, ret_event,
                       fn, arg, reterr);
}

int
br_texts_calls_of_event (br_surface_t surface, const void *bytes, size_t size,
                         br_text_event_t *ret_event, br_call_fn *fn, void *arg,
                         br_error_t *reterr)
{
    const br_surface_row_t *row = NULL;
    int rc = s_row (surface, &row, reterr);
    if (rc)
        return -1;
    return texts_walk_calls (s_protocol_of_events (row), TEXTS_EVENT, bytes, size,
                             ret_event, fn, arg, reterr);
}
