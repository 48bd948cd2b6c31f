//  test_translate_resume: an answer is cut, another provider goes on, and the client hears
//  one stream: all clients, all providers, all places of a cut.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tests/broker/proto/messages/grammar.h"
#include "tests/broker/proto/reduced.h"
#include "tests/broker/proto/responses/grammar.h"
#include "tests/broker/proto/resumed.h"
#include "tests/corpus.h"

#define EVENTS_MAX 64                   //  of a stream
#define TALKERS BR_PROTOCOL_COMPLETIONS //  protocols below it stream reasoning

//  ---- streams of providers

typedef struct {
    const char *id;
    const char *thoughts[3]; //  ends with NULL
    const char *texts[8];    //  ends with NULL
    uint64_t input, output;  //  tokens
} script_t;

static const script_t s_first = { "msg_first",
                                  { "Let me ", "think." },
                                  { "Once ", "upon \"\xc3\xa9\" ", "time\n", "a" },
                                  3,
                                  1 };
static const script_t s_second = {
    "msg_second", { "Again." }, { "fox", " and a", " hen." }, 5, 9
};
static const script_t s_third = { "msg_third", { NULL }, { "cow" }, 6, 2 };

typedef struct {
    br_buf_t bytes;
    size_t ends[EVENTS_MAX]; //  offset behind each event
    size_t count;
} stream_t;

static void
s_end_event (stream_t *stream, size_t start)
{
    //  A blob that only we make is no part of a provider's stream.
    if (strstr (br_buf_text (&stream->bytes) + start, "signature_delta"))
        stream->bytes.size = start;
    else
        stream->ends[stream->count++] = stream->bytes.size;
    assert_true (stream->count < EVENTS_MAX);
}

//  Splits what a writer has said.
static void
s_add_events (stream_t *stream, br_buf_t *said)
{
    const char *at = br_buf_text (said);
    while (*at) {
        const char *end = strstr (at, "\n\n");
        const char *crlf = strstr (at, "\r\n\r\n");
        if (crlf && (!end || crlf < end))
            end = crlf + 2;
        size_t start = stream->bytes.size;
        br_buf_add (&stream->bytes, at, (size_t) (end + 2 - at));
        s_end_event (stream, start);
        at = end + 2;
    }
    br_buf_clear (said);
}

static void
s_make (br_protocol_t protocol, const script_t *script, stream_t *ret)
{
    const br_codec_t *codec = br_codec_of (protocol);
    br_call_t *call = br_call_new (protocol);
    call->want_usage = true;
    const br_asked_t asked = { call, BR_TEXT ("theirs"), "aaaaaaaaaaaaaaaaaaaaaaaa", 1 };
    void *writer = codec->writer_new (&asked);
    const br_usage_t usage = { .known = true,
                               .input = script->input,
                               .output = script->output };
    br_delta_t deltas[16] = { { .kind = BR_DELTA_START, .id = br_text (script->id) },
                              { .kind = BR_DELTA_USAGE, .usage = usage } };
    size_t count = 2;
    for (size_t i = 0; script->thoughts[i]; i++)
        deltas[count++] = (br_delta_t) { .kind = BR_DELTA_REASONING,
                                         .text = br_text (script->thoughts[i]) };
    for (size_t i = 0; script->texts[i]; i++)
        deltas[count++] = (br_delta_t) { .kind = BR_DELTA_TEXT,
                                         .block = 1,
                                         .text = br_text (script->texts[i]) };
    deltas[count++] = (br_delta_t) { .kind = BR_DELTA_FINISH, .finish = BR_FINISH_STOP };
    deltas[count++] = (br_delta_t) { .kind = BR_DELTA_END };
    br_buf_t said;
    br_buf_init (&said, 1 << 20);
    *ret = (stream_t) { .count = 0 };
    br_buf_init (&ret->bytes, 1 << 20);
    for (size_t i = 0; i < count; i++) {
        codec->write_delta (writer, &deltas[i], &said);
        s_add_events (ret, &said);
    }
    br_buf_free (&said);
    codec->writer_destroy (&writer);
    br_call_destroy (&call);
}

//  ---- one answer in parts

//  What a client has heard, read back.
typedef struct {
    reduced_end_t end;
    reduced_t reduced;
    uint64_t input, output;
} heard_t;

static void
s_hear (br_protocol_t client, const br_buf_t *out, heard_t *ret)
{
    br_reply_t *reply = br_reply_new ();
    ret->end = reduced_read (client, out->data, out->size, reply);
    reduced_reply (reply, client, &ret->reduced);
    ret->input = reply->usage.input;
    ret->output = reply->usage.output;
    br_reply_destroy (&reply);
}

static char *
s_field (heard_t *heard, reduced_field_t field)
{
    return br_strdup (br_buf_text (&heard->reduced.fields[field]));
}

//  What a reader of one answer would not see.
static void
s_check_shape (br_protocol_t client, br_buf_t *out)
{
    char why[512] = "";
    int rc = 0;
    const char *sse = br_buf_text (out);
    if (client == BR_PROTOCOL_MESSAGES)
        rc = messages_grammar_check (sse, out->size, why, sizeof why);
    if (client == BR_PROTOCOL_RESPONSES)
        rc = responses_grammar_check (sse, out->size, why, sizeof why);
    if (rc)
        fail_msg ("%s:\n%s", why, sse);
    if (client != BR_PROTOCOL_CHAT)
        return;
    size_t chunks = resumed_count (out, "data: {");
    assert_int_equal (resumed_count (out, "\"role\""), 1);
    const char *id = strstr (sse, "\"id\":");
    char head[128];
    snprintf (head, sizeof head, "%.*s", (int) (strstr (id, "\"model\"") - id), id);
    assert_true (strstr (head, "\"created\":1000") != NULL);
    assert_int_equal (resumed_count (out, head), chunks);
}

static void
s_check_joined (br_protocol_t client, br_buf_t *out, const char *said,
                const char *thought, const script_t *last)
{
    heard_t heard;
    s_check_shape (client, out);
    s_hear (client, out, &heard);
    char *is_said = s_field (&heard, REDUCED_SAID);
    char *is_thought = s_field (&heard, REDUCED_REASONING);
    if (heard.end != REDUCED_WHOLE || strcmp (is_said, said) != 0
        || strcmp (is_thought, thought) != 0)
        fail_msg ("%d: said %s, wanted %s; thought %s, wanted %s\n%s", (int) heard.end,
                  is_said, said, is_thought, thought, br_buf_text (out));
    assert_int_equal (heard.input, last->input);
    assert_int_equal (heard.output, last->output);
    free (is_thought);
    free (is_said);
    reduced_free (&heard.reduced);
}

static char *
s_join (const char *a, const char *b)
{
    return br_strf ("%s%s", a, b);
}

static char *
s_all_of (const char *const *texts)
{
    char *all = br_strdup ("");
    for (size_t i = 0; texts[i]; i++) {
        char *more = s_join (all, texts[i]);
        free (all);
        all = more;
    }
    return all;
}

//  The whole of a script behind what was told.
static void
s_finish (const br_translate_t *cut, br_protocol_t client, br_protocol_t provider,
          const script_t *script, const br_buf_t *told)
{
    stream_t stream;
    heard_t heard;
    s_make (provider, script, &stream);
    s_hear (client, told, &heard);
    assert_int_not_equal (heard.end, REDUCED_WHOLE);
    br_translate_t *next = resumed_go_on (cut, client, provider);
    br_buf_t out;
    br_buf_init (&out, 1 << 20);
    br_buf_add (&out, told->data, told->size);
    br_translate_push (next, stream.bytes.data, stream.bytes.size, &out);
    br_translate_end (next, &out);
    assert_true (br_translate_result (next)->complete);
    assert_false (br_translate_resumable (next));
    char *before = s_field (&heard, REDUCED_SAID);
    char *thought_before = s_field (&heard, REDUCED_REASONING);
    char *texts = s_all_of (script->texts);
    char *thoughts = s_all_of (script->thoughts);
    char *said = s_join (before, texts);
    bool silent = *before || client == BR_PROTOCOL_COMPLETIONS;
    char *thought = s_join (thought_before, silent ? "" : thoughts);
    s_check_joined (client, &out, said, thought, script);
    char *const texts_made[] = { before, thought_before, texts, thoughts, said, thought };
    for (size_t i = 0; i < sizeof texts_made / sizeof *texts_made; i++)
        free (texts_made[i]);
    br_buf_free (&out);
    br_translate_destroy (&next);
    reduced_free (&heard.reduced);
    br_buf_free (&stream.bytes);
}

//  ---- joined streams

static void
s_cut_everywhere (br_protocol_t client, br_protocol_t first, br_protocol_t second,
                  unsigned *ret_count)
{
    stream_t stream;
    s_make (first, &s_first, &stream);
    for (size_t i = 0; i < stream.count; i++) {
        br_buf_t told;
        br_buf_init (&told, 1 << 20);
        br_translate_t *cut = resumed_record (client, first);
        br_translate_push (cut, stream.bytes.data, stream.ends[i], &told);
        if (br_translate_result (cut)->complete)
            assert_false (br_translate_resumable (cut));
        else {
            assert_true (br_translate_resumable (cut));
            s_finish (cut, client, second, &s_second, &told);
            (*ret_count)++;
        }
        br_translate_destroy (&cut);
        br_buf_free (&told);
    }
    br_buf_free (&stream.bytes);
}

static void
given_a_cut_answer_when_another_goes_on_then_the_client_hears_one_stream (void **state)
{
    (void) state;
    unsigned count = 0;
    for (unsigned i = 0; i < BR_PROTOCOL_COUNT; i++)
        for (unsigned j = 0; j < TALKERS; j++)
            for (unsigned k = 0; k < TALKERS; k++)
                s_cut_everywhere ((br_protocol_t) i, (br_protocol_t) j, (br_protocol_t) k,
                                  &count);
    printf ("cuts: %u\n", count);
    assert_true (count > 500);
}

//  The second answer is cut as well.
static void
s_cut_twice (br_protocol_t client, br_protocol_t provider, size_t at)
{
    stream_t first, second;
    s_make (provider, &s_first, &first);
    s_make (provider, &s_second, &second);
    for (size_t i = 0; i < second.count; i++) {
        br_buf_t told;
        br_buf_init (&told, 1 << 20);
        br_translate_t *cut = resumed_record (client, provider);
        br_translate_push (cut, first.bytes.data, first.ends[at], &told);
        br_translate_t *next = resumed_go_on (cut, client, provider);
        br_translate_push (next, second.bytes.data, second.ends[i], &told);
        if (!br_translate_result (next)->complete)
            s_finish (next, client, provider, &s_third, &told);
        br_translate_destroy (&next);
        br_translate_destroy (&cut);
        br_buf_free (&told);
    }
    br_buf_free (&second.bytes);
    br_buf_free (&first.bytes);
}

static void
given_an_answer_that_is_cut_twice_when_a_third_goes_on_then_it_is_one (void **state)
{
    (void) state;
    for (unsigned i = 0; i < TALKERS; i++)
        for (unsigned j = 0; j < TALKERS; j++)
            for (size_t at = 0; at < 8; at++)
                s_cut_twice ((br_protocol_t) i, (br_protocol_t) j, at);
}

//  A whole body goes on, too, with a call of a tool behind its text.
static void
given_a_body_with_a_call_when_it_goes_on_then_both_are_told (void **state)
{
    (void) state;
    static const char body[] =
        "{\"id\":\"msg_x\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"c\","
        "\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"U0k=\"},"
        "{\"type\":\"text\",\"text\":\"fox\"},{\"type\":\"tool_use\",\"id\":\"t1\","
        "\"name\":\"look\",\"input\":{\"a\":1}}],\"stop_reason\":\"tool_use\",\"usage\":{"
        "\"input_tokens\":5,\"output_tokens\":9}}";
    for (unsigned i = 0; i < TALKERS; i++) {
        br_protocol_t client = (br_protocol_t) i;
        stream_t stream;
        br_buf_t told;
        br_buf_init (&told, 1 << 20);
        s_make (BR_PROTOCOL_CHAT, &s_first, &stream);
        br_translate_t *cut = resumed_record (client, BR_PROTOCOL_CHAT);
        br_translate_push (cut, stream.bytes.data, stream.ends[3], &told);
        br_translate_t *next = resumed_go_on (cut, client, BR_PROTOCOL_MESSAGES);
        br_translate_push (next, body, sizeof body - 1, &told);
        br_translate_end (next, &told);
        s_check_joined (client, &told, "Once fox", "Let me think.", &s_second);
        heard_t heard;
        s_hear (client, &told, &heard);
        char *calls = s_field (&heard, REDUCED_CALLS);
        assert_string_equal (calls, "look {\"a\":1}\n");
        free (calls);
        reduced_free (&heard.reduced);
        br_translate_destroy (&next);
        br_translate_destroy (&cut);
        br_buf_free (&told);
        br_buf_free (&stream.bytes);
    }
}
//  ---- recorded streams

#define CUTS_MAX 8 //  of a stream

typedef struct {
    br_protocol_t protocol;
    unsigned streams, cuts, refused;
} visit_t;

//  Behind the blank line that ends an event; the size when there is none.
static size_t
s_next_event (const uint8_t *bytes, size_t size, size_t at)
{
    while (at < size && bytes[at] != '\n')
        at++;
    while (at < size && (bytes[at] == '\n' || bytes[at] == '\r'))
        at++;
    return at;
}

static void
s_cut_recorded (visit_t *visit, br_protocol_t client, const uint8_t *bytes, size_t at)
{
    br_buf_t told;
    br_buf_init (&told, REDUCED_BYTES_MAX);
    br_translate_t *cut = resumed_record (client, visit->protocol);
    br_translate_push (cut, bytes, at, &told);
    if (!br_translate_resumable (cut))
        visit->refused++;
    else {
        s_finish (cut, client, (br_protocol_t) (visit->cuts % TALKERS), &s_second, &told);
        visit->cuts++;
    }
    br_translate_destroy (&cut);
    br_buf_free (&told);
}

static void
s_visit (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    visit_t *visit = arg;
    (void) file;
    size_t step = size / CUTS_MAX + 1;
    visit->streams++;
    for (size_t from = 0; from < size; from += step)
        for (unsigned i = 0; i < BR_PROTOCOL_COUNT; i++)
            s_cut_recorded (visit, (br_protocol_t) i, bytes,
                            s_next_event (bytes, size, from));
}

static void
given_recorded_streams_when_cut_and_gone_on_with_then_they_are_one (void **state)
{
    (void) state;
    static const char *const folders[TALKERS] = {
        [BR_PROTOCOL_CHAT] = "openai-chat",
        [BR_PROTOCOL_RESPONSES] = "openai-responses",
        [BR_PROTOCOL_MESSAGES] = "anthropic-messages",
        [BR_PROTOCOL_GOOGLE] = "google-generate",
    };
    for (unsigned i = 0; i < TALKERS; i++) {
        visit_t visit = { .protocol = (br_protocol_t) i };
        corpus_each (folders[i], ".sse", s_visit, &visit);
        printf ("%s: %u streams, %u cuts, %u not resumable\n", folders[i], visit.streams,
                visit.cuts, visit.refused);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_cut_answer_when_another_goes_on_then_the_client_hears_one_stream),
        cmocka_unit_test (
            given_an_answer_that_is_cut_twice_when_a_third_goes_on_then_it_is_one),
        cmocka_unit_test (given_a_body_with_a_call_when_it_goes_on_then_both_are_told),
        cmocka_unit_test (
            given_recorded_streams_when_cut_and_gone_on_with_then_they_are_one),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
