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
                                   .translated = translated };
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

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (in_one_protocol_the_body_passes),
        cmocka_unit_test (in_another_protocol_the_words_pass),
        cmocka_unit_test (the_status_is_that_of_the_clients_protocol),
        cmocka_unit_test (what_concerns_our_credential_is_not_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
