//  Usage objects of providers, and the normal form of each.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "broker/proto/usage.h"

typedef struct {
    const char *json;
    br_usage_t usage; //  not known = refused
} case_t;

static const case_t s_chat[] = {
    { "{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}",
      { true, 10, 0, 0, 5, 0 } },
    { "{\"prompt_tokens\":100,\"completion_tokens\":50,\"total_tokens\":150,"
      "\"prompt_tokens_details\":{\"cached_tokens\":60,\"cache_write_tokens\":30},"
      "\"completion_tokens_details\":{\"reasoning_tokens\":40}}",
      { true, 100, 60, 30, 50, 40 } },
    { "{\"prompt_tokens\":10,\"completion_tokens\":5,\"prompt_tokens_details\":null,"
      "\"completion_tokens_details\":null}",
      { true, 10, 0, 0, 5, 0 } },
    //  DeepSeek
    { "{\"prompt_tokens\":1003,\"completion_tokens\":85,\"prompt_cache_hit_tokens\":768,"
      "\"prompt_cache_miss_tokens\":235,\"total_tokens\":1088}",
      { true, 1003, 768, 0, 85, 0 } },
    //  both names: the details win
    { "{\"prompt_cache_hit_tokens\":1,\"prompt_tokens\":9,\"completion_tokens\":1,"
      "\"prompt_tokens_details\":{\"cached_tokens\":4}}",
      { true, 9, 4, 0, 1, 0 } },
    //  Moonshot
    { "{\"prompt_tokens\":10,\"completion_tokens\":5,\"cached_tokens\":4}",
      { true, 10, 4, 0, 5, 0 } },
    //  xAI: reasoning is not in completion_tokens
    { "{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":45,"
      "\"completion_tokens_details\":{\"reasoning_tokens\":30}}",
      { true, 10, 0, 0, 35, 30 } },
    //  parts over their total are cut down
    { "{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15,"
      "\"prompt_tokens_details\":{\"cached_tokens\":8,\"cache_write_tokens\":7},"
      "\"completion_tokens_details\":{\"reasoning_tokens\":11}}",
      { true, 10, 8, 2, 5, 5 } },
    //  embeddings have no output; a count may come as a float
    { "{\"prompt_tokens\":7.0,\"total_tokens\":7}", { true, 7, 0, 0, 0, 0 } },
    { "{\"prompt_tokens\":-1,\"completion_tokens\":2}", { true, 0, 0, 0, 2, 0 } },
    { "{}", { 0 } },
    { "null", { 0 } },
    { "[]", { 0 } },
    { "{\"prompt_tokens\":\"10\"}", { 0 } },
    { "{\"prompt_tokens\":10", { 0 } },
    { "{\"prompt_tokens\":18446744073709551615}", { 0 } },
};

static void
chat_usage_has_a_normal_form (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_chat / sizeof s_chat[0]; i++) {
        const case_t *row = &s_chat[i];
        br_usage_t usage = { 0 };
        int rc = br_usage_read (BR_PROTOCOL_CHAT, row->json, strlen (row->json), &usage);
        assert_int_equal (rc, row->usage.known ? 0 : -1);
        assert_int_equal (usage.known, row->usage.known);
        assert_int_equal (usage.input, row->usage.input);
        assert_int_equal (usage.cache_read, row->usage.cache_read);
        assert_int_equal (usage.cache_write, row->usage.cache_write);
        assert_int_equal (usage.output, row->usage.output);
        assert_int_equal (usage.reasoning, row->usage.reasoning);
    }
}

static void
the_rest_of_a_total_is_told (void **state)
{
    (void) state;
    br_usage_t usage = { true, 100, 60, 30, 50, 40 };
    assert_int_equal (br_usage_input_uncached (&usage), 10);
    assert_int_equal (br_usage_output_text (&usage), 10);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (chat_usage_has_a_normal_form),
        cmocka_unit_test (the_rest_of_a_total_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
