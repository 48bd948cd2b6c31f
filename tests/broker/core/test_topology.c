//  topology: files become hosts, one row each, or one line of error.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/topology.h"

#define HOST "{name: h, place: thread, actors: [router]}"

static br_topology_t *
s_parse (const char *yaml, br_error_t *reterr)
{
    *reterr = (br_error_t) { .code = BR_OK };
    return br_topology_parse (yaml, strlen (yaml), "t.yaml", reterr);
}

static br_topology_t *
s_good (const char *yaml)
{
    br_error_t error;
    br_topology_t *topology = s_parse (yaml, &error);
    if (!topology)
        fail_msg ("%s", error.text);
    assert_int_equal (error.code, BR_OK);
    assert_string_equal (error.text, "");
    return topology;
}

//  Refused, with a line that has this in it.
static void
s_bad (const char *yaml, const char *part)
{
    br_error_t error;
    br_topology_t *topology = s_parse (yaml, &error);
    if (topology)
        fail_msg ("accepted: %s", yaml);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "t.yaml"));
    assert_null (strchr (error.text, '\n'));
    if (!strstr (error.text, part))
        fail_msg ("'%s' does not say '%s'", error.text, part);
}

static void
test_a_file_becomes_hosts (void **state)
{
    (void) state;
    br_topology_t *topology = s_good (
        "bus: tcp\nbroker: tcp://10.0.0.1:7700\nhosts:\n"
        "  - {name: one, place: process, actors: [meter]}\n"
        "  - {name: two, place: process, count: 3, actors: [router, upstream/*],\n"
        "     bind: 'tcp://10.0.0.2:*'}\n"
        "  - {name: far, place: remote, actors: [echo]}\n");
    assert_int_equal (topology->bus, BR_BUS_TCP);
    assert_string_equal (topology->broker, "tcp://10.0.0.1:7700");
    assert_int_equal (topology->hosts_count, 5);
    static const char *const names[] = { "one", "two-1", "two-2", "two-3", "far" };
    for (unsigned i = 0; i < 5; i++)
        assert_string_equal (topology->hosts[i].name, names[i]);
    assert_int_equal (topology->hosts[0].place, BR_PLACE_PROCESS);
    assert_null (topology->hosts[0].bind);
    for (unsigned i = 1; i < 4; i++) {
        assert_int_equal (topology->hosts[i].place, BR_PLACE_PROCESS);
        assert_int_equal (topology->hosts[i].actors_count, 2);
        assert_string_equal (topology->hosts[i].actors[1], "upstream/*");
        assert_string_equal (topology->hosts[i].bind, "tcp://10.0.0.2:*");
    }
    assert_int_equal (topology->hosts[4].place, BR_PLACE_REMOTE);
    br_topology_destroy (&topology);
    assert_null (topology);
    br_topology_destroy (&topology);
    br_topology_destroy (NULL);
}

//  Auto numbers its hosts even when it is a single one.
static void
test_auto_is_one_for_each_processor (void **state)
{
    (void) state;
    br_topology_t *topology = s_good (
        "bus: inproc\nhosts:\n  - {name: s, place: thread, count: auto, actors: [a]}\n");
    long cores = sysconf (_SC_NPROCESSORS_ONLN);
    assert_int_equal (topology->hosts_count,
                      cores > BR_SHARDS_MAX ? BR_SHARDS_MAX : cores);
    assert_string_equal (topology->hosts[0].name, "s-1");
    br_topology_destroy (&topology);
}

static void
test_patterns_match_names (void **state)
{
    (void) state;
    br_topology_t *topology = s_good ("bus: inproc\nhosts:\n  - {name: s, place: thread, "
                                      "actors: [router, upstream/*]}\n");
    const br_topology_host_t *host = &topology->hosts[0];
    assert_true (br_topology_runs (host, "router"));
    assert_true (br_topology_runs (host, "upstream/openai"));
    assert_false (br_topology_runs (host, "upstream"));
    assert_false (br_topology_runs (host, "routers"));
    assert_false (br_topology_runs (host, ""));
    br_topology_destroy (&topology);
}

static void
test_what_is_no_topology_is_refused (void **state)
{
    (void) state;
    s_bad ("", "");
    s_bad ("[]", "");
    s_bad ("hosts: [", "");
    s_bad ("\t", "");
    s_bad ("hosts: [" HOST "]", "bus");
    s_bad ("bus: inproc", "hosts");
    s_bad ("bus: inproc\nhosts: []", "");
    s_bad ("bus: carrier\nhosts: [" HOST "]", "");
    s_bad ("bus: inproc\nhosts: [" HOST "]\nmore: 1", "");
    s_bad ("bus: inproc\nhosts: [{place: thread, actors: [a]}]", "name");
    s_bad ("bus: inproc\nhosts: [{name: h, actors: [a]}]", "place");
    s_bad ("bus: inproc\nhosts: [{name: h, place: thread}]", "actors");
    s_bad ("bus: inproc\nhosts: [{name: h, place: thread, actors: []}]", "");
    s_bad ("bus: inproc\nhosts: [{name: h, place: moon, actors: [a]}]", "");
    s_bad ("bus: inproc\nhosts: [{name: h, place: thread, actors: [a], count: -1}]", "");
    s_bad ("bus: inproc\nhosts: [{name: h, place: thread, actors: [a], count: some}]",
           "");
    s_bad ("bus: inproc\nhosts: [" HOST ", " HOST "]", "two hosts are named 'h'");
}

//  Given a word that is wrong, then its line, what is allowed and what was probably meant.
static void
test_what_is_wrong_is_told_with_its_place (void **state)
{
    (void) state;
    s_bad ("bus: inproc\nhosts:\n  - {name: a, place: proces, actors: [x]}\n",
           "t.yaml:3:22: hosts.0.place: expected one of thread, process, remote, not "
           "\"proces\"; did you mean \"process\"?");
    s_bad ("bus: inproc\nhosts:\n  - name: a\n    place: thread\n    acters: [x]\n",
           "t.yaml:5:5: unknown key \"acters\" in hosts.0: expected one of name, place, "
           "count, actors, bind; did you mean \"actors\"?");
    s_bad ("bus: inproc\nhosts:\n  - {name: a, place: thread, count: 0, actors: [x]}\n",
           "t.yaml:3:37: count: expected auto, or a whole number from 1 to 128");
    s_bad ("bus: inproc\nhosts:\n  - {name: '', place: thread, actors: [x]}\n",
           "t.yaml:3:12: name: expected a text of 1 to 100 bytes");
    s_bad ("bus: inproc\nhosts:\n  - " HOST "\n  - " HOST "\n",
           "t.yaml:4:5: two hosts are named 'h'");
    s_bad ("bus: ipc\nhosts:\n  - {name: far, place: remote, actors: [x]}\n",
           "t.yaml:3:5: host 'far' is remote, so the bus must be tcp");
}

static void
test_an_unknown_actor_is_told_with_its_place (void **state)
{
    (void) state;
    static const br_actor_t ingress = { .name = "ingress" };
    static const br_actor_t upstream = { .name = "upstream" };
    static const br_actor_t *const kinds[] = { &ingress, &upstream, NULL };
    static const struct {
        const char *actors;
        const char *error;
    } rows[] = {
        { "[ingress, upstream/*]", "" },
        { "['*']", "" },
        { "['in*', upstream/openai]", "" },
        { "[ingress, ingres]",
          "t.yaml:2:52: actors: expected one of ingress, upstream/*, "
          "not \"ingres\"; did you mean \"ingress\"?" },
        { "[\"zz\\nzzzzz\"]", "t.yaml:2:43: actors: expected one of ingress, "
                              "upstream/*, not \"zz?zzzzz\"" },
        { "[upstream]", "t.yaml:2:43: actors: expected one of ingress, upstream/*, not "
                        "\"upstream\"; did you mean \"upstream/*\"?" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[200];
        snprintf (text, sizeof text,
                  "bus: inproc\nhosts: [{name: h, place: thread, actors: %s}]\n",
                  rows[i].actors);
        br_topology_t *topology = s_good (text);
        br_error_t error = { .code = BR_OK };
        int rc = br_topology_check_actors (topology, kinds, &error);
        assert_int_equal (rc, *rows[i].error ? -1 : 0);
        assert_string_equal (error.text, rows[i].error);
        br_topology_destroy (&topology);
    }
}

static void
test_places_must_suit_the_bus (void **state)
{
    (void) state;
    s_bad ("bus: tcp\nhosts: [" HOST "]", "broker: tcp://ADDRESS:PORT");
    s_bad ("bus: inproc\nhosts: [{name: h, place: process, actors: [a]}]",
           "host 'h' is no thread");
    s_bad ("bus: tcp\nbroker: tcp://10.0.0.1:1\n"
           "hosts: [{name: h, place: thread, actors: [a]}]",
           "host 'h' is a thread");
    s_bad ("bus: ipc\nhosts: [{name: h, place: remote, actors: [a]}]",
           "host 'h' is remote");
}

//  Given more hosts than there may be, in one row or several, then none is left out in
//  silence.
static void
test_too_many_hosts_are_refused (void **state)
{
    (void) state;
    s_bad ("bus: inproc\nhosts: [{name: h, place: thread, actors: [a], count: 129}]",
           "128");
    s_bad ("bus: inproc\nhosts: [{name: h, place: thread, actors: [a], count: 100},"
           " {name: i, place: thread, actors: [a], count: 29}]",
           "128");
    s_bad ("bus: inproc\nhosts: [" HOST ", {name: i, place: thread, actors: [a],"
           " count: 4294967295}]",
           "128");
    br_topology_t *topology = s_good (
        "bus: inproc\nhosts: [{name: h, place: thread, actors: [a], count: 128}]");
    assert_int_equal (topology->hosts_count, BR_TOPOLOGY_HOSTS_MAX);
    br_topology_destroy (&topology);
}

static void
test_the_built_in_ones_load (void **state)
{
    (void) state;
    static const struct {
        const char *name;
        br_bus_t bus;
    } rows[] = { { "one", BR_BUS_INPROC },
                 { "processes", BR_BUS_IPC },
                 { "hosts", BR_BUS_TCP } };
    for (size_t i = 0; i < 3; i++) {
        br_error_t error = { .code = BR_OK };
        br_topology_t *topology = br_topology_load (rows[i].name, &error);
        if (!topology)
            fail_msg ("%s", error.text);
        assert_int_equal (topology->bus, rows[i].bus);
        bool meter = false, ingress = false;
        for (unsigned k = 0; k < topology->hosts_count; k++) {
            meter |= br_topology_runs (&topology->hosts[k], "meter");
            ingress |= br_topology_runs (&topology->hosts[k], "ingress");
        }
        assert_true (meter && ingress);
        br_topology_destroy (&topology);
    }
}

static void
test_a_path_is_read (void **state)
{
    (void) state;
    char path[] = "/tmp/br-topology-XXXXXX";
    int fd = mkstemp (path);
    static const char text[] = "bus: inproc\nhosts:\n  - " HOST "\n";
    assert_int_equal (write (fd, text, sizeof text - 1), sizeof text - 1);
    br_error_t error = { .code = BR_OK };
    br_topology_t *topology = br_topology_load (path, &error);
    assert_non_null (topology);
    br_topology_destroy (&topology);
    assert_int_equal (ftruncate (fd, 5), 0);
    assert_null (br_topology_load (path, &error));
    assert_non_null (strstr (error.text, path));
    close (fd);
    unlink (path);
    assert_null (br_topology_load (path, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "built in are one, processes, hosts"));
    assert_null (br_topology_load ("../topology/one", &error));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_file_becomes_hosts),
        cmocka_unit_test (test_auto_is_one_for_each_processor),
        cmocka_unit_test (test_patterns_match_names),
        cmocka_unit_test (test_what_is_no_topology_is_refused),
        cmocka_unit_test (test_what_is_wrong_is_told_with_its_place),
        cmocka_unit_test (test_an_unknown_actor_is_told_with_its_place),
        cmocka_unit_test (test_places_must_suit_the_bus),
        cmocka_unit_test (test_too_many_hosts_are_refused),
        cmocka_unit_test (test_the_built_in_ones_load),
        cmocka_unit_test (test_a_path_is_read),
    };
    return cmocka_run_group_tests_name ("topology", tests, NULL, NULL);
}
