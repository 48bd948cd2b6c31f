//  conf_fixed: what a reload reads and does not change.

#include <stdlib.h>
#include <string.h>

#include "tests/broker/core/conf_fixture.h"

#include "broker/core/conf_fixed.h"

static br_conf_t *
s_parse (const char *text)
{
    br_error_t error;
    br_conf_t *conf = br_conf_parse ("f.yaml", text, strlen (text), NULL, &error);
    if (!conf)
        fail_msg ("%s", error.text);
    return conf;
}

//  The names of what changes from one text to the other; NULL for nothing.
static void
s_expect (const char *before, const char *after, const char *names)
{
    br_conf_t *old = s_parse (before), *new = s_parse (after);
    br_conf_words_t *fixed = br_conf_fixed_of (old);
    char *changed = br_conf_fixed_changed (fixed, new);
    if (names)
        assert_string_equal (changed ? changed : "nothing", names);
    else
        assert_null (changed);
    free (changed);
    br_conf_words_destroy (&fixed);
    br_conf_destroy (&new);
    br_conf_destroy (&old);
}

static void
given_the_same_then_nothing_needs_a_restart (void **state)
{
    (void) state;
    static const char text[] = "server: {listen: 127.0.0.1:1, body_max: 7}\n";
    s_expect ("", "", NULL);
    s_expect (text, text, NULL);
    //  written in another way, or what a reload does change
    s_expect ("", "server: {}\n", NULL);
    s_expect ("", "server: {log_level: info, log_format: text}\n", NULL);
    s_expect ("server: {listen: 127.0.0.1:1}\n", "server: {listen: [\"127.0.0.1:1\"]}\n",
              NULL);
    s_expect ("", "server: {calls_max: 5, drain_secs: 1, watch: true}\n", NULL);
}

static void
given_other_ones_then_they_are_named (void **state)
{
    (void) state;
    s_expect ("", "server: {listen: 127.0.0.1:1}\n", "server.listen");
    s_expect ("server: {listen: [127.0.0.1:1, 127.0.0.1:2]}\n",
              "server: {listen: [127.0.0.1:1]}\n", "server.listen");
    s_expect ("", "server: {extra_listen: 127.0.0.1:1}\n", "server.extra_listen");
    s_expect ("", "server: {log_level: debug, log_format: json}\n",
              "server.log_level, server.log_format");
    s_expect ("", "server: {control: {socket: other.sock}}\n", "server.control.socket");
    s_expect ("", "server: {body_max: 7, header_max: 4096}\n",
              "server.body_max, server.header_max");
    s_expect ("", "server: {tls: {cert_file: a.pem, key_file: a.key}}\n", "server.tls");
    s_expect ("server: {tls: {cert_file: a.pem, key_file: a.key}}\n",
              "server: {tls: {cert_file: b.pem, key_file: b.key}}\n", NULL);
    s_expect ("",
              "server: {remote: {admin: \"tcp://127.0.0.1:1\", events: "
              "\"tcp://127.0.0.1:2\"}}\n",
              "server.remote");
    s_expect ("", "server: {remote: {}}\n", NULL);
    s_expect ("", "receipts: on\n", "receipts");
    s_expect ("receipts: on\n", "", NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_the_same_then_nothing_needs_a_restart),
        cmocka_unit_test (given_other_ones_then_they_are_named),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
