//  tui_model: fed with lines, whatever they are.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/tui/scene.h"

#define CALL "01a2"

static int
s_setup (void **state)
{
    static scene_t scene;
    scene_begin (&scene, NULL);
    *state = &scene;
    return 0;
}

static int
s_teardown (void **state)
{
    scene_end (*state);
    return 0;
}

static const tui_call_t *
s_call (const scene_t *scene)
{
    return tui_calls_find (tui_model_calls (scene->model), CALL);
}

static void
a_call_is_followed_from_its_begin_to_its_row (void **state)
{
    scene_t *scene = *state;
    scene_tell (
        scene,
        "{\"event\":\"call.started\",\"host\":\"s\",\"time\":1750000000000,\"call\":"
        "\"01a2\",\"route\":\"smart\",\"stream\":1,\"run\":\"r\",\"agent\":\"a\"}",
        NULL);
    assert_int_equal (s_call (scene)->state, TUI_CALL_OPEN);
    scene_tell (scene,
                "{\"event\":\"attempt.started\",\"time\":1750000000001,\"call\":\"01a2\","
                "\"attempt\":1,\"provider\":\"p\",\"model\":\"m\"}",
                NULL);
    assert_int_equal (s_call (scene)->state, TUI_CALL_ASKING);
    scene_tell (scene,
                "{\"event\":\"attempt.failed\",\"time\":1750000000005,\"call\":\"01a2\","
                "\"attempt\":1,\"provider\":\"p\",\"error_type\":\"upstream_timeout\","
                "\"error\":\"no word\"}",
                "{\"event\":\"attempt.delayed\",\"call\":\"01a2\",\"attempt\":2,"
                "\"delay_ms\":250}",
                NULL);
    assert_int_equal (s_call (scene)->state, TUI_CALL_WAITING);
    scene_tell (scene,
                "{\"event\":\"attempt.started\",\"time\":1750000000260,\"call\":\"01a2\","
                "\"attempt\":2,\"provider\":\"q\",\"model\":\"n\"}",
                "{\"event\":\"attempt.begun\",\"time\":1750000000300,\"call\":\"01a2\","
                "\"attempt\":2,\"first_ms\":300}",
                NULL);
    assert_int_equal (s_call (scene)->state, TUI_CALL_ANSWERS);
    assert_int_equal (s_call (scene)->first_ms, 300);
    assert_string_equal (s_call (scene)->hops[0].error_type, "upstream_timeout");
    assert_int_equal (s_call (scene)->hops[1].delay_ms, 250);
    scene_call (scene, CALL, "smart");
    assert_int_equal (s_call (scene)->state, TUI_CALL_OK);
    assert_true (s_call (scene)->is_settled);
    assert_int_equal (s_call (scene)->cost_nusd, 1500000);
    assert_string_equal (s_call (scene)->account, "acme");
    assert_int_equal (tui_calls_open (tui_model_calls (scene->model)), 0);
}

static void
given_a_row_that_is_told_twice_when_summed_then_it_counts_once (void **state)
{
    scene_t *scene = *state;
    scene_call (scene, CALL, "smart");
    scene_call (scene, CALL, "smart");
    const tui_totals_t *totals = tui_model_totals (scene->model);
    assert_int_equal (totals->settled, 1);
    assert_int_equal (totals->cost_nusd, 1500000);
    assert_int_equal (totals->tokens, 1234);
    const tui_sums_t *sums = tui_model_sums (scene->model, TUI_BY_RUN);
    assert_int_equal (tui_sums_find (sums, "night")->calls, 1);
}

static void
given_an_end_without_a_begin_when_heard_then_the_call_is_there (void **state)
{
    scene_t *scene = *state;
    scene_tell (scene,
                "{\"event\":\"call.settled\",\"time\":1750000000500,\"call\":\"01a2\","
                "\"route\":\"x\",\"latency_ms\":400,\"success\":0,\"error_type\":"
                "\"upstream_timeout\",\"cost_nusd\":0,\"cost_known\":0}",
                NULL);
    assert_int_equal (s_call (scene)->state, TUI_CALL_FAILED);
    assert_int_equal (s_call (scene)->started_ms, 1750000000100u);
    assert_false (s_call (scene)->cost_known);
    assert_int_equal (tui_model_totals (scene->model)->failed, 1);
}

static void
lines_that_make_no_sense_change_nothing (void **state)
{
    scene_t *scene = *state;
    static const char *const wild[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"event\":7}",
        "{\"event\":\"nobody.knows\"}",
        "{\"event\":\"call.started\"}",
        "{\"event\":\"call.ended\",\"call\":{}}",
    };
    for (size_t i = 0; i < sizeof wild / sizeof *wild; i++)
        assert_int_equal (tui_model_event (scene->model, wild[i], strlen (wild[i])), -1);
    assert_null (tui_calls_next (tui_model_calls (scene->model), NULL));
}

static void
members_of_wrong_types_are_taken_as_absent (void **state)
{
    scene_t *scene = *state;
    scene_tell (scene,
                "{\"event\":\"attempt.started\",\"call\":\"01a2\",\"attempt\":1e99,"
                "\"provider\":[],\"time\":\"now\"}",
                "{\"event\":\"call.settled\",\"call\":\"01a2\",\"cost_nusd\":1e99,"
                "\"success\":\"yes\",\"input_tokens\":-4}",
                "{\"event\":\"guard.finding\",\"call\":\"never heard of\",\"count\":{}}",
                NULL);
    assert_int_equal (s_call (scene)->input_tokens, 0);
    assert_int_equal (tui_model_totals (scene->model)->findings, 1);
    assert_null (tui_calls_find (tui_model_calls (scene->model), "never heard of"));
}

static void
what_is_news_becomes_a_line (void **state)
{
    scene_t *scene = *state;
    scene_tell (scene, "{\"event\":\"ready\"}",
                "{\"event\":\"conf.taken\",\"generation\":2}",
                "{\"event\":\"conf.refused\",\"error\":\"line 3\"}",
                "{\"event\":\"queue.filling\",\"queue\":\"local\",\"bytes\":9}",
                "{\"event\":\"message.dropped\",\"verb\":\"v\",\"reason\":\"r\"}",
                "{\"event\":\"limit.reached\",\"kind\":\"caller\",\"key\":\"k\"}",
                "{\"event\":\"budget.reached\",\"account\":\"a\",\"limit_nusd\":5}",
                "{\"event\":\"host.up\",\"name\":\"h\",\"pid\":3}",
                "{\"event\":\"breaker.changed\",\"provider\":\"p\",\"state\":\"open\","
                "\"for_ms\":15000,\"reason\":\"5 failures in a row\"}",
                NULL);
    const tui_notes_t *notes = tui_model_notes (scene->model);
    assert_int_equal (tui_notes_count (notes), 9);
    assert_string_equal (tui_notes_at (notes, 0)->text,
                         "p is open for 15.0 s  5 failures in a row");
    assert_int_equal (tui_notes_at (notes, 0)->style, TUI_BAD);
    assert_string_equal (tui_notes_at (notes, 8)->source, "ready");
}

static void
given_a_host_that_is_gone_when_heard_then_its_calls_are_lost (void **state)
{
    scene_t *scene = *state;
    scene_tell (scene, "{\"event\":\"call.started\",\"host\":\"h\",\"call\":\"01a2\"}",
                "{\"event\":\"host.gone\",\"name\":\"h\",\"reason\":\"signal 9\"}", NULL);
    assert_int_equal (s_call (scene)->state, TUI_CALL_LOST);
}

static void
given_nothing_under_way_in_the_server_when_told_then_old_calls_have_ended (void **state)
{
    scene_t *scene = *state;
    scene_tell (scene, "{\"event\":\"call.started\",\"host\":\"h\",\"call\":\"01a2\"}",
                NULL);
    scene_answer (scene, TUI_CALLS, "{\"open_calls\":0}");
    assert_true (tui_call_is_open (s_call (scene)));
    tui_model_tick (scene->model, SCENE_NOW + 6000);
    scene_answer (scene, TUI_CALLS, "{\"open_calls\":1}");
    assert_true (tui_call_is_open (s_call (scene)));
    scene_answer (scene, TUI_CALLS, "{\"open_calls\":0}");
    assert_int_equal (s_call (scene)->state, TUI_CALL_LOST);
}

static void
given_a_server_that_ends_when_noted_then_its_calls_are_lost (void **state)
{
    scene_t *scene = *state;
    scene_tell (scene, "{\"event\":\"call.started\",\"host\":\"h\",\"call\":\"01a2\"}",
                NULL);
    tui_model_link (scene->model, false, "nobody\033 listens");
    assert_false (tui_model_is_up (scene->model));
    assert_string_equal (tui_model_reason (scene->model), "nobody? listens");
    assert_int_equal (s_call (scene)->state, TUI_CALL_LOST);
}

int
main (void)
{
#define S_TEST(function) cmocka_unit_test_setup_teardown (function, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        S_TEST (a_call_is_followed_from_its_begin_to_its_row),
        S_TEST (given_a_row_that_is_told_twice_when_summed_then_it_counts_once),
        S_TEST (given_an_end_without_a_begin_when_heard_then_the_call_is_there),
        S_TEST (lines_that_make_no_sense_change_nothing),
        S_TEST (members_of_wrong_types_are_taken_as_absent),
        S_TEST (what_is_news_becomes_a_line),
        S_TEST (given_a_host_that_is_gone_when_heard_then_its_calls_are_lost),
        S_TEST (
            given_nothing_under_way_in_the_server_when_told_then_old_calls_have_ended),
        S_TEST (given_a_server_that_ends_when_noted_then_its_calls_are_lost),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
