//  conf_remote: server.remote is two addresses of tcp, or it is not there.

#include "tests/broker/core/conf_fixture.h"

static void
given_both_addresses_when_read_then_they_are_told (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("server: {remote: {admin: \"tcp://0.0.0.0:7701\", "
                                    "events: \"tcp://[::1]:*\"}}\n",
                                    NULL);
    assert_string_equal (br_conf_remote_admin (conf), "tcp://0.0.0.0:7701");
    assert_string_equal (br_conf_remote_events (conf), "tcp://[::1]:*");
    br_conf_destroy (&conf);
}

static void
given_none_when_read_then_nothing_is_open (void **state)
{
    (void) state;
    static const char *const texts[] = { "", "server: {}\n", "server: {remote: {}}\n",
                                         "server: {remote: }\n" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        br_conf_t *conf = fixture_conf (texts[i], NULL);
        assert_null (br_conf_remote_admin (conf));
        assert_null (br_conf_remote_events (conf));
        br_conf_destroy (&conf);
    }
}

static void
given_one_alone_when_read_then_it_is_said_where (void **state)
{
    (void) state;
    fixture_refused ("server:\n  remote: { admin: \"tcp://0.0.0.0:7701\" }\n",
                     "t.yaml:2:3: server.remote: expected \"events\" to be given");
    fixture_refused ("server:\n  remote: { events: \"tcp://0.0.0.0:7701\" }\n",
                     "t.yaml:2:3: server.remote: expected \"admin\" to be given");
}

static void
given_another_address_when_read_then_it_is_refused (void **state)
{
    (void) state;
    static const char *const addresses[] = {
        "7701",        "0.0.0.0:7701",    "ipc:///tmp/door",    "tcp://0.0.0.0",
        "tcp://:7701", "tcp://0.0.0.0:0", "tcp://0.0.0.0:70000"
    };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        char *text = br_strf ("server:\n  remote:\n    admin: \"%s\"\n"
                              "    events: \"tcp://0.0.0.0:7702\"\n",
                              addresses[i]);
        fixture_refused (text, "t.yaml:3:12: server.remote.admin: expected "
                               "tcp://ADDRESS:PORT, like tcp://0.0.0.0:7701");
        free (text);
    }
    fixture_refused (
        "server: {remote: {admin: [a], events: \"tcp://0.0.0.0:7702\"}}\n",
        "t.yaml:1:26: server.remote.admin: expected one value, not a list or a section");
    fixture_refused (
        "server: {remote: \"tcp://0.0.0.0:7701\"}\n",
        "t.yaml:1:18: server.remote: expected a section of \"key: value\" lines");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_both_addresses_when_read_then_they_are_told),
        cmocka_unit_test (given_none_when_read_then_nothing_is_open),
        cmocka_unit_test (given_one_alone_when_read_then_it_is_said_where),
        cmocka_unit_test (given_another_address_when_read_then_it_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
