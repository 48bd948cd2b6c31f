//  texts_told: what texts.h tells of a body or an event, a line each, for tests.

#ifndef BR_TEST_TEXTS_TOLD_H
#define BR_TEST_TEXTS_TOLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/proto/texts.h"
#include "broker/proto/texts_walk.h"

typedef struct {
    br_buf_t lines;
    const char *bytes;
} texts_told_t;

//  "user text "hi"", and in events "user text 1.0.0 "hi"": kind, part and choice.
static inline int
texts_told_span (void *arg, const br_text_span_t *span)
{
    static const char *const places[BR_TEXT_PLACES] = {
        "system", "user", "said", "reason", "call", "result", "error", "offer", "answer",
    };
    static const char *const forms[] = {
        "text", "json", "value", "again", "base64", "raw"
    };
    texts_told_t *told = arg;
    br_buf_addf (&told->lines, "%s %s ", places[span->place], forms[span->form]);
    if (span->channel)
        br_buf_addf (&told->lines, "%u.%u.%u ", (unsigned) (span->channel >> 56),
                     (unsigned) (span->channel >> 32 & 0xffffff),
                     (unsigned) br_texts_choice (span->channel));
    br_buf_addf (&told->lines, "%.*s\n", (int) span->size, told->bytes + span->at);
    return 0;
}

static inline void
texts_told_end (texts_told_t *told, const br_text_end_t *end)
{
    br_buf_adds (&told->lines, "end ");
    if (end->all)
        br_buf_adds (&told->lines, "all");
    else if (end->is_choice)
        br_buf_addf (&told->lines, "choice %u", (unsigned) end->choice);
    else
        br_buf_addf (&told->lines, "%u.%u.%u", (unsigned) (end->channel >> 56),
                     (unsigned) (end->channel >> 32 & 0xffffff),
                     (unsigned) br_texts_choice (end->channel));
    br_buf_adds (&told->lines, end->behind ? " behind" : "");
    br_buf_adds (&told->lines, end->may_go_on ? " perhaps\n" : "\n");
}

static inline void
texts_told_is (texts_of_t of, br_surface_t surface, const char *json, const char *lines)
{
    br_error_t error = { .text = "" };
    size_t size = strlen (json);
    char *exact = br_alloc (1, size ? size : 1); //  a step too far is seen
    memcpy (exact, json, size);
    texts_told_t told = { .bytes = exact };
    br_buf_init (&told.lines, 1u << 20);
    br_text_event_t event;
    int rc = of == TEXTS_REQUEST  ? br_texts_of_request (surface, exact, size,
                                                         texts_told_span, &told, &error)
             : of == TEXTS_ANSWER ? br_texts_of_answer (surface, exact, size,
                                                        texts_told_span, &told, &error)
                                  : br_texts_of_event (surface, exact, size, &event,
                                                       texts_told_span, &told, &error);
    if (rc)
        fail_msg ("%s", error.text);
    if (of == TEXTS_EVENT && event.doubled)
        br_buf_adds (&told.lines, "doubled\n");
    for (size_t i = 0; of == TEXTS_EVENT && i < event.nends; i++)
        texts_told_end (&told, &event.ends[i]);
    assert_string_equal (br_buf_text (&told.lines), lines);
    br_buf_free (&told.lines);
    free (exact);
}

//  With " for each '. Caller frees.
static inline char *
texts_told_quotes (const char *text)
{
    size_t size = strlen (text);
    char *quoted = br_alloc (size + 1, 1);
    for (size_t i = 0; i < size; i++)
        quoted[i] = (char) (text[i] == '\'' ? '"' : text[i]);
    return quoted;
}

//  The same, of texts that have ' for each ".
static inline void
texts_told_quoted (texts_of_t of, br_surface_t surface, const char *json,
                   const char *lines)
{
    char *body = texts_told_quotes (json);
    char *told = texts_told_quotes (lines);
    texts_told_is (of, surface, body, told);
    free (told);
    free (body);
}

#endif
