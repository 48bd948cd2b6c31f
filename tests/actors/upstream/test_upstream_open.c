//  upstream_open: what fails before anything is sent.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/failure.h"
#include "broker/proto/surface.h"
#include "tests/actors/upstream/provider.h"

static int
s_setup (void **state)
{
    static provider_t provider;
    provider_open (&provider, "");
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
what_cannot_be_asked_fails_at_once (void **state)
{
    provider_t *provider = *state;
    provider_start_with (provider, 1, (struct br_attempt_start) { .endpoint = "none#1" });
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_non_null (strstr (provider_failure (provider)->error, "endpoint"));
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_UNFIT);
    provider_start_with (provider, 2, (struct br_attempt_start) { .surface = 99 });
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    provider_start_with (provider, 2, (struct br_attempt_start) { .query = "a b" });
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_REQUEST);
    provider_conf (provider, "{\"api_base\":\"http://127.0.0.1:1\",\"auth\":{\"type\":"
                             "\"mpp\"}}");
    stage_heard (&provider->stage, "router");
    provider_start (provider, 3, 0);
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_non_null (strstr (provider_failure (provider)->error, "'mpp'"));
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_AUTH);
    provider_conf (provider, "{\"api_base\":\"http://127.0.0.1:1\",\"protocols\":[{"
                             "\"glob\":\"*\",\"protocol\":\"messages\"}]}");
    stage_heard (&provider->stage, "router");
    provider_start_with (provider, 4,
                         (struct br_attempt_start) { .surface = BR_SURFACE_EMBEDDINGS });
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_non_null (strstr (provider_failure (provider)->error, "protocol"));
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_UNFIT);
    //  given: a call that makes no sense to who would have to translate it
    provider_start (provider, 5, 0);
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->code, BR_EINVALID);
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_REQUEST);
    assert_non_null (strstr (provider_failure (provider)->error, "messages"));
    assert_int_equal (peer_requests (provider->peer), 0);
}

static void
a_malformed_slip_is_refused (void **state)
{
    provider_t *provider = *state;
    struct br_attempt_start start = { .model = "m" };
    stage_send (&provider->stage, "router", provider->upstream, BR_ATTEMPT_START, 1, 1,
                &start, NULL);
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->code, BR_EINTERNAL);
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_REQUEST);
}

//  A call that makes sense, and that this provider's protocol has no words for.
static void
what_cannot_be_carried_may_be_tried_elsewhere (void **state)
{
    provider_t *provider = *state;
    provider_conf (provider, "{\"api_base\":\"http://127.0.0.1:1\",\"protocols\":[{"
                             "\"glob\":\"*\",\"protocol\":\"messages\"}]}");
    stage_heard (&provider->stage, "router");
    provider->ask = "{\"model\":\"gpt\",\"input\":\"x\",\"previous_response_id\":\"r\"}";
    provider_start_with (provider, 1,
                         (struct br_attempt_start) { .surface = BR_SURFACE_RESPONSES });
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_UNFIT);
    assert_int_equal (provider_failure (provider)->waited_us, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (what_cannot_be_asked_fails_at_once),
        TEST (a_malformed_slip_is_refused),
        TEST (what_cannot_be_carried_may_be_tried_elsewhere),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
