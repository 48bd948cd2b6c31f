//  Streams that are read.

#include "tests/broker/proto/completions/completions_test.h"

#define A "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"text\":\"a\",\"index\":0}]}\n"
#define B                                                                                \
    "{\"id\":\"c\",\"choices\":[{\"text\":\"b\",\"index\":1,\"finish_reason\":null}]}\n"
#define STOP(n)                                                                          \
    "{\"choices\":[{\"text\":\"\",\"index\":" #n ",\"finish_reason\":\"stop\"}]}\n"
#define USAGE "{\"choices\":[],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":1}}\n"

//  Events one a line; [DONE] is one, and END is the end of the bytes.
static void
s_expect (const char *events, const char *wanted)
{
    br_buf_t out;
    br_error_t error = { .text = "" };
    br_buf_init (&out, 4096);
    json_tree_t *tree = json_tree_new ();
    void *reader = completions_codec.reader_new ();
    char *copy = br_strdup (events);
    int rc = 0;
    for (char *at = strtok (copy, "\n"); at && rc == 0; at = strtok (NULL, "\n")) {
        const json_node_t *root = json_tree_parse (tree, at, strlen (at), NULL);
        if (root)
            rc = completions_codec.read_event (reader, "", tree, root, deltas_add, &out,
                                               &error);
        else if (strcmp (at, "END") == 0)
            rc = completions_codec.read_end (reader, deltas_add, &out, &error);
        else
            rc = completions_codec.read_mark (reader, br_text (at), deltas_add, &out,
                                              &error);
    }
    if (rc)
        br_buf_adds (&out, br_code_name (error.code));
    assert_string_equal (br_buf_text (&out), wanted);
    free (copy);
    completions_codec.reader_destroy (&reader);
    json_tree_destroy (&tree);
    br_buf_free (&out);
}

static void
given_events_when_read_then_what_ends_choices_comes_last (void **state)
{
    (void) state;
    s_expect (A STOP (0) USAGE "[DONE]", "start0 0'a' usage 2/1 stop0 end");
    s_expect (A B STOP (1) STOP (0) "END", "start0 0'a' start1 1'b' stop0 stop1 end");
}

static void
given_a_stream_that_is_cut_or_no_sense_when_read_then_it_fails (void **state)
{
    (void) state;
    s_expect (A "END", "start0 0'a' EUPCUT");
    s_expect ("END", "EUPCUT");
    s_expect ("[DONE]", "EUPINVALID");
    s_expect ("<html>", "EUPINVALID");
    s_expect ("[]", "EUPINVALID");
    s_expect ("{\"choices\":[{\"index\":128}]}", "EUPINVALID");
    s_expect ("{\"choices\":[{\"index\":-1}]}", "EUPINVALID");
}

static void
given_an_error_when_read_then_nothing_follows (void **state)
{
    (void) state;
    s_expect (A "{\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n" A "[DONE]",
              "start0 0'a' EUPBAD 'no' ");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_events_when_read_then_what_ends_choices_comes_last),
        cmocka_unit_test (given_a_stream_that_is_cut_or_no_sense_when_read_then_it_fails),
        cmocka_unit_test (given_an_error_when_read_then_nothing_follows),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
