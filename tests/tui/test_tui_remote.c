//  tui_remote: a server elsewhere is asked, and nobody waits.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/tui/scene.h"
#include "tui/tui_remote.h"

#define TURNS_MAX 4000
#define REQUEST_BYTES 4096

typedef struct {
    int listener;
    char url[64];
    tui_model_t *model;
    tui_remote_t *remote;
    uint64_t now_ms;
    char request[REQUEST_BYTES]; //  the newest
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    world = (world_t) { .now_ms = SCENE_NOW };
    world.listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal (bind (world.listener, (void *) &address, size), 0);
    assert_int_equal (listen (world.listener, 5), 0);
    getsockname (world.listener, (void *) &address, &size);
    snprintf (world.url, sizeof world.url, "http://127.0.0.1:%u/",
              ntohs (address.sin_port));
    world.model = tui_model_new (SCENE_NOW);
    br_error_t error;
    world.remote = tui_remote_new (world.url, "secret-token", &error);
    assert_non_null (world.remote);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    tui_remote_destroy (&world->remote);
    tui_model_destroy (&world->model);
    close (world->listener);
    return 0;
}

//  Turns until somebody comes, takes the request and answers it; then until that is heard.
static void
s_serve (world_t *world, const char *head, const char *body)
{
    struct pollfd guest = { .fd = world->listener, .events = POLLIN };
    for (unsigned i = 0; i < TURNS_MAX && poll (&guest, 1, 2) <= 0; i++)
        tui_remote_turn (world->remote, world->model, world->now_ms);
    int fd = accept (world->listener, NULL, NULL);
    assert_true (fd >= 0);
    guest.fd = fd;
    size_t size = 0;
    *world->request = 0;
    for (unsigned i = 0; i < TURNS_MAX && !strstr (world->request, "\r\n\r\n"); i++) {
        tui_remote_turn (world->remote, world->model, world->now_ms);
        if (poll (&guest, 1, 2) <= 0)
            continue;
        ssize_t more = read (fd, world->request + size, REQUEST_BYTES - 1 - size);
        assert_true (more > 0);
        size += (size_t) more;
        world->request[size] = 0;
    }
    char *answer = br_strf (
        "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", head,
        strlen (body), body);
    assert_int_equal (write (fd, answer, strlen (answer)), (ssize_t) strlen (answer));
    free (answer);
    bool is_heard = false;
    for (unsigned i = 0; i < TURNS_MAX && !is_heard; i++) {
        is_heard = tui_remote_turn (world->remote, world->model, world->now_ms);
        poll (NULL, 0, is_heard ? 0 : 1);
    }
    assert_true (is_heard);
    close (fd);
}

static void
given_a_server_when_it_answers_then_it_is_up_and_heard (void **state)
{
    world_t *world = *state;
    s_serve (world, "200 OK", "{\"pid\":77}");
    assert_non_null (strstr (world->request, "GET /admin/snapshot HTTP/1.1"));
    assert_non_null (strstr (world->request, "Authorization: Bearer secret-token"));
    assert_true (tui_model_is_up (world->model));
    const cJSON *snapshot = tui_model_said (world->model, TUI_SNAPSHOT);
    assert_int_equal (tui_json_count (snapshot, "pid"), 77);
}

static void
given_routes_in_an_object_when_told_then_they_are_a_list (void **state)
{
    world_t *world = *state;
    for (unsigned i = 0; i < TUI_QUESTIONS; i++)
        s_serve (world, "200 OK", "{\"routes\":[{\"name\":\"smart\"}]}");
    const cJSON *routes = tui_model_said (world->model, TUI_ROUTES);
    assert_int_equal (cJSON_GetArraySize (routes), 1);
    assert_string_equal (tui_json_text (routes->child, "name"), "smart");
}

static void
given_a_token_that_is_refused_when_asked_then_the_reason_has_no_secret (void **state)
{
    world_t *world = *state;
    s_serve (world, "403 Forbidden", "{}");
    assert_false (tui_model_is_up (world->model));
    assert_non_null (strstr (tui_model_reason (world->model), "scope admin"));
    assert_null (strstr (tui_model_reason (world->model), "secret-token"));
    tui_remote_turn (world->remote, world->model, world->now_ms + 1000);
    assert_false (tui_remote_is_busy (world->remote));
    tui_remote_turn (world->remote, world->model, world->now_ms + 3000);
    assert_true (tui_remote_is_busy (world->remote));
}

static void
given_a_question_that_fails_when_answered_then_the_server_is_up_all_the_same (
    void **state)
{
    world_t *world = *state;
    s_serve (world, "503 Busy", "{\"error\":{}}");
    assert_true (tui_model_is_up (world->model));
    assert_null (tui_model_said (world->model, TUI_SNAPSHOT));
}

static void
given_another_kind_of_address_when_made_then_it_is_refused (void **state)
{
    (void) state;
    br_error_t error;
    assert_null (tui_remote_new ("file:///etc/passwd", NULL, &error));
    assert_int_equal (error.code, BR_EINVALID);
}

static void
given_a_token_and_no_tls_when_made_then_only_this_machine_gets_it (void **state)
{
    (void) state;
    static const struct {
        const char *url;
        bool is_taken;
    } rows[] = {
        { "http://127.0.0.1:8787", true },
        { "HTTP://LocalHost:8787/", true },
        { "http://[::1]:8787", true },
        { "https://router.example", true },
        { "http://router.example:8787", false },
        { "http://192.0.2.1", false },
        { "http://127.0.0.1.example", false },
        { "http://127.0.0.1@192.0.2.1", false },
        { "http://localhost:1@192.0.2.1", false },
        { "http://", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error;
        tui_remote_t *remote = tui_remote_new (rows[i].url, "secret-token", &error);
        assert_int_equal (remote != NULL, rows[i].is_taken);
        if (!remote) {
            assert_int_equal (error.code, BR_EINVALID);
            assert_non_null (strstr (error.text, "in clear"));
            assert_null (strstr (error.text, "secret-token"));
        }
        tui_remote_destroy (&remote);
    }
    br_error_t error;
    tui_remote_t *remote = tui_remote_new ("http://192.0.2.1", NULL, &error);
    assert_non_null (remote);
    tui_remote_destroy (&remote);
}

int
main (void)
{
#define S_TEST(function) cmocka_unit_test_setup_teardown (function, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        S_TEST (given_a_server_when_it_answers_then_it_is_up_and_heard),
        S_TEST (given_routes_in_an_object_when_told_then_they_are_a_list),
        S_TEST (given_a_token_that_is_refused_when_asked_then_the_reason_has_no_secret),
        S_TEST (
            given_a_question_that_fails_when_answered_then_the_server_is_up_all_the_same),
        cmocka_unit_test (given_another_kind_of_address_when_made_then_it_is_refused),
        cmocka_unit_test (
            given_a_token_and_no_tls_when_made_then_only_this_machine_gets_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
