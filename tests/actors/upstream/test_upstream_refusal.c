//  upstream_refusal: what router and client hear of a failure.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "actors/upstream/upstream_refusal.h"

static const char s_limit[] = "{\"error\":{\"code\":429,\"message\":\"slow sk-secret-1\","
                              "\"details\":[{\"retryDelay\":\"2s\"}]}}";

typedef struct {
    upstream_endpoint_t *endpoint;
    upstream_refusal_t refusal;
    br_buf_t held;
} world_t;

static void
s_refuse (world_t *world, unsigned status, const char *body, bool translated)
{
    cJSON *slice = cJSON_Parse (
        "{\"api_base\":\"http://a\",\"auth\":{\"type\":\"bearer\","
        "\"api_key\":\"sk-secret-1\"}}");
    world->endpoint = upstream_endpoint_new ("", slice, NULL, NULL);
    cJSON_Delete (slice);
    br_buf_init (&world->held, 4096);
    br_buf_adds (&world->held, body);
    upstream_failure_t failure = upstream_failure_of_status (status);
    upstream_refused_t refused = { .endpoint = world->endpoint,
                                   .provider = "acme",
                                   .client = BR_PROTOCOL_MESSAGES,
                                   .translated = translated,
                                   .waited_us = 55 };
    upstream_refusal_init (&world->refusal, &failure, &refused, &world->held);
}

static void
s_free (world_t *world)
{
    upstream_refusal_free (&world->refusal);
    upstream_endpoint_destroy (&world->endpoint);
    br_buf_free (&world->held);
}

static void
in_one_protocol_the_body_passes (void **state)
{
    (void) state;
    world_t world;
    s_refuse (&world, 429, s_limit, false);
    assert_int_equal (world.refusal.fail.status, 429);
    assert_int_equal (br_blob_size (world.refusal.body), strlen (s_limit));
    assert_null (
        memmem (br_blob_data (world.refusal.body), strlen (s_limit), "sk-secret", 9));
    assert_string_equal (world.refusal.fail.error, "provider acme is at its rate limit");
    assert_int_equal (world.refusal.fail.failure, BR_FAILURE_RATE);
    assert_int_equal (world.refusal.fail.retry_after_ms, 2000);
    assert_int_equal (world.refusal.fail.waited_us, 55);
    s_free (&world);
}

static void
in_another_protocol_the_words_pass (void **state)
{
    (void) state;
    world_t world;
    s_refuse (&world, 429, s_limit, true);
    assert_null (world.refusal.body);
    assert_int_equal (world.refusal.fail.code, BR_EUPLIMIT);
    assert_int_equal (world.refusal.fail.status, 429);
    assert_string_equal (world.refusal.fail.error,
                         "provider acme is at its rate limit: slow ***********");
    assert_string_equal (br_pairs_get (world.refusal.fail.headers, "retry-after"), "2");
    s_free (&world);
}

static void
the_status_is_that_of_the_clients_protocol (void **state)
{
    (void) state;
    world_t world;
    s_refuse (&world, 503, "{}", true);
    assert_int_equal (world.refusal.fail.code, BR_EUNAVAILABLE);
    assert_int_equal (world.refusal.fail.status, 529);
    s_free (&world);
}

static void
what_concerns_our_credential_is_not_told (void **state)
{
    (void) state;
    world_t world;
    s_refuse (&world, 401, "{\"error\":{\"message\":\"bad key\"}}", true);
    assert_int_equal (world.refusal.fail.code, BR_EUPAUTH);
    assert_null (strstr (world.refusal.fail.error, "bad key"));
    s_free (&world);
    s_refuse (&world, 401, "{\"error\":{\"message\":\"bad key\"}}", false);
    assert_null (world.refusal.body);
    s_free (&world);
}

//  In one protocol and in two, for all protocols.
static void
what_the_body_says_decides (void **state)
{
    (void) state;
    static const struct {
        unsigned status;
        const char *body;
        br_failure_t failure;
        br_code_t code;
        bool passes; //  the body, in one protocol
    } rows[] = {
        { 429,
          "{\"error\":{\"type\":\"insufficient_quota\",\"code\":"
          "\"insufficient_quota\",\"message\":\"You exceeded your current quota, "
          "please check your plan and billing details.\"}}",
          BR_FAILURE_CREDIT, BR_EUPCREDIT, true },
        { 400,
          "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
          "\"message\":\"Your credit balance is too low to access the API.\"}}",
          BR_FAILURE_CREDIT, BR_EUPCREDIT, true },
        { 401,
          "{\"type\":\"error\",\"error\":{\"type\":\"CreditsError\",\"message\":"
          "\"Insufficient balance.\"}}",
          BR_FAILURE_CREDIT, BR_EUPAUTH, false },
        { 402, "{\"error\":{\"message\":\"Insufficient Balance\"}}", BR_FAILURE_CREDIT,
          BR_EUPAUTH, false },
        { 400,
          "{\"error\":{\"code\":400,\"message\":\"The input token count (1048577) "
          "exceeds the maximum number of tokens allowed (1048575).\",\"status\":"
          "\"INVALID_ARGUMENT\"}}",
          BR_FAILURE_CONTEXT, BR_ECONTEXT, true },
        { 400,
          "{\"error\":{\"code\":\"content_filter\",\"status\":400,\"innererror\":{"
          "\"code\":\"ResponsibleAIPolicyViolation\"}}}",
          BR_FAILURE_POLICY, BR_EUPPOLICY, true },
        { 529,
          "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
          "\"Overloaded\"}}",
          BR_FAILURE_OVERLOADED, BR_EUPBAD, true },
        { 400, "{\"error\":{\"message\":\"x is not a valid model ID\",\"code\":400}}",
          BR_FAILURE_UNKNOWN_MODEL, BR_ENOTFOUND, true },
        { 403, "{\"error\":{\"code\":\"model_not_found\",\"message\":\"no access\"}}",
          BR_FAILURE_UNKNOWN_MODEL, BR_ENOTFOUND, false },
        { 413, "{\"type\":\"error\",\"error\":{\"type\":\"request_too_large\"}}",
          BR_FAILURE_REQUEST, BR_ETOOBIG, true },
        { 400,
          "{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a "
          "valid API key.\",\"status\":\"INVALID_ARGUMENT\"}}",
          BR_FAILURE_AUTH, BR_EUPAUTH, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int translated = 0; translated < 2; translated++) {
            world_t world;
            s_refuse (&world, rows[i].status, rows[i].body, translated);
            const struct br_attempt_fail *fail = &world.refusal.fail;
            bool is_overload = rows[i].failure == BR_FAILURE_OVERLOADED && translated;
            assert_int_equal (fail->failure, rows[i].failure);
            assert_int_equal (fail->code, is_overload ? BR_EUNAVAILABLE : rows[i].code);
            assert_int_equal (world.refusal.body != NULL, rows[i].passes && !translated);
            if (!translated)
                assert_int_equal (fail->status, rows[i].status);
            s_free (&world);
        }
}

//  Of a Messages client whose Google answered 200 with an error.
static void
what_is_already_the_clients_is_not_read_as_the_providers (void **state)
{
    (void) state;
    world_t world;
    tap_result_t result = { .error = true, .error_code = "503" };
    cJSON *slice = cJSON_Parse ("{\"api_base\":\"http://a\"}");
    world.endpoint = upstream_endpoint_new ("", slice, NULL, NULL);
    cJSON_Delete (slice);
    upstream_failure_t failure = upstream_failure_of_error (&result);
    for (int translated = 0; translated < 2; translated++) {
        br_buf_init (&world.held, 4096);
        br_buf_adds (&world.held, "{\"error\":{\"type\":\"overloaded\",\"details\":[{"
                                  "\"retryDelay\":\"3s\"}]}}");
        upstream_refused_t refused = { .endpoint = world.endpoint,
                                       .provider = "acme",
                                       .client = BR_PROTOCOL_MESSAGES,
                                       .translated = translated };
        upstream_refusal_init (&world.refusal, &failure, &refused, &world.held);
        assert_int_equal (world.refusal.fail.failure, BR_FAILURE_OVERLOADED);
        assert_int_equal (world.refusal.fail.retry_after_ms, translated ? 0 : 3000);
        upstream_refusal_free (&world.refusal);
        br_buf_free (&world.held);
    }
    upstream_endpoint_destroy (&world.endpoint);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (in_one_protocol_the_body_passes),
        cmocka_unit_test (in_another_protocol_the_words_pass),
        cmocka_unit_test (the_status_is_that_of_the_clients_protocol),
        cmocka_unit_test (what_concerns_our_credential_is_not_told),
        cmocka_unit_test (what_the_body_says_decides),
        cmocka_unit_test (what_is_already_the_clients_is_not_read_as_the_providers),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
