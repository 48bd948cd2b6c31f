//  guard: answers that may be anything (transcripts, subtitles, sound), as the actor has them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/guard/guard_held.h"
#include "broker/core/alloc.h"
#include "broker/core/credit.h"
#include "tests/actors/guard/guard_world.h"

#define CALL 5
#define MP3 "\xff\xfb\x90"
#define VTT "WEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\n"

static guard_world_t *
s_open (void **state, br_surface_t surface)
{
    guard_world_t *world = *state;
    const struct br_call_open open = { .generation = 1,
                                       .guard_sets = KEYS,
                                       .surface = surface };
    guard_world_open_with (world, CALL, open, "{}", 2);
    stage_settle (&world->stage);
    return world;
}

//  What becomes of an answer that comes in two pieces.
static void
s_becomes (void **state, const char *type, const char *first, const char *second,
           const char *wanted)
{
    guard_world_t *world = s_open (state, BR_SURFACE_TRANSCRIPTIONS);
    guard_world_head (world, CALL, 1, type, first);
    guard_world_delta (world, CALL, 1, second);
    guard_world_end (world, CALL, 1);
    const struct br_reply_head *head = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_REPLY_HEAD));
    assert_string_equal (head->content_type, type);
    assert_int_equal (head->upto, world->upto);
    assert_string_equal (stage_bytes (&world->stage, "ingress"), wanted);
}

static void
s_is_blocked (guard_world_t *world, const char *words)
{
    const struct br_reply_error *error = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_REPLY_ERROR));
    assert_int_equal (error->code, BR_EUPGUARD);
    assert_non_null (strstr (error->error, words));
    assert_string_equal (stage_bytes (&world->stage, "ingress"), "");
}

static void
words_are_redacted_whatever_their_type (void **state)
{
    static const char *const types[] = {
        "text/plain; charset=utf-8", "text/vtt",   "application/x-subrip", "",
        "application/octet-stream",  "audio/mpeg",
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        s_becomes (state, types[i], VTT "my key is sk-ab", "cd1234, h\xc3\xa9\r\n",
                   VTT "my key is [REDACTED], h\xc3\xa9\r\n");
        const struct br_reply_head *head = br_msg_fields (
            stage_last (&((guard_world_t *) *state)->stage, "ingress", BR_REPLY_HEAD));
        assert_int_equal (head->guard_said, GUARD_SAID_ANSWER_REDACTED);
        guard_world_teardown (state);
        guard_world_setup (state);
    }
}

//  They look like JSON, or like events, and are none.
static void
words_with_a_strange_beginning_are_redacted (void **state)
{
    static const char *const starts[] = { "[music] ", "id: ", "data: ", ": ", "\n[1" };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        char *wanted = br_strf ("%s[REDACTED] ok", starts[i]);
        char *first = br_strf ("%ssk-ab", starts[i]);
        s_becomes (state, "text/plain", first, "cd1234 ok", wanted);
        free (first);
        free (wanted);
        guard_world_teardown (state);
        guard_world_setup (state);
    }
}

static void
words_that_are_fine_stay (void **state)
{
    s_becomes (state, "text/plain", "hel", "lo\n", "hello\n");
}

static void
json_with_another_type_is_read_as_json (void **state)
{
    s_becomes (state, "text/plain", "{\"text\":\"\\u0073k-ab",
               "cd1234\",\"words\":[{\"word\":\"sk-ab\"},{\"word\":\"cd1234\"}]}",
               "{\"text\":\"[REDACTED]\",\"words\":[]}");
}

static void
words_are_blocked (void **state)
{
    guard_world_t *world = s_open (state, BR_SURFACE_TRANSLATIONS);
    guard_world_head (world, CALL, 1, "text/plain", "say rm -");
    guard_world_delta (world, CALL, 1, "rf / now");
    guard_world_end (world, CALL, 1);
    s_is_blocked (world, "guardrail blocked downgoing text content: Dangerous shell "
                         "commands");
}

static void
words_have_a_bound (void **state)
{
    guard_world_t *world = s_open (state, BR_SURFACE_TRANSLATIONS);
    char *piece = br_alloc (1, (1u << 20) + 1);
    memset (piece, 'a', 1u << 20);
    guard_world_head (world, CALL, 1, "text/plain", piece);
    const struct br_reply_credit *credit = br_msg_fields (
        stage_last (&world->stage, "upstream/openai", BR_REPLY_CREDIT));
    assert_int_equal (credit->upto, (1u << 20) + BR_CREDIT_WINDOW);
    for (unsigned i = 0; i < GUARD_ANSWER_MAX >> 20; i++)
        guard_world_delta (world, CALL, 1, piece);
    s_is_blocked (world, "the answer is too long");
    free (piece);
}

static void
sound_passes_from_its_first_piece_on (void **state)
{
    guard_world_t *world = s_open (state, BR_SURFACE_SPEECH);
    guard_world_head (world, CALL, 1, "audio/mpeg", MP3 " rm -rf /");
    assert_string_equal (stage_bytes (&world->stage, "ingress"), MP3 " rm -rf /");
    guard_world_delta (world, CALL, 1, " sk-abcd1234");
    guard_world_end (world, CALL, 1);
    assert_string_equal (stage_bytes (&world->stage, "ingress"),
                         MP3 " rm -rf / sk-abcd1234");
    const struct br_reply_end *end = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_REPLY_END));
    assert_int_equal (end->seq, 2);
    assert_int_equal (end->guard_said, 0);
}

//  Nothing came at first, or too little to know.
static void
sound_that_begins_slowly_passes (void **state)
{
    guard_world_t *world = s_open (state, BR_SURFACE_SPEECH);
    guard_world_head (world, CALL, 1, "audio/mpeg", "");
    guard_world_delta (world, CALL, 1, "{D3");
    assert_string_equal (stage_bytes (&world->stage, "ingress"), "");
    guard_world_delta (world, CALL, 1, MP3);
    assert_string_equal (stage_bytes (&world->stage, "ingress"), "{D3" MP3);
    guard_world_delta (world, CALL, 1, "more");
    assert_string_equal (stage_bytes (&world->stage, "ingress"), "{D3" MP3 "more");
    guard_world_end (world, CALL, 1);
    assert_non_null (stage_last (&world->stage, "ingress", BR_REPLY_END));
}

static void
sound_that_is_known_at_its_end_passes (void **state)
{
    s_becomes (state, "audio/x-tiny", "\1\2 rm -rf /", " sk-abcd1234",
               "\1\2 rm -rf / sk-abcd1234");
}

static void
text_that_is_no_utf8_is_blocked (void **state)
{
    guard_world_t *world = s_open (state, BR_SURFACE_TRANSCRIPTIONS);
    guard_world_head (world, CALL, 1, "text/plain", "h\xe9 sk-abcd1234");
    s_is_blocked (world, "the answer seems to be text and is no UTF-8");
}

//  Clients read it all the same.
static void
json_that_is_no_utf8_is_blocked (void **state)
{
    guard_world_t *world = s_open (state, BR_SURFACE_TRANSCRIPTIONS);
    guard_world_head (world, CALL, 1, "", "{ ");
    guard_world_delta (world, CALL, 1, "\"text\":\"sk-abcd1234 \xff\"}");
    s_is_blocked (world, "the answer seems to be text and is no UTF-8");
}

static void
text_that_is_no_utf8_passes_where_rules_fail_open (void **state)
{
    guard_world_t *world = *state;
    static const char slice[] =
        "{\"families\":[{\"id\":\"api_keys\",\"about\":\"API keys\",\"direction\":"
        "\"upgoing\",\"patterns\":[{\"name\":\"sk\",\"regex\":\"sk-[a-z0-9]{8}\"}]}],"
        "\"sets\":[{\"downgoing\":{\"api_keys\":\"redact\"},"
        "\"fail\":{\"api_keys\":\"open\"}}]}";
    assert_string_equal (guard_world_configure (world, 2, slice), "conf.taken#0 ");
    const struct br_call_open open = { .generation = 2,
                                       .guard_sets = 1,
                                       .surface = BR_SURFACE_TRANSCRIPTIONS };
    guard_world_open_with (world, CALL, open, "{}", 2);
    stage_settle (&world->stage);
    guard_world_head (world, CALL, 1, "text/plain", "h\xe9 x");
    assert_string_equal (stage_bytes (&world->stage, "ingress"), "h\xe9 x");
    const struct br_reply_head *head = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_REPLY_HEAD));
    assert_int_equal (head->guard_said, GUARD_SAID_ANSWER_UNCHECKED);
}

//  A stream whose type is wrong.
static void
events_are_read_as_events (void **state)
{
    guard_world_t *world = s_open (state, BR_SURFACE_TRANSCRIPTIONS);
#define DELTA(text)                                                                      \
    "data: {\"type\":\"transcript.text.delta\",\"delta\":\"" text "\"}\n\n"
    guard_world_head (world, CALL, 1, "", DELTA ("hi "));
    assert_string_equal (stage_bytes (&world->stage, "ingress"), DELTA ("hi "));
    guard_world_delta (world, CALL, 1, DELTA ("sk-ab"));
    guard_world_delta (world, CALL, 1, DELTA ("cd1234 "));
    assert_string_equal (stage_bytes (&world->stage, "ingress"),
                         DELTA ("hi ") DELTA ("") DELTA ("[REDACTED] "));
}

#define TEST(name)                                                                       \
    cmocka_unit_test_setup_teardown (name, guard_world_setup, guard_world_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (words_are_redacted_whatever_their_type),
        TEST (words_with_a_strange_beginning_are_redacted),
        TEST (words_that_are_fine_stay),
        TEST (json_with_another_type_is_read_as_json),
        TEST (words_are_blocked),
        TEST (words_have_a_bound),
        TEST (sound_passes_from_its_first_piece_on),
        TEST (sound_that_begins_slowly_passes),
        TEST (sound_that_is_known_at_its_end_passes),
        TEST (text_that_is_no_utf8_is_blocked),
        TEST (json_that_is_no_utf8_is_blocked),
        TEST (text_that_is_no_utf8_passes_where_rules_fail_open),
        TEST (events_are_read_as_events),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
