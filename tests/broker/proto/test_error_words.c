//  test_error_words: what is an error of a provider's, and what it calls itself.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "broker/proto/error_words.h"
#include "tests/corpus.h"

typedef struct {
    const char *json;
    bool is;
    const char *type, *code; //  read from it, an error or not
} case_t;

static const case_t s_cases[] = {
    { "{\"error\":{\"type\":\"rate_limit_error\",\"code\":429}}", true,
      "rate_limit_error", "429" },
    { "[{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}}]", true, "UNAVAILABLE",
      "503" },
    { "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}", true,
      "overloaded_error", "" },
    { "{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"x\"}", true, "error",
      "server_error" },
    { "{\"error\":\"no\"}", true, "", "" },
    { "{\"object\":\"error\",\"type\":\"t\",\"code\":\"c\"}", true, "t", "c" },
    { "{\"detail\":[]}", true, "", "" },
    { "{\"base_resp\":{\"status_code\":1004}}", true, "", "1004" },
    { "{\"object\":\"response\",\"error\":{\"code\":\"c\"}}", true, "", "c" },
    { "{\"object\":\"response\",\"error\":null,\"status\":\"failed\"}", true, "", "" },
    { "{\"object\":\"response\",\"error\":null,\"status\":\"completed\"}", false, "",
      "" },
    { "{\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"c\"}}}", false,
      "c", "c" },
    { "{\"error\":null,\"id\":\"x\"}", false, "", "" },
    { "{\"error\":{},\"detail\":\"x\",\"id\":\"x\"}", false, "", "" },
    { "{\"base_resp\":{\"status_code\":0}}", false, "", "0" },
    { "{}", false, "", "" },
    { "[]", false, "", "" },
    { "7", false, "", "" },
};

static void
given_objects_of_providers_when_read_then_errors_are_told (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    for (size_t i = 0; i < sizeof s_cases / sizeof s_cases[0]; i++) {
        const case_t *one = &s_cases[i];
        const json_node_t *root = json_tree_parse (tree, one->json, strlen (one->json),
                                                   NULL);
        tap_result_t result = { .unknown = false };
        assert_int_equal (error_words_is (tree, root), one->is);
        error_words_read (tree, root, &result);
        assert_string_equal (result.error_type, one->type);
        assert_string_equal (result.error_code, one->code);
    }
    json_tree_destroy (&tree);
}

static void
given_words_that_are_known_when_read_then_they_stay (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    static const char text[] = "{\"error\":{\"type\":\"new\",\"code\":\"c\"}}";
    const json_node_t *root = json_tree_parse (tree, text, sizeof text - 1, NULL);
    tap_result_t result = { .error_type = "old" };
    error_words_read (tree, root, &result);
    assert_string_equal (result.error_type, "old");
    assert_string_equal (result.error_code, "c");
    json_tree_destroy (&tree);
}

static void
given_no_object_when_read_then_nothing_is_told (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    tap_result_t result = { .unknown = false };
    assert_false (error_words_is (tree, NULL));
    error_words_read (tree, NULL, &result);
    assert_string_equal (result.error_type, "");
    json_tree_destroy (&tree);
}

//  ---- what they say

static const struct {
    const char *json;
    unsigned status;
    br_failure_t failure;
} s_meanings[] = {
    { "{\"error\":{\"type\":\"insufficient_quota\"}}", 429, BR_FAILURE_CREDIT },
    { "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
      "\"Your credit balance is too low to go on\"}}",
      400, BR_FAILURE_CREDIT },
    { "[{\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\",\"message\":\"The input "
      "token count (9) exceeds the maximum\"}}]",
      400, BR_FAILURE_CONTEXT },
    { "{\"error\":{\"code\":\"x\",\"innererror\":{\"code\":"
      "\"ResponsibleAIPolicyViolation\"}}}",
      400, BR_FAILURE_POLICY },
    { "{\"code\":\"invalid-argument\",\"error\":\"Incorrect API key provided\"}", 400,
      BR_FAILURE_AUTH },
    { "{\"object\":\"error\",\"type\":\"invalid_model\",\"message\":\"x\"}", 400,
      BR_FAILURE_UNKNOWN_MODEL },
    { "{\"base_resp\":{\"status_code\":1008,\"status_msg\":\"insufficient balance\"}}", 0,
      BR_FAILURE_CREDIT },
    { "{\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":"
      "\"rate_limit_exceeded\",\"message\":\"x\"}}}",
      0, BR_FAILURE_RATE },
    { "{\"error\":{\"message\":\"a \\\"b\\\" prompt is too long\"}}", 400,
      BR_FAILURE_CONTEXT },
    { "{\"error\":{\"message\":7}}", 400, BR_FAILURE_NONE },
    { "{}", 400, BR_FAILURE_NONE },
    { "7", 400, BR_FAILURE_NONE },
};

static void
given_errors_when_their_words_are_read_then_they_mean_something (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    for (size_t i = 0; i < sizeof s_meanings / sizeof s_meanings[0]; i++) {
        const json_node_t *root = json_tree_parse (tree, s_meanings[i].json,
                                                   strlen (s_meanings[i].json), NULL);
        assert_non_null (root);
        assert_int_equal (error_words_failure (tree, root, s_meanings[i].status),
                          s_meanings[i].failure);
    }
    assert_int_equal (error_words_failure (tree, NULL, 400), BR_FAILURE_NONE);
    json_tree_destroy (&tree);
}

//  Of the recorded traffic, with the status that came with each.
static const struct {
    const char *file;
    unsigned status;
    br_failure_t failure;
} s_recorded[] = {
    { "openai-responses/openai-gpt-4o-error-identity-edge-nonexistent-previous-respo",
      400, BR_FAILURE_NONE },
    { "openai-responses/vercel-reasoning-model-temperature-error", 400, BR_FAILURE_NONE },
    { "openai-responses/vercel-openai-error-1", 429, BR_FAILURE_CREDIT },
    { "openai-chat/openai-gpt-4o-openai-web-search-tool-model-not-supported", 400,
      BR_FAILURE_NONE },
    { "openai-chat/vercel-reasoning-model-legacy-parameter-error", 400, BR_FAILURE_NONE },
    { "openai-chat/deepseek-deepseek-v4-flash-wire-shape-matrix-blocking-audio-part-"
      "reaches",
      400, BR_FAILURE_NONE },
    { "openai-chat/embed-mistral-mistral-embed-capability-edges-one-request-over-"
      "mistrals-bat",
      400, BR_FAILURE_NONE },
    { "openai-chat/mistral-mistral-small-latest-error-handling-with-mistral-mistral-"
      "small-late",
      401, BR_FAILURE_NONE },
    { "google-generate/models-google-models-list-models-rejected-key-reports-api-er", 400,
      BR_FAILURE_AUTH },
    { "google-generate/vercel-google-429-retry-info", 429, BR_FAILURE_NONE },
    { "google-generate/vertex-gemini-3-flash-preview-multimodal-tool-return-matrix-"
      "direct-url-image-t3",
      400, BR_FAILURE_NONE },
    { "anthropic-messages/anthropic-claude-3-opus-20240229-anthropic-completion-invalid-"
      "api-key",
      401, BR_FAILURE_NONE },
};

static void
given_recorded_errors_when_read_then_only_some_say_more_than_their_status (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    size_t read = 0;
    for (size_t i = 0; i < sizeof s_recorded / sizeof s_recorded[0]; i++) {
        char *path = br_strf ("%s/../shared/corpus/%s.json", corpus_top (),
                              s_recorded[i].file);
        size_t size;
        uint8_t *bytes = corpus_read (path, &size);
        free (path);
        if (!bytes)
            continue;
        const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
        assert_non_null (root);
        assert_int_equal (error_words_failure (tree, root, s_recorded[i].status),
                          s_recorded[i].failure);
        free (bytes);
        read++;
    }
    json_tree_destroy (&tree);
    if (read == 0)
        skip ();
    assert_int_equal (read, sizeof s_recorded / sizeof s_recorded[0]);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_objects_of_providers_when_read_then_errors_are_told),
        cmocka_unit_test (given_words_that_are_known_when_read_then_they_stay),
        cmocka_unit_test (given_no_object_when_read_then_nothing_is_told),
        cmocka_unit_test (
            given_errors_when_their_words_are_read_then_they_mean_something),
        cmocka_unit_test (
            given_recorded_errors_when_read_then_only_some_say_more_than_their_status),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
