//  ingress_tools: empty lists, and no server to change.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_tools.h"

static void
given_no_tools_then_lists_are_empty (void **state)
{
    (void) state;
    static const struct {
        br_surface_t surface;
        const char *path;
        const char *text;
    } rows[] = {
        { BR_SURFACE_TOOLS, "/v1/tools", "{\"tools\":[]}" },
        { BR_SURFACE_ADMIN_TOOLS, "/admin/tools", "{\"tools\":[]}" },
        { BR_SURFACE_ADMIN_TOOL_SOURCES, "/admin/tools/upstreams", "{\"upstreams\":[]}" },
        { BR_SURFACE_ADMIN_AGENTS, "/admin/agents", "{\"agents\":[]}" },
        { BR_SURFACE_ADMIN_MCP_TOOLS, "/admin/mcp/tools", "{\"tools\":[]}" },
        { BR_SURFACE_ADMIN_MCP_SERVERS, "/admin/mcp/servers", "{\"servers\":[]}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error;
        const char *text = ingress_tools_answer (rows[i].surface, rows[i].path, &error);
        assert_string_equal (text, rows[i].text);
    }
}

static void
given_a_server_to_change_then_it_is_unknown (void **state)
{
    (void) state;
    br_error_t error;
    assert_null (ingress_tools_answer (BR_SURFACE_ADMIN_MCP_FILTER,
                                       "/admin/mcp/servers/git%68ub/filter", &error));
    assert_int_equal (error.code, BR_ENOTFOUND);
    assert_non_null (strstr (error.text, "'github'"));
    assert_null (ingress_tools_answer (BR_SURFACE_ADMIN_MCP_PARAMS,
                                       "/admin/mcp/servers/x/params", &error));
    assert_int_equal (error.code, BR_ENOTFOUND);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_no_tools_then_lists_are_empty),
        cmocka_unit_test (given_a_server_to_change_then_it_is_unknown),
    };
    return cmocka_run_group_tests_name ("ingress_tools", tests, NULL, NULL);
}
