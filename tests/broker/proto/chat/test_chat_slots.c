//  Calls of tools, in all the ways in which providers tell them (P-33).

#include "tests/broker/proto/chat/chat_test.h"

static void
given_calls_of_openai_when_read_then_fragments_find_their_call (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":"
        "\"f\",\"arguments\":\"\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
        "\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
        "\"{\\\"x\\\"\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":{\"name\":"
        "\"g\",\"arguments\":\"{}\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
        "\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
        "\":1}\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {\"x\"\ncall 1 b g\nargs 1 {}\nargs 0 "
        ":1}\nfinish tool_calls (tool_use)\nend\n");
}

static void
given_an_empty_id_and_a_null_name_later_when_read_then_the_first_ones_stay (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":"
        "\"\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":"
        "{\"tool_calls\":[{\"index\":0,\"id\":\"\",\"function\":{\"name\":null,"
        "\"arguments\":\"{}\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
        "\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {}\nfinish tool_calls (tool_use)\nend\n");
}

static void
given_an_index_that_begins_at_one_when_read_then_the_block_is_the_first (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":1,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":"
        "\"{}\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {}\nfinish tool_calls (tool_use)\nend\n");
}

static void
given_no_index_when_read_then_ids_tell_calls_apart (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},{"
        "\"id\":\"b\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n{\"id\":"
        "\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
        "\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {}\ncall 1 b f\nargs 1 {}\nfinish tool_calls "
        "(tool_use)\nend\n");
}

static void
given_neither_index_nor_id_when_read_then_a_name_begins_a_call (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\"\"}}]}}]}\n{"
        "\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"function\":{\"arguments\":\":1}\"}}]}}]}\n{\"id\":\"c1\",\"model\":"
        "\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"id\":\"\","
        "\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]}}]}\n{\"id\":\"c1\","
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_"
        "calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 f\nargs 0 {\"a\"\nargs 0 :1}\ncall 1 g\nargs 1 {}\nfinish "
        "tool_calls (tool_use)\nend\n");
}

static void
given_the_same_index_for_all_when_read_then_names_and_ids_tell_calls_apart (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":"
        "\"{}\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"b\",\"function\":{\"name\":"
        "\"g\",\"arguments\":\"{}\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
        "\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {}\ncall 1 b g\nargs 1 {}\nfinish tool_calls "
        "(tool_use)\nend\n");
}

static void
given_a_name_and_id_behind_the_arguments_when_read_then_the_call_waits (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"x\\\"\"}}]}}]}\n{"
        "\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\"}}]}}]}\n{\"id\":"
        "\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{"
        "\"index\":0,\"function\":{\"arguments\":\":1}\"}}]}}]}\n{\"id\":\"c1\","
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_"
        "calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {\"x\"\nargs 0 :1}\nfinish tool_calls "
        "(tool_use)\nend\n");
}

static void
given_a_name_in_pieces_or_again_when_read_then_it_is_whole (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"get_\"}}]}}]}\n{"
        "\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"function\":{\"name\":\"it\"}}]}}]}\n{\"id\":\"c1\","
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":"
        "0,\"function\":{\"arguments\":\"{}\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\","
        "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n["
        "DONE]\n",
        "start c1 m\ncall 0 a get_it\nargs 0 {}\nfinish tool_calls (tool_use)\nend\n");
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\"}}]}}]}\n{\"id\":"
        "\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{"
        "\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]"
        "}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},"
        "\"finish_reason\":\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {}\nfinish tool_calls (tool_use)\nend\n");
}

static void
given_arguments_that_are_no_string_when_read_then_objects_are_taken_and_null_is_not (
    void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":{"
        "\"x\": "
        "1}}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{}"
        ",\"finish_reason\":\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {\"x\": 1}\nfinish tool_calls (tool_use)\nend\n");
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":"
        "null}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":"
        "{},\"finish_reason\":\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nfinish tool_calls (tool_use)\nend\n");
}

static void
given_a_custom_call_and_one_of_the_old_form_when_read_then_both_are_calls (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"custom\",\"custom\":{\"name\":"
        "\"f\",\"input\":\"x\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
        "\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 x\nfinish tool_calls (tool_use)\nend\n");
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"function_"
        "call\":{\"name\":\"f\",\"arguments\":\"\"}}}]}\n{\"id\":\"c1\",\"model\":\"m\","
        "\"choices\":[{\"index\":0,\"delta\":{\"function_call\":{\"arguments\":\"{}\"}}}]"
        "}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},"
        "\"finish_reason\":\"function_call\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 f\nargs 0 {}\nfinish function_call (tool_use)\nend\n");
}

static void
given_a_thought_of_google_when_read_then_it_stands_at_its_call (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":"
        "\"{}\"},\"extra_content\":{\"google\":{\"thought_signature\":\"T\"}}}]}}]}\n{"
        "\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_"
        "reason\":\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {}\nopaque 0 google/3 T\nfinish tool_calls "
        "(tool_use)\nend\n");
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":"
        "\"{}\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":"
        "\"T\",\"format\":\"google-gemini-v1\"}]}}]}\n{\"id\":\"c1\",\"model\":\"m\","
        "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n["
        "DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {}\nopaque 0 google/3 T\nfinish tool_calls "
        "(tool_use)\nend\n");
}

static void
given_arguments_without_any_name_when_read_then_the_call_is_malformed (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"arguments\":\"{}\"}}]}}]}\n{"
        "\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_"
        "reason\":\"tool_calls\"}]}\n[DONE]\n",
        "start c1 m\nfinish tool_calls (malformed)\nend\n");
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"tool_calls\":[{\"index\":0}]}}]}\n{\"id\":\"c1\",\"model\":\"m\","
                   "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_"
                   "reason\":\"stop\"}]}\n[DONE]\n",
                   "start c1 m\ntext 0 a\nfinish stop (stop)\nend\n");
}

static void
given_too_many_calls_when_read_then_the_stream_is_broken_off (void **state)
{
    (void) state;
    br_buf_t events;
    br_buf_t out;
    br_error_t error;
    br_buf_init (&events, 1u << 20);
    br_buf_init (&out, 1u << 20);
    for (int i = 0; i < 513; i++)
        br_buf_addf (&events,
                     "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":%d,"
                     "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n",
                     i);
    void *reader = chat_codec.reader_new ();
    assert_int_equal (
        reader_feed (reader, br_buf_text (&events), lines_add, &out, &error), -1);
    assert_int_equal (error.code, BR_EUPINVALID);
    chat_codec.reader_destroy (&reader);
    br_buf_free (&out);
    br_buf_free (&events);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_calls_of_openai_when_read_then_fragments_find_their_call),
        cmocka_unit_test (
            given_an_empty_id_and_a_null_name_later_when_read_then_the_first_ones_stay),
        cmocka_unit_test (
            given_an_index_that_begins_at_one_when_read_then_the_block_is_the_first),
        cmocka_unit_test (given_no_index_when_read_then_ids_tell_calls_apart),
        cmocka_unit_test (given_neither_index_nor_id_when_read_then_a_name_begins_a_call),
        cmocka_unit_test (
            given_the_same_index_for_all_when_read_then_names_and_ids_tell_calls_apart),
        cmocka_unit_test (
            given_a_name_and_id_behind_the_arguments_when_read_then_the_call_waits),
        cmocka_unit_test (given_a_name_in_pieces_or_again_when_read_then_it_is_whole),
        cmocka_unit_test (
            given_arguments_that_are_no_string_when_read_then_objects_are_taken_and_null_is_not),
        cmocka_unit_test (
            given_a_custom_call_and_one_of_the_old_form_when_read_then_both_are_calls),
        cmocka_unit_test (given_a_thought_of_google_when_read_then_it_stands_at_its_call),
        cmocka_unit_test (
            given_arguments_without_any_name_when_read_then_the_call_is_malformed),
        cmocka_unit_test (given_too_many_calls_when_read_then_the_stream_is_broken_off),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
