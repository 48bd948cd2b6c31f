//  ingress_admin: administrators ask over HTTP, a peer plays the broker.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress_admin.h"
#include "tests/actors/ingress/world.h"

#define NO_CALL ((br_id_t) { 0, 0 })

//  A connection on which something was asked. body may be "".
static int
s_ask (world_t *world, const char *method, const char *path, const char *body)
{
    char text[1024];
    int fd = world_connect (world);
    snprintf (text, sizeof text,
              "%s %s HTTP/1.1\r\nHost: 127.0.0.1:8787\r\nConnection: close\r\n"
              "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
              method, path, strlen (body), body);
    world_write (world, fd, text);
    return fd;
}

//  The question that has come to the broker.
static uint64_t
s_ticket (world_t *world, const char *request)
{
    const br_msg_t *msg = world_expect (world, BR_ADMIN_QUESTION);
    assert_non_null (msg);
    const struct br_admin_question *asked = br_msg_fields (msg);
    assert_string_equal (asked->request, request);
    return asked->ticket;
}

static void
s_reply (world_t *world, uint64_t ticket, const char *reply)
{
    struct br_admin_reply told = { .ticket = ticket, .reply = reply };
    world_send (world, world_broker, BR_ADMIN_REPLY, NO_CALL, 0, &told, NULL);
}

static void
given_a_request_then_the_door_is_asked_and_its_result_is_told (void **state)
{
    static const struct {
        const char *method, *path, *body;
        const char *question, *reply;
        const char *status, *told;
    } rows[] = {
        { "GET", "/admin/routes", "", "{\"command\":\"routes\",\"args\":{}}",
          "{\"ok\":true,\"result\":[],\"missing\":0}", "200", "{\"routes\":[]}" },
        { "POST", "/admin/routes", "{\"name\":\"r\"}",
          "{\"command\":\"route_add\",\"args\":{\"name\":\"r\"}}",
          "{\"ok\":true,\"result\":{\"status\":\"ok\"}}", "200", "{\"status\":\"ok\"}" },
        { "DELETE", "/admin/routes/a%2Fb", "{\"name\":\"other\"}",
          "{\"command\":\"route_remove\",\"args\":{\"name\":\"a/b\"}}",
          "{\"ok\":false,\"error\":{\"code\":\"not_found\",\"message\":\"no such\"}}",
          "404", "\"message\":\"no such\"" },
        { "GET", "/admin/hosts", "", "{\"command\":\"hosts\",\"args\":{}}",
          "{\"ok\":true,\"result\":[1]}", "200", "[1]" },
        { "POST", "/admin/stop", "", "{\"command\":\"stop\",\"args\":{}}",
          "{\"ok\":false,\"error\":{\"code\":\"conflict\",\"message\":\"no\"}}", "409",
          "\"code\":\"conflict\"" },
        { "GET", "/admin/hosts", "", "{\"command\":\"hosts\",\"args\":{}}", "nonsense",
          "500", "the admin door said nothing" },
    };
    world_t *world = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = s_ask (world, rows[i].method, rows[i].path, rows[i].body);
        s_reply (world, s_ticket (world, rows[i].question), rows[i].reply);
        const char *got = world_read_all (world, fd);
        char status[32];
        snprintf (status, sizeof status, "HTTP/1.1 %s", rows[i].status);
        world_has (got, status);
        world_has (got, rows[i].told);
        close (fd);
    }
}

static void
given_a_request_that_is_wrong_then_nobody_is_asked (void **state)
{
    static const struct {
        const char *method, *path, *body, *status;
    } rows[] = {
        { "GET", "/admin/stop", "", "405" },
        { "GET", "/admin/route_add", "", "405" },
        { "GET", "/admin/dance", "", "404" },
        { "POST", "/admin/dance", "", "404" },
        { "POST", "/admin/routes", "[]", "400" },
        { "POST", "/admin/routes", "{\"name\":", "400" },
        { "POST", "/admin/routes", "{\"name\":\"a\"}{", "400" },
        { "POST", "/admin/routes", "{\"name\":\"a\\u0000b\"}", "400" },
        { "POST", "/admin/routes", "{\"name\":\"\xff\"}", "400" },
        { "POST", "/admin/routes", "{\"name\":\"\\ud800\"}", "400" },
        { "PUT", "/admin/routes", "{}", "405" },
        { "DELETE", "/admin/routes", "", "405" },
    };
    world_t *world = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = s_ask (world, rows[i].method, rows[i].path, rows[i].body);
        char status[32];
        snprintf (status, sizeof status, "HTTP/1.1 %s", rows[i].status);
        world_has (world_read_all (world, fd), status);
        close (fd);
    }
    assert_int_equal (world_count (world, BR_ADMIN_QUESTION), 0);
}

static void
given_a_body_that_is_not_called_json_then_nobody_is_asked (void **state)
{
    static const struct {
        const char *type;
        const char *body;
        bool passes;
    } rows[] = {
        { "", "{}", false },
        { "Content-Type: text/plain\r\n", "{}", false },
        { "Content-Type: application/x-www-form-urlencoded\r\n", "", false },
        { "Content-Type: application/jsonp\r\n", "{}", false },
        { "", "", true },
        { "Content-Type: Application/JSON; charset=utf-8\r\n", "{}", true },
    };
    world_t *world = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t before = world_count (world, BR_ADMIN_QUESTION);
        char text[512];
        snprintf (text, sizeof text,
                  "POST /admin/reload HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                  "Connection: close\r\n%sContent-Length: %zu\r\n\r\n%s",
                  rows[i].type, strlen (rows[i].body), rows[i].body);
        int fd = world_connect (world);
        world_write (world, fd, text);
        if (rows[i].passes) {
            uint64_t ticket = s_ticket (world, "{\"command\":\"reload\",\"args\":{}}");
            s_reply (world, ticket, "{\"ok\":true,\"result\":{},\"missing\":0}");
        }
        const char *got = world_read_all (world, fd);
        world_has (got, rows[i].passes ? "HTTP/1.1 200" : "HTTP/1.1 400");
        world_has (got, rows[i].passes ? "{}" : "content-type: application/json");
        assert_int_equal (world_count (world, BR_ADMIN_QUESTION),
                          before + rows[i].passes);
        close (fd);
    }
}

static void
given_a_broker_that_says_nothing_then_503 (void **state)
{
    world_t *world = *state;
    int fd = s_ask (world, "GET", "/admin/status", "");
    uint64_t ticket = s_ticket (world, "{\"command\":\"status\",\"args\":{}}");
    world_wait (world, INGRESS_ADMIN_MS + 1);
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    close (fd);
    s_reply (world, ticket, "{\"ok\":true,\"result\":1}"); //  late: nobody's
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (
            given_a_request_then_the_door_is_asked_and_its_result_is_told, world_setup,
            world_teardown),
        cmocka_unit_test_setup_teardown (
            given_a_request_that_is_wrong_then_nobody_is_asked, world_setup,
            world_teardown),
        cmocka_unit_test_setup_teardown (
            given_a_body_that_is_not_called_json_then_nobody_is_asked, world_setup,
            world_teardown),
        cmocka_unit_test_setup_teardown (given_a_broker_that_says_nothing_then_503,
                                         world_setup, world_teardown),
    };
    return cmocka_run_group_tests_name ("ingress_admin", tests, NULL, NULL);
}
