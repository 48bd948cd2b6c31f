//  What the tap reads from answers of Google's generateContent; recorded ones are held
//  against cJSON.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/tap_corpus.h"

#define CHUNK(text)                                                                      \
    "data: {\"candidates\":[{\"content\":{\"parts\":[" text "]}}]}\r\n\r\n"
#define CALL                                                                             \
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"f\"," \
    "\"args\":{}}}]}}],\"usageMetadata\":{\"promptTokenCount\":3,"                       \
    "\"totalTokenCount\":3},\"modelVersion\":\"m\",\"responseId\":\"i\"}\r\n\r\n"
#define FINISH                                                                           \
    "data: {\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{"            \
    "\"promptTokenCount\":3,\"candidatesTokenCount\":4,\"thoughtsTokenCount\":5,"        \
    "\"totalTokenCount\":12}}\r\n\r\n"

static tap_t *
s_tap (const char *text)
{
    return tap_corpus_tap (BR_PROTOCOL_GOOGLE, text, strlen (text), 7);
}

static void
p03_a_finish_may_come_behind_the_call (void **state)
{
    (void) state;
    tap_t *tap = s_tap (CALL);
    assert_string_equal (tap_result (tap)->finish, "");
    assert_false (tap_result (tap)->complete);
    tap_destroy (&tap);

    tap = s_tap (CALL FINISH);
    assert_string_equal (tap_result (tap)->finish, "STOP");
    assert_string_equal (tap_result (tap)->model, "m");
    assert_string_equal (tap_result (tap)->id, "i");
    assert_true (tap_result (tap)->complete);
    tap_destroy (&tap);
}

static void
p05_a_finish_without_content_is_one (void **state)
{
    (void) state;
    tap_t *tap = s_tap (FINISH);
    assert_string_equal (tap_result (tap)->finish, "STOP");
    assert_true (tap_result (tap)->complete);
    tap_destroy (&tap);
}

static void
p01_the_last_usage_holds (void **state)
{
    (void) state;
    tap_t *tap = s_tap (CALL FINISH);
    assert_true (tap_result (tap)->usage.known);
    assert_int_equal (tap_result (tap)->usage.input, 3);
    assert_int_equal (tap_result (tap)->usage.output, 9);
    assert_int_equal (tap_result (tap)->usage.reasoning, 5);
    tap_destroy (&tap);
}

static void
a_prompt_that_was_refused_is_a_whole_answer (void **state)
{
    (void) state;
    tap_t *tap = s_tap ("data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"},"
                        "\"usageMetadata\":{\"promptTokenCount\":3}}\r\n\r\n");
    assert_string_equal (tap_result (tap)->finish, "SAFETY");
    assert_int_equal (tap_result (tap)->first, TAP_DATA);
    assert_true (tap_result (tap)->complete);
    tap_destroy (&tap);
}

static void
it_is_whole_only_when_it_has_ended_behind_a_finish (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_GOOGLE, true);
    tap_push (tap, CALL FINISH, strlen (CALL FINISH));
    assert_false (tap_result (tap)->complete); // more may come, or a cut
    tap_end (tap);
    assert_true (tap_result (tap)->complete);
    tap_destroy (&tap);

    tap = s_tap (CHUNK ("{\"text\":\"a\"}"));
    assert_false (tap_result (tap)->complete);
    tap_destroy (&tap);
    tap = s_tap (
        "data: {\"candidates\":[{\"finishReason\":\"FINISH_REASON_UNSPECIFIED\"}]}"
        "\n\n");
    assert_false (tap_result (tap)->complete);
    tap_destroy (&tap);
}

static void
errors_are_known_in_front_and_later (void **state)
{
    (void) state;
    static const char error[] = "data: {\"error\":{\"code\":503,\"message\":\"m\","
                                "\"status\":\"UNAVAILABLE\"}}\r\n\r\n";
    tap_t *tap = s_tap (error);
    assert_int_equal (tap_result (tap)->first, TAP_ERROR);
    assert_string_equal (tap_result (tap)->error_type, "UNAVAILABLE");
    assert_string_equal (tap_result (tap)->error_code, "503");
    tap_destroy (&tap);

    char *text = br_strf ("%s%s", CALL FINISH, error);
    tap = s_tap (text);
    assert_int_equal (tap_result (tap)->first, TAP_DATA);
    assert_true (tap_result (tap)->error && !tap_result (tap)->complete);
    tap_destroy (&tap);
    free (text);
}

static void
nonsense_is_unknown (void **state)
{
    (void) state;
    static const char *const texts[] = {
        "data: x\n\n", "data: {\"candidates\":[{\n\n", "{\"candidates\":", "[1]", "[}",
        "[{]"
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tap_t *tap = s_tap (texts[i]);
        assert_true (tap_result (tap)->unknown);
        assert_false (tap_result (tap)->complete);
        tap_destroy (&tap);
    }
}

//  ---- recorded traffic

static void
s_slow_usage (tap_facts_t *facts, const cJSON *usage)
{
    if (!cJSON_IsObject (usage))
        return;
    br_usage_t sum = { .known = true };
    uint64_t tools = 0;
    tap_corpus_count (usage, "promptTokenCount", &sum.input);
    tap_corpus_count (usage, "toolUsePromptTokenCount", &tools);
    tap_corpus_count (usage, "cachedContentTokenCount", &sum.cache_read);
    tap_corpus_count (usage, "thoughtsTokenCount", &sum.reasoning);
    tap_corpus_count (usage, "candidatesTokenCount", &sum.output);
    sum.input += tools;
    sum.output += sum.reasoning;
    facts->usage = sum;
}

static void
s_slow (tap_facts_t *facts, const cJSON *frame)
{
    facts->error |= cJSON_IsObject (tap_corpus_get (frame, "error"));
    if (!facts->id[0])
        tap_corpus_text (frame, "responseId", facts->id, sizeof facts->id);
    if (!facts->model[0])
        tap_corpus_text (frame, "modelVersion", facts->model, sizeof facts->model);
    const cJSON *candidate;
    cJSON_ArrayForEach (candidate, tap_corpus_get (frame, "candidates"))
    {
        tap_corpus_text (candidate, "finishReason", facts->finish, sizeof facts->finish);
    }
    s_slow_usage (facts, tap_corpus_get (frame, "usageMetadata"));
}

static void
recorded_answers_are_read_as_cjson_reads_them_and_none_is_whole_when_cut (void **state)
{
    (void) state;
    tap_corpus_t corpus = { BR_PROTOCOL_GOOGLE, "google-generate", s_slow };
    if (tap_corpus_check (&corpus) == 0)
        skip ();
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (p03_a_finish_may_come_behind_the_call),
        cmocka_unit_test (p05_a_finish_without_content_is_one),
        cmocka_unit_test (p01_the_last_usage_holds),
        cmocka_unit_test (a_prompt_that_was_refused_is_a_whole_answer),
        cmocka_unit_test (it_is_whole_only_when_it_has_ended_behind_a_finish),
        cmocka_unit_test (errors_are_known_in_front_and_later),
        cmocka_unit_test (nonsense_is_unknown),
        cmocka_unit_test (
            recorded_answers_are_read_as_cjson_reads_them_and_none_is_whole_when_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
