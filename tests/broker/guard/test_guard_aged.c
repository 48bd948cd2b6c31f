//  Text that has waited for too long, in channels and streams: what only rules that fail open
//  wait for goes on in its place, and nothing else does.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_seam.h"
#include "broker/guard/guard_stream.h"

#define OUT_MAX (1u << 20) //  bytes

//  "open", "wide" and "stop" fail open; "shut" fails closed.
static const char s_slice[] =
    "{\"custom\":["
    "{\"name\":\"open\",\"regex\":\"sec[0-9]{4}\",\"hints\":[\"sec\"]},"
    "{\"name\":\"wide\",\"regex\":\"<[^>]{1,30}>\"},"
    "{\"name\":\"stop\",\"regex\":\"STOP[0-9]\"},"
    "{\"name\":\"shut\",\"regex\":\"key[0-9]{4}\",\"hints\":[\"key\"]}],"
    "\"sets\":[{\"custom_downgoing\":{\"open\":\"redact\",\"wide\":\"redact\","
    "\"stop\":\"block\",\"shut\":\"redact\"},"
    "\"fail\":{\"open\":\"open\",\"wide\":\"open\",\"stop\":\"open\"}}]}";

typedef struct {
    guard_rules_t *rules;
    guard_stream_t *stream;
    uint64_t now_ms;
    size_t failed; //  findings that say so
    size_t found;
    br_buf_t out;
} world_t;

static void
s_hear (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    world_t *world = arg;
    (void) place;
    world->found += finding->kind == GUARD_FOUND;
    world->failed += finding->kind == GUARD_FAILED;
    if (finding->kind == GUARD_FAILED)
        assert_int_equal (finding->action, GUARD_WARN);
}

static void
s_hear_word (void *arg, const guard_finding_t *finding)
{
    s_hear (arg, finding, BR_TEXT_ANSWER);
}

static int
s_setup (void **state)
{
    world_t *world = BR_NEW (world_t);
    br_error_t error = { .code = BR_OK };
    world->rules = guard_rules_new (s_slice, &error);
    assert_non_null (world->rules);
    world->now_ms = 77777;
    br_buf_init (&world->out, OUT_MAX);
    *state = world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    guard_stream_destroy (&world->stream);
    guard_rules_destroy (&world->rules);
    br_buf_free (&world->out);
    free (world);
    return 0;
}

//  ---- channels

static guard_channel_t *
s_channel (world_t *world, guard_form_t form)
{
    return guard_channel_new (world->rules, 1, GUARD_DOWN, form, s_hear_word, world);
}

static void
s_push (world_t *world, guard_channel_t *channel, const char *text)
{
    assert_int_equal (guard_channel_push (channel, text, strlen (text), &world->out), 0);
}

static void
s_age (world_t *world, guard_channel_t *channel, uint64_t ms)
{
    world->now_ms += ms;
    assert_int_equal (guard_channel_age (channel, world->now_ms, &world->out), 0);
}

static void
given_text_that_waits_when_it_did_for_long_enough_then_it_goes (void **state)
{
    world_t *world = *state;
    guard_channel_t *channel = s_channel (world, GUARD_PLAIN);
    s_push (world, channel, "a sec12");
    s_age (world, channel, 0);
    s_age (world, channel, GUARD_HOLD_MS - 1);
    assert_string_equal (br_buf_text (&world->out), "a ");
    s_age (world, channel, 1);
    assert_string_equal (br_buf_text (&world->out), "a sec12");
    assert_int_equal (guard_channel_held (channel), 0);
    assert_int_equal (world->failed, 1);
    //  what comes is looked at as before, and a pattern that has failed is told once
    s_push (world, channel, "34 sec5678 sec9");
    assert_string_equal (br_buf_text (&world->out), "a sec1234 [REDACTED] ");
    s_age (world, channel, 0);
    s_age (world, channel, GUARD_HOLD_MS);
    assert_string_equal (br_buf_text (&world->out), "a sec1234 [REDACTED] sec9");
    assert_int_equal (world->failed, 1);
    assert_int_equal (world->found, 1);
    guard_channel_destroy (&channel);
}

static void
given_text_that_came_later_when_aged_then_it_waits_from_then_on (void **state)
{
    world_t *world = *state;
    guard_channel_t *channel = s_channel (world, GUARD_PLAIN);
    s_push (world, channel, "a sec");
    s_age (world, channel, 0);
    s_push (world, channel, "x sec");
    s_age (world, channel, GUARD_HOLD_MS);
    assert_string_equal (br_buf_text (&world->out), "a secx ");
    assert_int_equal (world->failed, 0);
    s_age (world, channel, GUARD_HOLD_MS);
    assert_string_equal (br_buf_text (&world->out), "a secx sec");
    guard_channel_destroy (&channel);
}

static void
given_a_rule_that_fails_closed_when_aged_then_what_it_waits_for_stays (void **state)
{
    world_t *world = *state;
    static const struct {
        const char *text;
        const char *given;
        const char *rest;
        const char *whole;
    } rows[] = {
        { "a key12", "a ", "34 b", "a [REDACTED] b" },
        { "a <b key3", "a <b ", "456 c> d", "a <b [REDACTED] c> d" },
        { "key1 <b", "key1 <b", "> <key> d", "key1 <b> [REDACTED] d" },
        { "a key", "a ", "sec1234 b", "a key[REDACTED] b" },
        { "ke", "", "y1234", "[REDACTED]" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        guard_channel_t *channel = s_channel (world, GUARD_PLAIN);
        br_buf_clear (&world->out);
        s_push (world, channel, rows[i].text);
        for (size_t k = 0; k < 9; k++)
            s_age (world, channel, GUARD_HOLD_MS);
        assert_string_equal (br_buf_text (&world->out), rows[i].given);
        s_push (world, channel, rows[i].rest);
        assert_int_equal (guard_channel_end (channel, &world->out), 0);
        assert_string_equal (br_buf_text (&world->out), rows[i].whole);
        guard_channel_destroy (&channel);
    }
}

static void
given_a_redaction_that_may_grow_when_aged_then_it_goes (void **state)
{
    world_t *world = *state;
    guard_channel_t *channel = s_channel (world, GUARD_PLAIN);
    s_push (world, channel, "a key1234");
    assert_string_equal (br_buf_text (&world->out), "a ");
    s_age (world, channel, 0);
    s_age (world, channel, GUARD_HOLD_MS);
    assert_string_equal (br_buf_text (&world->out), "a [REDACTED]");
    assert_int_equal (world->failed, 0);
    s_push (world, channel, "key5678 b");
    assert_string_equal (br_buf_text (&world->out), "a [REDACTED] b");
    guard_channel_destroy (&channel);
}

static void
given_json_when_aged_then_both_views_of_it_go_on (void **state)
{
    world_t *world = *state;
    guard_channel_t *channel = s_channel (world, GUARD_JSON);
    s_push (world, channel, "{\"a\":\"\\u0073ec1\\u00");
    assert_string_equal (br_buf_text (&world->out), "{\"a\":\"");
    s_age (world, channel, 0);
    s_age (world, channel, GUARD_HOLD_MS);
    assert_string_equal (br_buf_text (&world->out), "{\"a\":\"\\u0073ec1");
    s_push (world, channel, "32 \\u006bey1");
    s_age (world, channel, 0);
    s_age (world, channel, GUARD_HOLD_MS);
    s_age (world, channel, GUARD_HOLD_MS);
    s_push (world, channel, "234\"}");
    assert_int_equal (guard_channel_end (channel, &world->out), 0);
    assert_string_equal (br_buf_text (&world->out),
                         "{\"a\":\"\\u0073ec1\\u0032 [REDACTED]\"}");
    guard_channel_destroy (&channel);
}

static void
given_a_match_behind_what_waits_when_aged_then_it_blocks (void **state)
{
    world_t *world = *state;
    guard_channel_t *channel = s_channel (world, GUARD_PLAIN);
    s_push (world, channel, "a STO");
    s_age (world, channel, 0);
    s_age (world, channel, GUARD_HOLD_MS);
    assert_string_equal (br_buf_text (&world->out), "a STO");
    assert_int_equal (guard_channel_push (channel, "STOP1", 5, &world->out), -1);
    assert_int_equal (guard_channel_age (channel, world->now_ms, &world->out), -1);
    assert_string_equal (br_buf_text (&world->out), "a STO");
    guard_channel_destroy (&channel);
}

//  ---- a seam

static void
given_text_at_a_seam_when_aged_then_only_what_fails_closed_waits (void **state)
{
    world_t *world = *state;
    const guard_lane_rules_t rules = { world->rules, 1,      GUARD_DOWN, GUARD_REDACT,
                                       GUARD_BLOCK,  s_hear, world };
    static const struct {
        const char *before;
        const char *text;
        size_t held; //  bytes, when it was aged
    } rows[] = { { "ST", "O", 0 }, { "key1", "2", 1 } };
    for (size_t i = 0; i < 2; i++) {
        guard_seam_t *seam = guard_seam_new (
            &rules, GUARD_PLAIN, BR_TEXT_ANSWER,
            (br_text_t) { rows[i].before, strlen (rows[i].before) });
        assert_int_equal (guard_seam_age (seam, world->now_ms, &world->out), 0);
        world->now_ms += GUARD_HOLD_MS; //  nothing waits yet
        assert_int_equal (guard_seam_push (seam, rows[i].text, 1, &world->out), 0);
        assert_int_equal (guard_seam_age (seam, world->now_ms, &world->out), 0);
        assert_int_equal (guard_seam_held (seam), 1);
        world->now_ms += GUARD_HOLD_MS;
        assert_int_equal (guard_seam_age (seam, world->now_ms, &world->out), 0);
        assert_int_equal (guard_seam_held (seam), rows[i].held);
        guard_seam_destroy (&seam);
    }
    assert_string_equal (br_buf_text (&world->out), "O");
    assert_int_equal (world->failed, 1);
}

//  ---- streams

//  In texts ' stands for ".
static char *
s_quoted (const char *text)
{
    char *copy = br_strdup (text);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    return copy;
}

static void
s_say (world_t *world, const char *text)
{
    char *stream = s_quoted (text);
    assert_int_equal (
        guard_stream_push (world->stream, stream, strlen (stream), &world->out), 0);
    free (stream);
}

//  What came since the last look.
static void
s_assert_out (world_t *world, const char *wanted)
{
    char *expected = s_quoted (wanted);
    assert_string_equal (br_buf_text (&world->out), expected);
    br_buf_clear (&world->out);
    free (expected);
}

static void
s_open (world_t *world, br_surface_t surface)
{
    guard_stream_destroy (&world->stream);
    br_buf_clear (&world->out);
    world->stream = guard_stream_new (world->rules, 1, GUARD_REDACT, GUARD_BLOCK, surface,
                                      s_hear, world);
}

static void
s_wait (world_t *world)
{
    assert_int_equal (guard_stream_age (world->stream, world->now_ms, &world->out), 0);
    world->now_ms += GUARD_HOLD_MS;
    assert_int_equal (guard_stream_age (world->stream, world->now_ms, &world->out), 0);
}

#define CHAT(delta, finish)                                                              \
    "data: {'id':'c','choices':[{'index':0,'delta':{" delta "},'finish_reason':" finish  \
    "}]}\n\n"
#define DONE "data: [DONE]\n\n"

static void
given_a_stream_when_text_has_waited_then_it_goes_in_an_event_like_its_own (void **state)
{
    world_t *world = *state;
    s_open (world, BR_SURFACE_CHAT);
    s_say (world, CHAT ("'role':'assistant','content':'a sec12'", "null"));
    s_assert_out (world, CHAT ("'role':'assistant','content':'a '", "null"));
    s_wait (world);
    s_assert_out (world, CHAT ("'content':'sec12'", "null"));
    assert_int_equal (guard_stream_held (world->stream), 0);
    s_say (world, CHAT ("'content':'34 sec5678 '", "null"));
    s_assert_out (world, CHAT ("'content':'34 [REDACTED] '", "null"));
    s_say (world, CHAT ("'content':'key12'", "null") CHAT ("", "'stop'") DONE);
    s_assert_out (world, CHAT ("'content':''", "null") CHAT ("'content':'key12'", "null")
                             CHAT ("", "'stop'") DONE);
    assert_int_equal (world->failed, 1);
}

static void
given_a_stream_when_a_rule_that_fails_closed_waits_then_nothing_goes (void **state)
{
    world_t *world = *state;
    s_open (world, BR_SURFACE_CHAT);
    s_say (world, CHAT ("'content':'<a key12'", "null"));
    s_assert_out (world, CHAT ("'content':''", "null"));
    s_wait (world);
    s_assert_out (world, CHAT ("'content':'<a '", "null"));
    s_wait (world);
    s_wait (world);
    s_assert_out (world, "");
    s_say (world, CHAT ("'content':'34 b>'", "null"));
    s_assert_out (world, CHAT ("'content':'[REDACTED] b>'", "null"));
}

#define RESPONSES(number, text)                                                          \
    "event: response.output_text.delta\ndata: {'type':'response.output_text.delta',"     \
    "'item_id':'m','output_index':0,'content_index':0,'delta':'" text                    \
    "','sequence_number':" number "}\n\n"

static void
given_numbered_events_when_one_was_put_in_then_those_behind_are_counted_anew (
    void **state)
{
    world_t *world = *state;
    s_open (world, BR_SURFACE_RESPONSES);
    s_say (world, RESPONSES ("7", "a sec"));
    s_wait (world);
    s_say (world, RESPONSES ("8", "b"));
    s_assert_out (world,
                  RESPONSES ("7", "a ") RESPONSES ("8", "sec") RESPONSES ("9", "b"));
}

#define MESSAGES(text)                                                                   \
    "event: content_block_delta\ndata: {'type':'content_block_delta','index':1,"         \
    "'delta':{'type':'text_delta','text':'" text "'}}\n\n"
#define GEMINI(text, finish)                                                             \
    "data: {'candidates':[{'content':{'parts':[{'text':'" text                           \
    "'}],'role':'model'}" finish ",'index':0}]}\n\n"

static void
given_other_protocols_when_text_has_waited_then_it_goes_as_theirs (void **state)
{
    world_t *world = *state;
    s_open (world, BR_SURFACE_MESSAGES);
    s_say (world, MESSAGES ("a sec"));
    s_wait (world);
    s_assert_out (world, MESSAGES ("a ") MESSAGES ("sec"));
    s_open (world, BR_SURFACE_GOOGLE);
    s_say (world, GEMINI ("a sec", ""));
    s_wait (world);
    s_assert_out (world, GEMINI ("a ", "") GEMINI ("sec", ""));
}

//  An event that may be the end of a text is kept while any of it waits.
static void
given_an_event_that_is_kept_when_its_text_has_waited_then_both_go (void **state)
{
    world_t *world = *state;
    s_open (world, BR_SURFACE_GOOGLE);
    s_say (world, GEMINI ("a sec", ",'finishReason':'STOP'"));
    s_assert_out (world, "");
    s_wait (world);
    s_assert_out (world, GEMINI ("a sec", ",'finishReason':'STOP'"));
    s_say (world, GEMINI ("b sec1234 key1", ",'finishReason':'STOP'") ": hi\n");
    s_wait (world);
    s_wait (world);
    s_assert_out (world, "");
    s_say (world, GEMINI ("234 c", ",'finishReason':'STOP'"));
    s_assert_out (world,
                  GEMINI ("b [REDACTED] ", ",'finishReason':'STOP'") ": hi\n" GEMINI (
                      "[REDACTED] c", ",'finishReason':'STOP'"));
}

//  Wherever the provider pauses, nothing of what fails closed is told.
static void
given_a_pause_anywhere_when_aged_then_what_fails_closed_is_redacted (void **state)
{
    world_t *world = *state;
    static const char text[] = "a key1234 <sec9999 seckey5678sec> STO<key0000";
    for (size_t first = 0; first < sizeof text - 1; first++)
        for (size_t second = first; second < sizeof text - 1; second++) {
            const size_t stops[] = { 0, first, second, sizeof text - 1 };
            guard_channel_t *channel = s_channel (world, GUARD_PLAIN);
            br_buf_clear (&world->out);
            for (size_t i = 0; i < 3; i++) {
                assert_int_equal (guard_channel_push (channel, text + stops[i],
                                                      stops[i + 1] - stops[i],
                                                      &world->out),
                                  0);
                s_age (world, channel, 0);
                s_age (world, channel, GUARD_HOLD_MS);
            }
            assert_int_equal (guard_channel_end (channel, &world->out), 0);
            const char *out = br_buf_text (&world->out);
            assert_null (strstr (out, "key"));
            assert_memory_equal (out, "a [REDACTED] ", 13);
            guard_channel_destroy (&channel);
        }
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        TEST (given_text_that_waits_when_it_did_for_long_enough_then_it_goes),
        TEST (given_text_that_came_later_when_aged_then_it_waits_from_then_on),
        TEST (given_a_rule_that_fails_closed_when_aged_then_what_it_waits_for_stays),
        TEST (given_a_redaction_that_may_grow_when_aged_then_it_goes),
        TEST (given_json_when_aged_then_both_views_of_it_go_on),
        TEST (given_a_match_behind_what_waits_when_aged_then_it_blocks),
        TEST (given_text_at_a_seam_when_aged_then_only_what_fails_closed_waits),
        TEST (given_a_stream_when_text_has_waited_then_it_goes_in_an_event_like_its_own),
        TEST (given_a_stream_when_a_rule_that_fails_closed_waits_then_nothing_goes),
        TEST (
            given_numbered_events_when_one_was_put_in_then_those_behind_are_counted_anew),
        TEST (given_other_protocols_when_text_has_waited_then_it_goes_as_theirs),
        TEST (given_an_event_that_is_kept_when_its_text_has_waited_then_both_go),
        TEST (given_a_pause_anywhere_when_aged_then_what_fails_closed_is_redacted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
