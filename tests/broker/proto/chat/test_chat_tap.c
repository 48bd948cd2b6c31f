//  What the tap reads from answers of Chat Completions, and of providers that speak it with
//  an accent; recorded streams are held against cJSON.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <cjson/cJSON.h>

#include "broker/net/sse.h"
#include "broker/proto/tap.h"
#include "tests/corpus.h"

static tap_t *
s_tap (const void *bytes, size_t size, size_t piece)
{
    tap_t *tap = tap_new (BR_PROTOCOL_CHAT, true);
    for (size_t at = 0; at < size; at += piece)
        tap_push (tap, (const uint8_t *) bytes + at,
                  size - at < piece ? size - at : piece);
    tap_end (tap);
    return tap;
}

//  ---- errors

typedef struct {
    const char *json;
    const char *type; //  NULL = no error
    const char *code;
} error_case_t;

static const error_case_t s_errors[] = {
    { "{\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":null,\"code\":\"c\"}}", "t",
      "c" },
    { "{\"error\":{\"code\":429,\"message\":\"m\"},\"user_id\":\"u\"}", "", "429" },
    { "{\"code\":\"invalid-argument\",\"error\":\"text\"}", "", "invalid-argument" },
    { "{\"object\":\"error\",\"message\":\"m\",\"type\":\"t\",\"code\":\"3051\"}", "t",
      "3051" },
    { "{\"detail\":\"Invalid API Key\"}", "", "" },
    { "[{\"error\":{\"code\":400,\"message\":\"m\",\"status\":\"INVALID_ARGUMENT\"}}]",
      "INVALID_ARGUMENT", "400" },
    { "{\"id\":\"x\",\"choices\":null,\"base_resp\":{\"status_code\":1004}}", "",
      "1004" },
    { "{\"id\":\"x\",\"choices\":[{}],\"error\":{\"code\":400}}", "", "400" },
    { "{\"id\":\"x\",\"choices\":[{}],\"error\":null}", NULL, NULL },
    { "{\"id\":\"x\",\"choices\":[{}],\"error\":{}}", NULL, NULL },
    { "{\"id\":\"x\",\"choices\":[{}],\"base_resp\":{\"status_code\":0}}", NULL, NULL },
    { "{\"id\":\"x\",\"choices\":[{\"delta\":{\"content\":\"\\\"error\\\":1\"}}]}", NULL,
      NULL },
    { "{\"id\":\"x\",\"choices\":[{\"delta\":{\"error\":1}}]}", NULL, NULL },
};

static void
s_check_error (const error_case_t *row, const char *before)
{
    char *event = br_strf ("%sdata: %s\n\n", before, row->json);
    tap_t *tap = s_tap (event, strlen (event), 7);
    const tap_result_t *result = tap_result (tap);
    assert_int_equal (result->error, row->type != NULL);
    assert_int_equal (result->first, row->type && !*before ? TAP_ERROR : TAP_DATA);
    assert_string_equal (result->error_type, row->type ? row->type : "");
    assert_string_equal (result->error_code, row->code ? row->code : "");
    assert_false (result->unknown);
    tap_destroy (&tap);
    free (event);
}

static void
what_says_nothing_yet_is_no_data (void **state)
{
    (void) state;
    static const struct {
        const char *event;
        tap_first_t first;
    } rows[] = {
        { "{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
          "\"content\":\"\",\"refusal\":null},\"finish_reason\":null}]}",
          TAP_NOTHING },
        { "{\"id\":\"\",\"choices\":[],\"prompt_filter_results\":[{\"a\":1}]}",
          TAP_NOTHING },
        { "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"a\"}}]}",
          TAP_DATA },
        { "{\"choices\":[{\"delta\":{\"reasoning_content\":\"a\"}}]}", TAP_DATA },
        { "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]}}]}", TAP_DATA },
        { "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}", TAP_DATA },
        { "{\"choices\":[],\"usage\":{\"prompt_tokens\":1}}", TAP_DATA },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tap_t *tap = tap_new (BR_PROTOCOL_CHAT, true);
        char *event = br_strf ("data: %s\n\n", rows[i].event);
        assert_int_equal (tap_push (tap, event, strlen (event)), rows[i].first);
        free (event);
        tap_destroy (&tap);
    }
}

static void
errors_are_known_in_every_accent (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_errors / sizeof s_errors[0]; i++) {
        s_check_error (&s_errors[i], "");
        tap_t *tap = s_tap (s_errors[i].json, strlen (s_errors[i].json), 5);
        assert_int_equal (tap_result (tap)->error, s_errors[i].type != NULL);
        assert_int_equal (tap_result (tap)->complete, s_errors[i].type == NULL);
        tap_destroy (&tap);
    }
    //  Within a stream that has begun, deltas are not walked: an error still is.
    s_check_error (&s_errors[0], "data: {\"id\":\"i\",\"model\":\"m\"}\n\n");
    s_check_error (&s_errors[6], "data: {\"id\":\"i\",\"model\":\"m\"}\n\n");
    s_check_error (&s_errors[7], "data: {\"id\":\"i\",\"model\":\"m\"}\n\n");
    s_check_error (&s_errors[11], "data: {\"id\":\"i\",\"model\":\"m\"}\n\n");
}

static void
an_event_named_error_is_one (void **state)
{
    (void) state;
    const char *text = "event: error\ndata: {\"failed_generation\":\"x\"}\n\n";
    tap_t *tap = s_tap (text, strlen (text), 3);
    assert_int_equal (tap_result (tap)->first, TAP_ERROR);
    tap_destroy (&tap);
}

//  ---- usage, finish, names

static void
the_first_names_that_are_not_empty_hold (void **state)
{
    (void) state;
    const char *text = "data: {\"id\":\"\",\"model\":\"\",\"choices\":[]}\n\n"
                       "data: {\"id\":\"a\",\"model\":\"m\\u0031\"}\n\n"
                       "data: {\"id\":\"b\",\"model\":\"m2\",\"usage\":{}}\n\n";
    tap_t *tap = s_tap (text, strlen (text), 11);
    assert_string_equal (tap_result (tap)->id, "a");
    assert_string_equal (tap_result (tap)->model, "m1");
    tap_destroy (&tap);
}

static void
an_empty_finish_is_none_and_the_last_one_holds (void **state)
{
    (void) state;
    const char *text =
        "data: {\"id\":\"a\",\"model\":\"m\",\"choices\":[{\"finish_reason\":\"\"}]}\n\n"
        "data: "
        "{\"choices\":[{\"finish_reason\":null},{\"finish_reason\":\"length\"}]}\n\n"
        "data: {\"choices\":[{\"finish_reason\" : \"stop\"}]}\n\n"
        "data: {\"choices\":[],\"usage\":null}\n\n";
    tap_t *tap = s_tap (text, strlen (text), 1000);
    assert_string_equal (tap_result (tap)->finish, "stop");
    assert_false (tap_result (tap)->usage.known);
    tap_destroy (&tap);
}

static void
groq_usage_is_found_in_its_own_member (void **state)
{
    (void) state;
    const char
        *text = "data: {\"id\":\"a\",\"model\":\"m\"}\n\ndata: {\"x_groq\":{\"usage\":"
                "{\"prompt_tokens\":3,\"completion_tokens\":4}}}\n\n";
    tap_t *tap = s_tap (text, strlen (text), 1000);
    assert_true (tap_result (tap)->usage.known);
    assert_int_equal (tap_result (tap)->usage.input, 3);
    tap_destroy (&tap);
}

static void
names_over_their_bound_are_left_out (void **state)
{
    (void) state;
    char *text = br_strf ("data: {\"id\":\"%0300d\",\"model\":\"m\"}\n\n", 1);
    tap_t *tap = s_tap (text, strlen (text), 1000);
    assert_string_equal (tap_result (tap)->id, "");
    assert_string_equal (tap_result (tap)->model, "m");
    tap_destroy (&tap);
    free (text);
}

//  ---- recorded traffic

//  What cJSON reads from the same frames, the slow way.
typedef struct {
    char finish[64];
    double input;
    double output;
    bool usage;
    bool error;
    char model[256];
} facts_t;

static void
s_slow_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    (void) name;
    facts_t *facts = arg;
    cJSON *tree = cJSON_ParseWithLength ((const char *) data, size);
    const cJSON *usage = cJSON_GetObjectItemCaseSensitive (tree, "usage");
    if (cJSON_IsObject (usage)) {
        facts->usage = true;
        facts->input = cJSON_GetNumberValue (
            cJSON_GetObjectItem (usage, "prompt_tokens"));
        facts->output = cJSON_GetNumberValue (
            cJSON_GetObjectItem (usage, "completion_tokens"));
    }
    const cJSON *error = cJSON_GetObjectItemCaseSensitive (tree, "error");
    facts->error |= error && !cJSON_IsNull (error);
    const cJSON *model = cJSON_GetObjectItemCaseSensitive (tree, "model");
    if (cJSON_IsString (model) && !facts->model[0])
        snprintf (facts->model, sizeof facts->model, "%s", model->valuestring);
    const cJSON *choice;
    cJSON_ArrayForEach (choice, cJSON_GetObjectItemCaseSensitive (tree, "choices"))
    {
        const cJSON *finish = cJSON_GetObjectItemCaseSensitive (choice, "finish_reason");
        if (cJSON_IsString (finish))
            snprintf (facts->finish, sizeof facts->finish, "%s", finish->valuestring);
    }
    cJSON_Delete (tree);
}

static void
s_compare (const char *file, const tap_result_t *result, const facts_t *facts)
{
    if (result->usage.known != facts->usage || result->error != facts->error
        || strcmp (result->finish, facts->finish) != 0
        || strcmp (result->model, facts->model) != 0)
        fail_msg ("%s: finish %s, model %s, usage %d, error %d", file, result->finish,
                  result->model, result->usage.known, result->error);
    if (facts->usage) {
        //  xAI's reasoning comes on top of what it calls output.
        assert_true (result->usage.input == (uint64_t) facts->input);
        assert_true (result->usage.output == (uint64_t) facts->output
                     || result->usage.output
                            == (uint64_t) facts->output + result->usage.reasoning);
    }
}

//  Until the mark has come, a stream that was broken off is not complete.
static void
s_check_cuts (const uint8_t *bytes, size_t size)
{
    const uint8_t *mark = memmem (bytes, size, "data: [DONE]", 12);
    assert_non_null (mark);
    size_t step = size / 100 + 1;
    tap_t *tap = tap_new (BR_PROTOCOL_CHAT, true);
    for (size_t at = 0; bytes + at < mark + 12; at += step) {
        size_t rest = (size_t) (mark - bytes) + 12 - at;
        tap_push (tap, bytes + at, rest < step ? rest : step);
        assert_false (tap_result (tap)->complete);
    }
    tap_push (tap, "\n\n", 2);
    assert_int_equal (tap_result (tap)->complete, !tap_result (tap)->error);
    tap_destroy (&tap);
}

static void
s_check_stream (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    facts_t facts = { 0 };
    static const sse_handler_t slow = { .event = s_slow_event };
    sse_t *sse = sse_new (&slow, &facts, SSE_EVENT_MAX);
    sse_push (sse, bytes, size, NULL);
    sse_end (sse, NULL);
    sse_destroy (&sse);

    tap_t *wanted = s_tap (bytes, size, size);
    assert_true (tap_result (wanted)->done);
    assert_int_equal (tap_result (wanted)->complete, !facts.error);
    assert_int_equal (tap_result (wanted)->first, TAP_DATA);
    assert_false (tap_result (wanted)->unknown);
    s_compare (file, tap_result (wanted), &facts);
    for (size_t piece = 1; piece < 40; piece += 3) {
        tap_t *tap = s_tap (bytes, size, piece);
        assert_memory_equal (tap_result (tap), tap_result (wanted),
                             sizeof (tap_result_t));
        tap_destroy (&tap);
    }
    tap_destroy (&wanted);
    s_check_cuts (bytes, size);
}

static void
recorded_streams_are_read_as_cjson_reads_them (void **state)
{
    (void) state;
    if (corpus_each ("openai-chat", ".sse", s_check_stream, NULL) == 0)
        skip ();
}

static void
s_check_chunks (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    br_buf_t stream;
    br_buf_init (&stream, 16u << 20);
    size_t at = 0;
    facts_t facts = { 0 };
    while (at < size) {
        const uint8_t *stop = memchr (bytes + at, '\n', size - at);
        size_t length = stop ? (size_t) (stop - bytes) - at : size - at;
        if (length) {
            sse_write_data (&stream, NULL, bytes + at, length);
            s_slow_event (&facts, "", bytes + at, length);
        }
        at += length + 1;
    }
    tap_t *tap = s_tap (stream.data, stream.size, 100);
    assert_false (tap_result (tap)->unknown);
    s_compare (file, tap_result (tap), &facts);
    tap_destroy (&tap);
    br_buf_free (&stream);
}

static void
recorded_chunks_are_read_as_cjson_reads_them (void **state)
{
    (void) state;
    if (corpus_each ("openai-chat", ".chunks.txt", s_check_chunks, NULL) == 0)
        skip ();
}

static void
s_check_body (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    if (strstr (file, ".request.json") || strstr (file, ".meta.json"))
        return;
    cJSON *tree = cJSON_ParseWithLength ((const char *) bytes, size);
    bool good = cJSON_HasObjectItem (tree, "choices")
                || cJSON_HasObjectItem (tree, "data");
    tap_t *tap = s_tap (bytes, size, 1000);
    const tap_result_t *result = tap_result (tap);
    if (result->unknown || result->error == good || result->complete != good)
        fail_msg ("%s: unknown %d, error %d, complete %d", file, result->unknown,
                  result->error, result->complete);
    facts_t facts = { 0 };
    s_slow_event (&facts, "", bytes, size);
    if (cJSON_HasObjectItem (tree, "choices"))
        s_compare (file, result, &facts);
    tap_destroy (&tap);
    cJSON_Delete (tree);
}

static void
recorded_bodies_are_read_as_cjson_reads_them (void **state)
{
    (void) state;
    if (corpus_each ("openai-chat", ".json", s_check_body, NULL) == 0)
        skip ();
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_says_nothing_yet_is_no_data),
        cmocka_unit_test (errors_are_known_in_every_accent),
        cmocka_unit_test (an_event_named_error_is_one),
        cmocka_unit_test (the_first_names_that_are_not_empty_hold),
        cmocka_unit_test (an_empty_finish_is_none_and_the_last_one_holds),
        cmocka_unit_test (groq_usage_is_found_in_its_own_member),
        cmocka_unit_test (names_over_their_bound_are_left_out),
        cmocka_unit_test (recorded_streams_are_read_as_cjson_reads_them),
        cmocka_unit_test (recorded_chunks_are_read_as_cjson_reads_them),
        cmocka_unit_test (recorded_bodies_are_read_as_cjson_reads_them),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
