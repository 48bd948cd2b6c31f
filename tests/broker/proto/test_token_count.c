//  token_count: counts read, written and estimated.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/token_count.h"

static int
s_read (br_protocol_t provider, const char *text, uint64_t *ret_tokens)
{
    br_error_t error;
    int rc = token_count_read (provider, text, strlen (text), ret_tokens, &error);
    if (rc)
        assert_int_equal (error.code, BR_EUPINVALID);
    return rc;
}

static void
each_protocol_tells_a_count_in_its_own_words (void **state)
{
    (void) state;
    uint64_t tokens = 0;
    assert_int_equal (s_read (BR_PROTOCOL_MESSAGES, "{\"input_tokens\":7}", &tokens), 0);
    assert_int_equal (tokens, 7);
    assert_int_equal (s_read (BR_PROTOCOL_GOOGLE,
                              "{\"totalTokens\":8,\"promptTokensDetails\":[]}", &tokens),
                      0);
    assert_int_equal (tokens, 8);
    assert_int_equal (s_read (BR_PROTOCOL_RESPONSES,
                              "{\"object\":\"response.input_tokens\",\"input_tokens\":9}",
                              &tokens),
                      0);
    assert_int_equal (tokens, 9);
}

static void
what_tells_no_count_is_refused (void **state)
{
    (void) state;
    static const char *const bad[] = {
        "", "[]", "{}", "{\"input_tokens\":\"7\"}", "{\"input_tokens\":-1}", "{\"input_t"
    };
    uint64_t tokens = 5;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal (s_read (BR_PROTOCOL_MESSAGES, bad[i], &tokens), -1);
    assert_int_equal (s_read (BR_PROTOCOL_CHAT, "{\"input_tokens\":7}", &tokens), -1);
    assert_int_equal (tokens, 5);
}

static void
s_writes (br_protocol_t client, const char *expected)
{
    br_buf_t out;
    br_buf_init (&out, 256);
    token_count_write (client, 12, &out);
    assert_string_equal (br_buf_text (&out), expected);
    br_buf_free (&out);
}

static void
counts_are_written_as_clients_read_them (void **state)
{
    (void) state;
    s_writes (BR_PROTOCOL_MESSAGES, "{\"input_tokens\":12}");
    s_writes (BR_PROTOCOL_GOOGLE, "{\"totalTokens\":12}");
    s_writes (BR_PROTOCOL_RESPONSES,
              "{\"object\":\"response.input_tokens\",\"input_tokens\":12}");
}

static int
s_estimate (br_protocol_t client, const char *body, uint64_t *ret_tokens)
{
    br_error_t error;
    return token_count_estimate (client, body, strlen (body), ret_tokens, &error);
}

static void
an_estimate_is_a_token_for_three_and_a_half_bytes (void **state)
{
    (void) state;
    uint64_t tokens = 0;
    assert_int_equal (s_estimate (BR_PROTOCOL_MESSAGES,
                                  "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                                  "\"content\":\"1234567\"}]}",
                                  &tokens),
                      0);
    assert_int_equal (tokens, 2);
    //  given: a system text and a tool as well: 8 bytes, 9 with its schema
    assert_int_equal (s_estimate (BR_PROTOCOL_MESSAGES,
                                  "{\"model\":\"m\",\"system\":\"12345\",\"tools\":[{"
                                  "\"name\":\"t\",\"input_schema\":{}}],\"messages\":[{"
                                  "\"role\":\"user\",\"content\":\"1234567\"}]}",
                                  &tokens),
                      0);
    assert_int_equal (tokens, 5);
    assert_int_equal (
        s_estimate (BR_PROTOCOL_GOOGLE,
                    "{\"contents\":[{\"parts\":[{\"text\":\"12345678\"}]}]}", &tokens),
        0);
    assert_int_equal (tokens, 3);
}

static void
nothing_is_estimated_of_what_is_no_call (void **state)
{
    (void) state;
    uint64_t tokens = 0;
    assert_int_equal (s_estimate (BR_PROTOCOL_MESSAGES, "", &tokens), -1);
    assert_int_equal (s_estimate (BR_PROTOCOL_MESSAGES, "[]", &tokens), -1);
    assert_int_equal (s_estimate (BR_PROTOCOL_MESSAGES, "{\"messages\":7}", &tokens), -1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (each_protocol_tells_a_count_in_its_own_words),
        cmocka_unit_test (what_tells_no_count_is_refused),
        cmocka_unit_test (counts_are_written_as_clients_read_them),
        cmocka_unit_test (an_estimate_is_a_token_for_three_and_a_half_bytes),
        cmocka_unit_test (nothing_is_estimated_of_what_is_no_call),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
