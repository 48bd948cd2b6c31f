//  guard_body: whole bodies, in slices of any size, and recorded ones.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "broker/core/json.h"
#include "tests/broker/guard/streamed.h"
#include "tests/corpus.h"

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "stop", "STOP[0-9]", "block" },
    { "told", "warn[0-9]", "warn" },
    { NULL, NULL, NULL },
};

static const char *const s_words[][3] = {
    { "word", "the|and [a-z]+|\\bof\\b|location|[0-9]{2}", "redact" },
    { NULL, NULL, NULL },
};

typedef struct {
    size_t found;
    unsigned places; //  bits
} heard_t;

static void
s_hear (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    heard_t *heard = arg;
    assert_true (finding->size > 0 && finding->bytes);
    heard->found++;
    heard->places |= 1u << place;
}

static guard_body_t *
s_walk (const guard_rules_t *rules, guard_direction_t direction, br_surface_t surface,
        const char *bytes, size_t size, size_t slice, heard_t *heard)
{
    guard_body_t *body = guard_body_new (rules, 1, direction, GUARD_WARN, GUARD_BLOCK,
                                         surface, bytes, size, s_hear, heard);
    while (guard_body_step (body, slice))
        continue;
    assert_int_equal (guard_body_step (body, slice), 0);
    return body;
}

//  in:   wanted, NULL when it is to stay; found, findings that are to be told
static void
s_check (guard_direction_t direction, br_surface_t surface, const char *given,
         const char *wanted, size_t found)
{
    guard_rules_t *rules = channelled_rules (s_rows);
    assert_non_null (rules);
    for (size_t slice = 1; slice <= strlen (given) + 1; slice++) {
        heard_t heard = { 0 };
        guard_body_t *body = s_walk (rules, direction, surface, given, strlen (given),
                                     slice, &heard);
        assert_int_equal (guard_body_verdict (body),
                          wanted ? GUARD_BODY_CHANGED : GUARD_BODY_AS_IS);
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        assert_int_equal (guard_body_write (body, &out, NULL, NULL), 0);
        assert_string_equal (br_buf_text (&out), wanted ? wanted : given);
        assert_int_equal (heard.found, found);
        br_buf_free (&out);
        guard_body_destroy (&body);
    }
    guard_rules_destroy (&rules);
}

static void
given_texts_that_match_when_written_then_all_other_bytes_stay (void **state)
{
    (void) state;
    s_check (GUARD_UP, BR_SURFACE_CHAT,
             "{\"model\":\"m\", \"messages\": [ "
             "{\"role\":\"system\",\"content\":\"h\\u00e9\"},"
             " {\"role\":\"user\",\"content\":\"my \\u0073ec1234 \\ud83d\\ude00\"}]}",
             "{\"model\":\"m\", \"messages\": [ "
             "{\"role\":\"system\",\"content\":\"h\\u00e9\"},"
             " {\"role\":\"user\",\"content\":\"my [REDACTED] \\ud83d\\ude00\"}]}",
             1);
    s_check (
        GUARD_UP, BR_SURFACE_MESSAGES,
        "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
        "\"id\":\"i\",\"name\":\"n\",\"input\":{ \"a\" : [\"sec1\\u003234\", 1.0 ]}}]}]}",
        "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
        "\"id\":\"i\",\"name\":\"n\",\"input\":{ \"a\" : [\"[REDACTED]\", 1.0 ]}}]}]}",
        1);
    s_check (
        GUARD_DOWN, BR_SURFACE_CHAT,
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"tool_calls\":"
        "[{\"id\":\"i\",\"type\":\"function\",\"function\":{\"name\":\"f\","
        "\"arguments\":\"{\\\"a\\\":\\\"\\\\u0073ec1234\\\"}\"}}]}}]}",
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"tool_calls\":"
        "[{\"id\":\"i\",\"type\":\"function\",\"function\":{\"name\":\"f\","
        "\"arguments\":\"{\\\"a\\\":\\\"[REDACTED]\\\"}\"}}]}}]}",
        1);
}

static void
given_texts_without_a_redaction_when_written_then_the_body_is_the_same (void **state)
{
    (void) state;
    s_check (GUARD_UP, BR_SURFACE_CHAT,
             "{\"model\":\"sec1234\",\"messages\":[{\"role\":\"user\",\"content\":"
             "\"h\\u00e9 \\/ \\ud800 warn1\"}]}",
             NULL, 1);
}

//  "my sec1234", as what stands in the body.
static void
given_a_file_in_base64_when_its_words_match_then_they_are_redacted (void **state)
{
    (void) state;
    s_check (GUARD_UP, BR_SURFACE_GOOGLE,
             "{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":\"text/plain\","
             "\"data\":\"bXkgc2VjMTIzNA==\"}}]}]}",
             "{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":\"text/plain\","
             "\"data\":\"bXkgW1JFREFDVEVEXQ==\"}}]}]}",
             1);
    s_check (GUARD_UP, BR_SURFACE_CHAT,
             "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":"
             "{\"file_data\":\"data:text\\/plain;base64,bXkgc2VjMTIzNA==\"}}]}]}",
             "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":"
             "{\"file_data\":\"data:text\\/plain;base64,bXkgW1JFREFDVEVEXQ==\"}}]}]}",
             1);
    s_check (GUARD_UP, BR_SURFACE_GOOGLE,
             "{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":\"text/plain\","
             "\"data\":\"my \\u0073ec1234!\"}}]}]}",
             "{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":\"text/plain\","
             "\"data\":\"my [REDACTED]!\"}}]}]}",
             1);
}

//  What is redacted in a key stays a key, also when two become the same.
static void
given_keys_that_match_when_written_then_the_body_is_json (void **state)
{
    (void) state;
    s_check (GUARD_UP, BR_SURFACE_CHAT,
             "{\"notes\":{\"sec1234\":\"a\",\"\\u0073ec4321\":\"sec1111\"},"
             "\"messages\":[]}",
             "{\"notes\":{\"[REDACTED]\":\"a\",\"[REDACTED]\":\"[REDACTED]\"},"
             "\"messages\":[]}",
             3);
}

static void
given_token_chances_when_words_change_then_they_are_gone (void **state)
{
    (void) state;
    s_check (
        GUARD_DOWN, BR_SURFACE_CHAT,
        "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"sec1234\"},\"logprobs\":"
        "{\"content\":[{\"token\":\"sec1234\",\"logprob\":-1}]}}]}",
        "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"[REDACTED]\"},"
        "\"logprobs\":null}]}",
        1);
}

static void
given_a_text_in_parts_when_it_matches_over_them_then_it_is_redacted (void **state)
{
    (void) state;
    s_check (GUARD_DOWN, BR_SURFACE_GOOGLE,
             "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"h\\u00e9 se\"},"
             "{\"text\":\"c12\"},{\"text\":\"34 x sec\"}]}}]}",
             "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"h\xC3\xA9 \"},"
             "{\"text\":\"\"},{\"text\":\"[REDACTED] x sec\"}]}}]}",
             1);
    s_check (GUARD_DOWN, BR_SURFACE_GOOGLE,
             "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"h\\u00e9 se\"},"
             "{\"text\":\"c12\"}]}}]}",
             NULL, 0);
}

static void
given_a_rule_that_blocks_when_it_matches_then_the_body_is_blocked (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    const char *given = "{\"messages\":[{\"role\":\"tool\",\"content\":\"x STOP1\"}]}";
    for (size_t slice = 1; slice < 80; slice++) {
        heard_t heard = { 0 };
        guard_body_t *body = s_walk (rules, GUARD_UP, BR_SURFACE_CHAT, given,
                                     strlen (given), slice, &heard);
        assert_int_equal (guard_body_verdict (body), GUARD_BODY_BLOCKED);
        assert_int_equal (heard.found, 1);
        assert_int_equal (heard.places, 1u << BR_TEXT_TOOL_RESULT);
        guard_body_destroy (&body);
    }
    guard_rules_destroy (&rules);
}

static void
given_no_json_when_walked_then_it_is_unreadable (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    heard_t heard = { 0 };
    guard_body_t *body = s_walk (rules, GUARD_UP, BR_SURFACE_CHAT, "{\"messages\":", 12,
                                 5, &heard);
    assert_int_equal (guard_body_verdict (body), GUARD_BODY_UNREADABLE);
    guard_body_destroy (&body);
    guard_body_destroy (&body);
    guard_rules_destroy (&rules);
}

static void
given_an_offset_when_written_then_it_moves_with_the_edits (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    const char *given = "{\"messages\":[{\"role\":\"user\",\"content\":\"sec1234\"}],"
                        "\"model\":\"m\"}";
    heard_t heard = { 0 };
    guard_body_t *body = s_walk (rules, GUARD_UP, BR_SURFACE_CHAT, given, strlen (given),
                                 9, &heard);
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    size_t at = (size_t) (strstr (given, "\"m\"") - given);
    assert_int_equal (guard_body_write (body, &out, &at, NULL), 0);
    assert_ptr_equal (strstr (br_buf_text (&out), "\"m\""), br_buf_text (&out) + at);
    br_buf_t small;
    br_buf_init (&small, 8);
    br_error_t error = { 0 };
    assert_int_equal (guard_body_write (body, &small, NULL, &error), -1);
    assert_int_equal (error.code, BR_ETOOBIG);
    br_buf_free (&small);
    br_buf_free (&out);
    guard_body_destroy (&body);
    guard_rules_destroy (&rules);
}

//  ---- recorded bodies

typedef struct {
    br_surface_t surface;
    guard_direction_t direction;
    const char *folder;
    const char *end;
    guard_rules_t *rules;
    size_t changed;
} recorded_t;

typedef struct {
    streamed_t *read;
    const char *bytes;
} spoken_t;

static int
s_speak (void *arg, const br_text_span_t *span)
{
    spoken_t *spoken = arg;
    streamed_span (spoken->read, span, spoken->bytes);
    return 0;
}

//  All texts of a body, and with rules as they should be behind the guard.
static int
s_read (const recorded_t *recorded, const guard_rules_t *rules, const char *bytes,
        size_t size, streamed_t *read)
{
    streamed_init (read, recorded->surface, rules);
    spoken_t spoken = { read, bytes };
    int rc = recorded->direction == GUARD_UP
                 ? br_texts_of_request (recorded->surface, bytes, size, s_speak, &spoken,
                                        NULL)
                 : br_texts_of_answer (recorded->surface, bytes, size, s_speak, &spoken,
                                       NULL);
    while (read->ntexts)
        streamed_close (read, 0);
    return rc;
}

static void
s_check_recorded (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    recorded_t *recorded = arg;
    (void) file;
    if (recorded->direction == GUARD_DOWN
        && (strstr (file, ".request.json") || strstr (file, ".meta.json")))
        return;
    streamed_t wanted, got;
    int rc = s_read (recorded, recorded->rules, (const char *) bytes, size, &wanted);
    for (size_t slice = 100; rc == 0 && slice < 1000000; slice *= 100) {
        heard_t heard = { 0 };
        guard_body_t *body = s_walk (recorded->rules, recorded->direction,
                                     recorded->surface, (const char *) bytes, size, slice,
                                     &heard);
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        assert_int_equal (guard_body_write (body, &out, NULL, NULL), 0);
        assert_int_equal (s_read (recorded, NULL, br_buf_text (&out), out.size, &got), 0);
        assert_string_equal (br_buf_text (&got.told), br_buf_text (&wanted.told));
        recorded->changed += guard_body_verdict (body) == GUARD_BODY_CHANGED;
        streamed_free (&got);
        br_buf_free (&out);
        guard_body_destroy (&body);
    }
    streamed_free (&wanted);
}

static void
given_recorded_bodies_when_walked_then_their_texts_are_redacted (void **state)
{
    (void) state;
    static const recorded_t rows[] = {
        { BR_SURFACE_CHAT, GUARD_UP, "openai-chat", ".request.json", NULL, 0 },
        { BR_SURFACE_CHAT, GUARD_DOWN, "openai-chat", ".json", NULL, 0 },
        { BR_SURFACE_RESPONSES, GUARD_UP, "openai-responses", ".request.json", NULL, 0 },
        { BR_SURFACE_RESPONSES, GUARD_DOWN, "openai-responses", ".json", NULL, 0 },
        { BR_SURFACE_MESSAGES, GUARD_UP, "anthropic-messages", ".request.json", NULL, 0 },
        { BR_SURFACE_MESSAGES, GUARD_DOWN, "anthropic-messages", ".json", NULL, 0 },
        { BR_SURFACE_GOOGLE, GUARD_UP, "google-generate", ".request.json", NULL, 0 },
        { BR_SURFACE_GOOGLE, GUARD_DOWN, "google-generate", ".json", NULL, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        recorded_t recorded = rows[i];
        recorded.rules = channelled_rules (s_words);
        if (corpus_each (recorded.folder, recorded.end, s_check_recorded, &recorded))
            assert_true (recorded.changed > 2);
        guard_rules_destroy (&recorded.rules);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_texts_that_match_when_written_then_all_other_bytes_stay),
        cmocka_unit_test (
            given_texts_without_a_redaction_when_written_then_the_body_is_the_same),
        cmocka_unit_test (
            given_a_file_in_base64_when_its_words_match_then_they_are_redacted),
        cmocka_unit_test (given_keys_that_match_when_written_then_the_body_is_json),
        cmocka_unit_test (given_token_chances_when_words_change_then_they_are_gone),
        cmocka_unit_test (
            given_a_text_in_parts_when_it_matches_over_them_then_it_is_redacted),
        cmocka_unit_test (
            given_a_rule_that_blocks_when_it_matches_then_the_body_is_blocked),
        cmocka_unit_test (given_no_json_when_walked_then_it_is_unreadable),
        cmocka_unit_test (given_an_offset_when_written_then_it_moves_with_the_edits),
        cmocka_unit_test (
            given_recorded_bodies_when_walked_then_their_texts_are_redacted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
