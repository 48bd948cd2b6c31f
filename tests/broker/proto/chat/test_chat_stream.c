//  An answer, event by event.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_an_empty_first_chunk_when_read_then_id_and_model_are_the_first_ones_given (
    void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"\",\"model\":\"\",\"choices\":[],\"prompt_filter_results\":"
                   "[]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
                   "\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n{\"id\":"
                   "\"c2\",\"model\":\"n\",\"choices\":[]}\n[DONE]\n",
                   "start c1 m\ntext 0 a\nfinish stop (stop)\nend\n");
}

static void
given_usage_anywhere_when_read_then_it_is_told_each_time (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"a\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_"
        "tokens\":1}}\n{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_"
        "tokens\":2,\"completion_tokens_details\":null}}\n[DONE]\n",
        "start c1 m\ntext 0 a\nusage 3/1/0\nusage 3/2/0\nfinish stop (stop)\nend\n");
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"a\"},\"finish_reason\":\"stop\"}],\"x_groq\":{"
                   "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}}\n[DONE]\n",
                   "start c1 m\ntext 0 a\nusage 3/1/0\nfinish stop (stop)\nend\n");
    reader_expect (
        "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\","
        "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}]}\n[DONE]\n",
        "start\ntext 0 a\nusage 3/1/0\nfinish stop (stop)\nend\n");
    reader_expect (
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":0}}\n{"
        "\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"a\"},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
        "start c1 m\ntext 0 a\nusage 3/0/0\nfinish stop (stop)\nend\n");
}

static void
given_several_choices_when_read_then_each_is_its_own (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"a\"}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
                   "\"index\":1,\"delta\":{\"content\":\"b\"}}]}\n{\"id\":\"c1\","
                   "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_"
                   "reason\":\"stop\"}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{"
                   "\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}\n[DONE]\n",
                   "start c1 m\ntext 0 a\nstart #1 c1 m\ntext #1 0 b\nfinish stop "
                   "(stop)\nfinish #1 length (length)\nend\n");
}

static void
given_no_done_when_there_was_a_finish_then_it_is_whole (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\nEOF",
                   "start c1 m\ntext 0 a\nfinish stop (stop)\nend\n");
}

static void
given_no_done_and_no_finish_when_it_ends_then_it_was_cut (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"a\"}}]}\nEOF",
                   "start c1 m\ntext 0 a\nfailed EUPCUT\n");
    reader_expect ("EOF", "failed EUPCUT\n");
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"a\"},\"finish_reason\":\"stop\"}]}\n{\"id\":\"c1\",\"model\":\"m\","
        "\"choices\":[{\"index\":1,\"delta\":{\"content\":\"a\"}}]}\nEOF",
        "start c1 m\ntext 0 a\nstart #1 c1 m\ntext #1 0 a\nfailed EUPCUT\n");
}

static void
given_done_without_a_finish_when_it_ends_then_it_is_a_stop (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"a\"}}]}\n[DONE]\nEOF",
                   "start c1 m\ntext 0 a\nfinish (stop)\nend\n");
}

static void
given_done_without_a_choice_when_it_ends_then_it_makes_no_sense (void **state)
{
    (void) state;
    reader_expect ("{\"choices\":[]}\n[DONE]\n", "failed EUPINVALID\n");
}

static void
given_an_error_when_it_comes_then_nothing_follows (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"a\"},\"finish_reason\":\"length\"}]}\n{\"choices\":[{\"delta\":{}}],\"error\":"
        "{\"code\":400,\"message\":\"limit\"}}\n{\"id\":\"c1\",\"model\":\"m\","
        "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"}}]}\n[DONE]\nEOF",
        "start c1 m\ntext 0 a\nerror limit EUPBAD\n");
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"a\"}}]}\nevent error "
                   "{\"error\":{\"message\":\"m\"},\"failed_generation\":\"x\"}\nEOF",
                   "start c1 m\ntext 0 a\nerror m EUPBAD\n");
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"a\"},\"finish_reason\":\"error\"}]}\n[DONE]\n",
        "start c1 m\ntext 0 a\nerror the provider ended with \"error\" EUPBAD\n");
}

static void
given_events_that_make_no_sense_when_read_then_the_stream_is_broken_off (void **state)
{
    (void) state;
    reader_expect ("7\n", "failed EUPINVALID\n");
    reader_expect ("what\n", "failed EUPINVALID\n");
    reader_expect ("{\"choices\":[{\"index\":999,\"delta\":{}}]}\n",
                   "failed EUPINVALID\n");
    reader_expect ("{\"choices\":[{\"index\":-1}]}\n", "failed EUPINVALID\n");
}

static void
given_many_plain_deltas_when_read_then_memory_does_not_grow (void **state)
{
    (void) state;
    static const char event[] = "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,"
                                "\"delta\":{\"content\":\"a\\nb\"},"
                                "\"finish_reason\":null}]}";
    json_tree_t *tree = json_tree_new ();
    br_buf_t out;
    br_buf_init (&out, 1024);
    void *reader = chat_codec.reader_new ();
    for (int i = 0; i < 20000; i++) {
        const json_node_t *root = json_tree_parse (tree, event, sizeof event - 1, NULL);
        assert_int_equal (
            chat_codec.read_event (reader, "", tree, root, lines_add, &out, NULL), 0);
        br_buf_clear (&out);
    }
    chat_codec.reader_destroy (&reader);
    br_buf_free (&out);
    json_tree_destroy (&tree);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_an_empty_first_chunk_when_read_then_id_and_model_are_the_first_ones_given),
        cmocka_unit_test (given_usage_anywhere_when_read_then_it_is_told_each_time),
        cmocka_unit_test (given_several_choices_when_read_then_each_is_its_own),
        cmocka_unit_test (given_no_done_when_there_was_a_finish_then_it_is_whole),
        cmocka_unit_test (given_no_done_and_no_finish_when_it_ends_then_it_was_cut),
        cmocka_unit_test (given_done_without_a_finish_when_it_ends_then_it_is_a_stop),
        cmocka_unit_test (
            given_done_without_a_choice_when_it_ends_then_it_makes_no_sense),
        cmocka_unit_test (given_an_error_when_it_comes_then_nothing_follows),
        cmocka_unit_test (
            given_events_that_make_no_sense_when_read_then_the_stream_is_broken_off),
        cmocka_unit_test (given_many_plain_deltas_when_read_then_memory_does_not_grow),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
