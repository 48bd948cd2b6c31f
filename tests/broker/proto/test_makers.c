//  makers: they are found by what they made, the newest ones, within bounds.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"
#include "broker/proto/makers.h"

#define ROWS 65536

static const br_maker_t s_maker = { "smart", "openai", "openai#1", "acme" };

static int
s_setup (void **state)
{
    *state = br_makers_new (ROWS);
    return 0;
}

static int
s_teardown (void **state)
{
    br_makers_t *makers = *state;
    br_makers_destroy (&makers);
    assert_null (makers);
    br_makers_destroy (&makers);
    return 0;
}

static void
a_maker_is_found_by_the_id (void **state)
{
    br_makers_t *makers = *state;
    char route[] = "smart"; //  gone afterwards: it is copied
    const br_maker_t maker = { route, "openai", "openai#1", "acme" };
    assert_true (br_makers_add (makers, "resp_1", &maker));
    memset (route, '?', sizeof route - 1);
    const br_maker_t *found = br_makers_get (makers, "resp_1");
    assert_non_null (found);
    assert_string_equal (found->route, "smart");
    assert_string_equal (found->provider, "openai");
    assert_string_equal (found->endpoint, "openai#1");
    assert_string_equal (found->account, "acme");
    assert_null (br_makers_get (makers, "resp_2"));
    assert_null (br_makers_get (makers, ""));
    assert_int_equal (br_makers_count (makers), 1);
}

static void
the_first_maker_stays (void **state)
{
    br_makers_t *makers = *state;
    const br_maker_t other = { "x", "other", "", "thief" };
    assert_true (br_makers_add (makers, "resp_1", &s_maker));
    size_t bytes = br_makers_bytes (makers);
    assert_false (br_makers_add (makers, "resp_1", &other));
    assert_string_equal (br_makers_get (makers, "resp_1")->account, "acme");
    assert_int_equal (br_makers_count (makers), 1);
    assert_int_equal (br_makers_bytes (makers), bytes);
}

static void
the_oldest_are_forgotten (void **state)
{
    br_makers_t *makers = *state;
    char id[32];
    for (unsigned i = 0; i < ROWS + 3; i++) {
        snprintf (id, sizeof id, "resp_%u", i);
        assert_true (br_makers_add (makers, id, &s_maker));
    }
    assert_int_equal (br_makers_count (makers), ROWS);
    assert_null (br_makers_get (makers, "resp_0"));
    assert_null (br_makers_get (makers, "resp_2"));
    for (unsigned i = 3; i < ROWS + 3; i++) {
        snprintf (id, sizeof id, "resp_%u", i);
        assert_non_null (br_makers_get (makers, id));
    }
}

static void
bytes_are_bounded_too (void **state)
{
    br_makers_t *makers = *state;
    char route[BR_MAKERS_TEXT_MAX + 1];
    memset (route, 'a', sizeof route - 1);
    route[sizeof route - 1] = 0;
    const br_maker_t maker = { route, "", "", "" };
    char id[32];
    unsigned many = BR_MAKERS_BYTES / BR_MAKERS_TEXT_MAX;
    for (unsigned i = 0; i < many; i++) {
        snprintf (id, sizeof id, "resp_%u", i);
        assert_true (br_makers_add (makers, id, &maker));
        assert_true (br_makers_bytes (makers) <= BR_MAKERS_BYTES);
    }
    assert_true (br_makers_count (makers) < many);
    assert_null (br_makers_get (makers, "resp_0"));
    assert_non_null (br_makers_get (makers, id));
}

static void
endless_texts_are_not_kept (void **state)
{
    br_makers_t *makers = *state;
    char text[BR_MAKERS_TEXT_MAX + 2];
    memset (text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    assert_false (br_makers_takes (text));
    assert_false (br_makers_add (makers, text, &s_maker));
    assert_null (br_makers_get (makers, text));
    const br_maker_t maker = { text, "p", "", "acme" };
    assert_false (br_makers_add (makers, "resp_1", &maker));
    assert_false (br_makers_add (makers, "", &s_maker));
    assert_int_equal (br_makers_count (makers), 0);
    assert_int_equal (br_makers_bytes (makers), 0);
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
    assert_int_equal (br_maker_choose (&s_maker, bytes, &out), 0);
    br_candidate_t got[4];
    assert_int_equal (br_candidates_read ((br_bytes_t) { out.data, out.size }, got, 4),
                      1);
    assert_string_equal (got[0].model, "c");
    const br_maker_t other = { "smart", "openai", "", "acme" };
    assert_int_equal (br_maker_choose (&other, bytes, &out), -1);
    br_buf_free (&all);
    br_buf_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (a_maker_is_found_by_the_id), TEST (the_first_maker_stays),
        TEST (the_oldest_are_forgotten),   TEST (bytes_are_bounded_too),
        TEST (endless_texts_are_not_kept), TEST (only_the_maker_is_chosen),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
