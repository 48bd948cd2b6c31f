//  The address that a browser comes back to: whose visit counts, and what it brings.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/login_callback.h"

//  Sends each request on a connection of its own, and keeps the answers.
typedef struct {
    pthread_t thread;
    int port;
    const char *const *requests; //  NULL ends
    char answers[4][1024];
} visitor_t;

static void *
s_visit (void *arg)
{
    visitor_t *self = arg;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons ((uint16_t) self->port) };
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    for (size_t i = 0; self->requests[i]; i++) {
        int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect (fd, (const struct sockaddr *) &address, sizeof address) == 0) {
            if (send (fd, self->requests[i], strlen (self->requests[i]), MSG_NOSIGNAL)
                < 0)
                perror ("send");
            shutdown (fd, SHUT_WR);
            (void) !recv (fd, self->answers[i], sizeof self->answers[i] - 1, MSG_WAITALL);
        }
        close (fd);
    }
    return NULL;
}

static char *
s_wait (visitor_t *visitor, const char *const *requests, int timeout_ms,
        br_error_t *reterr)
{
    login_callback_t *callback = login_callback_new ("localhost", 0, "/back", NULL);
    assert_non_null (callback);
    const char *url = login_callback_url (callback);
    assert_memory_equal (url, "http://localhost:", 17);
    assert_non_null (strstr (url, "/back"));
    *visitor = (visitor_t) { .port = atoi (url + 17), .requests = requests };
    assert_int_equal (pthread_create (&visitor->thread, NULL, s_visit, visitor), 0);
    char *code = login_callback_wait (callback, "the-state", timeout_ms, reterr);
    pthread_join (visitor->thread, NULL);
    login_callback_destroy (&callback);
    login_callback_destroy (&callback);
    return code;
}

static void
given_strangers_when_the_browser_comes_then_its_code_counts (void **state)
{
    (void) state;
    static const char *const s_requests[] = {
        "GET /favicon.ico HTTP/1.1\r\n\r\n", "rubbish\r\n\r\n",
        "GET /back?code=theirs&state=another HTTP/1.1\r\n\r\n",
        "GET /back?x=1&state=the-state&code=a%2Fb+c%zz HTTP/1.1\r\n\r\n", NULL
    };
    visitor_t visitor;
    char *code = s_wait (&visitor, s_requests, 20000, NULL);
    assert_string_equal (code, "a/b c%zz");
    free (code);
    assert_non_null (strstr (visitor.answers[0], "404"));
    assert_non_null (strstr (visitor.answers[1], "404"));
    assert_non_null (strstr (visitor.answers[2], "400"));
    assert_non_null (strstr (visitor.answers[3], "You are logged in"));
    assert_null (strstr (visitor.answers[3], "a/b"));
}

static void
given_a_refusal_then_its_word_is_told (void **state)
{
    (void) state;
    static const char *const s_requests[] = {
        "GET /back?error=access%1b_denied&state=the-state HTTP/1.1\r\n\r\n", NULL
    };
    visitor_t visitor;
    br_error_t error = { .code = BR_OK };
    assert_null (s_wait (&visitor, s_requests, 20000, &error));
    assert_int_equal (error.code, BR_EAUTH);
    assert_string_equal (error.text, "access?_denied");
}

static void
given_nobody_then_the_wait_ends (void **state)
{
    (void) state;
    static const char *const s_requests[] = { NULL };
    visitor_t visitor;
    br_error_t error = { .code = BR_OK };
    assert_null (s_wait (&visitor, s_requests, 1, &error));
    assert_int_equal (error.code, BR_ETIMEOUT);
}

static void
given_a_port_in_use_then_it_is_told (void **state)
{
    (void) state;
    login_callback_t *first = login_callback_new ("127.0.0.1", 0, "/", NULL);
    unsigned port = (unsigned) atoi (login_callback_url (first) + 17);
    br_error_t error = { .code = BR_OK };
    assert_null (login_callback_new ("127.0.0.1", port, "/", &error));
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, "cannot listen on 127.0.0.1:"));
    assert_non_null (strstr (error.text, "and try again"));
    login_callback_destroy (&first);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_strangers_when_the_browser_comes_then_its_code_counts),
        cmocka_unit_test (given_a_refusal_then_its_word_is_told),
        cmocka_unit_test (given_nobody_then_the_wait_ends),
        cmocka_unit_test (given_a_port_in_use_then_it_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
