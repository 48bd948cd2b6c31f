//  ingress_credential: four places, and what stands in them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_credential.h"
#include "broker/core/alloc.h"

#define OURS "brvk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define TOKEN "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.AAAA"

static int
s_setup (void **state)
{
    br_buf_t *buf = BR_NEW (br_buf_t);
    br_buf_init (buf, INGRESS_CREDENTIAL_MAX + 1);
    *state = buf;
    return 0;
}

static int
s_teardown (void **state)
{
    br_buf_free (*state);
    free (*state);
    return 0;
}

static const char *
s_read (br_buf_t *buf, const ingress_shown_t *shown, bool only_ours)
{
    br_error_t error = { .code = BR_OK };
    assert_int_equal (ingress_credential_read (shown, only_ours, buf, &error), 0);
    return br_buf_text (buf);
}

static void
authorization_has_schemes_in_any_case_and_order (void **state)
{
    static const char *const rows[][2] = {
        { "Bearer abc", "abc" },
        { "bearer abc", "abc" },
        { "BEARER   abc  ", "abc" },
        { "Bearer\tabc", "abc" },
        { "Payment x, Bearer abc", "abc" },
        { "Bearer abc, Payment other", "abc" },
        { "abc", "abc" },
        { " abc ", "abc" },
        { "abc, Bearer def", "def" },
        { "Basic dXNlcjpwYXNz", "" },
        { "Bearer", "" },
        { "Bearer ", "" },
        { "", "" },
        { ",,,", "" },
        { "Payment x, Basic y", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const ingress_shown_t shown = { .authorization = rows[i][0] };
        assert_string_equal (s_read (*state, &shown, false), rows[i][1]);
    }
}

static void
each_place_counts_and_the_bearer_first (void **state)
{
    ingress_shown_t shown = { .query = "alt=sse&key=q%2D1&x=2" };
    assert_string_equal (s_read (*state, &shown, false), "q-1");
    shown.google_key = "google";
    assert_string_equal (s_read (*state, &shown, false), "google");
    shown.api_key = " api ";
    assert_string_equal (s_read (*state, &shown, false), "api");
    shown.authorization = "Bearer token";
    assert_string_equal (s_read (*state, &shown, false), "token");
    //  then: a scheme that is none of ours leaves the place to the next
    shown.authorization = "Basic abc";
    assert_string_equal (s_read (*state, &shown, false), "api");
}

static void
a_key_of_the_query_is_its_own_parameter (void **state)
{
    static const char *const none[] = {
        "monkey=1", "key=", "key=&x=1", "keys=1", "", "a"
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        const ingress_shown_t shown = { .query = none[i] };
        assert_string_equal (s_read (*state, &shown, false), "");
    }
}

static void
what_is_not_ours_can_be_passed_over (void **state)
{
    ingress_shown_t shown = { .authorization = "Bearer sk-ant-1", .api_key = "none" };
    assert_string_equal (s_read (*state, &shown, true), "");
    shown.google_key = OURS;
    assert_string_equal (s_read (*state, &shown, true), OURS);
    shown.api_key = TOKEN;
    assert_string_equal (s_read (*state, &shown, true), TOKEN);
    assert_string_equal (s_read (*state, &shown, false), "sk-ant-1");
}

static void
a_credential_has_a_bound (void **state)
{
    char *text = br_alloc (INGRESS_CREDENTIAL_MAX + 32, 1);
    memset (text, 'a', INGRESS_CREDENTIAL_MAX);
    ingress_shown_t shown = { .api_key = text };
    assert_int_equal (strlen (s_read (*state, &shown, false)), INGRESS_CREDENTIAL_MAX);
    text[INGRESS_CREDENTIAL_MAX] = 'a';
    br_error_t error = { .code = BR_OK };
    assert_int_equal (ingress_credential_read (&shown, false, *state, &error), -1);
    assert_int_equal (error.code, BR_EAUTH);
    assert_null (strstr (error.text, "aaaa"));
    assert_string_equal (s_read (*state, &shown, true), "");
    memset (text, 'a', INGRESS_CREDENTIAL_MAX + 5);
    memcpy (text, "key=", 4);
    shown = (ingress_shown_t) { .query = text };
    assert_int_equal (ingress_credential_read (&shown, false, *state, &error), -1);
    free (text);
}

static void
what_is_missing_is_said_in_the_protocols_words (void **state)
{
    (void) state;
    static const struct {
        br_protocol_t wire;
        const char *text;
    } rows[] = { { BR_PROTOCOL_CHAT, "missing bearer token" },
                 { BR_PROTOCOL_RESPONSES, "missing bearer token" },
                 { BR_PROTOCOL_MESSAGES, "missing x-api-key" },
                 { BR_PROTOCOL_GOOGLE, "missing authentication credentials" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error = { .code = BR_OK };
        assert_int_equal (ingress_credential_miss (rows[i].wire, &error), -1);
        assert_int_equal (error.code, BR_EAUTH);
        assert_ptr_equal (strstr (error.text, rows[i].text), error.text);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (authorization_has_schemes_in_any_case_and_order),
        TEST (each_place_counts_and_the_bearer_first),
        TEST (a_key_of_the_query_is_its_own_parameter),
        TEST (what_is_not_ours_can_be_passed_over),
        TEST (a_credential_has_a_bound),
        TEST (what_is_missing_is_said_in_the_protocols_words),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
