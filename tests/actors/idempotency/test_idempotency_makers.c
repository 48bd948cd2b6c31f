//  idempotency_makers: makers are found by what they made, the newest ones, within bounds.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "actors/idempotency/idempotency_makers.h"

static const idempotency_maker_t s_maker = { "smart", "openai", "openai#1", "acme" };

static int
s_setup (void **state)
{
    *state = idempotency_makers_new ();
    return 0;
}

static int
s_teardown (void **state)
{
    idempotency_makers_t *makers = *state;
    idempotency_makers_destroy (&makers);
    assert_null (makers);
    idempotency_makers_destroy (&makers);
    return 0;
}

static void
a_maker_is_found_by_the_id (void **state)
{
    idempotency_makers_t *makers = *state;
    char route[] = "smart"; //  gone afterwards: it is copied
    const idempotency_maker_t maker = { route, "openai", "openai#1", "acme" };
    assert_true (idempotency_makers_add (makers, "resp_1", &maker));
    memset (route, '?', sizeof route - 1);
    const idempotency_maker_t *found = idempotency_makers_get (makers, "resp_1");
    assert_non_null (found);
    assert_string_equal (found->route, "smart");
    assert_string_equal (found->provider, "openai");
    assert_string_equal (found->endpoint, "openai#1");
    assert_string_equal (found->account, "acme");
    assert_null (idempotency_makers_get (makers, "resp_2"));
    assert_null (idempotency_makers_get (makers, ""));
    assert_int_equal (idempotency_makers_count (makers), 1);
}

static void
the_first_maker_stays (void **state)
{
    idempotency_makers_t *makers = *state;
    const idempotency_maker_t other = { "x", "other", "", "thief" };
    assert_true (idempotency_makers_add (makers, "resp_1", &s_maker));
    size_t bytes = idempotency_makers_bytes (makers);
    assert_true (idempotency_makers_add (makers, "resp_1", &other));
    assert_string_equal (idempotency_makers_get (makers, "resp_1")->account, "acme");
    assert_int_equal (idempotency_makers_count (makers), 1);
    assert_int_equal (idempotency_makers_bytes (makers), bytes);
}

static void
the_oldest_are_forgotten (void **state)
{
    idempotency_makers_t *makers = *state;
    char id[32];
    for (unsigned i = 0; i < IDEMPOTENCY_MAKERS_MAX + 3; i++) {
        snprintf (id, sizeof id, "resp_%u", i);
        assert_true (idempotency_makers_add (makers, id, &s_maker));
    }
    assert_int_equal (idempotency_makers_count (makers), IDEMPOTENCY_MAKERS_MAX);
    assert_null (idempotency_makers_get (makers, "resp_0"));
    assert_null (idempotency_makers_get (makers, "resp_2"));
    for (unsigned i = 3; i < IDEMPOTENCY_MAKERS_MAX + 3; i++) {
        snprintf (id, sizeof id, "resp_%u", i);
        assert_non_null (idempotency_makers_get (makers, id));
    }
}

static void
bytes_are_bounded_too (void **state)
{
    idempotency_makers_t *makers = *state;
    char route[IDEMPOTENCY_MAKERS_TEXT_MAX + 1];
    memset (route, 'a', sizeof route - 1);
    route[sizeof route - 1] = 0;
    const idempotency_maker_t maker = { route, "", "", "" };
    char id[32];
    unsigned many = IDEMPOTENCY_MAKERS_BYTES / IDEMPOTENCY_MAKERS_TEXT_MAX;
    for (unsigned i = 0; i < many; i++) {
        snprintf (id, sizeof id, "resp_%u", i);
        assert_true (idempotency_makers_add (makers, id, &maker));
        assert_true (idempotency_makers_bytes (makers) <= IDEMPOTENCY_MAKERS_BYTES);
    }
    assert_true (idempotency_makers_count (makers) < many);
    assert_null (idempotency_makers_get (makers, "resp_0"));
    assert_non_null (idempotency_makers_get (makers, id));
}

static void
endless_texts_are_not_kept (void **state)
{
    idempotency_makers_t *makers = *state;
    char text[IDEMPOTENCY_MAKERS_TEXT_MAX + 2];
    memset (text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    assert_false (idempotency_makers_takes (text));
    assert_false (idempotency_makers_add (makers, text, &s_maker));
    assert_null (idempotency_makers_get (makers, text));
    const idempotency_maker_t maker = { text, "p", "", "acme" };
    assert_false (idempotency_makers_add (makers, "resp_1", &maker));
    assert_false (idempotency_makers_add (makers, "", &s_maker));
    assert_int_equal (idempotency_makers_count (makers), 0);
    assert_int_equal (idempotency_makers_bytes (makers), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (a_maker_is_found_by_the_id), TEST (the_first_maker_stays),
        TEST (the_oldest_are_forgotten),   TEST (bytes_are_bounded_too),
        TEST (endless_texts_are_not_kept),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
