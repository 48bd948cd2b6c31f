//  conf_schema_agent: later sections fit and are kept.

#include "tests/broker/core/conf_fixture.h"

static void
test_every_later_section_fits (void **state)
{
    (void) state;
    char *text = fixture_file ("later.yaml");
    br_conf_t *conf = fixture_conf (text, NULL);
    assert_null (br_conf_warning (conf, 0));
    char *shown = br_conf_show (conf);
    static const char *const keys[] = {
        "routing:",     "presets:",    "variants:",   "registry:",   "mcp:",
        "mcp_servers:", "mcp_groups:", "agents:",     "a2a_agents:", "server_tools:",
        "plugins:",     "policy:",     "trajectory:", "eval:"
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_non_null (strstr (shown, keys[i]));
    free (shown);
    br_conf_destroy (&conf);
    free (text);
}

static void
test_wrong_transport_is_refused (void **state)
{
    (void) state;
    fixture_refused ("agents: {a: {transport: {type: stdin}}}",
                     "t.yaml:1:32: agents.a.transport.type: expected one of http, stdio, "
                     "streamable_http, not \"stdin\"; did you mean \"stdio\"?");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_every_later_section_fits),
        cmocka_unit_test (test_wrong_transport_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
