//  ingress_scans: small bodies at once, large ones by turns.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
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
    const uint8_t *hash;               //  or NULL
    uint8_t heard[INGRESS_HASH_BYTES]; //  what stood there then
} result_t;

static void
s_on_scan (void *arg, const request_t *request, const br_error_t *error)
{
    result_t *result = arg;
    result->calls++;
    result->code = error->code;
    if (result->hash)
        memcpy (result->heard, result->hash, sizeof result->heard);
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

static ingress_scan_t *
s_add (ingress_scans_t *scans, const char *body, result_t *result)
{
    const ingress_scan_ask_t ask = { .known = &s_known,
                                     .bytes = *body ? body : NULL,
                                     .size = strlen (body),
                                     .fn = s_on_scan,
                                     .arg = result };
    return ingress_scans_add (scans, &ask);
}

static void
small_bodies_are_walked_at_once (void **state)
{
    (void) state;
    world_t *world = world_new (NULL);
    ingress_scans_t *scans = ingress_scans_new (world->ctx);
    result_t result = { 0 };
    assert_null (s_add (scans, "{\"model\":\"m\"}", &result));
    assert_int_equal (result.calls, 1);
    assert_string_equal (result.model, "m");
    assert_null (s_add (scans, "", &result));
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
    assert_non_null (s_add (scans, longer, &a));
    assert_non_null (s_add (scans, shorter, &b));
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
    ingress_scan_t *scan = s_add (scans, body, &one);
    s_add (scans, body, &other);
    ingress_scans_drop (scans, &scan);
    ingress_scans_drop (scans, &scan);
    world_turn (world);
    assert_int_equal (one.calls, 0);
    assert_int_equal (other.calls, 1);
    ingress_scans_destroy (&scans);
    free (body);
    world_destroy (&world);
}

//  Given bodies of any size, in which something is looked for or not, then they are hashed
//  whole before anybody hears of them; without being asked for, nothing is hashed.
static void
the_hash_is_that_of_the_whole_body (void **state)
{
    static const request_known_t known[] = { { .place = REQUEST_BODY },
                                             { .place = REQUEST_NOWHERE } };
    static const size_t sizes[] = { 1, JSON_SLICE - 30, JSON_SLICE, 7 * JSON_SLICE + 5 };
    (void) state;
    world_t *world = world_new (NULL);
    ingress_scans_t *scans = ingress_scans_new (world->ctx);
    for (size_t i = 0; i < 8; i++) {
        char *body = s_body ("a", sizes[i / 2]);
        uint8_t wanted[INGRESS_HASH_BYTES];
        uint8_t got[INGRESS_HASH_BYTES] = { 0 };
        result_t result = { .hash = got };
        crypto_hash_sha256 (wanted, (const uint8_t *) body, strlen (body));
        const ingress_scan_ask_t ask = { .known = &known[i % 2],
                                         .bytes = body,
                                         .size = strlen (body),
                                         .ret_hash = got,
                                         .fn = s_on_scan,
                                         .arg = &result };
        ingress_scans_add (scans, &ask);
        world_turn (world);
        assert_int_equal (result.calls, 1);
        assert_memory_equal (got, wanted, sizeof got);
        assert_memory_equal (result.heard, wanted, sizeof got);
        free (body);
    }
    ingress_scans_destroy (&scans);
    world_destroy (&world);
}

static void
no_body_has_a_hash_too (void **state)
{
    static const request_known_t known = { .place = REQUEST_NOWHERE };
    (void) state;
    world_t *world = world_new (NULL);
    ingress_scans_t *scans = ingress_scans_new (world->ctx);
    uint8_t wanted[INGRESS_HASH_BYTES];
    uint8_t got[INGRESS_HASH_BYTES] = { 0 };
    result_t result = { .hash = got };
    const ingress_scan_ask_t ask = {
        .known = &known, .ret_hash = got, .fn = s_on_scan, .arg = &result
    };
    assert_null (ingress_scans_add (scans, &ask));
    crypto_hash_sha256 (wanted, NULL, 0);
    assert_memory_equal (got, wanted, sizeof got);
    ingress_scans_destroy (&scans);
    world_destroy (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (small_bodies_are_walked_at_once),
        cmocka_unit_test (large_ones_take_turns),
        cmocka_unit_test (the_hash_is_that_of_the_whole_body),
        cmocka_unit_test (no_body_has_a_hash_too),
        cmocka_unit_test (a_dropped_walk_is_never_heard_of_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
