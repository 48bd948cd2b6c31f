//  The response of a stream: how it begins, and how it ends.

#include "tests/broker/proto/responses/fixture.h"

#define CREATED                                                                          \
    "{'type':'response.created','response':{'id':'resp_1','model':'m','created_at':1.5}" \
    "}"

static void
a_response_starts_once_and_ends_with_usage_and_finish (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    assert_int_equal (stream_event (&s, CREATED), 0);
    stream_event (&s, "{'type':'response.in_progress','response':{'id':'resp_1'}}");
    stream_event (&s, "{'type':'response.completed','response':{'status':'completed',"
                      "'output':[],'usage':{'input_tokens':3,'output_tokens':1}}}");
    stream_told (&s, "start 0 resp_1\nusage 0 3 1\nfinish 0 completed stop\nend 0\n");
    assert_int_equal (responses_codec.read_end (s.reader, stream_tell, &s, &s.error), 0);
    stream_event (&s, CREATED);
    stream_told (&s, "start 0 resp_1\nusage 0 3 1\nfinish 0 completed stop\nend 0\n");
    stream_end (&s);
}

static void
an_incomplete_response_says_why (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        { "max_output_tokens", "length" },
        { "content_filter", "filter" },
        { "something", "length" },
    };
    for (size_t i = 0; i < 3; i++) {
        stream_t s;
        stream_begin (&s);
        char *event = br_strf ("{'type':'response.incomplete','response':{'output':[],"
                               "'incomplete_details':{'reason':'%s'}}}",
                               rows[i][0]);
        stream_event (&s, event);
        char *told = br_strf ("start 0\nfinish 0 %s %s\nend 0\n", rows[i][0], rows[i][1]);
        stream_told (&s, told);
        free (told);
        free (event);
        stream_end (&s);
    }
}

static void
a_failed_response_and_an_error_break_it_off (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        { "{'type':'response.failed','response':{'error':{'code':'rate_limit_exceeded',"
          "'message':'slow'}}}",
          "start 0\nerror 0 slow EUPLIMIT\n" },
        { "{'type':'error','code':'server_error','message':'oops','param':null}",
          "error 0 oops EUPBAD\n" },
        { "{'type':'error','error':{'type':'insufficient_quota','message':'pay'}}",
          "error 0 pay EUPLIMIT\n" },
        { "{'error':{'message':'bare'}}", "error 0 bare EUPBAD\n" },
        { "{'type':'response.failed','response':{'error':null}}",
          "start 0\nerror 0 the provider broke the answer off EUPBAD\n" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        stream_t s;
        stream_begin (&s);
        assert_int_equal (stream_event (&s, rows[i][0]), 0);
        stream_told (&s, rows[i][1]);
        stream_event (&s, "{'type':'response.completed','response':{}}");
        stream_told (&s, rows[i][1]);
        stream_end (&s);
    }
}

static void
a_stream_without_its_last_event_is_cut (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    stream_event (&s, CREATED);
    assert_int_equal (responses_codec.read_mark (s.reader, BR_TEXT ("[DONE]"),
                                                 stream_tell, &s, &s.error),
                      0);
    assert_int_equal (responses_codec.read_end (s.reader, stream_tell, &s, &s.error), -1);
    assert_int_equal (s.error.code, BR_EUPCUT);
    assert_int_equal (responses_codec.read_mark (s.reader, BR_TEXT ("<html>"),
                                                 stream_tell, &s, &s.error),
                      -1);
    assert_int_equal (s.error.code, BR_EUPINVALID);
    stream_end (&s);
}

static void
unknown_events_mean_nothing_and_a_keepalive_is_a_ping (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    assert_int_equal (stream_event (&s, "{'type':'response.new_thing','x':1}"), 0);
    assert_int_equal (stream_event (&s, "{}"), 0);
    assert_int_equal (stream_event (&s, "{'type':'keepalive','sequence_number':3}"), 0);
    stream_told (&s, "ping 0\n");
    assert_int_equal (stream_event (&s, "[1]"), -1);
    assert_int_equal (s.error.code, BR_EUPINVALID);
    stream_end (&s);
}

static void
items_that_were_not_streamed_come_with_the_end (void **state)
{
    (void) state;
    stream_t s;
    stream_begin (&s);
    stream_event (&s, CREATED);
    stream_event (&s, "{'type':'response.completed','response':{'output':["
                      "{'type':'message','content':[{'type':'output_text','text':'hi'}]},"
                      "{'type':'function_call','call_id':'c','name':'f',"
                      "'arguments':'{}'}]}}");
    stream_told (&s, "start 0 resp_1\ntext 0 hi\ncall 1 c f\nargs 1 {}\n"
                     "finish 0 completed tool_use\nend 0\n");
    stream_end (&s);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_response_starts_once_and_ends_with_usage_and_finish),
        cmocka_unit_test (an_incomplete_response_says_why),
        cmocka_unit_test (a_failed_response_and_an_error_break_it_off),
        cmocka_unit_test (a_stream_without_its_last_event_is_cut),
        cmocka_unit_test (unknown_events_mean_nothing_and_a_keepalive_is_a_ping),
        cmocka_unit_test (items_that_were_not_streamed_come_with_the_end),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
