//  ingress_names: many names, one value each.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_names.h"
#include "broker/core/alloc.h"

#define MANY 3000

static void
every_name_is_found_and_no_other (void **state)
{
    (void) state;
    ingress_names_t *names = ingress_names_new ();
    char **texts = br_alloc (MANY, sizeof *texts);
    for (size_t i = 0; i < MANY; i++) {
        texts[i] = br_strf ("model-%zu", i);
        assert_int_equal (ingress_names_add (names, texts[i], texts[i]), 0);
    }
    for (size_t i = 0; i < MANY; i++)
        assert_ptr_equal (ingress_names_get (names, texts[i], strlen (texts[i])),
                          texts[i]);
    assert_null (ingress_names_get (names, "model-3000", 10));
    assert_null (ingress_names_get (names, "", 0));
    ingress_names_destroy (&names);
    for (size_t i = 0; i < MANY; i++)
        free (texts[i]);
    free (texts);
}

static void
only_the_given_bytes_of_a_name_count (void **state)
{
    (void) state;
    ingress_names_t *names = ingress_names_new ();
    int value;
    ingress_names_add (names, "openai", &value);
    assert_ptr_equal (ingress_names_get (names, "openai:gpt", 6), &value);
    assert_null (ingress_names_get (names, "openai:gpt", 7));
    ingress_names_destroy (&names);
}

static void
the_first_value_stays (void **state)
{
    (void) state;
    ingress_names_t *names = ingress_names_new ();
    int one, other;
    assert_int_equal (ingress_names_add (names, "a", &one), 0);
    assert_int_equal (ingress_names_add (names, "a", &other), -1);
    assert_ptr_equal (ingress_names_get (names, "a", 1), &one);
    ingress_names_destroy (&names);
}

static void
a_walk_keeps_the_order (void **state)
{
    (void) state;
    ingress_names_t *names = ingress_names_new ();
    int value;
    ingress_names_add (names, "b", &value);
    ingress_names_add (names, "a", &value);
    void *got = NULL;
    assert_string_equal (ingress_names_at (names, 0, &got), "b");
    assert_ptr_equal (got, &value);
    assert_string_equal (ingress_names_at (names, 1, NULL), "a");
    assert_null (ingress_names_at (names, 2, NULL));
    ingress_names_destroy (&names);
    ingress_names_destroy (&names);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_name_is_found_and_no_other),
        cmocka_unit_test (only_the_given_bytes_of_a_name_count),
        cmocka_unit_test (the_first_value_stays),
        cmocka_unit_test (a_walk_keeps_the_order),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
