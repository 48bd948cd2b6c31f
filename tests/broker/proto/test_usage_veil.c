//  usage_veil: the chunk of usage is hidden wherever it is cut, and nothing else is.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/net/sse.h"
#include "broker/proto/usage_veil.h"
#include "tests/corpus.h"

#define SAYS                                                                             \
    "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}"
#define ENDS                                                                             \
    "data: {\"id\":\"c\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],"       \
    "\"usage\":null}"
#define USAGE                                                                            \
    "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,"                 \
    "\"completion_tokens\":4}}"
#define DONE "data: [DONE]"

static void
s_pass (const uint8_t *bytes, size_t size, size_t first, size_t piece, br_buf_t *out)
{
    usage_veil_t *veil = usage_veil_new ();
    br_buf_clear (out);
    usage_veil_push (veil, bytes, first, out);
    for (size_t at = first; at < size; at += piece)
        usage_veil_push (veil, bytes + at, size - at < piece ? size - at : piece, out);
    usage_veil_end (veil, out);
    usage_veil_destroy (&veil);
}

//  In every place cut in two, and in pieces of every size.
static void
s_assert_passes (const char *stream, const char *wanted)
{
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    size_t size = strlen (stream);
    for (size_t cut = 0; cut <= size; cut++) {
        s_pass ((const uint8_t *) stream, size, cut, size + 1, &out);
        assert_string_equal (br_buf_text (&out), wanted);
        s_pass ((const uint8_t *) stream, size, 0, cut + 1, &out);
        assert_string_equal (br_buf_text (&out), wanted);
    }
    br_buf_free (&out);
}

static void
the_chunk_is_hidden_wherever_it_is_cut (void **state)
{
    (void) state;
    s_assert_passes (SAYS "\n\n" ENDS "\n\n" USAGE "\n\n" DONE "\n\n",
                     SAYS "\n\n" ENDS "\n\n" DONE "\n\n");
    s_assert_passes (SAYS "\r\n\r\n" USAGE "\r\n\r\n" DONE "\r\n\r\n",
                     SAYS "\r\n\r\n" DONE "\r\n\r\n");
    s_assert_passes (SAYS "\r\r" USAGE "\r\r" DONE "\r\r", SAYS "\r\r" DONE "\r\r");
    s_assert_passes ("\n\n" USAGE "\n\n" SAYS "\n\n", "\n\n" SAYS "\n\n");
    s_assert_passes ("id: 1\n" USAGE "\nretry: 5\n\n" DONE "\n\n", DONE "\n\n");
    s_assert_passes (SAYS "\n\n" USAGE, SAYS "\n\n");
    s_assert_passes (SAYS "\n\n" USAGE "\n", SAYS "\n\n");
}

static void
all_else_passes_byte_by_byte (void **state)
{
    (void) state;
    static const char *const streams[] = {
        "",
        "\n",
        ": comment\n\n: another\n" SAYS "\n\n: last",
        SAYS "\n: inside\n\n" DONE "\n\n",
        SAYS "\n\n" DONE,
        SAYS "\n\ndata: {\"choices\":[],\"usage\":{\"pro",
        //  usage in the last chunk of content
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{"
        "\"prompt_tokens\":3}}\n\n" DONE "\n\n",
        //  Azure begins without a choice
        "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n",
        "data: {\"choices\":[],\"usage\":null}\n\n",
        "data: {\"usage\":{\"prompt_tokens\":3}}\n\n",
        "data: {\"choices\":[],\"usage\":{},\"error\":{\"message\":\"m\"}}\n\n",
        "data: {\"choices\":[],\n" USAGE "\n\n",
        "data: {\"choices\":[],\"usage\":{\n\n",
        "event: error\ndata: {\"error\":{}}\n\n",
        "data: \"usage\":{\n\n",
        //  bodies
        "{\"choices\":[],\"usage\":{}}",
        " [{\"choices\":[],\"usage\":{}}]",
        "{\"a\":\n\n\"" USAGE "\n\n\"}",
    };
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        s_assert_passes (streams[i], streams[i]);
}

//  What the client is sent at once, before anything follows.
static void
comments_and_whole_events_do_not_wait (void **state)
{
    (void) state;
    static const char *const parts[] = { ": alive\n", SAYS "\n\n", ": alive\n", "\n" };
    usage_veil_t *veil = usage_veil_new ();
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        br_buf_clear (&out);
        usage_veil_push (veil, parts[i], strlen (parts[i]), &out);
        assert_string_equal (br_buf_text (&out), parts[i]);
    }
    usage_veil_destroy (&veil);
    br_buf_free (&out);
}

static void
an_event_that_is_too_long_flows (void **state)
{
    (void) state;
    char *text = br_alloc (1, 5 * USAGE_VEIL_MAX);
    memset (text, 'x', 4 * USAGE_VEIL_MAX);
    char *stream = br_strf ("data: {\"a\":\"%s\"}\n\n" USAGE "\n\n" SAYS "\n\n", text);
    char *wanted = br_strf ("data: {\"a\":\"%s\"}\n\n" SAYS "\n\n", text);
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    static const size_t pieces[] = { 1, 7, 4096, USAGE_VEIL_MAX, 1u << 20 };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        s_pass ((const uint8_t *) stream, strlen (stream), 0, pieces[i], &out);
        assert_string_equal (br_buf_text (&out), wanted);
    }
    //  then: no more than its maximum waits
    usage_veil_t *veil = usage_veil_new ();
    br_buf_clear (&out);
    usage_veil_push (veil, stream, 2 * USAGE_VEIL_MAX, &out);
    assert_int_equal (out.size, 2 * USAGE_VEIL_MAX);
    usage_veil_destroy (&veil);
    br_buf_free (&out);
    free (wanted);
    free (stream);
    free (text);
}

//  ---- recorded streams

typedef struct {
    br_buf_t wanted; //  events of the stream but for the chunk
    size_t hidden;
} recorded_t;

static bool
s_is_chunk (const uint8_t *data, size_t size)
{
    bool empty = memmem (data, size, "\"choices\":[]", 12)
                 || memmem (data, size, "\"choices\": []", 13);
    const uint8_t *usage = memmem (data, size, "\"usage\":", 8);
    return empty && usage && memchr (usage, '{', 10);
}

static void
s_note_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    recorded_t *recorded = arg;
    if (s_is_chunk (data, size))
        recorded->hidden++;
    else
        sse_write_data (&recorded->wanted, *name ? name : NULL, data, size);
}

static void
s_add_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    sse_write_data (arg, *name ? name : NULL, data, size);
}

static void
s_read (const sse_handler_t *handler, void *arg, const uint8_t *bytes, size_t size)
{
    sse_t *sse = sse_new (handler, arg, SSE_EVENT_MAX);
    sse_push (sse, bytes, size, NULL);
    sse_end (sse, NULL);
    sse_destroy (&sse);
}

static void
s_recorded (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    static const sse_handler_t note = { .event = s_note_event };
    static const sse_handler_t add = { .event = s_add_event };
    static const size_t pieces[] = { 1, 3, 50, 1000, 1u << 24 };
    size_t *hidden = arg;
    recorded_t recorded = { .hidden = 0 };
    br_buf_t out;
    br_buf_t events;
    br_buf_init (&recorded.wanted, 1u << 24);
    br_buf_init (&out, 1u << 24);
    br_buf_init (&events, 1u << 24);
    s_read (&note, &recorded, bytes, size);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        s_pass (bytes, size, 0, pieces[i], &out);
        br_buf_clear (&events);
        s_read (&add, &events, out.data, out.size);
        bool whole = recorded.hidden
                     || (out.size == size
                         && (size == 0 || memcmp (out.data, bytes, size) == 0));
        if (!whole || strcmp (br_buf_text (&events), br_buf_text (&recorded.wanted)) != 0)
            fail_msg ("%s differs in pieces of %zu", file, pieces[i]);
    }
    *hidden += recorded.hidden;
    br_buf_free (&recorded.wanted);
    br_buf_free (&out);
    br_buf_free (&events);
}

static void
recorded_streams_lose_the_chunk_alone (void **state)
{
    (void) state;
    size_t hidden = 0;
    size_t count = corpus_each ("openai-chat", ".sse", s_recorded, &hidden);
    if (count == 0)
        skip ();
    assert_true (hidden > 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_chunk_is_hidden_wherever_it_is_cut),
        cmocka_unit_test (all_else_passes_byte_by_byte),
        cmocka_unit_test (comments_and_whole_events_do_not_wait),
        cmocka_unit_test (an_event_that_is_too_long_flows),
        cmocka_unit_test (recorded_streams_lose_the_chunk_alone),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
