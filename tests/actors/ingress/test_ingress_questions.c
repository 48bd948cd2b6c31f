//  ingress_questions: clients on real sockets wait for an actor's answer; the test is the
//  actor, and moves the clock.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress_owner.h"
#include "actors/ingress/ingress_questions.h"
#include "actors/ingress/ingress_request.h"
#include "tests/actors/ingress/world.h"

#define WAIT_MS 1000

typedef struct {
    world_t *world;
    http_server_t *server;
    ingress_questions_t *questions;
    const char *actor;           //  whom the next one asks
    const char *origin;          //  of the next one
    char id[INGRESS_ID_MAX + 1]; //  of the next one; lives no longer than its question
    uint64_t ticket;             //  of the last one; 0 = it was refused
    br_addr_t to;
    unsigned ended; //  count
} desk_t;

static void
s_on_request (void *arg, http_call_t *http)
{
    desk_t *desk = arg;
    ingress_guest_t guest = { .http = http,
                              .request_id = desk->id,
                              .origin = desk->origin,
                              .wire = BR_PROTOCOL_MESSAGES };
    desk->ticket = ingress_questions_add (desk->questions, &guest, desk->actor, WAIT_MS,
                                          &desk->to);
}

static void
s_on_refuse (void *arg, http_call_t *http, const br_error_t *error)
{
    (void) arg;
    (void) http;
    fail_msg ("%s", error->text);
}

static void
s_on_over (void *arg, http_call_t *http)
{
    (void) arg;
    ingress_owner_t *owner = http_call_owner (http);
    if (owner)
        owner->over (owner);
}

static void
s_on_written (void *arg, http_call_t *http, uint64_t body_bytes)
{
    (void) arg;
    (void) http;
    (void) body_bytes;
}

static const http_server_handler_t s_handler = { s_on_request, s_on_refuse, s_on_over,
                                                 s_on_written, s_on_over };

static void
s_on_ended (void *arg)
{
    desk_t *desk = arg;
    desk->ended++;
}

static int
s_setup (void **state)
{
    static desk_t desk;
    desk = (desk_t) { .world = world_new (NULL), .actor = "metrics", .id = "id-1" };
    desk.world->has_metrics = true;
    const char *listen[] = { "127.0.0.1:0", NULL };
    http_server_conf_t conf = { .listen = listen,
                                .body_max = 1000,
                                .header_max = 10000,
                                .connections_max = INGRESS_QUESTIONS_MAX + 10 };
    desk.server = http_server_new (br_host_loop (desk.world->host), &conf, &s_handler,
                                   &desk, NULL);
    assert_non_null (desk.server);
    desk.world->port = http_server_port (desk.server, 0);
    desk.questions = ingress_questions_new (desk.world->ctx, s_on_ended, &desk);
    *state = &desk;
    return 0;
}

static int
s_teardown (void **state)
{
    desk_t *desk = *state;
    ingress_questions_destroy (&desk->questions);
    assert_null (desk->questions);
    ingress_questions_destroy (&desk->questions);
    http_server_destroy (&desk->server);
    world_destroy (&desk->world);
    return 0;
}

//  A client that waits, on a connection which the test closes.
static int
s_ask (desk_t *desk)
{
    size_t count = ingress_questions_count (desk->questions);
    int fd = world_connect (desk->world);
    desk->ticket = UINT64_MAX;
    world_write (desk->world, fd,
                 "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 1000 && desk->ticket == UINT64_MAX; i++)
        world_turn (desk->world);
    assert_true (desk->ticket != UINT64_MAX);
    assert_int_equal (ingress_questions_count (desk->questions),
                      count + (desk->ticket != 0));
    return fd;
}

//  An answer that says what it was given, and for whom.
static void
s_tell (void *arg, const ingress_guest_t *guest)
{
    char text[128];
    snprintf (text, sizeof text, "{\"%s\":\"%s\"}", guest->request_id,
              (const char *) arg);
    br_blob_t *body = br_blob_new (text, strlen (text));
    ingress_reply_json (guest, 200, body);
    br_blob_destroy (&body);
}

static void
s_is_refused (desk_t *desk, int fd)
{
    const char *got = world_read_all (desk->world, fd);
    world_has (got, "HTTP/1.1 529");       //  503 in the words of its protocol
    world_has (got, "\"type\":\"error\""); //  in the shape of its protocol
    world_has (got, "does not answer; try again");
    close (fd);
}

static void
given_several_who_wait_then_each_hears_its_own_answer (void **state)
{
    desk_t *desk = *state;
    desk->origin = "https://app.example";
    int one = s_ask (desk);
    uint64_t first = desk->ticket;
    desk->origin = NULL;
    strcpy (desk->id, "id-2");
    int other = s_ask (desk);
    assert_true (first != desk->ticket);
    assert_int_equal (desk->to.host, WORLD_METRICS_HOST);
    strcpy (desk->id, "gone");
    ingress_questions_answer (desk->questions, desk->ticket, s_tell, "b");
    ingress_questions_answer (desk->questions, desk->ticket, s_tell, "twice");
    ingress_questions_answer (desk->questions, first + desk->ticket, s_tell, "nobody's");
    ingress_questions_answer (desk->questions, first, s_tell, "a");
    assert_int_equal (desk->ended, 2);
    assert_int_equal (ingress_questions_count (desk->questions), 0);
    world_has (world_read_all (desk->world, other), "{\"id-2\":\"b\"}");
    const char *got = world_read_all (desk->world, one);
    world_has (got, "{\"id-1\":\"a\"}");
    world_has (got, "access-control-allow-origin: https://app.example");
    close (one);
    close (other);
}

static void
given_no_answer_in_time_then_it_is_refused (void **state)
{
    desk_t *desk = *state;
    int fd = s_ask (desk);
    world_wait (desk->world, WAIT_MS - 1);
    assert_int_equal (desk->ended, 0);
    world_wait (desk->world, 2);
    assert_int_equal (desk->ended, 1);
    s_is_refused (desk, fd);
    ingress_questions_answer (desk->questions, desk->ticket, s_tell, "late");
    assert_int_equal (desk->ended, 1);
}

static void
given_a_question_that_did_not_leave_then_it_is_refused (void **state)
{
    desk_t *desk = *state;
    int fd = s_ask (desk);
    ingress_questions_fail (desk->questions, desk->ticket);
    assert_int_equal (desk->ended, 1);
    s_is_refused (desk, fd);
}

static void
given_nobody_to_ask_then_it_is_refused_at_once (void **state)
{
    desk_t *desk = *state;
    desk->actor = "nobody";
    int fd = s_ask (desk);
    assert_int_equal (desk->ticket, 0);
    assert_false (br_addr_is_set (desk->to));
    assert_int_equal (desk->ended, 0); //  it has never waited
    s_is_refused (desk, fd);
}

//  Those who asked another host, or another life of it, wait on.
static void
given_a_host_that_is_gone_then_who_asked_it_is_refused (void **state)
{
    desk_t *desk = *state;
    int fds[3];
    for (int i = 0; i < 3; i++) {
        desk->actor = i == 1 ? "router" : "metrics";
        fds[i] = s_ask (desk);
    }
    ingress_questions_gone (desk->questions, WORLD_METRICS_HOST, desk->to.life + 1);
    assert_int_equal (desk->ended, 0);
    ingress_questions_gone (desk->questions, WORLD_METRICS_HOST, desk->to.life);
    assert_int_equal (desk->ended, 2);
    s_is_refused (desk, fds[0]);
    s_is_refused (desk, fds[2]);
    assert_int_equal (ingress_questions_count (desk->questions), 1);
    ingress_questions_answer (desk->questions, 2, s_tell, "still there");
    world_has (world_read_all (desk->world, fds[1]), "still there");
    close (fds[1]);
}

static void
given_a_client_that_leaves_then_its_answer_is_nobodys (void **state)
{
    desk_t *desk = *state;
    close (s_ask (desk));
    for (int i = 0; i < 1000 && !desk->ended; i++)
        world_turn (desk->world);
    assert_int_equal (desk->ended, 1);
    assert_int_equal (ingress_questions_count (desk->questions), 0);
    ingress_questions_answer (desk->questions, desk->ticket, s_tell, "late");
    world_wait (desk->world, WAIT_MS + 1); //  its time is not waited for any more
    assert_int_equal (desk->ended, 1);
}

static void
given_as_many_as_may_wait_then_the_next_is_refused (void **state)
{
    desk_t *desk = *state;
    int fds[INGRESS_QUESTIONS_MAX];
    for (size_t i = 0; i < INGRESS_QUESTIONS_MAX; i++)
        fds[i] = s_ask (desk);
    int fd = s_ask (desk);
    assert_int_equal (desk->ticket, 0);
    s_is_refused (desk, fd);
    ingress_questions_answer (desk->questions, 1, s_tell, "x");
    fd = s_ask (desk);
    assert_true (desk->ticket != 0);
    close (fd);
    for (size_t i = 0; i < INGRESS_QUESTIONS_MAX; i++)
        close (fds[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_several_who_wait_then_each_hears_its_own_answer),
        TEST (given_no_answer_in_time_then_it_is_refused),
        TEST (given_a_question_that_did_not_leave_then_it_is_refused),
        TEST (given_nobody_to_ask_then_it_is_refused_at_once),
        TEST (given_a_host_that_is_gone_then_who_asked_it_is_refused),
        TEST (given_a_client_that_leaves_then_its_answer_is_nobodys),
        TEST (given_as_many_as_may_wait_then_the_next_is_refused),
    };
    return cmocka_run_group_tests_name ("ingress_questions", tests, NULL, NULL);
}
