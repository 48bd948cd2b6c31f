//  guard_text: findings, what is decided, and failures, in pieces of all sizes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/guard/guard_text.h"

typedef struct {
    guard_rules_t *rules;
    guard_text_t *text;
    br_buf_t told; //  "name@at+size " of each finding
    const char *whole;
} world_t;

static void
s_note (void *arg, const guard_finding_t *finding)
{
    world_t *world = arg;
    static const char *const actions[] = { "off", "warn", "redact", "block" };
    br_buf_addf (
        &world->told, "%s%s@%d+%zu ", guard_rules_name (world->rules, finding->pattern),
        finding->kind == GUARD_FAILED ? "!" : "", (int) finding->at, finding->size);
    if (finding->kind == GUARD_FAILED)
        br_buf_addf (&world->told, "(%s) ", actions[finding->action]);
    assert_memory_equal (world->whole + finding->at, finding->bytes, finding->size);
}

//  in:   custom, rows of custom patterns; actions, rows of what is done; fail likewise
static void
s_begin (world_t *world, const char *custom, const char *actions, const char *fail)
{
    br_error_t error = { .code = BR_OK };
    char *slice = br_strf ("{\"custom\":[%s],\"sets\":[{\"custom_upgoing\":{%s},"
                           "\"fail\":{%s}}],\"allow\":[\"ok@ok.ok\"]}",
                           custom, actions, fail);
    world->rules = guard_rules_new (slice, &error);
    free (slice);
    if (!world->rules)
        fail_msg ("%s", error.text);
    world->text = guard_text_new (world->rules, 1, GUARD_UP, GUARD_WARN, GUARD_BLOCK,
                                  s_note, world);
    br_buf_init (&world->told, 100000);
}

static void
s_end (world_t *world)
{
    guard_text_destroy (&world->text);
    guard_text_destroy (&world->text);
    guard_rules_destroy (&world->rules);
    br_buf_free (&world->told);
}

//  Looks at a text in pieces and gives what was told, and the ranges.
static const char *
s_look (world_t *world, const char *bytes, size_t size, size_t piece)
{
    br_buf_clear (&world->told);
    guard_text_reset (world->text);
    world->whole = bytes;
    for (size_t at = 0; at < size; at += piece)
        guard_text_push (world->text, bytes + at, size - at < piece ? size - at : piece);
    guard_text_end (world->text);
    assert_int_equal (guard_text_decided (world->text), size);
    size_t count = 0;
    const guard_range_t *ranges = guard_text_ranges (world->text, &count);
    for (size_t i = 0; i < count; i++)
        br_buf_addf (&world->told, "[%d,%d)", (int) ranges[i].from, (int) ranges[i].to);
    return br_buf_text (&world->told);
}

#define KEY                                                                              \
    "{\"name\":\"key\",\"regex\":\"\\\\bAKIA[0-9A-Z]{4}\\\\b\",\"hints\":[\"AKIA\"]}"
#define MAIL                                                                             \
    "{\"name\":\"mail\",\"regex\":\"[a-z]+@[a-z]+\\\\.[a-z]{2,4}\",\"hints\":[\"@\"],"   \
    "\"lead\":64}"

static const struct {
    const char *custom;
    const char *actions;
    const char *text;
    const char *told;
} s_rows[] = {
    { KEY, "\"key\":\"redact\"", "an AKIA12AB, xAKIA12AB AKIA12ABC AKIA0000",
      "key@3+8 key@33+8 [3,11)[33,41)" },
    { KEY, "\"key\":\"warn\"", "AKIA12AB", "key@0+8 " },
    { KEY, "\"key\":\"off\"", "AKIA12AB", "" },
    { MAIL, "\"mail\":\"redact\"", "to ab@cd.ef, ok@ok.ok, a@b.cdef.",
      "mail@3+8 mail@23+8 [3,11)[23,31)" },
    //  a check that fails goes on one byte further
    { "{\"name\":\"card\",\"regex\":\"\\\\d{16}\",\"check\":\"luhn\"}",
      "\"card\":\"redact\"", "no 94111111111111111 no", "card@4+16 [4,20)" },
    //  a longer hint that begins earlier comes first
    { "{\"name\":\"two\",\"regex\":\"(?:abcdef|cd)x?\",\"hints\":[\"cd\",\"abcdef\"]}",
      "\"two\":\"warn\"", "abcdefx abcd", "two@0+7 two@10+2 " },
    { "{\"name\":\"two\",\"regex\":\"c?abcdefg|cd\",\"hints\":[\"abcdefg\",\"cd\"],"
      "\"lead\":1}",
      "\"two\":\"warn\"", "abcdefgabcdefg abcd cabcdefg",
      "two@0+7 two@7+7 two@17+2 two@20+8 " },
    //  what touches is one range
    { "{\"name\":\"one\",\"regex\":\"[ab]\"}", "\"one\":\"redact\"", "-ab-b-",
      "one@1+1 one@2+1 one@4+1 [1,3)[4,5)" },
    { "{\"name\":\"k\",\"regex\":\"pw=\\\\K[a-z]+\",\"hints\":[\"pw=\"]}",
      "\"k\":\"redact\"", "x pw=secret.", "k@5+6 [5,11)" },
    { "{\"name\":\"e\",\"regex\":\"a*\"}", "\"e\":\"redact\"", "baab", "e@1+2 [1,3)" },
    { "{\"name\":\"line\",\"regex\":\"^#.*$\"}", "\"line\":\"warn\"", "#a", "line@0+2 " },
    { "{\"name\":\"line\",\"regex\":\"^#.*$\"}", "\"line\":\"warn\"", " #a", "" },
    { "{\"name\":\"low\",\"regex\":\"tok_[a-z]+\",\"hints\":[\"TOK\"],\"caseless\":true}",
      "\"low\":\"warn\"", "tOk_X TOK_y", "low@0+5 low@6+5 " },
    { "{\"name\":\"utf\",\"regex\":\"\\\\x{e2}\\\\x{80}\\\\x{8b}+\"}",
      "\"utf\":\"redact\"",
      "a\xe2\x80\x8b"
      "b",
      "utf@1+3 [1,4)" },
};

static void
findings_are_those_of_the_whole_text_however_it_is_cut (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++) {
        world_t world;
        s_begin (&world, s_rows[i].custom, s_rows[i].actions, "");
        for (size_t piece = 1; piece < 30; piece++)
            assert_string_equal (
                s_look (&world, s_rows[i].text, strlen (s_rows[i].text), piece),
                s_rows[i].told);
        s_end (&world);
    }
}

static void
only_what_could_still_become_a_match_is_undecided (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        uint64_t decided;
    } rows[] = { { "hello, ", 7 },  { "hello, wor", 7 }, { "hello 1 AK", 8 },
                 { "xAK", 3 },      { "see a@b.c", 4 },  { "see a@b.cd ", 11 },
                 { "AKIA12AB", 0 }, { "AKIA12AB ", 9 },  { "AKIA12ABC", 9 },
                 { "AKIA12AB-", 9 } };
    world_t world;
    s_begin (&world, KEY "," MAIL, "\"key\":\"redact\",\"mail\":\"redact\"", "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world.whole = rows[i].text;
        guard_text_reset (world.text);
        guard_text_push (world.text, rows[i].text, strlen (rows[i].text));
        if (guard_text_decided (world.text) != rows[i].decided)
            fail_msg ("%s: %d", rows[i].text, (int) guard_text_decided (world.text));
    }
    s_end (&world);
}

static void
a_block_lasts_for_ever_and_the_rest_is_still_told (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, KEY "," MAIL, "\"key\":\"block\",\"mail\":\"redact\"", "");
    world.whole = "AKIA12AB a@b.cd ";
    assert_int_equal (guard_text_push (world.text, world.whole, 8), 0);
    assert_int_equal (guard_text_push (world.text, world.whole + 8, 1), -1);
    assert_int_equal (guard_text_push (world.text, world.whole + 9, 7), -1);
    assert_int_equal (guard_text_end (world.text), -1);
    assert_int_equal (guard_text_end (world.text), -1);
    assert_string_equal (br_buf_text (&world.told), "key@0+8 mail@9+6 ");
    guard_text_reset (world.text);
    assert_int_equal (guard_text_push (world.text, "a", 1), 0);
    s_end (&world);
}

static void
actions_outside_of_least_and_most_are_not_looked_for (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, KEY "," MAIL, "\"key\":\"warn\",\"mail\":\"redact\"", "");
    guard_text_destroy (&world.text);
    world.text = guard_text_new (world.rules, 1, GUARD_UP, GUARD_REDACT, GUARD_BLOCK,
                                 s_note, &world);
    assert_string_equal (s_look (&world, "AKIA12AB a@b.cd", 15, 4), "mail@9+6 [9,15)");
    guard_text_destroy (&world.text);
    world.text = guard_text_new (world.rules, 1, GUARD_DOWN, GUARD_WARN, GUARD_BLOCK,
                                 s_note, &world);
    assert_string_equal (s_look (&world, "AKIA12AB a@b.cd", 15, 4), "");
    s_end (&world);
}

//  ---- failures

#define SLOW "{\"name\":\"slow\",\"regex\":\"(?:x+x+)+y\",\"reach\":100}"
#define LONG "{\"name\":\"long\",\"regex\":\"<[^>]*>\",\"hints\":[\"<\"]}"

static char *
s_run (const char *before, char letter, size_t count, const char *behind)
{
    char *run = br_alloc (1, count + 1);
    memset (run, letter, count);
    char *text = br_strf ("%s%s%s", before, run, behind);
    free (run);
    return text;
}

static void
a_pattern_over_its_match_limit_fails_once_and_as_its_action_says (void **state)
{
    (void) state;
    static const struct {
        const char *actions;
        const char *fail;
        const char *told;
    } rows[] = {
        { "\"slow\":\"redact\"", "", "slow!@1+43 (redact) [1,44)" },
        { "\"slow\":\"redact\"", "\"slow\":\"open\"", "slow!@1+43 (warn) " },
        { "\"slow\":\"warn\"", "", "slow!@1+43 (warn) " },
        { "\"slow\":\"block\"", "", "slow!@1+43 (block) " },
        { "\"slow\":\"block\"", "\"slow\":\"open\"", "slow!@1+43 (warn) " },
    };
    char *text = s_run ("-", 'x', 40, " z ");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_t world;
        s_begin (&world, SLOW, rows[i].actions, rows[i].fail);
        for (size_t piece = 1; piece < 64; piece = piece * 3 + 1)
            assert_string_equal (s_look (&world, text, strlen (text), piece),
                                 rows[i].told);
        s_end (&world);
    }
    free (text);
}

//  Each text is short, and each start under its limit.
static void
a_pattern_that_takes_too_long_fails_over_many_texts_in_a_row (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, SLOW, "\"slow\":\"redact\"", "");
    static const char text[] = "xxxxxxxxxxxx xxxxxxxxxxxx xxxxxxxxxxxx ";
    assert_string_equal (s_look (&world, text, sizeof text - 1, 100), "");
    const char *told = "";
    for (size_t i = 0; i < 2000 && !*told; i++)
        told = s_look (&world, text, sizeof text - 1, 100);
    assert_non_null (strstr (told, "slow!@"));
    s_end (&world);
    s_begin (&world, SLOW, "\"slow\":\"redact\"", "");
    assert_string_equal (s_look (&world, text, sizeof text - 1, 100), "");
    s_end (&world);
}

static void
what_is_longer_than_may_be_held_fails_and_is_redacted_to_its_end (void **state)
{
    (void) state;
    char *text = s_run ("a <", 'b', 40000, "> c");
    world_t world;
    s_begin (&world, LONG, "\"long\":\"redact\"", "");
    static const size_t pieces[] = { 7, 1000, 16384, 100000 };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        assert_string_equal (
            s_look (&world, text, strlen (text), pieces[i]),
            "long!@2+16384 (redact) [2,16386)[16386,32770)[32770,40004)");
    s_end (&world);
    free (text);
}

static void
a_match_is_held_up_to_the_maximum_and_no_longer (void **state)
{
    (void) state;
    char *text = s_run ("<", 'b', GUARD_HOLD_MAX - 2, ">");
    world_t world;
    s_begin (&world, LONG, "\"long\":\"redact\"", "");
    assert_string_equal (s_look (&world, text, strlen (text), 1000),
                         "long@0+16384 [0,16384)");
    guard_text_reset (world.text);
    br_buf_clear (&world.told);
    free (text);
    text = s_run ("<", 'b', 20000, "");
    world.whole = text;
    for (size_t at = 0; at < 20000; at += 100) {
        guard_text_push (world.text, text + at, 100);
        assert_true (at + 100 - guard_text_decided (world.text) <= GUARD_HOLD_MAX);
    }
    s_end (&world);
    free (text);
}

static void
one_that_fails_open_lets_all_go (void **state)
{
    (void) state;
    char *text = s_run ("<", 'b', 20000, "><x>");
    world_t world;
    s_begin (&world, LONG, "\"long\":\"redact\"", "\"long\":\"open\"");
    assert_string_equal (s_look (&world, text, strlen (text), 900),
                         "long!@0+16384 (warn) long@20002+3 [20002,20005)");
    s_end (&world);
    free (text);
}

static void
ranges_go_when_they_are_dropped (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, KEY, "\"key\":\"redact\"", "");
    world.whole = "AKIA12AB AKIA12AC ";
    guard_text_push (world.text, world.whole, 18);
    size_t count = 0;
    guard_text_ranges (world.text, &count);
    assert_int_equal (count, 2);
    guard_text_drop (world.text, 8);
    const guard_range_t *ranges = guard_text_ranges (world.text, &count);
    assert_int_equal (count, 1);
    assert_int_equal (ranges[0].from, 9);
    guard_text_drop (world.text, 16);
    guard_text_ranges (world.text, &count);
    assert_int_equal (count, 1);
    s_end (&world);
}

//  ---- what waits for too long

#define WAYS KEY "," MAIL ",{\"name\":\"tag\",\"regex\":\"<[^>]{1,40}>\"}"
#define WAY_ACTIONS "\"key\":\"block\",\"mail\":\"redact\",\"tag\":\"redact\""

static void
what_fails_open_is_given_up_where_it_expires (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, WAYS, WAY_ACTIONS, "\"mail\":\"open\",\"tag\":\"open\"");
    world.whole = "a <b ab@cd AKIA12AB";
    assert_int_equal (guard_text_expire (world.text, 9), 0); //  nothing is there
    guard_text_push (world.text, world.whole, 10);
    assert_int_equal (guard_text_decided (world.text), 2);
    assert_int_equal (guard_text_closed (world.text, 99), 99);
    assert_int_equal (guard_text_expire (world.text, 5), 0);
    assert_int_equal (guard_text_decided (world.text), 5);
    assert_string_equal (br_buf_text (&world.told), "tag!@2+3 (warn) ");
    assert_int_equal (guard_text_expire (world.text, 99), 0);
    assert_int_equal (guard_text_decided (world.text), 10);
    assert_string_equal (br_buf_text (&world.told), "tag!@2+3 (warn) mail!@5+5 (warn) ");
    //  then: what fails closed stays, and is found as ever
    guard_text_push (world.text, world.whole + 10, 5);
    assert_int_equal (guard_text_expire (world.text, 99), 0);
    assert_int_equal (guard_text_decided (world.text), 11);
    assert_int_equal (guard_text_closed (world.text, 99), 11);
    guard_text_push (world.text, world.whole + 15, 4);
    assert_int_equal (guard_text_end (world.text), -1);
    assert_int_equal (guard_text_expire (world.text, 99), -1);
    s_end (&world);
}

//  Wherever a text pauses, findings of what fails closed are the same, and nothing of them was
//  decided before they were found.
static void
what_fails_closed_is_found_whatever_expires (void **state)
{
    (void) state;
    static const char text[] = "<AKIA12AB x> ab@cd.ef<AKIAxAKIA3456> AKIA12 a@AKIA9999";
    static const uint64_t places[] = { 1, 46 };
    world_t world;
    size_t size = sizeof text - 1;
    s_begin (&world, WAYS, "\"key\":\"redact\",\"mail\":\"redact\",\"tag\":\"redact\"",
             "\"mail\":\"open\",\"tag\":\"open\"");
    world.whole = text;
    for (size_t first = 0; first <= size; first++)
        for (size_t second = first; second <= size; second++) {
            const size_t stops[] = { 0, first, second, size };
            br_buf_clear (&world.told);
            guard_text_reset (world.text);
            for (size_t i = 0; i < 3; i++) {
                guard_text_push (world.text, text + stops[i], stops[i + 1] - stops[i]);
                assert_int_equal (guard_text_expire (world.text, UINT64_MAX), 0);
                for (size_t k = 0; k < 2; k++)
                    if (stops[i + 1] > places[k] && stops[i + 1] < places[k] + 8)
                        assert_true (guard_text_decided (world.text) <= places[k]);
            }
            assert_int_equal (guard_text_end (world.text), 0);
            const char *told = br_buf_text (&world.told);
            assert_non_null (strstr (told, "key@1+8 "));
            assert_non_null (strstr (told, "key@46+8 "));
        }
    s_end (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (findings_are_those_of_the_whole_text_however_it_is_cut),
        cmocka_unit_test (only_what_could_still_become_a_match_is_undecided),
        cmocka_unit_test (a_block_lasts_for_ever_and_the_rest_is_still_told),
        cmocka_unit_test (actions_outside_of_least_and_most_are_not_looked_for),
        cmocka_unit_test (
            a_pattern_over_its_match_limit_fails_once_and_as_its_action_says),
        cmocka_unit_test (a_pattern_that_takes_too_long_fails_over_many_texts_in_a_row),
        cmocka_unit_test (
            what_is_longer_than_may_be_held_fails_and_is_redacted_to_its_end),
        cmocka_unit_test (a_match_is_held_up_to_the_maximum_and_no_longer),
        cmocka_unit_test (one_that_fails_open_lets_all_go),
        cmocka_unit_test (ranges_go_when_they_are_dropped),
        cmocka_unit_test (what_fails_open_is_given_up_where_it_expires),
        cmocka_unit_test (what_fails_closed_is_found_whatever_expires),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
