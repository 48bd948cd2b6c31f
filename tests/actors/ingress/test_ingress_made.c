//  ingress_made: makers are found by what they made, the newest ones.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "actors/ingress/ingress_made.h"
#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"

static const ingress_maker_t s_maker = { "smart", "openai", "openai#1", "acme" };

static int
s_setup (void **state)
{
    *state = ingress_made_new ();
    return 0;
}

static int
s_teardown (void **state)
{
    ingress_made_t *made = *state;
    ingress_made_destroy (&made);
    assert_null (made);
    ingress_made_destroy (&made);
    return 0;
}

static void
a_maker_is_found_by_the_id (void **state)
{
    ingress_made_t *made = *state;
    char route[] = "smart"; //  gone afterwards: it is copied
    const ingress_maker_t maker = { route, "openai", "openai#1", "acme" };
    ingress_made_add (made, "resp_1", &maker);
    memset (route, '?', sizeof route - 1);
    const ingress_maker_t *found = ingress_made_get (made, "resp_1");
    assert_non_null (found);
    assert_string_equal (found->route, "smart");
    assert_string_equal (found->provider, "openai");
    assert_string_equal (found->endpoint, "openai#1");
    assert_string_equal (found->account, "acme");
    assert_null (ingress_made_get (made, "resp_2"));
    assert_null (ingress_made_get (made, ""));
}

static void
the_first_maker_stays (void **state)
{
    ingress_made_t *made = *state;
    const ingress_maker_t other = { "x", "other", "", "acme" };
    assert_true (ingress_made_add (made, "resp_1", &s_maker));
    assert_false (ingress_made_add (made, "resp_1", &other));
    assert_string_equal (ingress_made_get (made, "resp_1")->provider, "openai");
}

static void
the_oldest_are_forgotten (void **state)
{
    ingress_made_t *made = *state;
    char id[32];
    for (unsigned i = 0; i < INGRESS_MADE_MAX + 3; i++) {
        snprintf (id, sizeof id, "resp_%u", i);
        ingress_made_add (made, id, &s_maker);
    }
    assert_null (ingress_made_get (made, "resp_0"));
    assert_null (ingress_made_get (made, "resp_2"));
    for (unsigned i = 3; i < INGRESS_MADE_MAX + 3; i++) {
        snprintf (id, sizeof id, "resp_%u", i);
        assert_non_null (ingress_made_get (made, id));
    }
}

static void
endless_texts_are_not_kept (void **state)
{
    ingress_made_t *made = *state;
    char text[INGRESS_MADE_TEXT_MAX + 2];
    memset (text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    assert_false (ingress_made_takes (text));
    assert_false (ingress_made_add (made, text, &s_maker));
    assert_null (ingress_made_get (made, text));
    const ingress_maker_t maker = { text, "p", "", "acme" };
    assert_false (ingress_made_add (made, "resp_1", &maker));
    assert_null (ingress_made_get (made, "resp_1"));
    assert_false (ingress_made_takes (""));
    assert_false (ingress_made_add (made, "", &s_maker));
    assert_null (ingress_made_get (made, ""));
}

static void
only_the_maker_is_chosen (void **state)
{
    (void) state;
    br_buf_t all, out;
    br_buf_init (&all, BR_PAIRS_MAX);
    br_buf_init (&out, BR_PAIRS_MAX);
    static const br_candidate_t rows[] = {
        { .provider = "deepseek", .actor = "u", .model = "a", .endpoint = "openai#1" },
        { .provider = "openai", .actor = "u", .model = "b", .endpoint = "openai#0" },
        { .provider = "openai", .actor = "u", .model = "c", .endpoint = "openai#1" },
    };
    for (size_t i = 0; i < 3; i++)
        br_candidates_add (&all, &rows[i]);
    br_bytes_t bytes = { all.data, all.size };
    assert_int_equal (ingress_made_choose (&s_maker, bytes, &out), 0);
    br_candidate_t got[4];
    assert_int_equal (br_candidates_read ((br_bytes_t) { out.data, out.size }, got, 4),
                      1);
    assert_string_equal (got[0].model, "c");
    const ingress_maker_t other = { "smart", "openai", "", "acme" };
    assert_int_equal (ingress_made_choose (&other, bytes, &out), -1);
    br_buf_free (&all);
    br_buf_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (a_maker_is_found_by_the_id), TEST (the_first_maker_stays),
        TEST (the_oldest_are_forgotten),   TEST (endless_texts_are_not_kept),
        TEST (only_the_maker_is_chosen),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
