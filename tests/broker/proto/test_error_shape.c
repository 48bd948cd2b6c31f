//  error_shape: each protocol hears an error in its own words.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <string.h>

#include "broker/proto/error_shape.h"

static const cJSON *
s_in (const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive (object, key);
    assert_non_null (member);
    return member;
}

static cJSON *
s_body (br_protocol_t protocol, br_code_t code, const char *text)
{
    br_buf_t buf;
    br_buf_init (&buf, 4096);
    br_error_shape_body (protocol, code, text, &buf);
    cJSON *json = cJSON_Parse (br_buf_text (&buf));
    assert_non_null (json);
    br_buf_free (&buf);
    return json;
}

static void
openai_has_type_param_and_code (void **state)
{
    (void) state;
    for (unsigned protocol = BR_PROTOCOL_CHAT; protocol <= BR_PROTOCOL_RESPONSES;
         protocol++) {
        cJSON *json = s_body (protocol, BR_ENOTFOUND, "no \"model\"\n");
        const cJSON *error = s_in (json, "error");
        assert_string_equal (s_in (error, "message")->valuestring, "no \"model\"\n");
        assert_string_equal (s_in (error, "type")->valuestring, "not_found_error");
        assert_string_equal (s_in (error, "code")->valuestring, "not_found");
        assert_true (cJSON_IsNull (s_in (error, "param")));
        cJSON_Delete (json);
    }
}

static void
anthropic_has_a_type_outside_and_one_inside (void **state)
{
    (void) state;
    cJSON *json = s_body (BR_PROTOCOL_MESSAGES, BR_EBUSY, "full\n");
    assert_string_equal (s_in (json, "type")->valuestring, "error");
    const cJSON *error = s_in (json, "error");
    assert_string_equal (s_in (error, "type")->valuestring, "overloaded_error");
    assert_string_equal (s_in (error, "message")->valuestring, "full\n");
    cJSON_Delete (json);
}

static void
google_has_a_number_and_a_word (void **state)
{
    (void) state;
    cJSON *json = s_body (BR_PROTOCOL_GOOGLE, BR_EUPLIMIT, "slow \xe2\x82\xac");
    const cJSON *error = s_in (json, "error");
    assert_int_equal (s_in (error, "code")->valueint, 429);
    assert_string_equal (s_in (error, "status")->valuestring, "RESOURCE_EXHAUSTED");
    assert_string_equal (s_in (error, "message")->valuestring, "slow \xe2\x82\xac");
    cJSON_Delete (json);
}

static void
statuses_are_the_protocols_own (void **state)
{
    (void) state;
    static const struct {
        br_code_t code;
        unsigned chat, messages, google;
    } rows[] = {
        { BR_ECONTEXT, 400, 400, 400 },    { BR_EINVALID, 400, 400, 400 },
        { BR_EAUTH, 401, 401, 401 },       { BR_ENOTFOUND, 404, 404, 404 },
        { BR_ETOOBIG, 413, 413, 413 },     { BR_EUPLIMIT, 429, 429, 429 },
        { BR_EUPAUTH, 502, 502, 502 },     { BR_EUPBAD, 502, 502, 503 },
        { BR_EBUSY, 503, 529, 503 },       { BR_EUNAVAILABLE, 503, 529, 503 },
        { BR_ETIMEOUT, 504, 504, 504 },    { BR_EINTERNAL, 500, 500, 500 },
        { BR_ELIMIT, 429, 429, 429 },      { BR_EUPCREDIT, 402, 402, 402 },
        { BR_EUPPOLICY, 403, 403, 403 },   { BR_EBUDGET, 429, 429, 429 },
        { BR_ERROR_COUNT, 500, 500, 500 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_code_t code = rows[i].code;
        assert_int_equal (br_error_shape_status (BR_PROTOCOL_CHAT, code), rows[i].chat);
        assert_int_equal (br_error_shape_status (BR_PROTOCOL_RESPONSES, code),
                          rows[i].chat);
        assert_int_equal (br_error_shape_status (BR_PROTOCOL_MESSAGES, code),
                          rows[i].messages);
        assert_int_equal (br_error_shape_status (BR_PROTOCOL_GOOGLE, code),
                          rows[i].google);
    }
}

static void
an_event_of_responses_is_numbered_behind_all_others (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 4096);
    br_error_shape_event (BR_PROTOCOL_RESPONSES, BR_EUPCUT, "cut", &buf);
    assert_non_null (strstr (br_buf_text (&buf), ",\"sequence_number\":2147483647}"));
    br_buf_free (&buf);
}

static void
every_code_has_a_shape_in_every_protocol (void **state)
{
    (void) state;
    for (unsigned protocol = 0; protocol < BR_PROTOCOL_COUNT; protocol++)
        for (unsigned code = BR_OK + 1; code < BR_ERROR_COUNT; code++) {
            cJSON_Delete (s_body (protocol, code, "x"));
            unsigned status = br_error_shape_status (protocol, code);
            assert_in_range (status, 400, 599);
        }
}

static void
events_are_one_event_each (void **state)
{
    (void) state;
    static const char *const begins[BR_PROTOCOL_COUNT] = {
        [BR_PROTOCOL_CHAT] = "data: {\"error\":{",
        [BR_PROTOCOL_COMPLETIONS] = "data: {\"error\":{",
        [BR_PROTOCOL_RESPONSES] = "event: error\ndata: {\"type\":\"error\",\"code\":",
        [BR_PROTOCOL_MESSAGES] = "event: error\ndata: {\"type\":\"error\",\"error\":{",
        [BR_PROTOCOL_GOOGLE] = "data: {\"error\":{\"code\":",
    };
    for (unsigned protocol = 0; protocol < BR_PROTOCOL_COUNT; protocol++) {
        br_buf_t buf;
        br_buf_init (&buf, 4096);
        br_error_shape_event (protocol, BR_EUPCUT, "cut\n\ndata: x\r\n\r\n", &buf);
        const char *text = br_buf_text (&buf);
        assert_memory_equal (text, begins[protocol], strlen (begins[protocol]));
        const char *end = protocol == BR_PROTOCOL_GOOGLE ? "\r\n\r\n" : "\n\n";
        assert_string_equal (strstr (text, end), end);
        char data[4096];
        const char *json = strstr (text, "data: ") + 6;
        memcpy (data, json, strlen (json) + 1);
        data[strcspn (data, "\r\n")] = 0;
        cJSON *root = cJSON_Parse (data);
        assert_non_null (root);
        cJSON_Delete (root);
        br_buf_free (&buf);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (openai_has_type_param_and_code),
        cmocka_unit_test (anthropic_has_a_type_outside_and_one_inside),
        cmocka_unit_test (google_has_a_number_and_a_word),
        cmocka_unit_test (statuses_are_the_protocols_own),
        cmocka_unit_test (an_event_of_responses_is_numbered_behind_all_others),
        cmocka_unit_test (every_code_has_a_shape_in_every_protocol),
        cmocka_unit_test (events_are_one_event_each),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
