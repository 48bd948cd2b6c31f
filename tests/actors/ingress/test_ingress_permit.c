//  ingress_permit: globs over the endpoints of a name.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/ingress/ingress_permit.h"
#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"

#define SLICE                                                                            \
    "{\"providers\":{\"openai\":{\"actor\":\"upstream/"                                  \
    "openai\",\"models\":{\"gpt-4o\":{},\"o3\":{}}},"                                    \
    "\"azure\":{\"actor\":\"upstream/"                                                   \
    "azure\",\"models\":{\"gpt-4o\":{\"input_modalities\":[\"text\"]}}}},"               \
    "\"models\":{\"fast\":{\"strategy\":\"load_balance\",\"endpoints\":["                \
    "{\"provider\":\"openai\",\"model\":\"gpt-4o\"},"                                    \
    "{\"provider\":\"azure\",\"model\":\"gpt-4o\"}]}}}"

typedef struct {
    ingress_routes_t *routes;
    ingress_identity_t *identity;
    br_buf_t found;
    br_buf_t room;
    br_error_t error;
} scene_t;

static void
s_begin (scene_t *scene, const char *globs)
{
    *scene = (scene_t) { .error.code = BR_OK };
    br_buf_init (&scene->found, BR_PAIRS_MAX);
    br_buf_init (&scene->room, BR_PAIRS_MAX);
    struct br_auth_told told = { .account = "a", .key = "k", .models = globs };
    scene->identity = ingress_identity_new (&told);
    scene->routes = ingress_routes_new (SLICE, &scene->error);
    assert_non_null (scene->routes);
}

static void
s_end (scene_t *scene)
{
    ingress_routes_destroy (&scene->routes);
    ingress_identity_let_go (&scene->identity);
    br_buf_free (&scene->room);
    br_buf_free (&scene->found);
}

//  The providers that are left of a name; -1 when it is refused.
static int
s_left (const char *globs, const char *name, ingress_target_t *ret_target)
{
    scene_t scene;
    s_begin (&scene, globs);
    assert_int_equal (ingress_routes_resolve (scene.routes, name, &scene.found,
                                              ret_target, &scene.error),
                      0);
    int rc = ingress_permit_filter (scene.identity, name, &scene.room, ret_target,
                                    &scene.error);
    int count = (int) ret_target->count;
    if (rc)
        assert_int_equal (scene.error.code, BR_EFORBIDDEN);
    br_candidate_t rows[BR_CANDIDATES_MAX];
    if (rc == 0)
        assert_int_equal (
            br_candidates_read (ret_target->candidates, rows, BR_CANDIDATES_MAX), count);
    s_end (&scene);
    return rc ? -1 : count;
}

static void
what_no_glob_fits_is_taken_out (void **state)
{
    (void) state;
    ingress_target_t target;
    assert_int_equal (s_left ("[\"openai:*\"]", "fast", &target), 1);
    assert_false (target.spreads);
    assert_int_equal (target.lacks, 0);
    assert_int_equal (s_left ("[\"openai/gpt*\",\"azure:*\"]", "fast", &target), 2);
    assert_true (target.spreads);
    assert_int_not_equal (target.lacks, 0);
    assert_int_equal (s_left ("[\"azure/*\"]", "fast", &target), 1);
    assert_int_not_equal (target.lacks, 0);
}

static void
the_name_that_was_asked_for_lets_all_through (void **state)
{
    (void) state;
    ingress_target_t target;
    assert_int_equal (s_left ("[\"fast\"]", "fast", &target), 2);
    assert_int_equal (s_left ("[\"*\"]", "fast", &target), 2);
    assert_int_equal (s_left ("", "fast", &target), 2);
    assert_int_equal (s_left ("[]", "fast", &target), 2);
}

static void
nothing_left_is_forbidden (void **state)
{
    (void) state;
    ingress_target_t target;
    assert_int_equal (s_left ("[\"slow\",\"fastt\",\"ast\"]", "fast", &target), -1);
    assert_int_equal (s_left ("[\"openai:o3\"]", "openai:gpt-4o", &target), -1);
}

static void
a_list_shows_what_could_be_called (void **state)
{
    (void) state;
    static const struct {
        const char *globs;
        const char *id;
        bool shown;
    } rows[] = { { "[\"openai:*\"]", "openai:o3", true },
                 { "[\"openai:*\"]", "azure:gpt-4o", false },
                 { "[\"openai:*\"]", "fast", true },
                 { "[\"openai/o3\"]", "openai:o3", true },
                 { "[\"openai/o3\"]", "fast", false },
                 { "[\"fast\"]", "openai:o3", false },
                 { "[\"gpt-4o\"]", "azure:gpt-4o", true },
                 { "", "anything", true } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scene_t scene;
        s_begin (&scene, rows[i].globs);
        ingress_permit_t permit = { scene.routes, scene.identity };
        assert_int_equal (ingress_permit_shows (&permit, rows[i].id), rows[i].shown);
        permit.identity = NULL;
        assert_true (ingress_permit_shows (&permit, rows[i].id));
        s_end (&scene);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_no_glob_fits_is_taken_out),
        cmocka_unit_test (the_name_that_was_asked_for_lets_all_through),
        cmocka_unit_test (nothing_left_is_forbidden),
        cmocka_unit_test (a_list_shows_what_could_be_called),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
