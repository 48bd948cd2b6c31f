//  login_token: read, kept, and asked for.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/identity/login_token.h"
#include "tests/broker/identity/folder.h"

static void
an_answer_becomes_a_token_with_its_end (void **state)
{
    (void) state;
    br_login_token_t *token = br_login_token_parse (
        "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":60,\"scope\":\"s "
        "t\",\"token_type\":\"Bearer\"}",
        1000, NULL, NULL);
    assert_non_null (token);
    assert_string_equal (token->access, "a");
    assert_string_equal (token->refresh, "r");
    assert_string_equal (token->scope, "s t");
    assert_int_equal (token->expires_s, 1060);
    br_login_token_t *next = br_login_token_parse ("{\"access_token\":\"b\"}", 1000,
                                                   token, NULL);
    assert_string_equal (next->refresh, "r");
    assert_int_equal (next->expires_s, 0);
    br_login_token_destroy (&next);
    br_login_token_destroy (&token);
    br_login_token_destroy (&token);
}

static void
what_is_no_token_is_refused_without_a_word_of_it (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        br_code_t code;
    } rows[] = {
        { "", BR_EINVALID },
        { "[]", BR_EINVALID },
        { "{\"access_token\":7}", BR_EINVALID },
        { "{\"access_token\":\"\"}", BR_EINVALID },
        { "{\"access_token\":\"secret\\r\\nX: y\"}", BR_EINVALID },
        { "{\"access_token\":\"secret b\"}", BR_EINVALID },
        { "{\"access_token\":\"a\",\"refresh_token\":\"secret\\n\"}", BR_EINVALID },
        { "{\"error\":\"invalid_grant\",\"error_description\":\"secret\"}", BR_EAUTH },
        { "{\"error\":\"a\\u001b[31mb\"}", BR_EAUTH },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (br_login_token_parse (rows[i].json, 0, NULL, &error));
        assert_int_equal (error.code, rows[i].code);
        assert_null (strstr (error.text, "secret"));
        assert_null (strchr (error.text, '\033'));
    }
}

static void
a_life_of_any_length_is_a_time (void **state)
{
    (void) state;
    static const char *const s_lives[] = { "1e300", "-5", "\"x\"", "0" };
    for (size_t i = 0; i < sizeof s_lives / sizeof *s_lives; i++) {
        char json[100];
        snprintf (json, sizeof json, "{\"access_token\":\"a\",\"expires_in\":%s}",
                  s_lives[i]);
        br_login_token_t *token = br_login_token_parse (json, 1000, NULL, NULL);
        assert_true (i ? token->expires_s == 0 : token->expires_s > 1000);
        br_login_token_destroy (&token);
    }
}

static void
a_token_is_kept_for_nobody_else (void **state)
{
    br_login_token_t *token = br_login_token_parse (
        "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":60}", 1000, NULL,
        NULL);
    char *path = br_strf ("%s/deep/login/x.json", (char *) *state);
    assert_int_equal (br_login_token_write (token, path, NULL), 0);
    assert_int_equal (folder_mode (*state, "deep/login/x.json"), 0600);
    br_login_token_t *read = br_login_token_read (path, NULL);
    assert_string_equal (read->access, "a");
    assert_string_equal (read->refresh, "r");
    assert_int_equal (read->expires_s, 1060);
    br_login_token_destroy (&read);
    free (path);
    br_error_t error = { .code = BR_OK };
    assert_null (br_login_token_read ("/nowhere/x.json", &error));
    assert_int_equal (error.code, BR_ENOTFOUND);
    assert_int_equal (br_login_token_write (token, "x.json", &error), -1);
    br_login_token_destroy (&token);
}

static void
pairs_become_forms_and_objects (void **state)
{
    (void) state;
    const char *const pairs[] = { "a", "x y&=\xc3\xa4", "none", NULL, "b", "~-._", NULL };
    char *form = br_login_body (BR_LOGIN_FORM, pairs);
    assert_string_equal (form, "a=x%20y%26%3D%C3%A4&b=~-._");
    br_login_forget (&form);
    char *json = br_login_body (BR_LOGIN_JSON, pairs);
    assert_string_equal (json, "{\"a\":\"x y&=\xc3\xa4\",\"b\":\"~-._\"}");
    br_login_forget (&json);
    assert_null (json);
}

#define IN_FOLDER(test)                                                                  \
    cmocka_unit_test_setup_teardown (test, folder_setup, folder_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_answer_becomes_a_token_with_its_end),
        cmocka_unit_test (what_is_no_token_is_refused_without_a_word_of_it),
        cmocka_unit_test (a_life_of_any_length_is_a_time),
        IN_FOLDER (a_token_is_kept_for_nobody_else),
        cmocka_unit_test (pairs_become_forms_and_objects),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
