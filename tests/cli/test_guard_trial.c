//  guard_trial: findings with their places, the text as it would go on, and what a client
//  would be told.

#include "tests/cli/guard_fixture.h"
#include "cli/guard_trial.h"

#define CONF                                                                             \
    "guardrails:\n" FIXTURE_FEW "  custom_patterns:\n"                                   \
    "    - {name: red, regex: \"red_[0-9]+\", direction: both, action: redact}\n"        \
    "    - {name: stop, regex: \"stop_[0-9]+\", direction: both, action: block}\n"       \
    "    - {name: warn, regex: \"warn_[0-9]+\", direction: both}\n"
#define TOOLS                                                                            \
    "  tools:\n    providers:\n      gh:\n        filter: {deny: [drop]}\n"              \
    "        param_restrictions: {rules: {make: {deny: [who], action: strip}}}\n"

typedef struct {
    cli_guard_plan_t plan;
    cli_guard_trial_t trial;
    int rc;
    br_error_t error;
} run_t;

static void
s_run_under (run_t *self, const char *conf, guard_direction_t direction,
             br_surface_t surface, const char *text)
{
    char *argv[] = { "guard", NULL };
    *self = (run_t) { .rc = 0 };
    assert_int_equal (fixture_plan (&self->plan, conf, 1, argv), CLI_OK);
    assert_int_equal (cli_guard_plan_look (&self->plan, NULL), 0);
    self->trial = (cli_guard_trial_t) { .plan = &self->plan,
                                        .direction = direction,
                                        .surface = surface };
    self->rc = cli_guard_trial_run (&self->trial, text, strlen (text), &self->error);
}

static void
s_run (run_t *self, guard_direction_t direction, br_surface_t surface, const char *text)
{
    s_run_under (self, CONF, direction, surface, text);
}

static void
s_end (run_t *self)
{
    cli_guard_trial_clear (&self->trial);
    cli_guard_plan_close (&self->plan);
}

static void
s_is (const run_t *self, size_t index, const char *name, guard_action_t action,
      const char *where)
{
    assert_true (index < self->trial.count);
    const cli_guard_finding_t *finding = &self->trial.findings[index];
    char *place = cli_guard_trial_where (&self->trial, finding);
    assert_string_equal (guard_rules_name (self->plan.rules, finding->pattern), name);
    assert_int_equal (finding->action, action);
    assert_string_equal (place, where);
    free (place);
}

//  Given a text, then findings have lines and columns, in their order, and ranges that are
//  not redacted stay.
static void
test_text_is_redacted (void **state)
{
    (void) state;
    run_t run;
    s_run (&run, GUARD_UP, BR_SURFACE_NONE, "a warn_1\n\nb red_22 c red_3\n");
    assert_int_equal (run.rc, 0);
    assert_int_equal (run.trial.count, 3);
    s_is (&run, 0, "warn", GUARD_WARN, "upgoing text");
    s_is (&run, 1, "red", GUARD_REDACT, "upgoing text");
    assert_int_equal (run.trial.findings[0].line, 1);
    assert_int_equal (run.trial.findings[0].column, 3);
    assert_int_equal (run.trial.findings[1].line, 3);
    assert_int_equal (run.trial.findings[1].column, 3);
    assert_int_equal (run.trial.findings[1].at, 12);
    assert_string_equal (run.trial.findings[1].masked, "r…(5)");
    assert_int_equal (run.trial.strictest, GUARD_REDACT);
    assert_string_equal (br_buf_text (&run.trial.redacted),
                         "a warn_1\n\nb [REDACTED] c [REDACTED]\n");
    s_end (&run);
}

//  Given something that blocks, then what follows is found too, and the message names it.
static void
test_blocks_do_not_end_the_search (void **state)
{
    (void) state;
    run_t run;
    s_run (&run, GUARD_DOWN, BR_SURFACE_NONE, "stop_1 stop_2 red_3");
    assert_int_equal (run.trial.count, 3);
    s_is (&run, 0, "stop", GUARD_BLOCK, "downgoing text");
    s_is (&run, 2, "red", GUARD_REDACT, "downgoing text");
    assert_int_equal (run.trial.strictest, GUARD_BLOCK);
    char *message = cli_guard_trial_message (&run.trial);
    assert_non_null (strstr (message, "guardrail blocked downgoing text content: custom "
                                      "pattern 'stop'."));
    assert_null (strstr (message, "red"));
    free (message);
    s_end (&run);
}

static void
test_nothing_is_found_in_nothing (void **state)
{
    (void) state;
    run_t run;
    s_run (&run, GUARD_UP, BR_SURFACE_NONE, "");
    assert_int_equal (run.trial.count, 0);
    assert_int_equal (run.trial.strictest, GUARD_OFF);
    assert_string_equal (br_buf_text (&run.trial.redacted), "");
    s_end (&run);
}

//  Given a request, then the places are those of its texts, and other bytes stay.
static void
test_body_is_redacted (void **state)
{
    (void) state;
    run_t run;
    s_run (&run, GUARD_UP, BR_SURFACE_CHAT,
           "{\"model\": \"red_0\", \"messages\":[{\"role\":\"system\",\"content\":"
           "\"warn_1\"},{\"role\":\"user\",\"content\":\"a \\u0072ed_1\"}]}");
    assert_int_equal (run.rc, 0);
    assert_int_equal (run.trial.count, 2);
    s_is (&run, 0, "warn", GUARD_WARN, "upgoing system message");
    s_is (&run, 1, "red", GUARD_REDACT, "upgoing user message");
    assert_int_equal (run.trial.findings[1].line, 0);
    assert_string_equal (br_buf_text (&run.trial.redacted),
                         "{\"model\": \"red_0\", \"messages\":[{\"role\":\"system\","
                         "\"content\":\"warn_1\"},{\"role\":\"user\",\"content\":"
                         "\"a [REDACTED]\"}]}");
    s_end (&run);
}

static void
test_broken_body_is_told (void **state)
{
    (void) state;
    run_t run;
    s_run (&run, GUARD_UP, BR_SURFACE_MESSAGES, "no JSON");
    assert_int_equal (run.rc, -1);
    assert_int_equal (run.error.code, BR_EINVALID);
    s_end (&run);
}

//  Given more findings than are kept, then the rest is counted.
static void
test_too_many_findings_are_counted (void **state)
{
    (void) state;
    br_buf_t text;
    br_buf_init (&text, 1u << 20);
    for (size_t i = 0; i < CLI_GUARD_FINDINGS_MAX + 5; i++)
        br_buf_adds (&text, "warn_1 ");
    run_t run;
    s_run (&run, GUARD_UP, BR_SURFACE_NONE, br_buf_text (&text));
    assert_int_equal (run.trial.count, CLI_GUARD_FINDINGS_MAX);
    assert_int_equal (run.trial.more, 5);
    s_end (&run);
    br_buf_free (&text);
}

#define OFFER(name) "{\"name\":\"" name "\"}"
#define CALL(name, args)                                                                 \
    "{\"content\":[{\"type\":\"tool_use\",\"name\":\"" name "\",\"input\":" args "}]}"

//  Given rules for tools, then offers and calls of a body are as they would go on, and texts
//  are looked at behind.
static void
test_tools_are_taken_out (void **state)
{
    (void) state;
    run_t run;
    s_run_under (
        &run, CONF TOOLS, GUARD_UP, BR_SURFACE_MESSAGES,
        "{\"tools\":[" OFFER ("gh__drop") "," OFFER ("a") "],\"system\":\"red_1\"}");
    assert_int_equal (run.rc, 0);
    assert_string_equal (cli_guard_trial_tools (&run.trial), "taken out");
    assert_string_equal (br_buf_text (&run.trial.redacted),
                         "{\"tools\":[" OFFER ("a") "],\"system\":\"[REDACTED]\"}");
    s_end (&run);
    s_run_under (&run, CONF TOOLS, GUARD_DOWN, BR_SURFACE_MESSAGES,
                 CALL ("gh__make", "{\"who\":1}"));
    assert_string_equal (br_buf_text (&run.trial.redacted), CALL ("gh__make", "{}"));
    s_end (&run);
    s_run_under (&run, CONF TOOLS, GUARD_DOWN, BR_SURFACE_MESSAGES, CALL ("a", "{}"));
    assert_string_equal (cli_guard_trial_tools (&run.trial), "as it is");
    assert_int_equal (run.trial.strictest, GUARD_OFF);
    s_end (&run);
}

static void
test_tools_are_refused (void **state)
{
    (void) state;
    run_t run;
    s_run_under (&run, CONF TOOLS, GUARD_DOWN, BR_SURFACE_MESSAGES,
                 CALL ("gh__drop", "{}"));
    assert_int_equal (run.rc, 0);
    assert_string_equal (cli_guard_trial_tools (&run.trial), "refused");
    assert_int_equal (run.trial.strictest, GUARD_BLOCK);
    char *message = cli_guard_trial_message (&run.trial);
    assert_string_equal (message, "tool 'gh__drop' is not allowed");
    free (message);
    s_end (&run);
}

//  Given an answer in events, then what lies across them is found, and tools are judged.
static void
test_streams_are_tried_as_streams (void **state)
{
    (void) state;
    run_t run;
    s_run_under (
        &run, CONF TOOLS, GUARD_DOWN, BR_SURFACE_CHAT,
        "\r\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a red\"}}]}\n\n"
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"_1 b\"}}]}\n\n"
        "data: [DONE]\n\n");
    assert_int_equal (run.rc, 0);
    s_is (&run, 0, "red", GUARD_REDACT, "downgoing text");
    assert_null (strstr (br_buf_text (&run.trial.redacted), "_1"));
    assert_non_null (strstr (br_buf_text (&run.trial.redacted), "[REDACTED] b"));
    assert_int_equal (run.trial.tools, CLI_GUARD_TOOLS_STAY);
    s_end (&run);
    s_run_under (
        &run, CONF TOOLS, GUARD_DOWN, BR_SURFACE_CHAT,
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
        "\"id\":\"c\",\"function\":{\"name\":\"GH_drop\"}}]}}]}\n\n");
    assert_int_equal (run.trial.tools, CLI_GUARD_TOOLS_REFUSED);
    s_end (&run);
    s_run (&run, GUARD_DOWN, BR_SURFACE_CHAT, "data: {\"a");
    assert_int_equal (run.rc, -1);
    assert_non_null (strstr (run.error.text, "no stream of events"));
    s_end (&run);
    s_run (&run, GUARD_UP, BR_SURFACE_CHAT, "data: {}");
    assert_non_null (strstr (run.error.text, "no JSON"));
    s_end (&run);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_text_is_redacted),
        cmocka_unit_test (test_blocks_do_not_end_the_search),
        cmocka_unit_test (test_nothing_is_found_in_nothing),
        cmocka_unit_test (test_body_is_redacted),
        cmocka_unit_test (test_broken_body_is_told),
        cmocka_unit_test (test_too_many_findings_are_counted),
        cmocka_unit_test (test_tools_are_taken_out),
        cmocka_unit_test (test_tools_are_refused),
        cmocka_unit_test (test_streams_are_tried_as_streams),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
