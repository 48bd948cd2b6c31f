//  guard_offer: whether one tool, server or choice may be seen, in all spellings.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_offer.h"

#define SLICE                                                                            \
    "{\"tools\":{\"git\":{\"allow\":[\"get\",\"list\"],\"params\":{\"list\":{}}},"       \
    "\"*\":{\"deny\":[\"bash\",\"web_search\"]},\"hub\":{\"deny\":[\"drop\"]}}}"

typedef bool (allowed_fn) (const guard_tools_t *tools, const uint8_t *value, size_t size);

static void
s_check (allowed_fn *fn, const char *const *values, bool expected)
{
    guard_tools_t *tools = guard_tools_new (SLICE, NULL);
    assert_non_null (tools);
    for (; *values; values++)
        if (fn (tools, (const uint8_t *) *values, strlen (*values)) != expected)
            fail_msg ("%s", *values);
    guard_tools_destroy (&tools);
}

static void
test_offers_that_may_be_seen (void **state)
{
    (void) state;
    static const char *const values[] = {
        "{\"name\":\"read\"}",
        "{\"type\":\"function\",\"function\":{\"name\":\"git__get\"}}",
        "{\"type\":\"code_interpreter\"}",
        "{\"type\":\"mcp\",\"server_label\":\"git\",\"allowed_tools\":[\"get\"]}",
        "{\"type\":\"mcp\",\"server_label\":\"git\",\"allowed_tools\":{\"tool_names\":"
        "[\"get\"]}}",
        "{\"type\":\"namespace\",\"name\":\"n\",\"tools\":[{\"name\":\"a\"}]}",
        "{}",
        "1",
        NULL,
    };
    s_check (guard_offer_is_allowed, values, true);
}

static void
test_offers_that_may_not_be_seen (void **state)
{
    (void) state;
    static const char *const values[] = {
        "{\"name\":\"bash\"}",
        "{\"na\\u006de\":\"b\\u0061sh\"}",
        "{\"name\":\"read\",\"name\":\"bash\"}",
        "{\"name\":\"\\ud800\"}",
        "{\"type\":\"function\",\"function\":{\"name\":\"git__push\"}}",
        "{\"type\":\"custom\",\"custom\":{\"name\":\"bash\"}}",
        "{\"type\":\"web_search\"}",
        "{\"type\":\"mcp\",\"server_label\":\"git\"}",
        "{\"type\":\"mcp\",\"server_label\":\"git\",\"allowed_tools\":null}",
        "{\"type\":\"mcp\",\"server_label\":\"git\",\"allowed_tools\":[\"get\",\"push\"]"
        "}",
        "{\"type\":\"mcp\",\"server_label\":\"git\",\"allowed_tools\":[\"list\"]}",
        "{\"type\":\"mcp\",\"server_label\":\"git\",\"allowed_tools\":{}}",
        "{\"type\":\"mcp_toolset\",\"mcp_server_name\":\"git\"}",
        "{\"type\":\"namespace\",\"name\":\"n\",\"tools\":[{\"name\":\"bash\"}]}",
        NULL,
    };
    s_check (guard_offer_is_allowed, values, false);
}

static void
test_servers (void **state)
{
    (void) state;
    static const char *const seen[] = {
        "{\"name\":\"git\",\"tool_configuration\":{\"allowed_tools\":[\"get\"]}}", "1",
        NULL
    };
    static const char *const hidden[] = {
        "{\"name\":\"git\",\"url\":\"https://a\"}",
        "{\"name\":\"other\"}",
        "{\"name\":\"git\",\"tool_configuration\":{\"allowed_tools\":[\"push\"]}}",
        "{\"name\":1}",
        NULL,
    };
    s_check (guard_offer_is_server_allowed, seen, true);
    s_check (guard_offer_is_server_allowed, hidden, false);
}

static void
test_choices_that_demand_nothing_hidden (void **state)
{
    (void) state;
    static const char *const values[] = {
        "\"auto\"",
        "\"required\"",
        "{\"type\":\"any\",\"disable_parallel_tool_use\":true}",
        "{\"type\":\"tool\",\"name\":\"read\"}",
        "{\"type\":\"function\",\"function\":{\"name\":\"read\"}}",
        "{\"type\":\"mcp\",\"server_label\":\"git\",\"name\":\"get\"}",
        "{\"type\":\"mcp\",\"server_label\":\"x\",\"name\":\"drop\"}",
        "{\"functionCallingConfig\":{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"a\"]}}",
        "{\"type\":\"allowed_tools\",\"mode\":\"auto\",\"tools\":[{\"type\":\"function\","
        "\"name\":\"a\"}]}",
        NULL,
    };
    s_check (guard_offer_is_choice_allowed, values, true);
}

static void
test_choices_that_demand_a_hidden_tool (void **state)
{
    (void) state;
    static const char *const values[] = {
        "{\"name\":\"bash\"}",
        "{\"type\":\"tool\",\"name\":\"bash\"}",
        "{\"type\":\"function\",\"function\":{\"name\":\"git__push\"}}",
        "{\"type\":\"web_search\"}",
        "{\"type\":\"tool\",\"name\":\"drop\",\"server_label\":\"x\"}",
        "{\"type\":\"mcp\",\"server_label\":\"git\",\"name\":\"push\"}",
        "{\"functionCallingConfig\":{\"allowedFunctionNames\":[\"a\",\"bash\"]}}",
        "{\"type\":\"allowed_tools\",\"allowed_tools\":{\"tools\":[{\"type\":"
        "\"function\","
        "\"function\":{\"name\":\"bash\"}}]}}",
        "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}",
        NULL,
    };
    s_check (guard_offer_is_choice_allowed, values, false);
}

static void
test_names (void **state)
{
    (void) state;
    static const char *const seen[] = { "\"read\"", "\"\"", NULL };
    static const char *const hidden[] = { "\"bash\"", "\"b\\u0061sh\"", "1", NULL };
    s_check (guard_offer_is_name_allowed, seen, true);
    s_check (guard_offer_is_name_allowed, hidden, false);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_offers_that_may_be_seen),
        cmocka_unit_test (test_offers_that_may_not_be_seen),
        cmocka_unit_test (test_servers),
        cmocka_unit_test (test_choices_that_demand_nothing_hidden),
        cmocka_unit_test (test_choices_that_demand_a_hidden_tool),
        cmocka_unit_test (test_names),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
