//  guard_seam: what comes behind a text that has ended, looked at once more.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_seam.h"
#include "tests/broker/guard/channelled.h"
#include "tests/broker/guard/streamed.h"

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "stop", "STOP", "block" },
    { NULL, NULL, NULL },
};

typedef struct {
    guard_rules_t *rules;
    guard_lane_rules_t common;
    size_t heard;
    br_buf_t out;
} world_t;

static void
s_hear (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    world_t *world = arg;
    assert_int_equal (finding->action, GUARD_BLOCK);
    assert_int_equal (place, BR_TEXT_REASONING);
    world->heard++;
}

static int
s_setup (void **state)
{
    world_t *world = BR_NEW (world_t);
    world->rules = channelled_rules (s_rows);
    world->common = (guard_lane_rules_t) { world->rules, 1,      GUARD_DOWN, GUARD_REDACT,
                                           GUARD_BLOCK,  s_hear, world };
    br_buf_init (&world->out, CHANNELLED_MAX);
    *state = world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    br_buf_free (&world->out);
    guard_rules_destroy (&world->rules);
    free (world);
    return 0;
}

static int
s_push (world_t *world, guard_seam_t *seam, const char *text)
{
    return guard_seam_push (seam, text, strlen (text), &world->out);
}

static void
given_a_match_over_the_seam_when_it_comes_in_pieces_then_none_of_them_goes (void **state)
{
    world_t *world = *state;
    static const char *const befores[] = { "x sec12", "sec12", "ST" };
    static const char *const pieces[][2] = { { "3", "4" },
                                             { "3", "4 b" },
                                             { "O", "Pb" } };
    for (size_t i = 0; i < 3; i++) {
        guard_seam_t *seam = guard_seam_new (
            &world->common, GUARD_PLAIN, BR_TEXT_REASONING,
            (br_text_t) { befores[i], strlen (befores[i]) });
        assert_int_equal (s_push (world, seam, pieces[i][0]), 0);
        assert_int_equal (guard_seam_held (seam), 1);
        int rc = s_push (world, seam, pieces[i][1]);
        if (rc == 0)
            rc = guard_seam_end (seam, &world->out);
        assert_int_equal (rc, -1);
        assert_int_equal (world->heard, i + 1);
        assert_int_equal (world->out.size, 0);
        guard_seam_destroy (&seam);
        guard_seam_destroy (&seam);
    }
}

static void
given_no_match_over_the_seam_when_that_is_known_then_all_goes (void **state)
{
    world_t *world = *state;
    guard_seam_t *seam = guard_seam_new (&world->common, GUARD_PLAIN, BR_TEXT_REASONING,
                                         BR_TEXT ("sec12"));
    assert_int_equal (s_push (world, seam, "3"), 0);
    assert_false (guard_seam_is_over (seam));
    br_buf_t undecided;
    br_buf_init (&undecided, CHANNELLED_MAX);
    guard_seam_undecided (seam, &undecided);
    assert_string_equal (br_buf_text (&undecided), "sec123");
    br_buf_free (&undecided);
    //  What is found behind it alone is not its own.
    assert_int_equal (s_push (world, seam, " sec1234 sec1"), 0);
    assert_true (guard_seam_is_over (seam));
    assert_string_equal (br_buf_text (&world->out), "3 sec1234 sec1");
    assert_int_equal (s_push (world, seam, "2"), 0);
    assert_int_equal (guard_seam_held (seam), 0);
    assert_int_equal (guard_seam_end (seam, &world->out), 0);
    guard_seam_destroy (&seam);
    br_buf_clear (&world->out);
    seam = guard_seam_new (&world->common, GUARD_PLAIN, BR_TEXT_REASONING,
                           BR_TEXT ("sec12"));
    assert_int_equal (s_push (world, seam, "3"), 0);
    assert_int_equal (guard_seam_end (seam, &world->out), 0);
    assert_string_equal (br_buf_text (&world->out), "3");
    guard_seam_destroy (&seam);
    assert_int_equal (world->heard, 0);
}

//  Inside of a string of JSON, with an escape.
static void
given_a_text_that_is_json_when_it_goes_on_then_escapes_are_undone (void **state)
{
    world_t *world = *state;
    guard_seam_t *seam = guard_seam_new (&world->common, GUARD_JSON, BR_TEXT_REASONING,
                                         BR_TEXT ("\"sec12"));
    assert_int_equal (s_push (world, seam, "\\u0033"), 0);
    assert_int_equal (s_push (world, seam, "4\""), -1);
    assert_int_equal (world->out.size, 0);
    guard_seam_destroy (&seam);
}

static void
given_a_rule_that_fails_open_when_it_matches_over_the_seam_then_all_goes (void **state)
{
    world_t *world = *state;
    static const char slice[] =
        "{\"custom\":[{\"name\":\"a\",\"regex\":\"sec[0-9]{4}\"}],\"sets\":["
        "{\"custom_downgoing\":{\"a\":\"redact\"},\"fail\":{\"a\":\"open\"}}]}";
    guard_rules_t *rules = guard_rules_new (slice, NULL);
    assert_non_null (rules);
    world->common.rules = rules;
    guard_seam_t *seam = guard_seam_new (&world->common, GUARD_PLAIN, BR_TEXT_REASONING,
                                         BR_TEXT ("sec12"));
    assert_int_equal (s_push (world, seam, "34 b"), 0);
    assert_string_equal (br_buf_text (&world->out), "34 b");
    guard_seam_destroy (&seam);
    guard_rules_destroy (&rules);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

//  ---- what has begun with words

//  ret:  of streamed_guard, ' for each "
static int
s_stream (world_t *world, br_surface_t surface, const char *first, const char *second)
{
    br_buf_t stream;
    br_buf_init (&stream, CHANNELLED_MAX);
    br_buf_addf (&stream, "data: %s\n\ndata: %s\n\n", first, second);
    for (size_t i = 0; i < stream.size; i++)
        stream.data[i] = (uint8_t) (stream.data[i] == '\'' ? '"' : stream.data[i]);
    br_buf_clear (&world->out);
    int rc = streamed_guard (world->rules, surface, br_buf_text (&stream), stream.size, 0,
                             7, &world->out);
    br_buf_free (&stream);
    return rc;
}

static void
given_a_match_from_what_began_into_its_delta_when_it_comes_then_it_ends (void **state)
{
    static const struct {
        br_surface_t surface;
        const char *first;
        const char *second;
    } rows[] = {
        { BR_SURFACE_MESSAGES,
          "{'type':'message_start','message':{'content':[{'type':'text','text':'sec1'}]}"
          "}",
          "{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'"
          "234'}}" },
        { BR_SURFACE_RESPONSES,
          "{'type':'response.content_part.added','output_index':0,'content_index':0,'"
          "part'"
          ":{'type':'output_text','text':'sec1'}}",
          "{'type':'response.output_text.delta','output_index':0,'content_index':0,'"
          "delta'"
          ":'234'}" },
        { BR_SURFACE_RESPONSES,
          "{'type':'response.created','response':{'output':[{'type':'message','content':["
          "{"
          "'type':'output_text','text':'sec1'}]}]}}",
          "{'type':'response.output_text.delta','output_index':0,'content_index':0,'"
          "delta'"
          ":'234'}" },
        { BR_SURFACE_CHAT, "{'choices':[{'index':0,'delta':{'Content':'sec1'}}]}",
          "{'choices':[{'index':0,'delta':{'content':'234 ','content':'5'}}]}" },
    };
    world_t *world = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal (
            s_stream (world, rows[i].surface, rows[i].first, rows[i].second), -1);
        assert_null (strstr (br_buf_text (&world->out), "234"));
    }
    assert_int_equal (
        s_stream (world, BR_SURFACE_MESSAGES, rows[0].first,
                  "{'type':'content_block_delta','index':0,'delta':{'type':'"
                  "text_delta','text':' 234'}}"),
        0);
    assert_non_null (strstr (br_buf_text (&world->out), " 234"));
}

static void
given_keys_in_another_case_when_a_match_is_cut_over_them_then_it_is_redacted (
    void **state)
{
    world_t *world = *state;
    assert_int_equal (s_stream (world, BR_SURFACE_CHAT,
                                "{'choices':[{'index':0,'delta':{'Content':'a sec1'}}]}",
                                "{'choices':[{'index':0,'delta':{'content':'234 b'}}]}"),
                      0);
    assert_null (strstr (br_buf_text (&world->out), "sec1"));
    assert_non_null (strstr (br_buf_text (&world->out), "[REDACTED] b"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_a_match_over_the_seam_when_it_comes_in_pieces_then_none_of_them_goes),
        TEST (given_no_match_over_the_seam_when_that_is_known_then_all_goes),
        TEST (given_a_text_that_is_json_when_it_goes_on_then_escapes_are_undone),
        TEST (given_a_rule_that_fails_open_when_it_matches_over_the_seam_then_all_goes),
        cmocka_unit_test_setup_teardown (
            given_a_match_from_what_began_into_its_delta_when_it_comes_then_it_ends,
            s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            given_keys_in_another_case_when_a_match_is_cut_over_them_then_it_is_redacted,
            s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
