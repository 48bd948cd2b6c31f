//  ingress_resolve: by the model, or by who made the object.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_resolve.h"
#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"

static const char s_slice[] =
    "{\"providers\":{\"a\":{\"actor\":\"upstream/a\",\"models\":{\"m\":{}},\"accounts\":["
    "\"a#0\",\"a#1\"]},\"b\":{\"actor\":\"upstream/b\",\"models\":{\"m\":{},\"n\":{}}}}}";
static const br_maker_t s_maker = { "m", "a", "a#1", "acme" };

static int
s_setup (void **state)
{
    static ingress_t self;
    memset (&self, 0, sizeof self);
    self.conf.routes = ingress_routes_new (s_slice, NULL);
    self.made = br_makers_new (INGRESS_MADE_MAX);
    br_buf_init (&self.candidates, BR_PAIRS_MAX);
    br_buf_init (&self.chosen, BR_PAIRS_MAX);
    br_makers_add (self.made, "resp_1", &s_maker);
    *state = &self;
    return self.conf.routes ? 0 : -1;
}

static int
s_teardown (void **state)
{
    ingress_t *self = *state;
    br_buf_free (&self->chosen);
    br_buf_free (&self->candidates);
    br_makers_destroy (&self->made);
    ingress_routes_destroy (&self->conf.routes);
    return 0;
}

//  How many candidates there are; the first one's endpoint.
static int
s_read (const ingress_target_t *target, const char **ret_endpoint)
{
    static br_candidate_t rows[BR_CANDIDATES_MAX];
    int count = br_candidates_read (target->candidates, rows, BR_CANDIDATES_MAX);
    *ret_endpoint = rows[0].endpoint;
    return count;
}

static void
a_model_has_all_its_candidates (void **state)
{
    request_t request = { .model = "m" };
    ingress_target_t target;
    const char *endpoint;
    assert_int_equal (
        ingress_resolve (*state, BR_SURFACE_TALK, "", "acme", &request, &target, NULL),
        0);
    assert_int_equal (s_read (&target, &endpoint), 3);
    strcpy (request.previous, "resp_unknown");
    assert_int_equal (
        ingress_resolve (*state, BR_SURFACE_TALK, "", "acme", &request, &target, NULL),
        0);
    assert_int_equal (s_read (&target, &endpoint), 3);
}

static void
what_goes_on_has_its_maker_alone (void **state)
{
    request_t request = { .model = "m", .previous = "resp_1" };
    ingress_target_t target;
    const char *endpoint;
    assert_int_equal (
        ingress_resolve (*state, BR_SURFACE_TALK, "", "acme", &request, &target, NULL),
        0);
    assert_int_equal (s_read (&target, &endpoint), 1);
    assert_string_equal (endpoint, "a#1");
    br_error_t error;
    strcpy (request.model, "n");
    assert_int_equal (
        ingress_resolve (*state, BR_SURFACE_TALK, "", "acme", &request, &target, &error),
        -1);
    assert_int_equal (error.code, BR_EINVALID);
}

static void
an_object_has_its_maker_and_the_name_it_was_asked_under (void **state)
{
    request_t request = { .model = "" };
    ingress_target_t target;
    const char *endpoint;
    assert_int_equal (ingress_resolve (*state, BR_SURFACE_OBJECT, "resp_1", "acme",
                                       &request, &target, NULL),
                      0);
    assert_int_equal (s_read (&target, &endpoint), 1);
    assert_string_equal (endpoint, "a#1");
    assert_string_equal (request.model, "m");
    br_error_t error;
    assert_int_equal (ingress_resolve (*state, BR_SURFACE_OBJECT, "resp_2", "acme",
                                       &request, &target, &error),
                      -1);
    assert_int_equal (error.code, BR_ENOTFOUND);
}

static void
what_is_another_accounts_is_not_there (void **state)
{
    request_t request = { .model = "m", .previous = "resp_1" };
    ingress_target_t target;
    static const char *const others[] = { "", "other" };
    for (size_t i = 0; i < 2; i++) {
        br_error_t error = { .code = BR_OK };
        assert_int_equal (ingress_resolve (*state, BR_SURFACE_OBJECT, "resp_1", others[i],
                                           &request, &target, &error),
                          -1);
        assert_int_equal (error.code, BR_ENOTFOUND);
        error.code = BR_OK;
        assert_int_equal (ingress_resolve (*state, BR_SURFACE_TALK, "", others[i],
                                           &request, &target, &error),
                          -1);
        assert_int_equal (error.code, BR_ENOTFOUND);
    }
}

static void
what_is_not_known_here_is_to_be_searched (void **state)
{
    request_t request = { .model = "m", .previous = "resp_1" };
    assert_null (ingress_resolve_misses (*state, BR_SURFACE_TALK, "", &request));
    assert_null (ingress_resolve_misses (*state, BR_SURFACE_OBJECT, "resp_1", &request));
    assert_string_equal (
        ingress_resolve_misses (*state, BR_SURFACE_OBJECT, "resp_2", &request), "resp_2");
    strcpy (request.previous, "resp_3");
    assert_string_equal (ingress_resolve_misses (*state, BR_SURFACE_TALK, "", &request),
                         "resp_3");
    strcpy (request.previous, "");
    assert_null (ingress_resolve_misses (*state, BR_SURFACE_TALK, "", &request));
    char endless[BR_MAKERS_ID_MAX + 2];
    memset (endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = 0;
    assert_null (ingress_resolve_misses (*state, BR_SURFACE_OBJECT, endless, &request));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (a_model_has_all_its_candidates),
        TEST (what_goes_on_has_its_maker_alone),
        TEST (an_object_has_its_maker_and_the_name_it_was_asked_under),
        TEST (what_is_another_accounts_is_not_there),
        TEST (what_is_not_known_here_is_to_be_searched),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
