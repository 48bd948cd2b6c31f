//  The makers of samples and the rules of labels: what they say about themselves is true.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tests/guard/form.h"
#include "tests/guard/label.h"
#include "tests/guard/sample.h"

#define SOME 3000

//  The sum that ends in 0 for a card's digits.
static unsigned
s_luhn_rest (const char *text)
{
    unsigned sum = 0, place = 0;
    for (size_t i = strlen (text); i-- > 0;) {
        if (!isdigit ((unsigned char) text[i]))
            continue;
        unsigned digit = (unsigned) (text[i] - '0') * (place++ % 2 + 1);
        sum += digit / 10 + digit % 10;
    }
    return sum % 10;
}

static void
given_an_index_when_made_twice_then_the_sample_is_the_same (void **state)
{
    (void) state;
    sample_t *first = calloc (1, sizeof *first), *again = calloc (1, sizeof *again);
    for (unsigned i = 0; i < SOME; i++) {
        sample_positive (i, first);
        sample_positive (i, again);
        assert_int_equal (first->size, again->size);
        assert_memory_equal (first->text, again->text, first->size);
        assert_int_equal (first->held_out, again->held_out);
    }
    free (first);
    free (again);
}

static void
given_positives_when_made_then_the_value_stands_where_they_say (void **state)
{
    (void) state;
    sample_t *sample = calloc (1, sizeof *sample);
    unsigned held_out = 0;
    for (unsigned i = 0; i < SOME; i++) {
        sample_positive (i, sample);
        assert_true (sample->size < SAMPLE_MAX);
        assert_int_equal (strlen (sample->text), sample->size);
        assert_true (sample->value_size > 0 && sample->core_size > 0);
        assert_true (sample->at + sample->value_size <= sample->size);
        assert_true (sample->core_at >= sample->at);
        assert_true (sample->core_at + sample->core_size
                     <= sample->at + sample->value_size);
        assert_null (strpbrk (sample->text, "\1\2"));
        held_out += sample->held_out;
    }
    assert_in_range (held_out, SOME * 4 / 10, SOME * 6 / 10);
    free (sample);
}

static void
given_forms_of_cards_when_written_then_the_check_digit_is_right_or_wrong_as_asked (
    void **state)
{
    (void) state;
    form_random_t random = { 7 };
    char text[256];
    for (int i = 0; i < 500; i++) {
        form_write (&random, "{card:4}", text, 0, sizeof text - 1);
        assert_int_equal (strlen (text), 16);
        assert_int_equal (s_luhn_rest (text), 0);
        form_write (&random, "{amex}", text, 0, sizeof text - 1);
        assert_int_equal (s_luhn_rest (text), 0);
        form_write (&random, "{wrongcard:4}", text, 0, sizeof text - 1);
        assert_int_not_equal (s_luhn_rest (text), 0);
    }
}

static bool
s_is_true (const char *family, const char *text, const char *found)
{
    label_t *label = label_new ("/nonexistent");
    const char *at = strstr (text, found);
    assert_non_null (at);
    bool answer = label_is_true (label, family, text, strlen (text), (size_t) (at - text),
                                 strlen (found));
    label_destroy (&label);
    return answer;
}

static void
given_values_when_labelled_then_only_those_that_keep_the_strict_rules_are_true (
    void **state)
{
    (void) state;
    assert_true (s_is_true ("pii_emails", "by <a.b@c.org>", "a.b@c.org"));
    assert_false (s_is_true ("pii_emails", "by a.b@c.o4g", "a.b@c.o4g"));
    assert_false (s_is_true ("pii_emails", "x@y.service", "x@y.service"));
    assert_true (s_is_true ("ip_addresses", "host 8.8.4.4", "8.8.4.4"));
    assert_true (s_is_true ("ip_addresses", "192.168.1.2", "192.168.1.2"));
    assert_false (s_is_true ("ip_addresses", "release 20.1.40.50", "20.1.40.50"));
    assert_false (s_is_true ("ip_addresses", "host 300.1.1.1", "300.1.1.1"));
    assert_true (s_is_true ("pii_phone_numbers", "Tel: 415-555-2671", "415-555-2671"));
    assert_false (s_is_true ("pii_phone_numbers", "ref 415-555-2671", "415-555-2671"));
    assert_false (s_is_true ("api_keys", "anything", "anything"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_index_when_made_twice_then_the_sample_is_the_same),
        cmocka_unit_test (given_positives_when_made_then_the_value_stands_where_they_say),
        cmocka_unit_test (
            given_forms_of_cards_when_written_then_the_check_digit_is_right_or_wrong_as_asked),
        cmocka_unit_test (
            given_values_when_labelled_then_only_those_that_keep_the_strict_rules_are_true),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
