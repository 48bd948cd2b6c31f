//  guard_parts: texts in several parts, with any budget.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_parts.h"
#include "broker/guard/guard_stream.h"
#include "tests/broker/guard/channelled.h"

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "stop", "STOP[0-9]", "block" },
    { NULL, NULL, NULL },
};

static void
s_count (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    (void) finding;
    assert_int_equal (place, BR_TEXT_ANSWER);
    ++*(size_t *) arg;
}

//  A body that is strings with one byte between them. texts: of each string, the number
static int
s_send (const char *body, const uint64_t *texts, size_t budget, br_buf_t *out,
        size_t *found)
{
    guard_rules_t *rules = channelled_rules (s_rows);
    const guard_lane_rules_t common = { rules,       1,       GUARD_DOWN, GUARD_REDACT,
                                        GUARD_BLOCK, s_count, found };
    guard_parts_t *parts = guard_parts_new (&common, br_text (body));
    guard_edits_t edits;
    guard_edits_init (&edits);
    int rc = 0;
    for (size_t at = 0; body[at] && rc == 0; at++, texts++) {
        br_text_span_t span = { .place = BR_TEXT_ANSWER, .at = at, .channel = *texts };
        at = (size_t) (strchr (body + at + 1, '"') - body) + 1;
        span.size = at - span.at;
        size_t left = budget;
        rc = guard_parts_begin (parts, &span, &left) == 0 ? 1 : -1;
        while (rc == 1) {
            left = budget;
            rc = guard_parts_step (parts, &left);
        }
    }
    for (int more = 1; more == 1 && rc == 0;) {
        size_t left = budget;
        more = guard_parts_finish (parts, &left, &edits);
        rc = more < 0 ? -1 : 0;
    }
    assert_int_equal (guard_edits_write (&edits, br_text (body), out, NULL), 0);
    guard_edits_free (&edits);
    guard_parts_destroy (&parts);
    guard_parts_destroy (&parts);
    guard_rules_destroy (&rules);
    return rc;
}

static void
s_check (const char *body, const uint64_t *texts, const char *wanted, size_t found)
{
    static const size_t budgets[] = { 1, 2, 5, 256, 257, 300, 100000 };
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        size_t told = 0;
        assert_int_equal (s_send (body, texts, budgets[i], &out, &told), 0);
        assert_string_equal (br_buf_text (&out), wanted);
        assert_int_equal (told, found);
        br_buf_free (&out);
    }
}

static void
given_two_texts_when_they_match_over_parts_then_each_is_redacted (void **state)
{
    (void) state;
    static const uint64_t texts[] = { 1, 2, 1, 2, 1 };
    s_check ("\"a se\" \"b s\" \"c12\" \"ec43\" \"34 \\/\" ", texts,
             "\"a \" \"b s\" \"\" \"ec43\" \"[REDACTED] /\" ", 1);
    s_check ("\"a se\" \"b s\" \"c12\" \"ec4321 x\" \"34 \\/\" ", texts,
             "\"a \" \"b \" \"\" \"[REDACTED] x\" \"[REDACTED] /\" ", 2);
    s_check ("\"sec1234\" \"b \\/\" \"\" \"\" \" h\\u00e9\" ", texts,
             "\"\" \"b \\/\" \"\" \"\" \"[REDACTED] h\xC3\xA9\" ", 1);
}

static void
given_a_text_in_one_part_when_it_matches_then_its_escapes_stay (void **state)
{
    (void) state;
    static const uint64_t texts[] = { 9, 1 };
    s_check ("\"h\\u00e9 \\u0073ec1234 \\/\" \"\\/\" ", texts,
             "\"h\\u00e9 [REDACTED] \\/\" \"\\/\" ", 1);
}

static void
given_a_rule_that_blocks_when_it_matches_over_parts_then_it_is_told (void **state)
{
    (void) state;
    static const uint64_t texts[] = { 1, 1, 1 };
    for (size_t budget = 1; budget < 10; budget++) {
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        size_t told = 0;
        assert_int_equal (s_send ("\"ST\" \"OP\" \"1\" ", texts, budget, &out, &told),
                          -1);
        assert_int_equal (told, 1);
        br_buf_free (&out);
    }
}

//  Texts are found by their numbers, however many, up to the maximum.
static void
given_many_texts_when_there_are_too_many_then_it_fails (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    const guard_lane_rules_t common = { rules,       1,    GUARD_DOWN, GUARD_REDACT,
                                        GUARD_BLOCK, NULL, NULL };
    guard_parts_t *parts = guard_parts_new (&common, BR_TEXT ("\"a\""));
    br_text_span_t span = { .size = 3 };
    size_t left = SIZE_MAX;
    for (size_t round = 0; round < 2; round++)
        for (uint64_t i = 0; i < GUARD_CHANNELS_MAX; i++) {
            span.channel = 1 + (i << 40 | i % 3);
            assert_int_equal (guard_parts_begin (parts, &span, &left), 0);
            assert_int_equal (guard_parts_step (parts, &left), 0);
        }
    span.channel = 7;
    assert_int_equal (guard_parts_begin (parts, &span, &left), -1);
    guard_parts_destroy (&parts);
    guard_rules_destroy (&rules);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_two_texts_when_they_match_over_parts_then_each_is_redacted),
        cmocka_unit_test (given_a_text_in_one_part_when_it_matches_then_its_escapes_stay),
        cmocka_unit_test (
            given_a_rule_that_blocks_when_it_matches_over_parts_then_it_is_told),
        cmocka_unit_test (given_many_texts_when_there_are_too_many_then_it_fails),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
