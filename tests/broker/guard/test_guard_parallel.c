//  guard_parallel: calls in the arguments of another one.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_parallel.h"

#define UNREADABLE "calls in arguments of tool 'multi_tool_use.parallel' cannot be read"

static void
given_names_then_the_tool_is_known_in_every_spelling (void **state)
{
    (void) state;
    assert_true (guard_parallel_is ("multi_tool_use.parallel"));
    assert_true (guard_parallel_is ("multi_tool_use_parallel"));
    assert_true (guard_parallel_is ("functions.multi_tool_use.parallel:0"));
    assert_true (guard_parallel_is ("MultiToolUse.Parallel "));
    assert_false (guard_parallel_is ("parallel"));
    assert_false (guard_parallel_is ("multi_tool_use.delete_repo"));
    assert_false (guard_parallel_is (""));
}

static void
given_calls_then_each_is_judged (void **state)
{
    (void) state;
    static const struct {
        const char *args;
        const char *error; //  "" = it may go
    } rows[] = {
        { "{\"tool_uses\":[{\"recipient_name\":\"functions.read\",\"parameters\":{"
          "\"force\":"
          "1}}]}",
          "" },
        { "{\"tool_uses\":[]}", "" },
        { "{}", "" },
        { " ", "" },
        { "{\"tool_uses\":[{\"recipient_name\":\"functions.read\"},{\"recipient_name\":"
          "\"functions.delete_repo\"}]}",
          "tool 'functions.delete_repo' is not allowed" },
        { "{\"tool_uses\":[{\"recipient_name\":\"read\",\"recipient_name\":"
          "\"DeleteRepo\"}]}",
          "tool 'DeleteRepo' is not allowed" },
        { "{\"tool_uses\":[],\"tool_uses\":[{\"recipient_name\":\"delete_repo\"}]}",
          "tool 'delete_repo' is not allowed" },
        { "{\"tool_uses\":[{\"parameters\":{\"force\":1},\"recipient_name\":\"push\"}]}",
          "parameter 'force' denied on tool 'push'" },
        { "{\"tool_uses\":[{\"recipient_name\":\"push\",\"parameters\":\"{\\\"force\\\":"
          "1}\"}"
          "]}",
          "parameter 'force' denied on tool 'push'" },
        { "{\"tool_uses\":[{\"recipient_name\":\"make\",\"parameters\":{\"who\":1}}]}",
          "a parameter is denied on tool 'make', and it is called by another one" },
        { "{\"tool_uses\":[{\"recipient_name\":\"multi_tool_use.parallel\"}]}",
          UNREADABLE },
        { "{\"tool_uses\":[{\"recipient_name\":1}]}", UNREADABLE },
        { "{\"tool_uses\":[{\"recipient_name\":\"push\",\"parameters\":\"\\ud800\"}]}",
          UNREADABLE },
        { "{\"tool_uses\":[{}]}", UNREADABLE },
        { "{\"tool_uses\":[1]}", UNREADABLE },
        { "{\"tool_uses\":0}", UNREADABLE },
        { "[]", UNREADABLE },
        { "{\"tool_uses\":[]", UNREADABLE },
    };
    guard_tools_t *tools = guard_tools_new (
        "{\"tools\":{\"*\":{\"deny\":[\"delete_repo\"],\"params\":{\"push\":{\"deny\":["
        "\"force\"]},\"make\":{\"deny\":[\"who\"],\"action\":\"strip\"}}}}}",
        NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error = { BR_OK, "" };
        br_text_t args = { rows[i].args, strlen (rows[i].args) };
        int rc = guard_parallel_judge (tools, args, &error);
        assert_int_equal (rc, *rows[i].error ? -1 : 0);
        assert_string_equal (error.text, rows[i].error);
        assert_int_equal (error.code, rc ? BR_EGUARD : BR_OK);
    }
    guard_tools_destroy (&tools);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_names_then_the_tool_is_known_in_every_spelling),
        cmocka_unit_test (given_calls_then_each_is_judged),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
