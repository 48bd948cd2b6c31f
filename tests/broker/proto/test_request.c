//  What routing reads from a request body, and what it refuses.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <cjson/cJSON.h>

#include "broker/proto/request.h"
#include "tests/corpus.h"

static int
s_scan (const char *body, request_t *ret_request, br_error_t *reterr)
{
    return request_scan (body, strlen (body), ret_request, reterr);
}

static void
the_members_are_read (void **state)
{
    (void) state;
    const char *body = "{\"messages\":[{\"model\":\"inner\"}],\"model\" : \"a/b\","
                       "\"stream\":true,\"max_tokens\":10,\"max_completion_tokens\":20}";
    request_t request;
    assert_int_equal (s_scan (body, &request, NULL), 0);
    assert_string_equal (request.model, "a/b");
    assert_int_equal (request.model_size, 5);
    assert_memory_equal (body + request.model_offset, "\"a/b\"", 5);
    assert_true (request.stream);
    assert_true (request.has_max_output);
    assert_int_equal (request.max_output, 20);
}

static void
what_is_absent_or_null_has_its_default (void **state)
{
    (void) state;
    request_t request;
    assert_int_equal (s_scan ("{\"model\":\"m\"}", &request, NULL), 0);
    assert_false (request.stream);
    assert_false (request.has_max_output);
    assert_int_equal (
        s_scan ("{\"model\":\"m\",\"stream\":null,\"max_tokens\":null}", &request, NULL),
        0);
    assert_false (request.stream);
    assert_false (request.has_max_output);
    assert_int_equal (
        s_scan ("{\"model\":\"m\",\"stream\":false,\"max_tokens\":-1}", &request, NULL),
        0);
    assert_false (request.has_max_output);
    assert_int_equal (
        s_scan ("{\"model\":\"m\",\"max_output_tokens\":7}", &request, NULL), 0);
    assert_int_equal (request.max_output, 7);
}

static void
the_name_is_unescaped_stripped_and_trimmed (void **state)
{
    (void) state;
    static const char *const names[][2] = {
        { "  m  ", "m" },
        { "\\n\\tm\\r\\n", "m" },
        { "\\u001b[1mclaude\\u001b[0m", "claude" },
        { "\\u001b[38;5;200mx y\\u001b[K", "x y" },
        { "\\u009b31mred", "red" },
        { " \\u001b[1m m \\u001b[22m ", "m" },
        { "claude[1m]", "claude[1m]" },
        { "caf\\u00e9\\/\xe2\x82\xac", "caf\xc3\xa9/\xe2\x82\xac" },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *body = br_strf ("{\"model\":\"%s\"}", names[i][0]);
        request_t request;
        assert_int_equal (s_scan (body, &request, NULL), 0);
        assert_string_equal (request.model, names[i][1]);
        assert_int_equal (request.model_size, strlen (names[i][0]) + 2);
        free (body);
    }
}

static void
parts_of_the_body_are_found (void **state)
{
    (void) state;
    const char *body = "{\"model\":\"m\",\"messages\":[ ],\"prompt_cache_key\":\"k\","
                       "\"conversation\":{\"id\":1},\"metadata\":{},\"tools\":[ 1]}";
    request_t request;
    assert_int_equal (s_scan (body, &request, NULL), 0);
    assert_memory_equal (body + request.turns.offset, "[ ]", request.turns.size);
    assert_memory_equal (body + request.cache_key.offset, "\"k\"",
                         request.cache_key.size);
    assert_int_equal (request.conversation.size, 8);
    assert_int_equal (request.metadata.size, 2);
    assert_true (request.tools);
    assert_int_equal (
        s_scan ("{\"model\":\"m\",\"metadata\":null,\"input\":\"x\"}", &request, NULL),
        0);
    assert_int_equal (request.metadata.size, 0);
    assert_int_equal (request.turns.size, 3);
}

static void
tools_are_a_list_with_something_in_it (void **state)
{
    (void) state;
    static const struct {
        const char *body;
        bool tools;
    } rows[] = {
        { "{\"model\":\"m\"}", false },
        { "{\"model\":\"m\",\"tools\":[]}", false },
        { "{\"model\":\"m\",\"tools\":[ \n\t]}", false },
        { "{\"model\":\"m\",\"tools\":null,\"functions\":{}}", false },
        { "{\"model\":\"m\",\"tools\":[ {}]}", true },
        { "{\"model\":\"m\",\"tools\":[],\"functions\":[{}]}", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        request_t request;
        assert_int_equal (s_scan (rows[i].body, &request, NULL), 0);
        assert_int_equal (request.tools, rows[i].tools);
    }
}

static void
parts_are_found_though_the_model_is_in_the_path (void **state)
{
    (void) state;
    const char *body = "{\"contents\":[1],\"tools\":[2]}";
    const request_known_t known = { .place = REQUEST_PATH, .model = "g" };
    request_scan_t scan;
    request_t request;
    assert_int_equal (request_scan_begin (&scan, &known, body, strlen (body), NULL), 0);
    assert_int_equal (request_scan_step (&scan, SIZE_MAX, &request, NULL), 0);
    assert_string_equal (request.model, "g");
    assert_true (request.tools);
    assert_int_equal (request.turns.size, 3);
}

typedef struct {
    const char *body;
    const char *says; //  a part of the error's text
} bad_case_t;

static const bad_case_t s_bad[] = {
    { "", "ends too early" },
    { "[]", "must be a JSON object, not an array" },
    { "\"model\"", "must be a JSON object, not a string" },
    { "{\"model\":\"m\"", "ends too early" },
    { "{\"model\":\"m\"} {}", "at byte 14" },
    { "{}", "`model` is missing" },
    { "{\"a\":{\"model\":\"m\"}}", "`model` is missing" },
    { "{\"model\":null}", "must be a string, not null" },
    { "{\"model\":1}", "must be a string, not a number" },
    { "{\"model\":[\"m\"]}", "must be a string, not an array" },
    { "{\"model\":\"\"}", "`model` is empty" },
    { "{\"model\":\"  \"}", "`model` is empty" },
    { "{\"model\":\"\\u001b[1m \"}", "`model` is empty" },
    { "{\"model\":\"a\\u0000b\"}", "control character" },
    { "{\"model\":\"a\\nb\"}", "control character" },
    { "{\"model\":\"\\u001b]0;x\"}", "control character" },
    { "{\"model\":\"\\ud800\"}", "no valid text" },
    { "{\"model\":\"a\",\"model\":\"a\"}", "`model` stands 2 times" },
    { "{\"model\":\"a\",\"mod\\u0065l\":\"b\"}", "`model` stands 2 times" },
    { "{\"model\":\"a\",\"stream\":true,\"stream\":true}", "`stream` stands 2 times" },
    { "{\"model\":\"a\",\"stream\":null,\"\\u0073tream\":true}",
      "`stream` stands 2 times" },
    { "{\"model\":\"a\",\"stream\":\"true\"}", "`stream` must be true or false" },
    { "{\"model\":\"a\",\"stream\":1}", "not a number" },
};

static void
bad_bodies_are_refused_clearly (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_bad / sizeof s_bad[0]; i++) {
        request_t request = { .model = "untouched" };
        br_error_t error = { 0 };
        assert_int_equal (s_scan (s_bad[i].body, &request, &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
        assert_string_equal (request.model, "untouched");
        if (!strstr (error.text, s_bad[i].says))
            fail_msg ("%s: %s", s_bad[i].body, error.text);
    }
}

static void
the_name_is_bounded (void **state)
{
    (void) state;
    for (int length = REQUEST_MODEL_MAX; length <= REQUEST_MODEL_MAX + 1; length++) {
        char *body = br_strf ("{\"model\":\"%0*d\"}", length, 0);
        request_t request;
        br_error_t error = { 0 };
        int rc = s_scan (body, &request, &error);
        assert_int_equal (rc, length == REQUEST_MODEL_MAX ? 0 : -1);
        assert_true (rc == 0 || strstr (error.text, "longer than 512 bytes"));
        free (body);
    }
}

static void
other_doubles_pass (void **state)
{
    (void) state;
    request_t request;
    assert_int_equal (s_scan ("{\"a\":1,\"a\":2,\"model\":\"m\"}", &request, NULL), 0);
}

static void
slices_do_not_matter (void **state)
{
    (void) state;
    const char *body = "{\"x\":\"\xe2\x82\xac \\u00e9 \\\\ long enough to be cut\","
                       "\"mod\\u0065l\":\"m\\u0031\",\"stream\":true}";
    for (size_t slice = 1; slice < strlen (body); slice++) {
        request_scan_t scan;
        request_t request;
        const request_known_t known = { .place = REQUEST_BODY };
        request_scan_begin (&scan, &known, body, strlen (body), NULL);
        int rc = 1;
        while (rc == 1)
            rc = request_scan_step (&scan, slice, &request, NULL);
        assert_int_equal (rc, 0);
        assert_string_equal (request.model, "m1");
        assert_true (request.stream);
    }
}

static void
s_check_request (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    request_t request;
    br_error_t error = { 0 };
    int rc = request_scan (bytes, size, &request, &error);
    //  A stored prompt of the Responses protocol may name the model instead.
    cJSON *tree = cJSON_ParseWithLength ((const char *) bytes, size);
    const char *model = cJSON_GetStringValue (cJSON_GetObjectItem (tree, "model"));
    if (rc != (model ? 0 : -1))
        fail_msg ("%s: %s", file, error.text);
    if (model)
        assert_string_equal (request.model, model);
    cJSON_Delete (tree);
}

static void
recorded_requests_are_read (void **state)
{
    (void) state;
    size_t count = corpus_each ("openai-chat", ".request.json", s_check_request, NULL);
    count += corpus_each ("openai-responses", ".request.json", s_check_request, NULL);
    count += corpus_each ("anthropic-messages", ".request.json", s_check_request, NULL);
    if (count == 0)
        skip ();
}

static int
s_scan_known (const request_known_t *known, const char *body, request_t *ret_request,
              br_error_t *reterr)
{
    request_scan_t scan;
    int rc = request_scan_begin (&scan, known, body, strlen (body), reterr);
    while (rc == 0) {
        rc = request_scan_step (&scan, 3, ret_request, reterr);
        if (rc <= 0)
            return rc;
        rc = 0;
    }
    return -1;
}

static void
a_model_in_the_path_leaves_the_body_alone (void **state)
{
    (void) state;
    const request_known_t known = { .place = REQUEST_PATH,
                                    .model = " google:gemini \x1b[1m",
                                    .stream = true };
    request_t request;
    const char *body = "{\"contents\":[],\"model\":7,\"model\":8,\"stream\":\"x\"}";
    assert_int_equal (s_scan_known (&known, body, &request, NULL), 0);
    assert_string_equal (request.model, "google:gemini");
    assert_int_equal (request.model_size, 0);
    assert_int_equal (request.model_offset, 0);
    assert_true (request.stream);
    assert_int_equal (s_scan_known (&known, "[]", &request, NULL), -1);
    assert_int_equal (s_scan_known (&known, "{\"a\":}", &request, NULL), -1);
    assert_int_equal (s_scan_known (&known, "", &request, NULL), -1);
}

static void
a_bad_name_in_the_path_is_refused (void **state)
{
    (void) state;
    char longest[REQUEST_MODEL_MAX + 2];
    memset (longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = 0;
    const char *bad[] = { "", "  ", "a\nb", "a\x7f", "\xff", "\xc3", longest };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const request_known_t known = { .place = REQUEST_PATH, .model = bad[i] };
        request_t request;
        br_error_t error;
        assert_int_equal (s_scan_known (&known, "{}", &request, &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
    }
}

#define FORM_FIELD(name, value)                                                          \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
static const request_known_t s_form = {
    .place = REQUEST_FORM, .content_type = "multipart/form-data; boundary=b"
};

static void
a_form_has_its_model_in_a_field (void **state)
{
    (void) state;
    const char *body = FORM_FIELD ("file", "RIFF") FORM_FIELD ("model", "p:m")
        FORM_FIELD ("stream", "True") "--b--\r\n";
    request_t request;
    assert_int_equal (s_scan_known (&s_form, body, &request, NULL), 0);
    assert_string_equal (request.model, "p:m");
    assert_true (request.stream);
    assert_true (request.model_bare);
    assert_int_equal (request.model_size, 3);
    assert_memory_equal (body + request.model_offset, "p:m", 3);
    assert_int_equal (
        s_scan_known (&s_form, FORM_FIELD ("model", "m") "--b--", &request, NULL), 0);
    assert_false (request.stream);
}

static void
a_form_without_one_model_is_refused (void **state)
{
    (void) state;
    static const char *const bad[][2] = {
        { FORM_FIELD ("a", "b") "--b--", "missing" },
        { FORM_FIELD ("model", "a") FORM_FIELD ("model", "b") "--b--", "2 times" },
        { FORM_FIELD ("model", "a") FORM_FIELD ("stream", "1")
              FORM_FIELD ("stream", "0") "--b--",
          "2 times" },
        { FORM_FIELD ("model", "") "--b--", "empty" },
        { FORM_FIELD ("model", "\xff") "--b--", "UTF-8" },
        { FORM_FIELD ("model", "m"), "closing boundary" },
        { "{\"model\":\"m\"}", "closing boundary" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        request_t request;
        br_error_t error;
        assert_int_equal (s_scan_known (&s_form, bad[i][0], &request, &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
        if (!strstr (error.text, bad[i][1]))
            fail_msg ("%s, not %s", error.text, bad[i][1]);
    }
}

static void
where_no_model_is_named_nothing_is_looked_at (void **state)
{
    (void) state;
    const request_known_t known = { .place = REQUEST_NOWHERE, .stream = true };
    request_t request;
    assert_int_equal (s_scan_known (&known, "no JSON", &request, NULL), 0);
    assert_string_equal (request.model, "");
    assert_true (request.stream);
}

static void
an_earlier_answer_is_named (void **state)
{
    (void) state;
    request_t request;
    assert_int_equal (
        s_scan ("{\"model\":\"m\",\"previous_response_id\":\"resp_1\"}", &request, NULL),
        0);
    assert_string_equal (request.previous, "resp_1");
    assert_int_equal (
        s_scan ("{\"model\":\"m\",\"previous_response_id\":null}", &request, NULL), 0);
    assert_string_equal (request.previous, "");
}

static void
nesting_is_bounded_at_256 (void **state)
{
    (void) state;
    for (size_t depth = 256; depth <= 257; depth++) {
        char body[600] = "{\"model\":\"m\",\"x\":";
        size_t at = strlen (body);
        memset (body + at, '[', depth - 1);
        memset (body + at + depth - 1, ']', depth - 1);
        strcpy (body + at + 2 * depth - 2, "}");
        request_t request;
        br_error_t error;
        assert_int_equal (s_scan (body, &request, &error), depth == 256 ? 0 : -1);
    }
}

static void
counts_of_answers_and_googles_settings_are_found (void **state)
{
    (void) state;
    request_t request;
    assert_int_equal (s_scan ("{\"model\":\"m\"}", &request, NULL), 0);
    assert_int_equal (request.choices, 1);
    assert_int_equal (request.generation.size, 0);
    assert_int_equal (s_scan ("{\"model\":\"m\",\"n\":2,\"best_of\":5}", &request, NULL),
                      0);
    assert_int_equal (request.choices, 5);
    assert_int_equal (s_scan ("{\"model\":\"m\",\"n\":null}", &request, NULL), 0);
    assert_int_equal (request.choices, 1);
    assert_int_equal (
        s_scan ("{\"model\":\"m\",\"generation_config\":{\"a\":1}}", &request, NULL), 0);
    assert_int_equal (request.generation.size, 7);
    assert_int_equal (request.generation.offset, 33);
    assert_false (request.generation_unclear);
}

static void
counts_that_may_be_any_are_the_greatest (void **state)
{
    (void) state;
    static const char *const odd[] = { "-2",  "0",         "\"3\"",
                                       "3.5", "2,\"n\":1", "2,\"n\":null" };
    request_t request;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char body[64];
        snprintf (body, sizeof body, "{\"model\":\"m\",\"n\":%s}", odd[i]);
        assert_int_equal (s_scan (body, &request, NULL), 0);
        assert_int_equal (request.choices, REQUEST_CHOICES_MAX);
    }
    assert_int_equal (s_scan ("{\"model\":\"m\",\"generationConfig\":{},"
                              "\"generation_config\":{}}",
                              &request, NULL),
                      0);
    assert_true (request.generation_unclear);
}

static void
a_maximum_has_the_name_that_it_was_given_by (void **state)
{
    (void) state;
    request_t request;
    assert_int_equal (s_scan ("{\"model\":\"m\",\"max_tokens\":3,"
                              "\"max_completion_tokens\":\"9\"}",
                              &request, NULL),
                      0);
    assert_int_equal (request.maxima[REQUEST_MAX_TOKENS], 3);
    assert_int_equal (request.maxima[REQUEST_MAX_COMPLETION_TOKENS], REQUEST_UNBOUNDED);
    assert_int_equal (request.maxima[REQUEST_MAX_OUTPUT_TOKENS], 0);
    assert_int_equal (request.max_output, 3);
    static const char *const odd[] = {
        "0", "-1", "1.5", "true", "1,\"max_tokens\":2", "1,\"max_tokens\":null"
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char body[64];
        snprintf (body, sizeof body, "{\"model\":\"m\",\"max_tokens\":%s}", odd[i]);
        assert_int_equal (s_scan (body, &request, NULL), 0);
        assert_int_equal (request.maxima[REQUEST_MAX_TOKENS], REQUEST_UNBOUNDED);
    }
    assert_int_equal (s_scan ("{\"model\":\"m\",\"max_tokens\":null}", &request, NULL),
                      0);
    assert_int_equal (request.maxima[REQUEST_MAX_TOKENS], 0);
}

static void
a_maximum_that_stands_twice_is_none (void **state)
{
    (void) state;
    request_t request;
    assert_int_equal (
        s_scan ("{\"model\":\"m\",\"max_tokens\":1,\"max_tokens\":2}", &request, NULL),
        0);
    assert_false (request.has_max_output);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (counts_of_answers_and_googles_settings_are_found),
        cmocka_unit_test (counts_that_may_be_any_are_the_greatest),
        cmocka_unit_test (a_maximum_has_the_name_that_it_was_given_by),
        cmocka_unit_test (a_maximum_that_stands_twice_is_none),
        cmocka_unit_test (the_members_are_read),
        cmocka_unit_test (what_is_absent_or_null_has_its_default),
        cmocka_unit_test (parts_of_the_body_are_found),
        cmocka_unit_test (tools_are_a_list_with_something_in_it),
        cmocka_unit_test (parts_are_found_though_the_model_is_in_the_path),
        cmocka_unit_test (the_name_is_unescaped_stripped_and_trimmed),
        cmocka_unit_test (bad_bodies_are_refused_clearly),
        cmocka_unit_test (the_name_is_bounded),
        cmocka_unit_test (other_doubles_pass),
        cmocka_unit_test (slices_do_not_matter),
        cmocka_unit_test (recorded_requests_are_read),
        cmocka_unit_test (a_model_in_the_path_leaves_the_body_alone),
        cmocka_unit_test (a_bad_name_in_the_path_is_refused),
        cmocka_unit_test (a_form_has_its_model_in_a_field),
        cmocka_unit_test (a_form_without_one_model_is_refused),
        cmocka_unit_test (where_no_model_is_named_nothing_is_looked_at),
        cmocka_unit_test (an_earlier_answer_is_named),
        cmocka_unit_test (nesting_is_bounded_at_256),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
