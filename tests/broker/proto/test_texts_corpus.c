//  texts: recorded traffic. What the canonical form knows of a request or an answer is inside
//  of the texts that are told of its bytes; what a stream says is what the pieces of its
//  channels add up to.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/net/sse.h"
#include "broker/proto/codec.h"
#include "broker/proto/text_string.h"
#include "broker/proto/texts.h"
#include "tests/broker/proto/reduced.h"
#include "tests/corpus.h"

#define BYTES_MAX (64u << 20)
#define CHANNELS_MAX 512

static const struct {
    const char *folder;
    br_protocol_t protocol;
    br_surface_t surface;
    const char *word; //  of a body that is a request to talk
} s_sides[] = {
    { "openai-chat", BR_PROTOCOL_CHAT, BR_SURFACE_CHAT, "\"messages\"" },
    { "openai-responses", BR_PROTOCOL_RESPONSES, BR_SURFACE_RESPONSES, "\"input\"" },
    { "anthropic-messages", BR_PROTOCOL_MESSAGES, BR_SURFACE_MESSAGES, "\"messages\"" },
    { "google-generate", BR_PROTOCOL_GOOGLE, BR_SURFACE_GOOGLE, "\"contents\"" },
};
#define SIDES (sizeof s_sides / sizeof s_sides[0])

//  The texts of a channel, or all whole ones of a place.
typedef struct {
    uint64_t channel;
    br_text_place_t place;
    br_buf_t text;
    bool ended;
} heap_t;

typedef struct {
    size_t side;
    const char *file;
    const uint8_t *bytes; //  of what is walked now
    heap_t heaps[CHANNELS_MAX];
    size_t nheaps;
    size_t count; //  files
    size_t texts; //  that were looked for
    bool partial; //  arguments come by path, and are put together by who reads them
} told_t;

//  ---- what is told

static heap_t *
s_heap (told_t *told, uint64_t channel, br_text_place_t place)
{
    for (size_t i = 0; i < told->nheaps; i++) {
        heap_t *heap = &told->heaps[i];
        if (heap->channel == channel && (channel || heap->place == place))
            return heap;
    }
    assert_true (told->nheaps < CHANNELS_MAX);
    heap_t *heap = &told->heaps[told->nheaps++];
    *heap = (heap_t) { .channel = channel, .place = place };
    br_buf_init (&heap->text, BYTES_MAX);
    return heap;
}

static void
s_forget (told_t *told)
{
    for (size_t i = 0; i < told->nheaps; i++)
        br_buf_free (&told->heaps[i].text);
    told->nheaps = 0;
}

//  Without escapes.
static void
s_add (br_buf_t *text, const uint8_t *raw, size_t size)
{
    text_string_t string;
    text_string_init (&string);
    assert_int_equal (text_string_push (&string, raw, size, text), 0);
    assert_int_equal (text_string_end (&string, text), 0);
    text_string_free (&string);
}

static int
s_hear (void *arg, const br_text_span_t *span)
{
    told_t *told = arg;
    const uint8_t *at = told->bytes + span->at;
    heap_t *heap = s_heap (told, span->channel, span->place);
    //  Google's partial arguments have a path; another call begins the same one anew.
    bool is_path = span->place == BR_TEXT_TOOL_CALL
                   && s_sides[told->side].protocol == BR_PROTOCOL_GOOGLE;
    if (heap->ended && span->size > 2 && !is_path)
        fail_msg ("%s: a piece behind the end of its channel", told->file);
    heap->ended = heap->ended && !is_path;
    if (span->form == BR_TEXT_JSON_VALUE || span->form == BR_TEXT_REPEATED) {
        br_buf_add (&heap->text, at, span->size);
        s_add (&heap->text, at, span->size);
    } else {
        assert_true (span->size >= 2 && *at == '"' && at[span->size - 1] == '"');
        s_add (&heap->text, at + 1, span->size - 2);
    }
    if (span->channel == 0)
        br_buf_addc (&heap->text, '\0');
    return 0;
}

//  ---- what the canonical form knows

static bool
s_is_in (const told_t *told, br_text_place_t place, const char *text, size_t size)
{
    for (size_t i = 0; i < told->nheaps; i++) {
        const heap_t *heap = &told->heaps[i];
        if (heap->place == place && heap->text.size
            && memmem (heap->text.data, heap->text.size, text, size))
            return true;
    }
    return false;
}

//  A text may be put together of several, a line each.
static void
s_want (told_t *told, br_text_place_t place, br_text_t text)
{
    bool is_empty = text.size == 2 && memcmp (text.at, "{}", 2) == 0;
    if (text.size == 0 || is_empty)
        return;
    told->texts++;
    if (s_is_in (told, place, text.at, text.size))
        return;
    for (const char *at = text.at, *end = at + text.size; at < end;) {
        const char *line = memchr (at, '\n', (size_t) (end - at));
        const char *stop = line ? line : end;
        if (!s_is_in (told, place, at, (size_t) (stop - at)))
            fail_msg ("%s: not told in place %d: %.*s", told->file, (int) place,
                      (int) (stop - at), at);
        at = stop + 1;
    }
}

static void
s_want_blocks (told_t *told, br_text_place_t place, const br_block_t *list)
{
    for (; list; list = list->next) {
        if (list->kind == BR_BLOCK_TEXT || list->kind == BR_BLOCK_REFUSAL)
            s_want (told, place, list->text);
        if (list->kind == BR_BLOCK_REASONING) {
            s_want (told, BR_TEXT_REASONING, list->text);
            s_want (told, BR_TEXT_REASONING, list->summary);
        }
        if (list->kind == BR_BLOCK_CALL && !told->partial)
            s_want (told, BR_TEXT_TOOL_CALL, list->text);
        if (list->kind == BR_BLOCK_DOCUMENT)
            s_want_blocks (told, place, list->blocks);
        if (list->kind == BR_BLOCK_RESULT)
            s_want_blocks (told, list->error ? BR_TEXT_TOOL_ERROR : BR_TEXT_TOOL_RESULT,
                           list->blocks);
    }
}

static void
s_want_call (told_t *told, const br_call_t *call)
{
    static const br_text_place_t places[] = {
        [BR_TURN_USER] = BR_TEXT_USER,
        [BR_TURN_ASSISTANT] = BR_TEXT_ASSISTANT,
        [BR_TURN_SYSTEM] = BR_TEXT_SYSTEM,
    };
    s_want_blocks (told, BR_TEXT_SYSTEM, call->system);
    for (const br_turn_t *turn = call->turns; turn; turn = turn->next)
        s_want_blocks (told, places[turn->role], turn->blocks);
    for (const br_tool_t *tool = call->tools; tool; tool = tool->next) {
        s_want (told, BR_TEXT_TOOL_OFFER, tool->description);
        //  Google's are read into another form.
        if (call->protocol != BR_PROTOCOL_GOOGLE)
            s_want (told, BR_TEXT_TOOL_OFFER, tool->schema);
    }
    if (call->protocol != BR_PROTOCOL_GOOGLE)
        s_want (told, BR_TEXT_SYSTEM, call->schema);
}

static void
s_want_reply (told_t *told, const br_reply_t *reply)
{
    for (; reply; reply = reply->next)
        s_want_blocks (told, BR_TEXT_ANSWER, reply->blocks);
}

//  ---- requests

static void
s_check_request (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    told_t *told = arg;
    const char *word = s_sides[told->side].word;
    if (!memmem (bytes, size, word, strlen (word)))
        return;
    br_error_t error = { .text = "" };
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, bytes, size, &error);
    br_call_t *call = br_call_new (s_sides[told->side].protocol);
    bool is_call = root
                   && br_codec_of (call->protocol)->read_call (call, tree, root, &error)
                          == 0;
    told->file = file;
    told->bytes = bytes;
    int rc = br_texts_of_request (s_sides[told->side].surface, bytes, size, s_hear, told,
                                  &error);
    assert_int_equal (rc, 0);
    if (is_call) {
        s_want_call (told, call);
        told->count++;
    }
    s_forget (told);
    br_call_destroy (&call);
    json_tree_destroy (&tree);
}

static void
given_recorded_requests_when_walked_then_every_text_of_the_call_is_told (void **state)
{
    (void) state;
    static told_t told;
    for (told.side = 0; told.side < SIDES; told.side++)
        corpus_each (s_sides[told.side].folder, ".request.json", s_check_request, &told);
    printf ("%zu requests, %zu texts\n", told.count, told.texts);
}

//  ---- answers

static void
s_check_answer (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    told_t *told = arg;
    if (strstr (file, ".request.json") || strstr (file, ".meta.json"))
        return;
    br_reply_t *reply = br_reply_new ();
    reduced_end_t end = reduced_read (s_sides[told->side].protocol, bytes, size, reply);
    told->file = file;
    told->bytes = bytes;
    told->partial = false;
    int rc = br_texts_of_answer (s_sides[told->side].surface, bytes, size, s_hear, told,
                                 NULL);
    assert_int_equal (rc, 0);
    if (end == REDUCED_WHOLE) {
        s_want_reply (told, reply);
        told->count++;
    }
    s_forget (told);
    br_reply_destroy (&reply);
}

static void
given_recorded_answers_when_walked_then_every_text_of_the_reply_is_told (void **state)
{
    (void) state;
    static told_t told;
    for (told.side = 0; told.side < SIDES; told.side++)
        corpus_each (s_sides[told.side].folder, ".json", s_check_answer, &told);
    printf ("%zu answers, %zu texts\n", told.count, told.texts);
}

//  ---- streams

static bool
s_is_ended (const br_text_end_t *end, uint64_t channel)
{
    if (end->is_choice)
        return br_texts_choice (channel) == end->choice;
    return end->all || end->channel == channel;
}

static void
s_end (told_t *told, const br_text_event_t *event, bool behind)
{
    for (size_t i = 0; i < event->nends; i++)
        for (size_t k = 0; k < told->nheaps && event->ends[i].behind == behind; k++)
            if (told->heaps[k].channel
                && s_is_ended (&event->ends[i], told->heaps[k].channel))
                told->heaps[k].ended = true;
}

//  What an event ends is known before its pieces are heard.
typedef struct {
    told_t *told;
    br_text_event_t event;
    bool begun;
} event_t;

static int
s_hear_piece (void *arg, const br_text_span_t *span)
{
    event_t *event = arg;
    if (!event->begun)
        s_end (event->told, &event->event, false);
    event->begun = true;
    return s_hear (event->told, span);
}

static void
s_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    (void) name;
    told_t *told = arg;
    if (size == 0 || (size == 6 && memcmp (data, "[DONE]", 6) == 0))
        return;
    told->bytes = data;
    event_t event = { .told = told };
    int rc = br_texts_of_event (s_sides[told->side].surface, data, size, &event.event,
                                s_hear_piece, &event, NULL);
    if (rc)
        fail_msg ("%s: %.*s", told->file, (int) size, (const char *) data);
    s_end (told, &event.event, false);
    s_end (told, &event.event, true);
}

//  The words of the answer are, one after the other, those of the channels: nothing more.
static void
s_same_words (const told_t *told, const br_reply_t *reply)
{
    size_t said = 0;
    size_t heard = 0;
    for (; reply; reply = reply->next)
        for (const br_block_t *block = reply->blocks; block; block = block->next)
            if (block->kind == BR_BLOCK_TEXT || block->kind == BR_BLOCK_REFUSAL)
                said += block->text.size;
    for (size_t i = 0; i < told->nheaps; i++)
        if (told->heaps[i].channel && told->heaps[i].place == BR_TEXT_ANSWER)
            heard += told->heaps[i].text.size;
    if (said != heard)
        fail_msg ("%s: %zu bytes said, %zu heard", told->file, said, heard);
}

static void
s_check_stream (told_t *told, const char *file, const br_buf_t *stream)
{
    static const sse_handler_t handler = { .event = s_event };
    told->file = file;
    sse_t *sse = sse_new (&handler, told, SSE_EVENT_MAX);
    assert_int_equal (sse_push (sse, stream->data, stream->size, NULL), 0);
    assert_int_equal (sse_end (sse, NULL), 0);
    sse_destroy (&sse);
    br_reply_t *reply = br_reply_new ();
    reduced_end_t end = reduced_read (s_sides[told->side].protocol, stream->data,
                                      stream->size, reply);
    told->partial = memmem (stream->data, stream->size, "\"partialArgs\"", 13);
    if (end == REDUCED_WHOLE) {
        s_want_reply (told, reply);
        s_same_words (told, reply);
        told->count++;
        for (size_t i = 0; i < told->nheaps; i++)
            if (told->heaps[i].channel && !told->heaps[i].ended)
                fail_msg ("%s: a channel has no end", file);
    }
    s_forget (told);
    br_reply_destroy (&reply);
}

static void
s_check_sse (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    if (size && *bytes == '{') {
        s_check_answer (arg, file, bytes, size);
        return;
    }
    br_buf_t stream;
    br_buf_init (&stream, BYTES_MAX);
    br_buf_add (&stream, bytes, size);
    s_check_stream (arg, file, &stream);
    br_buf_free (&stream);
}

//  An event a line, without its framing.
static void
s_check_chunks (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    told_t *told = arg;
    br_buf_t stream;
    br_buf_init (&stream, BYTES_MAX);
    for (const uint8_t *at = bytes, *end = bytes + size; at < end;) {
        const uint8_t *line = memchr (at, '\n', (size_t) (end - at));
        const uint8_t *stop = line ? line : end;
        br_buf_adds (&stream, "data: ");
        br_buf_add (&stream, at, (size_t) (stop - at));
        br_buf_adds (&stream, "\n\n");
        at = stop + 1;
    }
    if (s_sides[told->side].protocol == BR_PROTOCOL_CHAT)
        br_buf_adds (&stream, "data: [DONE]\n\n");
    s_check_stream (told, file, &stream);
    br_buf_free (&stream);
}

static void
given_recorded_streams_when_walked_then_the_channels_say_what_the_reply_says (
    void **state)
{
    (void) state;
    static told_t told;
    for (told.side = 0; told.side < SIDES; told.side++) {
        corpus_each (s_sides[told.side].folder, ".sse", s_check_sse, &told);
        corpus_each (s_sides[told.side].folder, ".chunks.txt", s_check_chunks, &told);
    }
    printf ("%zu streams, %zu texts\n", told.count, told.texts);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_recorded_requests_when_walked_then_every_text_of_the_call_is_told),
        cmocka_unit_test (
            given_recorded_answers_when_walked_then_every_text_of_the_reply_is_told),
        cmocka_unit_test (
            given_recorded_streams_when_walked_then_the_channels_say_what_the_reply_says),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
