//  guard_findings: what is counted, what is told, and what is kept to oneself.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/guard/guard.h"
#include "actors/guard/guard_findings.h"
#include "broker/core/ctx.h"
#include "tests/actors/guard/guard_world.h"

enum {
    SK,
    RM,
    EMAIL,
    WORD
}; //  patterns of the slice, in its order

static guard_finding_t
s_found (unsigned pattern, guard_action_t action, const char *bytes)
{
    return (guard_finding_t) { .kind = GUARD_FOUND,
                               .pattern = pattern,
                               .action = action,
                               .size = strlen (bytes),
                               .bytes = bytes };
}

static void
s_add (guard_findings_t *findings, guard_finding_t finding, br_text_place_t place)
{
    guard_findings_add (findings, &finding, place);
}

//  ---- counting

static void
findings_are_counted_by_pattern_place_action_and_kind (void **state)
{
    (void) state;
    guard_findings_t findings = { .size = 0 };
    guard_finding_t failed = s_found (SK, GUARD_REDACT, "");
    failed.kind = GUARD_FAILED;
    s_add (&findings, s_found (SK, GUARD_REDACT, "sk-abcd1234"), BR_TEXT_USER);
    s_add (&findings, s_found (SK, GUARD_REDACT, "sk-zzzz9999"), BR_TEXT_USER);
    assert_int_equal (findings.size, 1);
    s_add (&findings, s_found (SK, GUARD_REDACT, "sk-zzzz9999"), BR_TEXT_SYSTEM);
    s_add (&findings, s_found (SK, GUARD_WARN, "sk-zzzz9999"), BR_TEXT_USER);
    s_add (&findings, s_found (RM, GUARD_REDACT, "rm -rf /"), BR_TEXT_USER);
    s_add (&findings, failed, BR_TEXT_USER);
    assert_int_equal (findings.size, 5);
    assert_int_equal (findings.rows[0].count, 2);
    assert_int_equal (findings.rows[4].count, 1);
    assert_int_equal (strncmp (findings.rows[0].masked, "sk", 2), 0);
    assert_null (strstr (findings.rows[0].masked, "abcd"));
    assert_string_equal (findings.rows[4].masked, "");
}

static void
what_finds_no_row_counts_in_the_last_one (void **state)
{
    (void) state;
    guard_findings_t findings = { .size = 0 };
    for (unsigned i = 0; i < GUARD_FINDINGS_MAX + 10; i++)
        s_add (&findings, s_found (i, GUARD_WARN, "x"), BR_TEXT_USER);
    assert_int_equal (findings.size, GUARD_FINDINGS_MAX);
    assert_int_equal (findings.rows[0].count, 1);
    assert_int_equal (findings.rows[GUARD_FINDINGS_MAX - 1].count, 11);
}

//  ---- for the client

static void
what_was_done_is_said_also_behind_the_telling (void **state)
{
    (void) state;
    guard_findings_t findings = { .size = 0 };
    guard_finding_t failed = s_found (SK, GUARD_WARN, "");
    failed.kind = GUARD_FAILED;
    s_add (&findings, s_found (SK, GUARD_WARN, "x"), BR_TEXT_USER);
    s_add (&findings, s_found (SK, GUARD_BLOCK, "x"), BR_TEXT_USER);
    assert_int_equal (guard_findings_said (&findings, GUARD_UP), 0);
    s_add (&findings, s_found (SK, GUARD_REDACT, "x"), BR_TEXT_USER);
    findings.size = 0; //  as telling does
    assert_int_equal (guard_findings_said (&findings, GUARD_UP),
                      GUARD_SAID_REQUEST_REDACTED);
    assert_int_equal (guard_findings_said (&findings, GUARD_DOWN),
                      GUARD_SAID_ANSWER_REDACTED);
    s_add (&findings, failed, BR_TEXT_USER);
    assert_int_equal (guard_findings_said (&findings, GUARD_UP),
                      GUARD_SAID_REQUEST_REDACTED | GUARD_SAID_UNCHECKED);
}

static void
a_rule_that_fails_is_said_only_when_it_fails_open (void **state)
{
    (void) state;
    guard_findings_t findings = { .size = 0 };
    guard_finding_t failed = s_found (SK, GUARD_BLOCK, "");
    failed.kind = GUARD_FAILED;
    s_add (&findings, failed, BR_TEXT_USER);
    assert_int_equal (guard_findings_said (&findings, GUARD_DOWN), 0);
    guard_findings_miss (&findings);
    assert_int_equal (guard_findings_said (&findings, GUARD_DOWN),
                      GUARD_SAID_ANSWER_UNCHECKED);
}

//  ---- messages

static const char *
s_message (const guard_findings_t *findings, guard_direction_t direction, bool is_stream,
           br_buf_t *out)
{
    br_error_t error;
    guard_rules_t *rules = guard_rules_new (guard_world_slice, &error);
    assert_non_null (rules);
    br_buf_init (out, 2048);
    guard_findings_message (findings, rules, direction, is_stream, out);
    guard_rules_destroy (&rules);
    return br_buf_text (out);
}

static void
a_message_names_what_blocks_each_once (void **state)
{
    (void) state;
    br_buf_t out;
    guard_findings_t findings = { .size = 0 };
    s_add (&findings, s_found (SK, GUARD_REDACT, "sk-abcd1234"), BR_TEXT_SYSTEM);
    s_add (&findings, s_found (WORD, GUARD_BLOCK, "xyzzy"), BR_TEXT_TOOL_RESULT);
    s_add (&findings, s_found (WORD, GUARD_BLOCK, "xyzzy"), BR_TEXT_USER);
    s_add (&findings, s_found (RM, GUARD_BLOCK, "rm -rf /"), BR_TEXT_USER);
    assert_string_equal (s_message (&findings, GUARD_UP, false, &out),
                         "guardrail blocked upgoing tool result content: custom pattern "
                         "'word', Dangerous shell commands." GUARD_LINK);
    br_buf_free (&out);
    findings.size = 0;
    s_add (&findings, s_found (RM, GUARD_BLOCK, "rm -rf /"), BR_TEXT_TOOL_CALL);
    assert_string_equal (
        s_message (&findings, GUARD_DOWN, true, &out),
        "guardrail blocked downgoing stream tool call content: Dangerous shell "
        "commands." GUARD_LINK);
    br_buf_free (&out);
}

static void
a_block_behind_all_rows_gives_its_reason (void **state)
{
    (void) state;
    br_buf_t out;
    guard_findings_t findings = { .size = 0 };
    for (unsigned i = 0; i < GUARD_FINDINGS_MAX + 10; i++)
        s_add (&findings, s_found (100 + i, GUARD_REDACT, "x"), BR_TEXT_ANSWER);
    s_add (&findings, s_found (RM, GUARD_BLOCK, "rm -rf /"), BR_TEXT_ANSWER);
    s_add (&findings, s_found (SK, GUARD_BLOCK, "x"), BR_TEXT_ANSWER);
    s_add (&findings, s_found (SK, GUARD_REDACT, "x"), BR_TEXT_ANSWER);
    assert_int_equal (findings.size, GUARD_FINDINGS_ROWS);
    assert_int_equal (findings.rows[GUARD_FINDINGS_MAX - 1].count, 12);
    assert_int_equal (findings.rows[GUARD_FINDINGS_MAX].count, 2);
    assert_string_equal (s_message (&findings, GUARD_DOWN, false, &out),
                         "guardrail blocked downgoing text content: Dangerous shell "
                         "commands." GUARD_LINK);
    br_buf_free (&out);
}

static void
a_message_without_a_finding_tells_of_limits (void **state)
{
    (void) state;
    br_buf_t out;
    guard_findings_t findings = { .size = 0 };
    assert_string_equal (
        s_message (&findings, GUARD_DOWN, true, &out),
        "the downgoing stream could not be looked at to its end, and its "
        "guardrails fail closed: a part of it cannot be read, or is over "
        "a limit of theirs");
    br_buf_free (&out);
    assert_non_null (
        strstr (s_message (&findings, GUARD_UP, false, &out), "the upgoing body could"));
    br_buf_free (&out);
}

//  ---- telling

typedef struct {
    br_host_t *host;
    br_ctx_t *ctx;
    guard_tally_t *tally;
    guard_rules_t *rules;
    int pipes[2];
    char lines[4 * BR_LOG_LINE_MAX];
} world_t;

static const br_actor_t *const s_kinds[] = { &br_guard_actor, NULL };

static int
s_setup (void **state)
{
    static world_t world;
    br_error_t error;
    world = (world_t) { .host = NULL };
    assert_int_equal (pipe2 (world.pipes, O_NONBLOCK), 0);
    br_host_conf_t conf = { .name = "h", .actors = s_kinds, .clock = br_clock_real () };
    conf.log = (br_log_t) { .fd = world.pipes[1], .level = BR_LOG_WARN };
    world.host = br_host_new (&conf, NULL);
    br_host_set_self (world.host, 1, 1);
    assert_true (br_addr_is_set (br_host_start (world.host, "guard", NULL)));
    world.ctx = br_host_ctx (world.host, "guard");
    world.tally = guard_tally_new (world.ctx);
    world.rules = guard_rules_new (guard_world_slice, &error);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    guard_tally_destroy (&world->tally);
    guard_rules_destroy (&world->rules);
    br_host_destroy (&world->host);
    close (world->pipes[0]);
    close (world->pipes[1]);
    return 0;
}

static const char *
s_lines (world_t *world)
{
    ssize_t size = read (world->pipes[0], world->lines, sizeof world->lines - 1);
    world->lines[size > 0 ? size : 0] = 0;
    return world->lines;
}

static void
a_line_says_what_was_found_and_not_the_secret (void **state)
{
    world_t *world = *state;
    guard_findings_t findings = { .size = 0 };
    s_add (&findings, s_found (SK, GUARD_REDACT, "sk-abcd1234"), BR_TEXT_USER);
    guard_findings_tell (&findings, world->ctx, world->tally, world->rules, GUARD_UP,
                         (br_id_t) { 1, 2 });
    const char *line = s_lines (world);
    assert_non_null (strstr (line, "warn guard: guardrail found something"));
    assert_non_null (strstr (line, "family=api_keys"));
    assert_non_null (strstr (line, "pattern=sk"));
    assert_non_null (strstr (line, "action=redact"));
    assert_non_null (strstr (line, "direction=upgoing"));
    assert_null (strstr (line, "abcd"));
    assert_null (strstr (line, "1234"));
    //  then: it is told once
    assert_int_equal (findings.size, 0);
    guard_findings_tell (&findings, world->ctx, world->tally, world->rules, GUARD_UP,
                         (br_id_t) { 1, 2 });
    assert_string_equal (s_lines (world), "");
}

static void
a_pattern_that_failed_says_so (void **state)
{
    world_t *world = *state;
    guard_findings_t findings = { .size = 0 };
    guard_finding_t failed = s_found (SK, GUARD_REDACT, "sk-abcd1234");
    failed.kind = GUARD_FAILED;
    s_add (&findings, failed, BR_TEXT_ANSWER);
    guard_findings_tell (&findings, world->ctx, world->tally, world->rules, GUARD_DOWN,
                         (br_id_t) { 1, 2 });
    const char *line = s_lines (world);
    assert_non_null (strstr (line, "could not look to the end of a text"));
    assert_null (strstr (line, "abcd"));
    char *json = guard_tally_json (world->tally);
    assert_string_equal (json, "[{\"family\":\"api_keys\",\"action\":\"redact\","
                               "\"direction\":\"downgoing\",\"count\":0,\"failed\":1}]");
    free (json);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (findings_are_counted_by_pattern_place_action_and_kind),
        cmocka_unit_test (what_finds_no_row_counts_in_the_last_one),
        cmocka_unit_test (what_was_done_is_said_also_behind_the_telling),
        cmocka_unit_test (a_rule_that_fails_is_said_only_when_it_fails_open),
        cmocka_unit_test (a_message_names_what_blocks_each_once),
        cmocka_unit_test (a_block_behind_all_rows_gives_its_reason),
        cmocka_unit_test (a_message_without_a_finding_tells_of_limits),
        TEST (a_line_says_what_was_found_and_not_the_secret),
        TEST (a_pattern_that_failed_says_so),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
