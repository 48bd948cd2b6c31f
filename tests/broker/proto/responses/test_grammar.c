//  The validator of streams finds what is wrong with them.

#include "tests/broker/proto/responses/fixture.h"

//  A stream that is in order: reasoning, a text and a call.
static void
s_make (writing_t *w)
{
    writing_begin (w);
    writing_add_text (w, BR_DELTA_REASONING, 0, "hm");
    writing_add_text (w, BR_DELTA_TEXT, 1, "one");
    writing_add_text (w, BR_DELTA_TEXT, 1, "two");
    writing_add (w, (br_delta_t) { .kind = BR_DELTA_CALL,
                                   .block = 2,
                                   .id = BR_TEXT ("c"),
                                   .name = BR_TEXT ("f") });
    writing_add_text (w, BR_DELTA_ARGS, 2, "{}");
    writing_finish (w, BR_FINISH_TOOL_USE);
}

static int
s_check (const char *sse)
{
    char why[512];
    return responses_grammar_check (sse, strlen (sse), why, sizeof why);
}

static void
any_event_that_is_missing_or_doubled_is_found (void **state)
{
    (void) state;
    writing_t w;
    s_make (&w);
    const char *sse = br_buf_text (&w.out);
    assert_int_equal (s_check (sse), 0);
    size_t count = 0;
    for (const char *at = sse; *at; count++) {
        const char *end = strstr (at, "\n\n") + 2;
        char *without = br_strf ("%.*s%s", (int) (at - sse), sse, end);
        char *twice = br_strf ("%.*s%s", (int) (end - sse), sse, at);
        char *cut = br_strf ("%.*s", (int) (at - sse), sse);
        assert_int_equal (s_check (without), -1);
        assert_int_equal (s_check (twice), -1);
        assert_int_equal (s_check (cut), -1);
        free (cut);
        free (twice);
        free (without);
        at = end;
    }
    assert_true (count > 15);
    writing_end (&w);
}

static void
any_value_that_does_not_fit_is_found (void **state)
{
    (void) state;
    static const char *const changes[][2] = {
        { "\"sequence_number\":4", "\"sequence_number\":5" },
        { "\"output_index\":1", "\"output_index\":2" },
        { "\"content_index\":0", "\"content_index\":1" },
        { "\"summary_index\":0", "\"summary_index\":1" },
        { "\"delta\":\"one\"", "\"delta\":\"on\"" },
        { "\"text\":\"onetwo\"", "\"text\":\"onetwo!\"" },
        { "\"delta\":\"{}\"", "\"delta\":\"{ }\"" },
        { "\"item_id\":\"msg_", "\"item_id\":\"msgs_" },
        { "\"id\":\"fc_", "\"id\":\"fcs_" },
        { "\"id\":\"resp_", "\"id\":\"rsp_" },
        { "\"status\":\"completed\"", "\"status\":\"incomplete\"" },
        { "\"tools\":", "\"tool\":" },
        { "event: response.output_text.done", "event: response.output_text.delta" },
        { "data: {", "data: [" },
        { "\"input_tokens\":", "\"tokens\":" },
    };
    writing_t w;
    s_make (&w);
    const char *sse = br_buf_text (&w.out);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const char *at = strstr (sse, changes[i][0]);
        assert_non_null (at);
        char *changed = br_strf ("%.*s%s%s", (int) (at - sse), sse, changes[i][1],
                                 at + strlen (changes[i][0]));
        if (s_check (changed) == 0)
            print_message ("not found: %s\n", changes[i][1]);
        assert_int_equal (s_check (changed), -1);
        free (changed);
    }
    writing_end (&w);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (any_event_that_is_missing_or_doubled_is_found),
        cmocka_unit_test (any_value_that_does_not_fit_is_found),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
