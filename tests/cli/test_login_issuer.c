//  Who gives tokens: what the configuration may say, and what is asked and answered.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/login_issuer.h"
#include "tests/cli/page.h"

#define GOOD "{\"token_url\":\"https://i/t\",\"device_url\":\"https://i/d\","

static void
given_what_is_missing_or_unsafe_then_it_is_told (void **state)
{
    static const char *const rows[][2] = {
        { "{}", "needs token_url" },
        { "{\"token_url\":\"https://i/t\",\"client_id\":\"c\"}", "authorize_url or" },
        { GOOD "\"x\":1}", "no client is known for it" },
        { "{\"token_url\":\"http://i/t\",\"device_url\":\"https://"
          "i\",\"client_id\":\"c\"}",
          "https://" },
        { "{\"token_url\":\"https://i/t\",\"authorize_url\":\"file:///x\","
          "\"client_id\":\"c\"}",
          "https://" },
    };
    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        login_issuer_t issuer;
        br_error_t error = { .code = BR_OK };
        assert_int_equal (login_issuer_init (&issuer, "it", rows[i][0], &error), -1);
        assert_int_equal (error.code, BR_ECONFIG);
        assert_non_null (strstr (error.text, rows[i][1]));
        login_issuer_clear (&issuer);
    }
}

static void
given_little_then_the_rest_is_usual (void **state)
{
    (void) state;
    login_issuer_t issuer;
    assert_int_equal (
        login_issuer_init (&issuer, "it", GOOD "\"client_id\":\"c\"}", NULL), 0);
    assert_string_equal (issuer.redirect_host, "127.0.0.1");
    assert_string_equal (issuer.redirect_path, "/callback");
    assert_int_equal (issuer.redirect_port, 0);
    assert_int_equal (issuer.format, BR_LOGIN_FORM);
    login_issuer_clear (&issuer);
}

static void
s_given (login_issuer_t *issuer, const page_t *page, const char *format)
{
    char json[300];
    snprintf (json, sizeof json,
              "{\"token_url\":\"http://127.0.0.1:%d/t\",\"device_url\":\"https://i\","
              "\"client_id\":\"the client\",\"token_format\":\"%s\"}",
              page->port, format);
    assert_int_equal (login_issuer_init (issuer, "it", json, NULL), 0);
}

#define ANSWER(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body

static void
given_a_token_when_renewed_then_the_next_one_is_there (void **state)
{
    (void) state;
    static const char *const s_answers[] = {
        ANSWER ("200 OK", "{\"access_token\":1}X"),
        ANSWER ("200 OK", "{\"access_token\":\"next\"}"),
        ANSWER ("400 Bad", "{\"error\":\"invalid_grant\"}"), NULL
    };
    page_t *page = page_new (s_answers);
    login_issuer_t issuer;
    s_given (&issuer, page, "form");
    br_login_token_t older = { .access = (char *) "old", .refresh = (char *) "r&f" };
    br_error_t error = { .code = BR_OK };
    assert_null (login_issuer_refresh (&issuer, &older, &error));
    assert_int_equal (error.code, BR_EUNAVAILABLE);
    br_login_token_t *token = login_issuer_refresh (&issuer, &older, NULL);
    assert_non_null (token);
    assert_string_equal (token->access, "next");
    assert_string_equal (token->refresh, "r&f");
    br_login_token_destroy (&token);
    assert_null (login_issuer_refresh (&issuer, &older, &error));
    assert_int_equal (error.code, BR_EAUTH);
    assert_string_equal (error.text, "invalid_grant");
    assert_non_null (strstr (page_asked (page, 0),
                             "grant_type=refresh_token&refresh_token=r%26f&"
                             "client_id=the%20client"));
    older.refresh = NULL;
    assert_null (login_issuer_refresh (&issuer, &older, &error));
    assert_int_equal (error.code, BR_EINVALID);
    login_issuer_clear (&issuer);
    page_destroy (&page);
}

static void
given_an_issuer_of_json_then_it_is_asked_so (void **state)
{
    (void) state;
    static const char *const s_answers[] = {
        ANSWER ("200 OK", "{\"access_token\":\"next\"}"), NULL
    };
    page_t *page = page_new (s_answers);
    login_issuer_t issuer;
    s_given (&issuer, page, "json");
    br_login_token_t older = { .access = (char *) "old", .refresh = (char *) "r" };
    br_login_token_t *token = login_issuer_refresh (&issuer, &older, NULL);
    assert_non_null (token);
    br_login_token_destroy (&token);
    assert_non_null (strstr (page_asked (page, 0), "Content-Type: application/json"));
    assert_non_null (strstr (page_asked (page, 0), "\"refresh_token\":\"r\""));
    login_issuer_clear (&issuer);
    page_destroy (&page);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_what_is_missing_or_unsafe_then_it_is_told),
        cmocka_unit_test (given_little_then_the_rest_is_usual),
        cmocka_unit_test (given_a_token_when_renewed_then_the_next_one_is_there),
        cmocka_unit_test (given_an_issuer_of_json_then_it_is_asked_so),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
