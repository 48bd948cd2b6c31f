//  upstream_estimate: counts where nobody counts.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/failure.h"
#include "broker/core/pairs.h"
#include "broker/proto/surface.h"
#include "tests/actors/upstream/provider.h"

static int
s_setup (void **state)
{
    static provider_t provider;
    provider_open (&provider,
                   ",\"protocols\":[{\"glob\":\"*\",\"protocol\":\"chat_completions\"}]");
    *state = &provider;
    return 0;
}

static int
s_teardown (void **state)
{
    provider_close (*state);
    return 0;
}

static void
a_count_for_a_provider_of_chat_is_estimated (void **state)
{
    provider_t *provider = *state;
    provider->ask = "{\"model\":\"gpt\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"12345678\"}]}";
    provider_start_with (provider, 1,
                         (struct br_attempt_start) {
                             .surface = BR_SURFACE_MESSAGES_TOKENS, .elsewhere_us = 70 });
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    assert_string_equal (stage_heard (&provider->stage, "ingress"),
                         "reply.head#1 reply.end#1 ");
    assert_string_equal (stage_bytes (&provider->stage, "ingress"),
                         "{\"input_tokens\":3}");
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_HEAD);
    const struct br_reply_head *head = br_msg_fields (msg);
    assert_int_equal (head->status, 200);
    assert_int_equal (head->elsewhere_us, 70);
    assert_string_equal (br_pairs_get (head->headers, "x-bitrouter-estimated"), "true");
    assert_int_equal (peer_requests (provider->peer), 0);
}

static void
a_request_that_makes_no_sense_is_refused (void **state)
{
    provider_t *provider = *state;
    provider->ask = "{\"model\":\"gpt\",\"messages\":7}";
    provider_start_with (
        provider, 1, (struct br_attempt_start) { .surface = BR_SURFACE_MESSAGES_TOKENS });
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->code, BR_EINVALID);
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_REQUEST);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_count_for_a_provider_of_chat_is_estimated),
        TEST (a_request_that_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
