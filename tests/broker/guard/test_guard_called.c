//  guard_called: names and arguments of one call, by piece.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_called.h"

static const char s_slice[] =
    "{\"tools\":{\"*\":{\"deny\":[\"bash\"],\"params\":{\"make\":{\"deny\":[\"any\"],"
    "\"action\":\"strip\"}}},\"gh\":{\"params\":{\"make\":{\"deny\":[\"who\"],\"action\":"
    "\"strip\"},\"merge\":{\"deny\":[\"force\"]}}}}}";

typedef struct {
    guard_tools_t *tools;
    guard_called_t *called;
    br_buf_t out;
    br_error_t error;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .tools = guard_tools_new (s_slice, &world.error) };
    world.called = guard_called_new (world.tools, 7);
    br_buf_init (&world.out, 1u << 20);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *self = *state;
    guard_called_destroy (&self->called);
    assert_null (self->called);
    guard_called_destroy (&self->called);
    guard_called_destroy (NULL);
    br_buf_free (&self->out);
    guard_tools_destroy (&self->tools);
    return 0;
}

static br_text_t
s_text (const char *text)
{
    return (br_text_t) { text, strlen (text) };
}

static void
s_name (world_t *self, const char *json, bool is_piece)
{
    assert_int_equal (
        guard_called_name (self->called, s_text (json), is_piece, &self->error), 0);
}

//  What stands in the place of a piece; NULL when it is refused.
static const char *
s_push (world_t *self, const char *piece)
{
    br_buf_clear (&self->out);
    int rc = guard_called_push (self->called, s_text (piece), &self->out, &self->error);
    return rc < 0 ? NULL : rc ? br_buf_text (&self->out) : piece;
}

static const char *
s_args (world_t *self, const char *json)
{
    br_buf_clear (&self->out);
    switch (guard_called_args (self->called, s_text (json), &self->out, &self->error)) {
    case GUARD_ARGS_AS_IS: return json;
    case GUARD_ARGS_STRIPPED: return br_buf_text (&self->out);
    default: return NULL;
    }
}

static void
given_a_denied_name_when_judged_then_it_is_refused (void **state)
{
    world_t *self = *state;
    assert_int_equal (guard_called_number (self->called), 7);
    assert_int_equal (guard_called_judge (self->called, &self->error), 0);
    s_name (self, "\"read\"", false);
    assert_int_equal (guard_called_judge (self->called, &self->error), 0);
    s_name (self, "\"b\\u0061sh\"", false);
    assert_int_equal (guard_called_judge (self->called, &self->error), -1);
    assert_int_equal (self->error.code, BR_EGUARD);
    assert_string_equal (self->error.text, "tool 'bash' is not allowed");
}

static void
given_pieces_of_a_name_then_each_and_the_whole_count (void **state)
{
    world_t *self = *state;
    s_name (self, "\"gh__\"", true);
    assert_false (guard_called_is_ruled (self->called));
    s_name (self, "\"\"", true);
    s_name (self, "\"gh__\"", true); //  again
    s_name (self, "\"merge\"", true);
    assert_true (guard_called_is_ruled (self->called));
    assert_null (s_args (self, "{\"force\":1}"));
}

static void
given_a_server_then_its_rules_count (void **state)
{
    world_t *self = *state;
    s_name (self, "\"merge\"", false);
    assert_true (guard_called_is_ruled (self->called)); //  it may be anybody's
    assert_int_equal (
        guard_called_server (self->called, s_text ("\"gh\""), false, &self->error), 0);
    assert_true (guard_called_is_ruled (self->called));
    assert_null (s_args (self, "{\"force\":1}"));
    assert_string_equal (self->error.text, "parameter 'force' denied on tool 'gh/merge'");
}

static void
given_another_server_then_its_rules_do_not_count (void **state)
{
    world_t *self = *state;
    s_name (self, "\"merge\"", false);
    assert_int_equal (
        guard_called_server (self->called, s_text ("\"hg\""), false, &self->error), 0);
    assert_false (guard_called_is_ruled (self->called));
    assert_int_equal (
        guard_called_server (self->called, s_text ("\"hg\""), false, &self->error), 0);
    assert_int_equal (
        guard_called_server (self->called, s_text ("\"gh\""), false, &self->error), -1);
    assert_string_equal (self->error.text, "a call is said to be two servers'");
}

static void
given_a_server_that_clients_may_pass_over_then_the_name_alone_counts (void **state)
{
    world_t *self = *state;
    s_name (self, "\"merge\"", false);
    assert_int_equal (
        guard_called_server (self->called, s_text ("\"hg\""), true, &self->error), 0);
    assert_int_equal (guard_called_judge (self->called, &self->error), 0);
    assert_true (guard_called_is_ruled (self->called));
    assert_null (s_args (self, "{\"force\":1}"));
    s_name (self, "\"bash\"", false);
    assert_int_equal (guard_called_judge (self->called, &self->error), -1);
}

static void
given_two_names_then_the_rules_of_both_strip (void **state)
{
    world_t *self = *state;
    s_name (self, "\"x.make\"", false);
    assert_string_equal (s_args (self, "{\"any\":1,\"who\":2}"), "{\"who\":2}");
    s_name (self, "\"gh.make\"", false);
    assert_string_equal (s_args (self, "{\"any\":1,\"who\":2,\"t\":3}"), "{\"t\":3}");
    assert_string_equal (s_args (self, "{\"t\":3}"), "{\"t\":3}");
    assert_string_equal (s_args (self, ""), "");
}

static void
given_names_that_cannot_be_read_then_they_are_refused (void **state)
{
    world_t *self = *state;
    assert_int_equal (
        guard_called_name (self->called, s_text ("\"a\\u0000\""), false, &self->error),
        -1);
    assert_int_equal (self->error.code, BR_EGUARD);
    assert_int_equal (
        guard_called_server (self->called, s_text ("\"\\u0000\""), false, &self->error),
        -1);
    char name[GUARD_CALLED_NAME_MAX];
    memset (name, 'a', sizeof name);
    name[0] = name[600] = '"';
    name[601] = 0;
    s_name (self, name, true);
    name[1] = 'b';
    assert_int_equal (guard_called_name (self->called, s_text (name), true, &self->error),
                      -1);
    assert_string_equal (self->error.text, "the name of a tool is too long");
    int rc = 0;
    for (int i = 0; i < GUARD_CALLED_NAMES_MAX && rc == 0; i++) {
        name[3] = (char) ('a' + i);
        rc = guard_called_name (self->called, s_text (name), false, &self->error);
    }
    assert_int_equal (rc, -1);
    assert_string_equal (self->error.text, "a call has too many names");
}

static void
given_pieces_without_rules_then_they_pass (void **state)
{
    world_t *self = *state;
    s_name (self, "\"read\"", false);
    assert_string_equal (s_push (self, "\"{\""), "\"{\"");
    assert_int_equal (guard_called_held (self->called), 0);
    assert_int_equal (guard_called_end (self->called, &self->error), 0);
    //  and what passed counts when a name comes too late
    s_name (self, "\"gh__make\"", false);
    assert_int_equal (guard_called_judge (self->called, &self->error), -1);
}

static void
given_pieces_with_rules_then_the_last_one_brings_all (void **state)
{
    world_t *self = *state;
    s_name (self, "\"gh__make\"", false);
    assert_string_equal (s_push (self, "\"\""), "\"\"");
    assert_string_equal (s_push (self, "\" {\\\"a\\\":\\\"}\\\\\\\"\""), "\"\"");
    assert_int_equal (guard_called_held (self->called), 15);
    assert_int_equal (guard_called_end (self->called, &self->error), -1);
    assert_string_equal (s_push (self, "\"\\\",\\u0022who\\\":[{\""), "\"\"");
    assert_string_equal (s_push (self, "\"}]}\\n\""),
                         "\"{\\\"a\\\":\\\"}\\\\\\\"\\\"}\"");
    assert_int_equal (guard_called_held (self->called), 0);
    assert_int_equal (guard_called_end (self->called, &self->error), 0);
    assert_string_equal (s_push (self, "\" \\t\""), "\" \\t\"");
    assert_null (s_push (self, "\",\""));
}

//  A surrogate pair that is cut between events is one character.
static void
given_a_pair_that_is_cut_then_it_is_put_together (void **state)
{
    world_t *self = *state;
    s_name (self, "\"gh__make\"", false);
    s_push (self, "\"{\\\"who\\\":0,\\\"a\\\":\\\"\\ud83d\"");
    assert_string_equal (s_push (self, "\"\\ude00\\\"}\""),
                         "\"{\\\"a\\\":\\\"\xF0\x9F\x98\x80\\\"}\"");
}

static void
given_a_follower_then_what_passed_counts_for_it (void **state)
{
    world_t *self = *state;
    s_name (self, "\"read\"", false);
    s_push (self, "\"{}\"");
    guard_called_t *next = guard_called_new (self->tools, 7);
    assert_int_equal (guard_called_follow (next, self->called, &self->error), 0);
    assert_int_equal (guard_called_judge (next, &self->error), -1); //  it has no name
    assert_int_equal (guard_called_say (next, "read", &self->error), 0);
    assert_int_equal (guard_called_judge (next, &self->error), 0);
    assert_int_equal (guard_called_say (next, "gh/make", &self->error), 0);
    assert_int_equal (guard_called_judge (next, &self->error), -1);
    guard_called_destroy (&next);
}

static void
given_a_whole_call_behind_another_then_both_names_count (void **state)
{
    world_t *self = *state;
    guard_called_tell (self->called, 1, true);
    s_name (self, "\"ba\"", true);
    assert_false (guard_called_is_other (self->called, 1));
    assert_false (guard_called_is_other (self->called, 0));
    assert_true (guard_called_is_other (self->called, 2));
    for (uint64_t id = 0; id < 3; id++) {
        guard_called_t *next = guard_called_new (self->tools, 7);
        guard_called_tell (next, id, true);
        assert_int_equal (guard_called_join (next, self->called, &self->error), 0);
        assert_int_equal (guard_called_name (next, s_text ("\"sh\""), true, &self->error),
                          0);
        assert_int_equal (guard_called_judge (next, &self->error), -1);
        assert_string_equal (self->error.text, "tool 'bash' is not allowed");
        guard_called_destroy (&next);
    }
}

static void
given_arguments_that_passed_then_rules_of_both_names_come_too_late (void **state)
{
    world_t *self = *state;
    guard_called_tell (self->called, 1, true);
    s_name (self, "\"gh__mer\"", true);
    guard_called_pass (self->called);
    guard_called_t *next = guard_called_new (self->tools, 7);
    guard_called_tell (next, 2, true);
    assert_int_equal (guard_called_join (next, self->called, &self->error), 0);
    assert_int_equal (guard_called_name (next, s_text ("\"ge\""), true, &self->error), 0);
    assert_int_equal (guard_called_judge (next, &self->error), -1);
    guard_called_destroy (&next);
}

static void
given_paths_then_each_is_judged (void **state)
{
    world_t *self = *state;
    static const struct {
        const char *array;
        int rc;
    } rows[] = {
        { "[]", 0 },
        { "[{\"jsonPath\":\"$.id\"},{\"jsonPath\":\"$.a.force\"}]", 0 },
        { "[{\"jsonPath\":\"$['id'][0]\"}]", 0 },
        { "[{\"jsonPath\":\"$.id\"},{\"json_path\":\"$.force[0]\"}]", -1 },
        { "[{\"jsonPath\":\"$.id\",\"jsonPath\":\"$['force']\"}]", -1 },
        { "[{\"jsonPath\":\"$[\\\"force\\\"]\"}]", -1 },
        { "[{\"jsonPath\":\"$['fo\\\\u0072ce']\"}]", -1 },
        { "[{\"jsonPath\":\"$..force\"}]", -1 },
        { "[{\"jsonPath\":\"$\"}]", -1 },
        { "[{\"jsonPath\":\"\"}]", -1 },
        { "[{\"jsonPath\":\"$['\"}]", -1 },
        { "[{\"stringValue\":\"a\"}]", -1 },
        { "[\"$.force\"]", -1 },
        { "[1]", -1 },
    };
    s_name (self, "\"read\"", false);
    assert_int_equal (guard_called_paths (self->called, s_text ("[1]"), NULL), 0);
    s_name (self, "\"gh__merge\"", false);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_text_t array = s_text (rows[i].array);
        int rc = guard_called_paths (self->called, array, &self->error);
        if (rc != rows[i].rc)
            fail_msg ("%s", rows[i].array);
    }
}

static void
given_a_path_to_be_stripped_then_it_is_refused (void **state)
{
    world_t *self = *state;
    s_name (self, "\"gh__make\"", false);
    br_text_t array = s_text ("[{\"jsonPath\":\"$.who\"}]");
    assert_int_equal (guard_called_paths (self->called, array, &self->error), -1);
    assert_string_equal (self->error.text,
                         "parameter 'who' denied on tool 'gh__make', and it comes in "
                         "pieces");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_a_denied_name_when_judged_then_it_is_refused),
        TEST (given_pieces_of_a_name_then_each_and_the_whole_count),
        TEST (given_a_server_then_its_rules_count),
        TEST (given_another_server_then_its_rules_do_not_count),
        TEST (given_a_server_that_clients_may_pass_over_then_the_name_alone_counts),
        TEST (given_two_names_then_the_rules_of_both_strip),
        TEST (given_names_that_cannot_be_read_then_they_are_refused),
        TEST (given_pieces_without_rules_then_they_pass),
        TEST (given_pieces_with_rules_then_the_last_one_brings_all),
        TEST (given_a_pair_that_is_cut_then_it_is_put_together),
        TEST (given_a_follower_then_what_passed_counts_for_it),
        TEST (given_a_whole_call_behind_another_then_both_names_count),
        TEST (given_arguments_that_passed_then_rules_of_both_names_come_too_late),
        TEST (given_paths_then_each_is_judged),
        TEST (given_a_path_to_be_stripped_then_it_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
