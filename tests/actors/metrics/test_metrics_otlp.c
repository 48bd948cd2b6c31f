//  metrics_otlp: spans of a call and of its attempts.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "actors/metrics/metrics_otlp.h"
#include "broker/proto/attribution.h"
#include "broker/proto/tries.h"
#include "tests/actors/metrics/calls.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"

static const metrics_ids_t s_ids = { { 1, 2 }, 3 };

//  The spans of a call. "caller deletes the root"
static cJSON *
s_spans (struct br_call_metered call, const br_attribution_t *who,
         const cJSON **ret_spans)
{
    br_buf_t whose;
    br_buf_t spans;
    br_buf_t out;
    br_buf_init (&whose, BR_ATTRIBUTION_MAX);
    br_buf_init (&spans, 1u << 20);
    br_buf_init (&out, 1u << 20);
    br_attribution_write (who, &whose);
    call.who = (br_bytes_t) { .data = whose.data, .size = whose.size };
    br_msg_t *msg = br_msg_new (BR_CALL_METERED, (br_id_t) { 1, 2 }, 0, &call, NULL);
    metrics_otlp_spans (msg, &s_ids, &spans);
    metrics_otlp_traces (&spans, &out);
    cJSON *root = cJSON_Parse (br_buf_text (&out));
    assert_non_null (root);
    const cJSON *resource = cJSON_GetArrayItem (
        cJSON_GetObjectItem (root, "resourceSpans"), 0);
    const cJSON *scope = cJSON_GetArrayItem (cJSON_GetObjectItem (resource, "scopeSpans"),
                                             0);
    *ret_spans = cJSON_GetObjectItem (scope, "spans");
    br_msg_destroy (&msg);
    br_buf_free (&out);
    br_buf_free (&spans);
    br_buf_free (&whose);
    return root;
}

static const char *
s_text (const cJSON *span, const char *member)
{
    const char *text = cJSON_GetStringValue (cJSON_GetObjectItem (span, member));
    return text ? text : "";
}

//  The value of an attribute, whatever its type; "" without it.
static const char *
s_attribute (const cJSON *span, const char *key)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, cJSON_GetObjectItem (span, "attributes"))
    {
        if (strcmp (s_text (item, "key"), key) == 0)
            return cJSON_GetStringValue (cJSON_GetObjectItem (item, "value")->child);
    }
    return "";
}

static void
a_call_is_a_span_with_the_words_of_the_conventions (void **state)
{
    (void) state;
    br_attribution_t who;
    br_attribution_init (&who);
    who.trace = TRACE;
    who.parent = "b7ad6b7169203331";
    who.span = "00f067aa0ba902b7";
    who.session = "talk-1";
    who.agent = "tester";
    const cJSON *spans;
    cJSON *root = s_spans (calls_good (), &who, &spans);
    assert_int_equal (cJSON_GetArraySize (spans), 1);
    const cJSON *span = cJSON_GetArrayItem (spans, 0);
    assert_string_equal (s_text (span, "traceId"), TRACE);
    assert_string_equal (s_text (span, "spanId"), "00f067aa0ba902b7");
    assert_string_equal (s_text (span, "parentSpanId"), "b7ad6b7169203331");
    assert_string_equal (s_text (span, "name"), "chat smart");
    assert_string_equal (s_text (span, "startTimeUnixNano"), "1750000000000000000");
    assert_string_equal (s_text (span, "endTimeUnixNano"), "1750000000100000000");
    assert_string_equal (s_attribute (span, "gen_ai.response.model"), "gpt-4o");
    assert_string_equal (s_attribute (span, "gen_ai.usage.input_tokens"), "10");
    assert_string_equal (s_attribute (span, "gen_ai.conversation.id"), "talk-1");
    assert_string_equal (s_attribute (span, "gen_ai.agent.name"), "tester");
    assert_string_equal (s_attribute (span, "error.type"), "");
    cJSON_Delete (root);
}

static void
a_call_of_no_trace_gets_one_of_its_own (void **state)
{
    (void) state;
    br_attribution_t who;
    br_attribution_init (&who);
    const cJSON *spans;
    cJSON *root = s_spans (calls_good (), &who, &spans);
    const cJSON *span = cJSON_GetArrayItem (spans, 0);
    assert_string_equal (s_text (span, "traceId"), "00000000000000010000000000000002");
    assert_string_equal (s_text (span, "spanId"), "0000000000000003");
    assert_null (cJSON_GetObjectItem (span, "parentSpanId"));
    cJSON_Delete (root);
}

static void
an_attempt_is_a_child_with_its_own_end (void **state)
{
    (void) state;
    br_attribution_t who;
    br_attribution_init (&who);
    br_buf_t tries;
    br_buf_init (&tries, 4096);
    br_try_t row = { .attempt = 1, .provider = "acme", .endpoint = "eu", .model = "m" };
    row.outcome = BR_OUTCOME_FAILED;
    row.code = BR_EUPBAD;
    row.status = 500;
    row.after_us = 1000;
    row.latency_us = 2000;
    br_tries_add (&tries, &row);
    row.attempt = 2;
    row.outcome = BR_OUTCOME_OK;
    row.code = BR_OK;
    row.status = 200;
    br_tries_add (&tries, &row);
    struct br_call_metered call = calls_good ();
    call.tries = (br_bytes_t) { .data = tries.data, .size = tries.size };
    const cJSON *spans;
    cJSON *root = s_spans (call, &who, &spans);
    assert_int_equal (cJSON_GetArraySize (spans), 3);
    const cJSON *first = cJSON_GetArrayItem (spans, 1);
    const cJSON *second = cJSON_GetArrayItem (spans, 2);
    assert_string_equal (s_text (first, "parentSpanId"), "0000000000000003");
    assert_string_not_equal (s_text (first, "spanId"), s_text (second, "spanId"));
    assert_string_equal (s_text (first, "startTimeUnixNano"), "1750000000001000000");
    assert_string_equal (s_text (first, "endTimeUnixNano"), "1750000000003000000");
    assert_string_equal (s_attribute (first, "error.type"), "upstream_bad_gateway");
    assert_string_equal (s_attribute (first, "http.response.status_code"), "500");
    assert_string_equal (s_attribute (second, "error.type"), "");
    br_buf_free (&tries);
    cJSON_Delete (root);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_call_is_a_span_with_the_words_of_the_conventions),
        cmocka_unit_test (a_call_of_no_trace_gets_one_of_its_own),
        cmocka_unit_test (an_attempt_is_a_child_with_its_own_end),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
