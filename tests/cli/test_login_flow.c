//  The device flow against an issuer of recorded answers; the browser's is in test_login.sh.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/login_flow.h"
#include "tests/cli/page.h"

#define ANSWER(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body
#define BEGUN                                                                            \
    ANSWER ("200 OK", "{\"device_code\":\"d\",\"user_code\":\"AB\\u001b[1mCD\","         \
                      "\"verification_uri\":\"https://i/device\",\"interval\":0}")

static br_login_token_t *
s_log_in (page_t *page, br_error_t *reterr)
{
    char json[300];
    snprintf (json, sizeof json,
              "{\"token_url\":\"http://127.0.0.1:%d/t\",\"device_url\":"
              "\"http://127.0.0.1:%d/d\",\"client_id\":\"c\",\"scope\":\"a b\"}",
              page->port, page->port);
    login_issuer_t issuer;
    assert_int_equal (login_issuer_init (&issuer, "it", json, NULL), 0);
    br_login_token_t *token = login_flow_device (&issuer, reterr);
    login_issuer_clear (&issuer);
    return token;
}

static void
given_somebody_who_agrees_then_there_is_a_token (void **state)
{
    (void) state;
    static const char *const s_answers[] = {
        BEGUN, ANSWER ("400 Bad", "{\"error\":\"authorization_pending\"}"),
        ANSWER ("200 OK", "{\"error\":\"authorization_pending\"}"),
        ANSWER ("200 OK", "{\"access_token\":\"t\"}"), NULL
    };
    page_t *page = page_new (s_answers);
    br_login_token_t *token = s_log_in (page, NULL);
    assert_non_null (token);
    assert_string_equal (token->access, "t");
    br_login_token_destroy (&token);
    assert_non_null (strstr (page_asked (page, 0), "client_id=c&scope=a%20b"));
    assert_non_null (strstr (page_asked (page, 1), "device_code=d"));
    assert_non_null (strstr (page_asked (page, 1), "device_code&device_code"));
    page_destroy (&page);
}

static void
given_somebody_who_refuses_then_it_is_told (void **state)
{
    (void) state;
    static const char *const s_answers[] = {
        BEGUN, ANSWER ("400 Bad", "{\"error\":\"access_denied\"}"), NULL
    };
    page_t *page = page_new (s_answers);
    br_error_t error = { .code = BR_OK };
    assert_null (s_log_in (page, &error));
    assert_int_equal (error.code, BR_EAUTH);
    assert_string_equal (error.text, "access_denied");
    page_destroy (&page);
}

static void
given_no_code_then_there_is_nothing_to_wait_for (void **state)
{
    (void) state;
    static const char *const s_answers[] = { ANSWER ("500 No", "oh"), NULL };
    page_t *page = page_new (s_answers);
    br_error_t error = { .code = BR_OK };
    assert_null (s_log_in (page, &error));
    assert_int_equal (error.code, BR_EUNAVAILABLE);
    page_destroy (&page);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_somebody_who_agrees_then_there_is_a_token),
        cmocka_unit_test (given_somebody_who_refuses_then_it_is_told),
        cmocka_unit_test (given_no_code_then_there_is_nothing_to_wait_for),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
