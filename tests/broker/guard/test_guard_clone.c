//  guard_clone: events that bring one text.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_clone.h"

#define OUT_MAX 4096 //  bytes
#define SPANS_MAX 8

typedef struct {
    br_text_span_t spans[SPANS_MAX];
    size_t count;
} spans_t;

static int
s_keep (void *arg, const br_text_span_t *span)
{
    spans_t *spans = arg;
    assert_true (spans->count < SPANS_MAX);
    spans->spans[spans->count++] = *span;
    return 0;
}

//  In texts ' stands for ". in: which of the event's texts is replaced
static void
s_check (br_surface_t surface, size_t which, const char *given, const char *wanted,
         const char *name)
{
    char *data = br_strdup (given);
    char *expected = br_strdup (wanted);
    for (char *at = data; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    for (char *at = expected; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    spans_t spans = { .count = 0 };
    br_text_event_t told;
    assert_int_equal (
        br_texts_of_event (surface, data, strlen (data), &told, s_keep, &spans, NULL), 0);
    assert_true (which < spans.count);
    guard_clone_t clone = { .surface = surface,
                            .data = br_text (data),
                            .spans = spans.spans,
                            .nspans = spans.count,
                            .span = spans.spans[which],
                            .value = BR_TEXT ("\"new\""),
                            .sequence = 12 };
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    assert_int_equal (guard_clone_write (&clone, &out), 0);
    assert_string_equal (br_buf_text (&out), expected);
    assert_true (br_text_is (guard_clone_name (&clone, BR_TEXT ("given")), name));
    assert_null (guard_clone_name (&clone, BR_TEXT_NONE).at);
    br_buf_free (&out);
    free (expected);
    free (data);
}

static void
given_a_chunk_when_cloned_then_nothing_is_said_twice (void **state)
{
    (void) state;
    s_check (
        BR_SURFACE_CHAT, 1,
        "{'id':'c','object':'chat.completion.chunk','created':1,'choices':[{'index':0,"
        "'delta':{'content':'a'}},{'index':1,'delta':{'role':'assistant','content':"
        "'b'},'logprobs':null,'finish_reason':'stop'}],'usage':{'total_tokens':3},"
        "'obfuscation':'x'}",
        "{'id':'c','object':'chat.completion.chunk','created':1,'choices':[{'index':1,"
        "'delta':{'content':'new'},'logprobs':null,'finish_reason':null}]}",
        "given");
    s_check (BR_SURFACE_CHAT, 0,
             "{'choices':[{'index':0,'delta':{'tool_calls':[{'index':2,'id':'i','type':"
             "'function','function':{'name':'f','arguments':'{'}}]}}]}",
             "{'choices':[{'index':0,'delta':{'tool_calls':[{'index':2,'type':'function',"
             "'function':{'arguments':'new'}}]}}]}",
             "given");
}

static void
given_other_texts_in_the_event_when_cloned_then_they_do_not_leak (void **state)
{
    (void) state;
    s_check (BR_SURFACE_CHAT, 1,
             "{'id':'c','note':'secret','choices':[{'index':0,'delta':{'content':'a'}}]}",
             "{'id':'c','choices':[{'index':0,'delta':{'content':'new'}}]}", "given");
}

static void
given_a_numbered_event_when_cloned_then_it_has_its_own_number (void **state)
{
    (void) state;
    s_check (BR_SURFACE_RESPONSES, 0,
             "{'type':'response.output_text.delta','item_id':'i','output_index':0,"
             "'content_index':0,'delta':'a','logprobs':[],'sequence_number':7}",
             "{'type':'response.output_text.delta','item_id':'i','output_index':0,"
             "'content_index':0,'delta':'new','logprobs':[],'sequence_number':12}",
             "given");
}

static void
given_a_block_that_begins_with_text_when_cloned_then_it_is_a_delta (void **state)
{
    (void) state;
    s_check (BR_SURFACE_MESSAGES, 0,
             "{'type':'content_block_start','index':3,'content_block':{'type':'text',"
             "'text' : 'a'}}",
             "{'type':'content_block_delta','index':3,'delta':{'type':'text_delta',"
             "'text':'new'}}",
             "content_block_delta");
    s_check (BR_SURFACE_MESSAGES, 0,
             "{'type':'content_block_delta','index':3,'delta':{'type':'thinking_delta',"
             "'thinking':'a'}}",
             "{'type':'content_block_delta','index':3,'delta':{'type':'thinking_delta',"
             "'thinking':'new'}}",
             "content_block_delta");
}

static void
given_a_part_when_cloned_then_role_and_thought_stay (void **state)
{
    (void) state;
    s_check (
        BR_SURFACE_GOOGLE_STREAM, 1,
        "{'candidates':[{'content':{'parts':[{'text':'a'},{'text':'b','thought':true,"
        "'thoughtSignature':'s'}],'role':'model'},'finishReason':'STOP','index':0}],"
        "'usageMetadata':{'totalTokenCount':1},'modelVersion':'g'}",
        "{'candidates':[{'content':{'parts':[{'text':'new','thought':true}],'role':"
        "'model'},'index':0}],'modelVersion':'g'}",
        "given");
}

static void
given_a_place_that_is_none_when_cloned_then_it_fails (void **state)
{
    (void) state;
    br_text_span_t span = { .at = 1, .size = 2 };
    guard_clone_t clone = { .surface = BR_SURFACE_CHAT, .span = span };
    clone.value = BR_TEXT ("\"new\"");
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    static const char *const texts[] = { "{\"a\":1}", "[", "7", "{\"a\"", "" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        clone.data = br_text (texts[i]);
        assert_int_equal (guard_clone_write (&clone, &out), -1);
    }
    br_buf_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_chunk_when_cloned_then_nothing_is_said_twice),
        cmocka_unit_test (
            given_other_texts_in_the_event_when_cloned_then_they_do_not_leak),
        cmocka_unit_test (given_a_numbered_event_when_cloned_then_it_has_its_own_number),
        cmocka_unit_test (
            given_a_block_that_begins_with_text_when_cloned_then_it_is_a_delta),
        cmocka_unit_test (given_a_part_when_cloned_then_role_and_thought_stay),
        cmocka_unit_test (given_a_place_that_is_none_when_cloned_then_it_fails),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
