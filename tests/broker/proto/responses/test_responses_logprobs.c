//  How likely tokens were, from and to Chat's form, in streams and in whole answers.

#include "tests/broker/proto/responses/fixture.h"

#define TOKEN                                                                            \
    "{'token':'hi','logprob':-0.5,'bytes':[104,105],'top_logprobs':["                    \
    "{'token':'ho','logprob':-2,'bytes':[104,111]}]}"
#define CHAT_TOKEN                                                                       \
    "{'token':'hi','logprob':-0.5,'bytes':null,'top_logprobs':["                         \
    "{'token':'ho','logprob':-2,'bytes':null}]}"
#define EVENT_TOKEN                                                                      \
    "{'token':'hi','logprob':-0.5,'top_logprobs':[{'token':'ho','logprob':-2}]}"

static void
given_pieces_with_logprobs_when_read_then_each_is_told_once (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    assert_int_equal (stream_event (&s, "{'type':'response.output_text.delta',"
                                        "'output_index':0,'content_index':0,"
                                        "'delta':'hi','logprobs':[" EVENT_TOKEN "]}"),
                      0);
    assert_int_equal (stream_event (&s, "{'type':'response.output_text.done',"
                                        "'output_index':0,'content_index':0,"
                                        "'text':'hi','logprobs':[" EVENT_TOKEN "]}"),
                      0);
    assert_int_equal (
        stream_event (&s, "{'type':'response.output_item.done','output_index':0,"
                          "'item':{'type':'message','content':[{'type':'output_text',"
                          "'text':'hi','logprobs':[" TOKEN "]}]}}"),
        0);
    stream_told (&s, "start 0\ntext 0 hi\n"
                     "logprobs 0 {'content':[" CHAT_TOKEN "],'refusal':null}\n");
    stream_end (&s);
}

static void
given_an_item_alone_when_read_then_its_logprobs_are_told (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    assert_int_equal (
        stream_event (&s, "{'type':'response.output_item.done','output_index':0,"
                          "'item':{'type':'message','content':[{'type':'output_text',"
                          "'text':'hi','logprobs':[" TOKEN "]}]}}"),
        0);
    stream_told (&s, "start 0\ntext 0 hi\n"
                     "logprobs 0 {'content':[" TOKEN "],'refusal':null}\n");
    stream_end (&s);
}

static void
given_logprobs_when_a_stream_is_written_then_event_and_item_have_them (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    char *raw = fixture_json ("{'content':[" CHAT_TOKEN "],'refusal':null}");
    writing_add_text (&w, BR_DELTA_TEXT, 0, "hi");
    for (int i = 0; i < 2; i++)
        writing_add (&w,
                     (br_delta_t) { .kind = BR_DELTA_LOGPROBS, .raw = br_text (raw) });
    writing_finish (&w, BR_FINISH_STOP);
    writing_has (&w, "'delta':'','logprobs':[" TOKEN "]}");
    writing_has (&w, "'text':'hi','logprobs':[" TOKEN "," TOKEN "]}");
    writing_has (&w, "'annotations':[],'logprobs':[" TOKEN "," TOKEN "],'text':'hi'");
    free (raw);
    writing_end (&w);
}

static void
given_logprobs_without_a_text_when_written_then_they_have_no_place (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_LOGPROBS,
                                    .raw = BR_TEXT ("{\"content\":[{}]}") });
    writing_add_text (&w, BR_DELTA_REASONING, 0, "well");
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_LOGPROBS, .raw = BR_TEXT ("{") });
    writing_finish (&w, BR_FINISH_STOP);
    writing_has (&w, "response.completed");
    writing_lacks (&w, "'token'");
    writing_end (&w);
}

static void
given_a_whole_answer_when_written_then_its_last_text_has_them (void **state)
{
    (void) state;
    br_call_t *call = br_call_new (BR_PROTOCOL_RESPONSES);
    br_asked_t asked = { .call = call, .model = BR_TEXT ("m"), .id = "x", .now = 1 };
    br_reply_t *reply = br_reply_new ();
    br_buf_t out;
    br_buf_init (&out, FIXTURE_MAX);
    char *raw = fixture_json ("{'content':[" CHAT_TOKEN "],'refusal':null}");
    const br_delta_t deltas[] = {
        { .kind = BR_DELTA_START },
        { .kind = BR_DELTA_TEXT, .text = BR_TEXT ("hi") },
        { .kind = BR_DELTA_LOGPROBS, .raw = br_text (raw) },
        { .kind = BR_DELTA_CALL, .block = 1, .id = BR_TEXT ("c"), .name = BR_TEXT ("f") },
        { .kind = BR_DELTA_ARGS, .block = 1, .text = BR_TEXT ("{}"), .last = true },
        { .kind = BR_DELTA_FINISH, .finish = BR_FINISH_TOOL_USE },
    };
    for (size_t i = 0; i < sizeof deltas / sizeof deltas[0]; i++)
        assert_int_equal (br_reply_add (reply, &deltas[i], NULL), 0);
    responses_codec.write_reply (reply, &asked, &out);
    fixture_assert (br_buf_text (&out), "'logprobs':[" TOKEN "],'text':'hi'", true);
    free (raw);
    br_buf_free (&out);
    br_reply_destroy (&reply);
    br_call_destroy (&call);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_pieces_with_logprobs_when_read_then_each_is_told_once),
        cmocka_unit_test (given_an_item_alone_when_read_then_its_logprobs_are_told),
        cmocka_unit_test (
            given_logprobs_when_a_stream_is_written_then_event_and_item_have_them),
        cmocka_unit_test (
            given_logprobs_without_a_text_when_written_then_they_have_no_place),
        cmocka_unit_test (given_a_whole_answer_when_written_then_its_last_text_has_them),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
