//  ingress_scans: small bodies at once, large ones by turns.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_scans.h"
#include "broker/core/alloc.h"
#include "tests/actors/ingress/world.h"

static const request_known_t s_known = { .place = REQUEST_BODY };

typedef struct {
    int calls;
    char model[REQUEST_MODEL_MAX + 1];
    br_code_t code;
} result_t;

static void
s_on_scan (void *arg, const request_t *request, const br_error_t *error)
{
    result_t *result = arg;
    result->calls++;
    result->code = error->code;
    if (request)
        strcpy (result->model, request->model);
}

//  A body of about that size. "caller frees"
static char *
s_body (const char *model, size_t size)
{
    char *fill = br_alloc (size + 1, 1);
    memset (fill, 'x', size);
    char *body = br_strf ("{\"x\":\"%s\",\"model\":\"%s\"}", fill, model);
    free (fill);
    return body;
}

static void
small_bodies_are_walked_at_once (void **state)
{
    (void) state;
    world_t *world = world_new (NULL);
    ingress_scans_t *scans = ingress_scans_new (world->ctx);
    result_t result = { 0 };
    const char *body = "{\"model\":\"m\"}";
    assert_null (
        ingress_scans_add (scans, &s_known, body, strlen (body), s_on_scan, &result));
    assert_int_equal (result.calls, 1);
    assert_string_equal (result.model, "m");
    assert_null (ingress_scans_add (scans, &s_known, NULL, 0, s_on_scan, &result));
    assert_int_equal (result.code, BR_EINVALID);
    ingress_scans_destroy (&scans);
    world_destroy (&world);
}

static void
large_ones_take_turns (void **state)
{
    (void) state;
    world_t *world = world_new (NULL);
    ingress_scans_t *scans = ingress_scans_new (world->ctx);
    char *longer = s_body ("a", 10 * JSON_SLICE);
    char *shorter = s_body ("b", 2 * JSON_SLICE);
    result_t a = { 0 }, b = { 0 };
    assert_non_null (
        ingress_scans_add (scans, &s_known, longer, strlen (longer), s_on_scan, &a));
    assert_non_null (
        ingress_scans_add (scans, &s_known, shorter, strlen (shorter), s_on_scan, &b));
    for (int i = 0; i < 100 && !b.calls; i++)
        br_loop_turn (br_host_loop (world->host), 0);
    assert_int_equal (a.calls, 0);
    assert_string_equal (b.model, "b");
    world_turn (world);
    assert_int_equal (a.calls, 1);
    assert_string_equal (a.model, "a");
    ingress_scans_destroy (&scans);
    free (longer);
    free (shorter);
    world_destroy (&world);
}

static void
a_dropped_walk_is_never_heard_of_again (void **state)
{
    (void) state;
    world_t *world = world_new (NULL);
    ingress_scans_t *scans = ingress_scans_new (world->ctx);
    char *body = s_body ("a", 2 * JSON_SLICE);
    result_t one = { 0 }, other = { 0 };
    ingress_scan_t *scan = ingress_scans_add (scans, &s_known, body, strlen (body),
                                              s_on_scan, &one);
    ingress_scans_add (scans, &s_known, body, strlen (body), s_on_scan, &other);
    ingress_scans_drop (scans, &scan);
    ingress_scans_drop (scans, &scan);
    world_turn (world);
    assert_int_equal (one.calls, 0);
    assert_int_equal (other.calls, 1);
    ingress_scans_destroy (&scans);
    free (body);
    world_destroy (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (small_bodies_are_walked_at_once),
        cmocka_unit_test (large_ones_take_turns),
        cmocka_unit_test (a_dropped_walk_is_never_heard_of_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
