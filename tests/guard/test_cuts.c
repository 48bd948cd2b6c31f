//  Secrets that come in pieces: every pattern of conf/guard with its own examples, as words,
//  thoughts and arguments, in the streams and bodies of all protocols, cut in two and in three
//  pieces and as bytes: nothing of a match goes out, and what is redacted is as if the text
//  had been whole.
//
//  What is sampled, by counts and not by chance. For each example it is one stream's turn: its
//  text is cut at each byte of the match over two pieces, at pairs of them over three (all
//  pairs of short ones), at every fifth under block, and the stream's bytes at twelve places.
//  The shortest example of a pattern goes through all other streams too, cut at every third
//  byte; and through all bodies, in slices. Lines stand around it in every second trial, and
//  strings are written with and without escapes in turn. Of one secret every byte of every
//  stream is a cut.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_body.h"
#include "broker/guard/guard_stream.h"
#include "tests/guard/families.h"
#include "tests/guard/specimen.h"

#define EVERY_STEP 3   //  bytes between cuts, in streams whose turn it is not
#define PAIRS_SHORT 16 //  bytes of a match whose pairs of cuts are all tried
#define PAIRS_MOST 60  //  pairs of a longer one
#define BLOCK_STEP 5   //  bytes between the cuts that are tried under block
#define BYTES_MOST 12  //  cuts of a stream's bytes, for each example

typedef struct {
    families_t *families;
    size_t serial; //  counts what was tried, for samples
    size_t runs;
    size_t silent; //  examples that are no match where they stand
    size_t looked;
} world_t;

//  One text in one stream or body, under one pattern.
typedef struct {
    world_t *world;
    const carrier_t *carrier;
    guard_direction_t direction;
    const guard_rules_t *redact;
    const guard_rules_t *block;
    const char *pattern;
    carrier_style_t style;
    specimen_t *specimen;
} trial_t;

//  ---- streams

static void
s_fail (const trial_t *trial, const char *why, const br_buf_t *given, const br_buf_t *out)
{
    br_text_t wanted = specimen_wanted (trial->specimen);
    print_message ("%s in %s, style %d: %s\nwanted: %.*s\ngiven:\n%.*s\nout:\n%.*s\n",
                   trial->pattern, trial->carrier->name, (int) trial->style, why,
                   (int) wanted.size, wanted.at, (int) given->size,
                   (const char *) given->data, (int) out->size, (const char *) out->data);
    fail ();
}

//  Sends a stream, its bytes cut in two; 0 = whole.
static int
s_send (trial_t *trial, const guard_rules_t *rules, const br_buf_t *given, size_t cut,
        br_buf_t *out)
{
    guard_stream_t *stream = guard_stream_new (rules, 1, GUARD_REDACT, GUARD_BLOCK,
                                               trial->carrier->surface, NULL, NULL);
    trial->world->runs++;
    int rc = cut ? guard_stream_push (stream, given->data, cut, out) : 0;
    if (rc == 0)
        rc = guard_stream_push (stream, given->data + cut, given->size - cut, out);
    if (rc == 0)
        rc = guard_stream_end (stream, out);
    guard_stream_destroy (&stream);
    return rc;
}

static void
s_check_redacted (trial_t *trial, const br_buf_t *given, size_t cut)
{
    br_buf_t out, said;
    br_buf_init (&out, CARRIER_MAX);
    br_buf_init (&said, CARRIER_MAX);
    const specimen_t *specimen = trial->specimen;
    br_text_t wanted = trial->carrier->form == CARRIER_VALUE ? specimen_text (specimen)
                                                             : specimen_wanted (specimen);
    char why[200] = "";
    if (s_send (trial, trial->redact, given, cut, &out) != 0)
        s_fail (trial, "it was stopped", given, &out);
    if (carrier_read (trial->carrier, out.data, out.size, &said) != 0)
        s_fail (trial, "an event is no JSON", given, &out);
    if (!br_text_equal (wanted, (br_text_t) { br_buf_text (&said), said.size }))
        s_fail (trial, "it says something else", given, &out);
    if (specimen_is_seen (specimen, (br_text_t) { br_buf_text (&out), out.size }))
        s_fail (trial, "the match is seen", given, &out);
    if (!strstr (br_buf_text (&out), GUARD_REDACTED))
        s_fail (trial, "nothing is redacted", given, &out);
    if (trial->carrier->grammar
        && trial->carrier->grammar (br_buf_text (&out), out.size, why, sizeof why) != 0)
        s_fail (trial, why, given, &out);
    br_buf_free (&said);
    br_buf_free (&out);
}

static void
s_check_blocked (trial_t *trial, const br_buf_t *given, size_t cut)
{
    br_buf_t out, said;
    br_buf_init (&out, CARRIER_MAX);
    br_buf_init (&said, CARRIER_MAX);
    br_text_t inside = specimen_inside (trial->specimen);
    if (s_send (trial, trial->block, given, cut, &out) != -1)
        s_fail (trial, "it was not stopped", given, &out);
    if (carrier_read (trial->carrier, out.data, out.size, &said) != 0)
        s_fail (trial, "an event is no JSON", given, &out);
    br_text_t front = { inside.at, said.size };
    if (said.size > specimen_first (trial->specimen)
        || !br_text_equal (front, (br_text_t) { br_buf_text (&said), said.size }))
        s_fail (trial, "more is said than stands in front", given, &out);
    if (specimen_is_seen (trial->specimen, (br_text_t) { br_buf_text (&out), out.size }))
        s_fail (trial, "the match is seen", given, &out);
    br_buf_free (&said);
    br_buf_free (&out);
}

typedef void (check_fn) (trial_t *trial, const br_buf_t *given, size_t cut);

//  The text in pieces that end at two places; 0 = there is none.
static void
s_try (trial_t *trial, size_t first, size_t second, check_fn *check, size_t cut)
{
    br_text_t inside = specimen_inside (trial->specimen);
    size_t ends[] = { first, second, inside.size };
    br_text_t pieces[3] = { BR_TEXT_NONE };
    size_t count = 0;
    size_t at = 0;
    for (size_t i = 0; i < 3; i++)
        if (ends[i]) {
            pieces[count++] = (br_text_t) { inside.at + at, ends[i] - at };
            at = ends[i];
        }
    br_buf_t given;
    br_buf_init (&given, CARRIER_MAX);
    carrier_write (trial->carrier, trial->style, pieces, count, &given);
    check (trial, &given, cut);
    br_buf_free (&given);
}

//  Whether a piece may end here: between characters, or between the halves of one that is two
//  units of UTF-16.
static bool
s_may_end (const trial_t *trial, size_t at)
{
    br_text_t inside = specimen_inside (trial->specimen);
    const uint8_t *bytes = (const uint8_t *) inside.at;
    if (at == 0 || at >= inside.size)
        return false;
    return (bytes[at] & 0xC0) != 0x80 || (at >= 2 && bytes[at - 2] >= 0xF0);
}

static size_t
s_begin (const trial_t *trial)
{
    size_t from = specimen_from (trial->specimen);
    return from ? from : 1;
}

static void
s_try_pieces (trial_t *trial, size_t step, check_fn *check)
{
    size_t at = s_begin (trial) + (step > 1 ? trial->world->serial % step : 0);
    for (; at <= specimen_to (trial->specimen); at += step)
        if (s_may_end (trial, at))
            s_try (trial, at, 0, check, 0);
    s_try (trial, 0, 0, check, 0);
}

static void
s_try_pairs (trial_t *trial)
{
    size_t from = s_begin (trial);
    size_t size = specimen_to (trial->specimen) - from + 1;
    size_t pairs = size * size;
    size_t step = size <= PAIRS_SHORT ? 1 : pairs / (2 * PAIRS_MOST) + 1;
    for (size_t pair = trial->world->serial % step; pair < pairs; pair += step) {
        size_t first = from + pair / size;
        size_t second = from + pair % size;
        if (first < second && s_may_end (trial, first) && s_may_end (trial, second))
            s_try (trial, first, second, s_check_redacted, 0);
    }
}

//  Cuts of the bytes of the stream whose text comes in two pieces. in: most, cuts
static void
s_try_bytes (trial_t *trial, size_t most)
{
    br_buf_t given;
    br_buf_init (&given, CARRIER_MAX);
    br_text_t inside = specimen_inside (trial->specimen);
    size_t half = (s_begin (trial) + specimen_to (trial->specimen)) / 2;
    while (half < inside.size && !s_may_end (trial, half))
        half++;
    half = trial->carrier->form == CARRIER_VALUE ? 0 : half;
    carrier_write (trial->carrier, trial->style, &inside, 1, &given);
    size_t step = given.size / most + 1;
    for (size_t cut = 1 + trial->world->serial % step; cut < given.size; cut += step) {
        s_try (trial, half, 0, s_check_redacted, cut);
        if (most > BYTES_MOST)
            s_try (trial, half, 0, s_check_blocked, cut);
    }
    br_buf_free (&given);
}

static void
s_try_stream (trial_t *trial, bool is_chosen)
{
    bool has_pieces = trial->carrier->form != CARRIER_VALUE;
    if (has_pieces)
        s_try_pieces (trial, is_chosen ? 1 : EVERY_STEP, s_check_redacted);
    else
        s_try (trial, 0, 0, s_check_redacted, 0);
    if (!is_chosen)
        return;
    if (has_pieces) {
        s_try_pieces (trial, BLOCK_STEP, s_check_blocked);
        s_try_pairs (trial);
    } else {
        s_try (trial, 0, 0, s_check_blocked, 0);
    }
    s_try_bytes (trial, BYTES_MOST);
}

//  ---- bodies

//  The body with the secret redacted has to be this: in front of the text's value, the value,
//  and behind it.
static bool
s_body_is (const trial_t *trial, const br_buf_t *bare, const br_buf_t *out)
{
    carrier_form_t form = trial->carrier->form;
    size_t quotes = form == CARRIER_VALUE ? 0 : 2;
    size_t front = (size_t) (strchr (trial->carrier->head, '@') - trial->carrier->head);
    size_t behind = bare->size - front - quotes;
    if (out->size < front + behind || memcmp (out->data, bare->data, front) != 0
        || memcmp (out->data + out->size - behind, bare->data + bare->size - behind,
                   behind)
               != 0)
        return false;
    br_text_t value = { (const char *) out->data + front, out->size - front - behind };
    br_text_t wanted = specimen_wanted (trial->specimen);
    if (form == CARRIER_VALUE)
        return br_text_equal (value, wanted);
    br_buf_t text;
    br_buf_init (&text, CARRIER_MAX);
    if (form == CARRIER_STRING) {
        carrier_undo (value, &text);
    } else {
        br_buf_addc (&text, '"');
        specimen_write_wanted (trial->specimen, trial->style, &text);
        br_buf_addc (&text, '"');
        wanted = value;
    }
    bool is_same = br_text_equal (wanted, (br_text_t) { br_buf_text (&text), text.size });
    br_buf_free (&text);
    return is_same;
}

static void
s_try_slices (trial_t *trial, const br_buf_t *bare, const br_buf_t *given, size_t slice)
{
    br_buf_t out;
    br_buf_init (&out, CARRIER_MAX);
    guard_body_t *body = guard_body_new (trial->redact, 1, trial->direction, GUARD_REDACT,
                                         GUARD_BLOCK, trial->carrier->surface,
                                         given->data, given->size, NULL, NULL);
    trial->world->runs++;
    while (guard_body_step (body, slice))
        continue;
    if (guard_body_verdict (body) != GUARD_BODY_CHANGED)
        s_fail (trial, "nothing is redacted", given, &out);
    assert_int_equal (guard_body_write (body, &out, NULL, NULL), 0);
    guard_body_destroy (&body);
    if (!s_body_is (trial, bare, &out))
        s_fail (trial, "the body is another one", given, &out);
    if (specimen_is_seen (trial->specimen, (br_text_t) { br_buf_text (&out), out.size }))
        s_fail (trial, "the match is seen", given, &out);
    body = guard_body_new (trial->block, 1, trial->direction, GUARD_REDACT, GUARD_BLOCK,
                           trial->carrier->surface, given->data, given->size, NULL, NULL);
    while (guard_body_step (body, slice))
        continue;
    if (guard_body_verdict (body) != GUARD_BODY_BLOCKED)
        s_fail (trial, "it is not blocked", given, &out);
    guard_body_destroy (&body);
    br_buf_free (&out);
}

static void
s_try_body (trial_t *trial, const br_buf_t *bare)
{
    static const size_t slices[] = { 1, 130, 1 << 20 };
    br_buf_t given;
    br_buf_init (&given, CARRIER_MAX);
    br_text_t inside = specimen_inside (trial->specimen);
    carrier_write (trial->carrier, trial->style, &inside, 1, &given);
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++)
        s_try_slices (trial, bare, &given, slices[i]);
    br_buf_free (&given);
}

//  ---- examples

//  One text at one place, if it is a match there.
static void
s_try_text (trial_t *trial, const char *text, bool is_chosen)
{
    static const br_text_t nothing = { "", 0 };
    world_t *world = trial->world;
    const carrier_t *carrier = trial->carrier;
    bool is_body = !carrier->pieces;
    size_t turn = world->serial++;
    trial->style = (carrier_style_t) (turn % CARRIER_STYLES);
    carrier_style_t inner = (carrier_style_t) (turn / CARRIER_STYLES % CARRIER_STYLES);
    trial->specimen = specimen_new (trial->redact, trial->direction, carrier->form, inner,
                                    text);
    world->looked++;
    br_buf_t bare;
    br_buf_init (&bare, CARRIER_MAX);
    carrier_write (carrier, CARRIER_PLAIN, &nothing, 1, &bare);
    specimen_hide (trial->specimen, (br_text_t) { br_buf_text (&bare), bare.size });
    if (specimen_is_empty (trial->specimen))
        world->silent++;
    else if (is_body)
        s_try_body (trial, &bare);
    else
        s_try_stream (trial, is_chosen);
    br_buf_free (&bare);
    specimen_destroy (&trial->specimen);
}

//  in:   is_everywhere, in all carriers; else in one
static void
s_try_example (trial_t *trial, const char *text, bool is_everywhere,
               const carrier_t *carriers, size_t count)
{
    char around[8192];
    snprintf (around, sizeof around, "A line in front.\n%s\nAnd a line behind, \xC3\xA9.",
              text);
    size_t chosen = trial->world->serial % count;
    for (size_t i = 0; i < count; i++) {
        trial->carrier = &carriers[i];
        if (is_everywhere || i == chosen)
            s_try_text (trial, (chosen + i) % 2 ? around : text, i == chosen);
    }
}

static void
s_try_pattern (world_t *world, const br_conf_node_t *pattern, guard_direction_t direction,
               const carrier_t *carriers, size_t count)
{
    char *redact = families_slice_of (pattern, "redact");
    char *block = families_slice_of (pattern, "block");
    guard_rules_t *rules[] = { guard_rules_new (redact, NULL),
                               guard_rules_new (block, NULL) };
    assert_non_null (rules[0]);
    assert_non_null (rules[1]);
    trial_t trial = { .world = world,
                      .direction = direction,
                      .redact = rules[0],
                      .block = rules[1],
                      .pattern = br_conf_node_get_text (pattern, "name") };
    const br_conf_node_t *list = br_conf_node_get (pattern, "match");
    size_t shortest = 0;
    for (size_t i = 1; i < list->count; i++)
        if (strlen (list->items[i]->text) < strlen (list->items[shortest]->text))
            shortest = i;
    for (size_t i = 0; i < list->count; i++)
        s_try_example (&trial, list->items[i]->text, i == shortest, carriers, count);
    guard_rules_destroy (&rules[1]);
    guard_rules_destroy (&rules[0]);
    free (block);
    free (redact);
}

static void
s_try_all (world_t *world, guard_direction_t direction, const carrier_t *carriers,
           size_t count)
{
    world->runs = world->looked = world->silent = 0;
    for (size_t i = 0; i < families_count (world->families); i++) {
        const br_conf_node_t *patterns = families_patterns (
            families_at (world->families, i));
        for (size_t k = 0; k < patterns->count; k++)
            s_try_pattern (world, patterns->items[k], direction, carriers, count);
    }
    print_message ("%zu runs; %zu of %zu texts are no match where they stand\n",
                   world->runs, world->silent, world->looked);
    assert_true (world->silent * 20 < world->looked);
}

static void
given_an_answer_with_a_secret_when_cut_then_nothing_of_it_goes_out (void **state)
{
    size_t count = 0;
    const carrier_t *carriers = carrier_streams (&count);
    s_try_all (*state, GUARD_DOWN, carriers, count);
}

static void
given_a_request_with_a_secret_when_looked_at_then_only_the_match_is_changed (void **state)
{
    size_t count = 0;
    const carrier_t *carriers = carrier_bodies (&count);
    s_try_all (*state, GUARD_UP, carriers, count);
}

static void
given_a_single_answer_when_looked_at_then_only_the_match_is_changed (void **state)
{
    size_t count = 0;
    const carrier_t *carriers = carrier_answers (&count);
    s_try_all (*state, GUARD_DOWN, carriers, count);
}

//  Of one secret each byte of each stream is a cut.
static void
given_a_stream_when_cut_at_each_of_its_bytes_then_nothing_of_it_goes_out (void **state)
{
    world_t *world = *state;
    static const char slice[] =
        "{\"custom\":[{\"name\":\"a\",\"regex\":\"key-[a-z\\u00e9\\\"]{8}\"}],"
        "\"sets\":[{\"custom_downgoing\":{\"a\":\"%s\"}}]}";
    char text[sizeof slice + 16];
    snprintf (text, sizeof text, slice, "redact");
    guard_rules_t *redact = guard_rules_new (text, NULL);
    snprintf (text, sizeof text, slice, "block");
    guard_rules_t *block = guard_rules_new (text, NULL);
    trial_t trial = { .world = world, .redact = redact, .block = block, .pattern = "a" };
    size_t count = 0;
    const carrier_t *carriers = carrier_streams (&count);
    for (size_t i = 0; i < count; i++) {
        trial.carrier = &carriers[i];
        trial.style = CARRIER_MIXED;
        trial.specimen = specimen_new (redact, GUARD_DOWN, carriers[i].form,
                                       CARRIER_MIXED, "a key-ab\"defgh \xF0\x9F\x98\x80");
        specimen_hide (trial.specimen, BR_TEXT (""));
        assert_false (specimen_is_empty (trial.specimen));
        s_try_bytes (&trial, CARRIER_MAX);
        specimen_destroy (&trial.specimen);
    }
    guard_rules_destroy (&block);
    guard_rules_destroy (&redact);
}

//  All patterns at once: what they find overlaps.
static void
given_an_answer_when_all_patterns_look_then_it_is_as_if_it_were_whole (void **state)
{
    world_t *world = *state;
    char *slice = families_slice_all (world->families, "redact");
    guard_rules_t *rules = guard_rules_new (slice, NULL);
    assert_non_null (rules);
    trial_t trial = {
        .world = world, .direction = GUARD_DOWN, .redact = rules, .pattern = "all of them"
    };
    size_t count = 0;
    const carrier_t *carriers = carrier_streams (&count);
    world->runs = 0;
    for (size_t i = 0; i < families_count (world->families); i++) {
        const br_conf_node_t *patterns = families_patterns (
            families_at (world->families, i));
        for (size_t k = 0; k < patterns->count; k++) {
            const br_conf_node_t *list = br_conf_node_get (patterns->items[k], "match");
            for (size_t e = 0; e < list->count; e++) {
                trial.carrier = &carriers[world->serial % count];
                s_try_text (&trial, list->items[e]->text, false);
            }
        }
    }
    print_message ("%zu runs\n", world->runs);
    guard_rules_destroy (&rules);
    free (slice);
}

static int
s_setup (void **state)
{
    const char *source = getenv ("BR_SOURCE_DIR");
    world_t *world = BR_NEW (world_t);
    world->families = families_new (source ? source : ".");
    *state = world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    families_destroy (&world->families);
    free (world);
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_an_answer_with_a_secret_when_cut_then_nothing_of_it_goes_out),
        cmocka_unit_test (
            given_a_request_with_a_secret_when_looked_at_then_only_the_match_is_changed),
        cmocka_unit_test (
            given_a_single_answer_when_looked_at_then_only_the_match_is_changed),
        cmocka_unit_test (
            given_an_answer_when_all_patterns_look_then_it_is_as_if_it_were_whole),
        cmocka_unit_test (
            given_a_stream_when_cut_at_each_of_its_bytes_then_nothing_of_it_goes_out),
    };
    return cmocka_run_group_tests (tests, s_setup, s_teardown);
}
