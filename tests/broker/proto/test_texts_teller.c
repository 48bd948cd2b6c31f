//  texts_teller: which span a value is.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/texts_teller.h"

typedef struct {
    br_text_span_t text;
    br_call_span_t call;
    size_t count;
} heard_t;

static int
s_hear (void *arg, const br_text_span_t *span)
{
    heard_t *heard = arg;
    heard->text = *span;
    heard->count++;
    return 5;
}

static int
s_hear_call (void *arg, const br_call_span_t *span)
{
    heard_t *heard = arg;
    heard->call = *span;
    heard->count++;
    return 6;
}

static texts_teller_t
s_teller (texts_of_t of, heard_t *heard)
{
    return (texts_teller_t) { .bytes = (const uint8_t *) "\"aGk=\"",
                              .of = of,
                              .ear = { .text = s_hear, .arg = heard } };
}

static void
given_modes_when_a_string_is_told_then_its_form_follows (void **state)
{
    (void) state;
    static const struct {
        texts_mode_t mode;
        texts_file_t file;
        int rc;
        br_text_form_t form;
        size_t at;
        size_t size;
    } rows[] = {
        { TEXTS_WALK, 0, 5, BR_TEXT_STRING, 0, 6 },
        { TEXTS_OPAQUE, 0, 0, 0, 0, 0 },
        { TEXTS_SKIP, 0, 0, 0, 0, 0 },
        { TEXTS_URL, 0, 5, BR_TEXT_STRING, 0, 6 },
        { TEXTS_FILE, TEXTS_FILE_WORDS, 5, BR_TEXT_BASE64, 1, 4 },
        { TEXTS_FILE, TEXTS_FILE_BLOB, 0, 0, 0, 0 },
        { TEXTS_JSON, 0, 5, BR_TEXT_JSON_STRING, 0, 6 },
        { TEXTS_REPEATED, 0, 5, BR_TEXT_STRING, 0, 6 },
        { TEXTS_SEQUENCE, 0, 5, BR_TEXT_STRING, 0, 6 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        heard_t heard = { .count = 0 };
        texts_teller_t teller = s_teller (TEXTS_REQUEST, &heard);
        texts_spot_t spot = { .mode = rows[i].mode, .file = rows[i].file };
        assert_int_equal (texts_teller_string (&teller, &spot, TEXTS_NO_CALL, 0, 6),
                          rows[i].rc);
        assert_int_equal (heard.count, rows[i].rc ? 1 : 0);
        assert_int_equal (heard.text.form, rows[i].form);
        assert_int_equal (heard.text.at, rows[i].at);
        assert_int_equal (heard.text.size, rows[i].size);
    }
}

static void
given_values_that_were_crossed_when_told_then_empty_ones_say_nothing (void **state)
{
    (void) state;
    heard_t heard = { .count = 0 };
    texts_teller_t teller = s_teller (TEXTS_ANSWER, &heard);
    texts_spot_t spot = { .mode = TEXTS_JSON, .place = BR_TEXT_TOOL_CALL };
    assert_int_equal (texts_teller_crossed (&teller, &spot, TEXTS_NO_CALL, 0, 2), 0);
    assert_int_equal (texts_teller_crossed (&teller, &spot, TEXTS_NO_CALL, 0, 3), 5);
    assert_int_equal (heard.text.form, BR_TEXT_JSON_VALUE);
    spot.mode = TEXTS_REPEATED;
    assert_int_equal (texts_teller_crossed (&teller, &spot, TEXTS_NO_CALL, 0, 3), 5);
    assert_int_equal (heard.text.form, BR_TEXT_REPEATED);
    spot.mode = TEXTS_SKIP;
    assert_int_equal (texts_teller_crossed (&teller, &spot, TEXTS_NO_CALL, 0, 3), 0);
}

static void
given_what_an_assistant_says_when_told_then_only_a_request_calls_it_history (void **state)
{
    (void) state;
    heard_t heard = { .count = 0 };
    texts_spot_t spot = { .place = BR_TEXT_ASSISTANT };
    texts_teller_t teller = s_teller (TEXTS_REQUEST, &heard);
    texts_teller_key (&teller, &spot, 0, 6);
    assert_int_equal (heard.text.place, BR_TEXT_ASSISTANT);
    teller = s_teller (TEXTS_EVENT, &heard);
    texts_teller_key (&teller, &spot, 0, 6);
    assert_int_equal (heard.text.place, BR_TEXT_ANSWER);
}

static void
given_pieces_when_told_then_their_channels_are_apart (void **state)
{
    (void) state;
    heard_t heard = { .count = 0 };
    texts_teller_t teller = s_teller (TEXTS_EVENT, &heard);
    texts_spot_t a = { .kind = TEXTS_KIND_TEXT, .choice = 3, .part = 1 };
    texts_spot_t b = { .kind = TEXTS_KIND_TEXT, .choice = 3, .part = 2 };
    texts_spot_t c = { .kind = TEXTS_KIND_TEXT, .choice = 3, .part = 1, .closed = true };
    assert_true (texts_teller_channel (&teller, &a));
    assert_true (texts_teller_channel (&teller, &a)
                 != texts_teller_channel (&teller, &b));
    assert_int_equal (br_texts_choice (texts_teller_channel (&teller, &a)), 3);
    assert_int_equal (texts_teller_channel (&teller, &c), 0);
    teller.of = TEXTS_ANSWER;
    assert_int_equal (texts_teller_channel (&teller, &a), 0);
    teller.parted = true;
    assert_true (texts_teller_channel (&teller, &a));
}

static void
given_a_first_walk_when_told_then_pieces_are_noted_alone (void **state)
{
    (void) state;
    texts_ends_t ends;
    texts_ends_init (&ends);
    texts_teller_t teller = { .bytes = (const uint8_t *) "\"a\"",
                              .of = TEXTS_EVENT,
                              .ends = &ends };
    texts_spot_t spot = { .kind = TEXTS_KIND_TEXT };
    assert_int_equal (texts_teller_string (&teller, &spot, TEXTS_NO_CALL, 0, 3), 0);
    assert_int_equal (ends.npieces, 1);
}

static void
given_parts_of_a_call_when_told_then_only_arguments_need_be_no_string (void **state)
{
    (void) state;
    heard_t heard = { .count = 0 };
    texts_teller_t teller = { .of = TEXTS_EVENT,
                              .ear = { .call = s_hear_call, .arg = &heard } };
    texts_spot_t spot = { .kind = TEXTS_KIND_ARGUMENTS, .object = 9, .choice = 2 };
    assert_int_equal (texts_teller_string (&teller, &spot, TEXTS_CALL_NAME, 1, 4), 6);
    assert_int_equal (heard.call.part, BR_CALL_NAME);
    assert_int_equal (heard.call.object, 9);
    assert_true (heard.call.call && heard.call.channel);
    assert_int_equal (texts_teller_scalar (&teller, &spot, TEXTS_CALL_NAME, 1, 4), 0);
    assert_int_equal (texts_teller_scalar (&teller, &spot, TEXTS_NO_CALL, 1, 4), 0);
    assert_int_equal (texts_teller_scalar (&teller, &spot, TEXTS_CALL_ARGUMENTS, 1, 4),
                      6);
    assert_int_equal (texts_teller_crossed (&teller, &spot, TEXTS_CALL_ARGUMENTS, 1, 2),
                      6);
    assert_int_equal (heard.call.form, BR_TEXT_JSON_VALUE);
    assert_int_equal (heard.call.channel, 0);
}

//  What is whole is of no call that goes on, but where clients may put it to one.
static void
given_a_whole_call_that_may_join_when_told_then_it_has_its_number (void **state)
{
    (void) state;
    heard_t heard = { .count = 0 };
    texts_teller_t teller = { .of = TEXTS_EVENT,
                              .ear = { .call = s_hear_call, .arg = &heard } };
    texts_spot_t spot = { .kind = TEXTS_KIND_ARGUMENTS, .closed = true, .id = 3 };
    texts_teller_string (&teller, &spot, TEXTS_CALL_NAME, 1, 4);
    assert_int_equal (heard.call.call, 0);
    assert_false (heard.call.joins);
    spot.joins = true;
    texts_teller_string (&teller, &spot, TEXTS_CALL_NAME, 1, 4);
    assert_true (heard.call.call && heard.call.joins);
    assert_int_equal (heard.call.channel, 0);
    assert_int_equal (heard.call.id, 3);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_modes_when_a_string_is_told_then_its_form_follows),
        cmocka_unit_test (
            given_values_that_were_crossed_when_told_then_empty_ones_say_nothing),
        cmocka_unit_test (
            given_what_an_assistant_says_when_told_then_only_a_request_calls_it_history),
        cmocka_unit_test (given_pieces_when_told_then_their_channels_are_apart),
        cmocka_unit_test (given_a_first_walk_when_told_then_pieces_are_noted_alone),
        cmocka_unit_test (
            given_parts_of_a_call_when_told_then_only_arguments_need_be_no_string),
        cmocka_unit_test (
            given_a_whole_call_that_may_join_when_told_then_it_has_its_number),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
