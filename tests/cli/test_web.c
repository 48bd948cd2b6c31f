//  Requests of commands, against a server of one thread.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/web.h"
#include "tests/cli/page.h"

static int
s_fetch (page_t *page, const char *form, cli_web_answer_t *ret_answer, br_error_t *reterr)
{
    char url[64];
    snprintf (url, sizeof url, "http://127.0.0.1:%d/x", page->port);
    cli_web_request_t request = { .url = url, .body = form, .headers = { "X-A: b" } };
    request.timeout_ms = 5000;
    request.is_local = true;
    *ret_answer = (cli_web_answer_t) { .body = NULL };
    return cli_web_fetch (&request, ret_answer, reterr);
}

static void
given_a_page_when_fetched_then_status_and_body_are_its_own (void **state)
{
    (void) state;
    static const char *const s_answers[] = {
        "HTTP/1.1 404 No\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnope",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", NULL
    };
    page_t *page = page_new (s_answers);
    cli_web_answer_t answer;
    assert_int_equal (s_fetch (page, NULL, &answer, NULL), 0);
    assert_int_equal (answer.status, 404);
    assert_string_equal (answer.body, "nope");
    cli_web_answer_clear (&answer);
    assert_int_equal (s_fetch (page, "a=b", &answer, NULL), 0);
    assert_string_equal (answer.body, "");
    cli_web_answer_clear (&answer);
    assert_non_null (strstr (page_asked (page, 0), "GET /x HTTP/1.1"));
    assert_non_null (strstr (page_asked (page, 0), "X-A: b"));
    assert_non_null (strstr (page_asked (page, 0), "User-Agent: bitrouter/"));
    assert_non_null (strstr (page_asked (page, 1), "POST /x HTTP/1.1"));
    assert_non_null (strstr (page_asked (page, 1), "\r\n\r\na=b"));
    page_destroy (&page);
}

static void
given_nobody_when_fetched_then_it_is_unavailable_and_tells_no_secret (void **state)
{
    (void) state;
    static const char *const s_answers[] = { NULL };
    page_t *page = page_new (s_answers);
    shutdown (page->listener, SHUT_RDWR);
    close (page->listener);
    cli_web_answer_t answer;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (s_fetch (page, "secret=1", &answer, &error), -1);
    assert_int_equal (error.code, BR_EUNAVAILABLE);
    assert_null (strstr (error.text, "secret"));
    page_destroy (&page);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_page_when_fetched_then_status_and_body_are_its_own),
        cmocka_unit_test (
            given_nobody_when_fetched_then_it_is_unavailable_and_tells_no_secret),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
