//  ingress_figures: clients ask, a peer plays the actor `metrics`.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress_figures.h"
#include "tests/actors/ingress/world.h"

#define NO_CALL ((br_id_t) { 0, 0 })

//  A connection on which a path was asked for.
static int
s_get (world_t *world, const char *path)
{
    char text[256];
    int fd = world_connect (world);
    snprintf (text, sizeof text,
              "GET %s HTTP/1.1\r\nHost: 127.0.0.1:8787\r\nConnection: close\r\n\r\n",
              path);
    world_write (world, fd, text);
    return fd;
}

static uint64_t
s_ticket (world_t *world, const char *form)
{
    const br_msg_t *msg = world_expect (world, BR_METRICS_ASK);
    assert_non_null (msg);
    const struct br_metrics_ask *ask = br_msg_fields (msg);
    assert_string_equal (ask->form, form);
    assert_true (ask->ticket != 0);
    return ask->ticket;
}

static void
s_tell (world_t *world, uint64_t ticket, const char *type, const char *body)
{
    struct br_metrics_told told = { .ticket = ticket, .content_type = type };
    world_send (world, world_metrics, BR_METRICS_TOLD, NO_CALL, 0, &told, body);
}

static void
figures_are_passed_on_with_their_type (void **state)
{
    static const char *const rows[][2] = { { "/admin/metrics", "json" },
                                           { "/v1/metrics", "json" },
                                           { "/metrics", "prometheus" } };
    world_t *world = *state;
    world->has_metrics = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = s_get (world, rows[i][0]);
        uint64_t ticket = s_ticket (world, rows[i][1]);
        s_tell (world, ticket, "text/x-figures", "a 1\n");
        const char *got = world_read_all (world, fd);
        world_has (got, "HTTP/1.1 200");
        world_has (got, "content-type: text/x-figures");
        world_has (got, "x-bitrouter-request-id: ");
        world_has (got, "\r\n\r\na 1\n");
        close (fd);
    }
}

static void
each_asker_hears_its_own_answer (void **state)
{
    world_t *world = *state;
    world->has_metrics = true;
    int one = s_get (world, "/metrics");
    uint64_t first = s_ticket (world, "prometheus");
    int other = s_get (world, "/v1/metrics");
    uint64_t second = s_ticket (world, "json");
    assert_true (first != second);
    s_tell (world, second, "application/json", "{}");
    s_tell (world, first + second + 1, "text/plain", "nobody's");
    s_tell (world, first, "", "b 2\n");
    world_has (world_read_all (world, other), "\r\n\r\n{}");
    const char *got = world_read_all (world, one);
    world_has (got, "\r\n\r\nb 2\n");
    world_has (got, "content-type: text/plain");
    //  a second answer is nobody's
    s_tell (world, first, "text/plain", "late");
    close (one);
    close (other);
}

static void
without_an_answer_it_is_503 (void **state)
{
    world_t *world = *state;
    //  nobody is there
    int fd = s_get (world, "/metrics");
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    close (fd);
    //  it says nothing
    world->has_metrics = true;
    fd = s_get (world, "/metrics");
    uint64_t ticket = s_ticket (world, "prometheus");
    world_wait (world, INGRESS_FIGURES_MS + 1);
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    close (fd);
    s_tell (world, ticket, "text/plain", "late");
    //  its host is gone
    fd = s_get (world, "/v1/metrics");
    s_ticket (world, "json");
    struct br_sys_gone gone = { .host = WORLD_METRICS_HOST, .life = 1 };
    br_ctx_send (world->ctx, br_ctx_self (world->ctx), BR_SYS_GONE, NO_CALL, 0, &gone,
                 NULL);
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    close (fd);
    //  it takes no message
    world->refuses = true;
    fd = s_get (world, "/v1/metrics");
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    close (fd);
}

static void
a_client_may_leave (void **state)
{
    world_t *world = *state;
    world->has_metrics = true;
    int fd = s_get (world, "/metrics");
    uint64_t ticket = s_ticket (world, "prometheus");
    close (fd);
    world_wait (world, 1);
    s_tell (world, ticket, "text/plain", "late");
    //  and one waits while the ingress ends
    s_get (world, "/metrics");
    s_ticket (world, "prometheus");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (figures_are_passed_on_with_their_type,
                                         world_setup, world_teardown),
        cmocka_unit_test_setup_teardown (each_asker_hears_its_own_answer, world_setup,
                                         world_teardown),
        cmocka_unit_test_setup_teardown (without_an_answer_it_is_503, world_setup,
                                         world_teardown),
        cmocka_unit_test_setup_teardown (a_client_may_leave, world_setup, world_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
