//  guard_whole: one text, with any budget, in every form.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_whole.h"
#include "tests/broker/guard/channelled.h"

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "stop", "STOP[0-9]", "block" },
    { "told", "warn[0-9]", "warn" },
    { NULL, NULL, NULL },
};

static void
s_count (void *arg, const guard_finding_t *finding)
{
    (void) finding;
    ++*(size_t *) arg;
}

typedef struct {
    guard_rules_t *rules;
    guard_channel_t *channels[2];
    guard_whole_t *whole;
    size_t found;
} world_t;

static world_t *
s_new (void)
{
    world_t *self = BR_NEW (world_t);
    self->rules = channelled_rules (s_rows);
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++)
        self->channels[form] = guard_channel_new_between (self->rules, 1, GUARD_UP,
                                                          GUARD_WARN, GUARD_BLOCK, form,
                                                          s_count, &self->found);
    self->whole = guard_whole_new (self->channels[0], self->channels[1]);
    return self;
}

static void
s_destroy (world_t *self)
{
    guard_whole_destroy (&self->whole);
    guard_whole_destroy (&self->whole);
    guard_channel_destroy (&self->channels[1]);
    guard_channel_destroy (&self->channels[0]);
    guard_rules_destroy (&self->rules);
    free (self);
}

//  Sends a body that is one text, but for one byte on both sides, with a budget a step.
static int
s_send (world_t *self, br_text_form_t form, br_text_t body, size_t budget, br_buf_t *out)
{
    guard_edits_t edits;
    guard_edits_init (&edits);
    const br_text_span_t span = { .form = form, .at = 1, .size = body.size - 2 };
    guard_whole_begin (self->whole, body, &span);
    int rc = 1;
    while (rc == 1) {
        size_t left = budget;
        rc = guard_whole_step (self->whole, &left, &edits);
        assert_true (left < budget);
    }
    assert_int_equal (guard_edits_write (&edits, body, out, NULL), 0);
    guard_edits_free (&edits);
    return rc;
}

//  in:   wanted, NULL when it is to stay; found, findings
static void
s_check (br_text_form_t form, const char *body, const char *wanted, size_t found)
{
    static const size_t budgets[] = { 1, 2, 3, 7, 1000, 1024, 1025, 1030, 100000 };
    world_t *world = s_new ();
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        world->found = 0;
        assert_int_equal (s_send (world, form, br_text (body), budgets[i], &out), 0);
        assert_string_equal (br_buf_text (&out), wanted ? wanted : body);
        assert_int_equal (world->found, found);
        br_buf_free (&out);
    }
    s_destroy (world);
}

static void
given_a_text_when_it_matches_then_all_other_bytes_stay (void **state)
{
    (void) state;
    s_check (BR_TEXT_STRING, " \"\" ", NULL, 0);
    s_check (BR_TEXT_STRING, " \"h\\u00e9 warn1\" ", NULL, 1);
    s_check (BR_TEXT_STRING, " \"h\\u00e9 sec1\\u00324\\u0033 \\/\" ",
             " \"h\\u00e9 [REDACTED] \\/\" ", 1);
    s_check (BR_TEXT_JSON_STRING, " \"{\\\"a\\\":\\\"sec1234\\\"}\" ",
             " \"{\\\"a\\\":\\\"[REDACTED]\\\"}\" ", 1);
    s_check (BR_TEXT_JSON_VALUE, " {\"a\":[\"sec1\\u0032\\u00334\", 1]} ",
             " {\"a\":[\"[REDACTED]\", 1]} ", 1);
}

//  "my sec1234 \xC3\xA9", and others.
static void
given_base64_when_what_it_says_matches_then_it_is_written_again (void **state)
{
    (void) state;
    s_check (BR_TEXT_BASE64, " bXkgc2VjMTIzNCDDqQ== ", " bXkgW1JFREFDVEVEXSDDqQ== ", 1);
    s_check (BR_TEXT_BASE64, " bXkgc2VjMTIzNCDDqQ ", " bXkgW1JFREFDVEVEXSDDqQ== ", 1);
    s_check (BR_TEXT_BASE64, " c2VjMTIzNCA_Pj4 ", " W1JFREFDVEVEXSA_Pj4 ", 1);
    s_check (BR_TEXT_BASE64, " c2VjMTIzNCA\\/Pj4= ", " W1JFREFDVEVEXSA/Pj4= ", 1);
    s_check (BR_TEXT_BASE64, " d2FybjE= ", NULL, 1);
    s_check (BR_TEXT_BASE64, " aGVsbG8= ", NULL, 0);
    s_check (BR_TEXT_BASE64, "  ", NULL, 0);
}

static void
given_no_base64_when_it_matches_then_it_is_a_string (void **state)
{
    (void) state;
    s_check (BR_TEXT_BASE64, " my sec1\\u00324\\u0033! ", " my [REDACTED]! ", 1);
    s_check (BR_TEXT_BASE64, " sec1234 ", " [REDACTED] ", 1);
    s_check (BR_TEXT_BASE64, " my warn1! ", NULL, 1);
}

//  What others may read all the same: "sec1234" with a byte that is no UTF-8 in front of
//  it, or with characters that are in no alphabet.
static void
given_base64_that_is_not_exact_when_it_matches_then_it_is_written_again (void **state)
{
    (void) state;
    s_check (BR_TEXT_BASE64, " /3NlYzEyMzQ= ", " /1tSRURBQ1RFRF0= ", 1);
    s_check (BR_TEXT_BASE64, " c2Vj!MTIzNA== ", " W1JFREFDVEVEXQ== ", 1);
    s_check (BR_TEXT_BASE64, " //79 ", NULL, 0);
}

//  "sec1234" in what is no text.
static void
given_base64_of_something_else_when_it_matches_then_it_stays (void **state)
{
    (void) state;
    s_check (BR_TEXT_BASE64, " /wBzZWMxMjM0AQID ", NULL, 0);
}

static void
given_a_rule_that_blocks_when_it_matches_then_it_is_told (void **state)
{
    (void) state;
    static const struct {
        br_text_form_t form;
        const char *body;
    } rows[] = {
        { BR_TEXT_STRING, " \"a STOP1 b\" " }, { BR_TEXT_JSON_VALUE, " [\"STOP1\"] " },
        { BR_TEXT_BASE64, " STOP1! " },        { BR_TEXT_BASE64, " U1RPUDE= " },
        { BR_TEXT_BASE64, " /1NUT1Ax " },
    };
    world_t *world = s_new ();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t budget = 1; budget < 20; budget++) {
            br_buf_t out;
            br_buf_init (&out, CHANNELLED_MAX);
            assert_int_equal (
                s_send (world, rows[i].form, br_text (rows[i].body), budget, &out), -1);
            br_buf_free (&out);
        }
    s_destroy (world);
}

//  A text of very many findings is written again as a whole.
static void
given_very_many_findings_when_written_then_all_are_redacted (void **state)
{
    (void) state;
    static const size_t counts[] = { 100, 30000, 70000 };
    static const br_text_form_t forms[] = { BR_TEXT_STRING, BR_TEXT_JSON_VALUE };
    world_t *world = s_new ();
    for (size_t i = 0; i < 6; i++) {
        bool is_value = i >= 3;
        br_buf_t body, wanted, out;
        br_buf_init (&body, CHANNELLED_MAX);
        br_buf_init (&wanted, CHANNELLED_MAX);
        br_buf_init (&out, CHANNELLED_MAX);
        br_buf_adds (&body, is_value ? " [\"" : " \"");
        for (size_t k = 0; k < counts[i % 3]; k++)
            br_buf_adds (&body, k % 1000 == 7 ? "sec12340\xE2\x82\xAC" : "sec4321 ");
        br_buf_adds (&body, is_value ? "\"] " : "\" ");
        br_buf_adds (&wanted, is_value ? " [\"" : " \"");
        for (size_t k = 0; k < counts[i % 3]; k++)
            br_buf_adds (&wanted,
                         k % 1000 == 7 ? "[REDACTED]0\xE2\x82\xAC" : "[REDACTED] ");
        br_buf_adds (&wanted, is_value ? "\"] " : "\" ");
        br_text_t text = { br_buf_text (&body), body.size };
        assert_int_equal (s_send (world, forms[is_value], text, 65536, &out), 0);
        assert_int_equal (out.size, wanted.size);
        assert_memory_equal (out.data, wanted.data, out.size);
        br_buf_free (&out);
        br_buf_free (&wanted);
        br_buf_free (&body);
    }
    s_destroy (world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_text_when_it_matches_then_all_other_bytes_stay),
        cmocka_unit_test (
            given_base64_when_what_it_says_matches_then_it_is_written_again),
        cmocka_unit_test (given_no_base64_when_it_matches_then_it_is_a_string),
        cmocka_unit_test (
            given_base64_that_is_not_exact_when_it_matches_then_it_is_written_again),
        cmocka_unit_test (given_base64_of_something_else_when_it_matches_then_it_stays),
        cmocka_unit_test (given_a_rule_that_blocks_when_it_matches_then_it_is_told),
        cmocka_unit_test (given_very_many_findings_when_written_then_all_are_redacted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
