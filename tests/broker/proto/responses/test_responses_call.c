//  Members of a request, but for the input and the tools.

#include "tests/broker/proto/responses/fixture.h"

static void
known_members_have_their_places (void **state)
{
    (void) state;
    request_t r;
    request_read_well (
        &r,
        "{'model':'m','input':'hi','stream':true,'temperature':0.5,'top_p':1,"
        "'max_output_tokens':100,'store':false,'parallel_tool_calls':true,"
        "'user':'u','safety_identifier':'s','metadata':{'a':'b'},"
        "'service_tier':'flex','prompt_cache_key':'k','previous_response_id':'resp_1',"
        "'include':['reasoning.encrypted_content','message.output_text.logprobs'],"
        "'top_logprobs':2,'truncation':'disabled','background':false,"
        "'stream_options':{'include_obfuscation':false},'instructions':null}");
    const br_call_t *call = r.call;
    assert_true (br_text_is (call->model, "m"));
    assert_true (call->stream && call->want_encrypted);
    assert_true (call->temperature.value == 0.5);
    assert_true (call->max_output.value == 100);
    assert_int_equal (call->store, BR_NO);
    assert_int_equal (call->parallel, BR_YES);
    assert_int_equal (call->logprobs, BR_YES);
    assert_true (br_text_is (call->user, "s"));
    assert_true (br_text_is (call->metadata, "{\"a\":\"b\"}"));
    assert_true (br_text_is (call->service_tier, "flex"));
    assert_true (br_text_is (call->cache_key, "k"));
    assert_true (br_text_is (call->previous_id, "resp_1"));
    assert_null (call->extras);
    assert_true (br_text_is (call->echo, r.json));
    request_end (&r);
}

static void
unknown_members_are_extras (void **state)
{
    (void) state;
    request_t r;
    request_read_well (&r, "{'input':'hi','fancy':1,'truncation':'auto','include':['x'],"
                           "'seed':null,'reasoning':{'context':'auto'}}");
    const br_loss_t *extra = r.call->extras;
    static const char *const fields[] = { "fancy", "truncation", "include",
                                          "reasoning.context" };
    for (size_t i = 0; i < 4; i++, extra = extra->next) {
        assert_non_null (extra);
        assert_true (br_text_is (extra->field, fields[i]));
    }
    assert_null (extra);
    request_end (&r);
}

static void
wrong_types_are_refused_by_their_path (void **state)
{
    (void) state;
    static const char *const bad[][2] = {
        { "[]", "must be an object" },
        { "{'model':1}", "model must be a string" },
        { "{'stream':'yes'}", "stream must be true or false" },
        { "{'temperature':'hot'}", "temperature must be a number" },
        { "{'input':5}", "input must be a string or an array" },
        { "{'instructions':{}}", "instructions must be a string" },
        { "{'include':'x'}", "include must be an array" },
        { "{'include':[1]}", "include[0] must be a string" },
        { "{'reasoning':'high'}", "reasoning must be an object" },
        { "{'reasoning':{'effort':'huge'}}", "reasoning.effort must be none" },
        { "{'text':{'format':{'type':'xml'}}}", "text.format.type must be" },
        { "{'text':{'format':{}}}", "text.format.type is missing" },
        { "{'text':{'format':{'type':'json_schema'}}}", "text.format must be" },
        { "{'metadata':[]}", "metadata must be an object" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        request_read_badly (bad[i][0], bad[i][1]);
}

static void
what_only_the_provider_holds_is_refused (void **state)
{
    (void) state;
    request_read_badly ("{'input':'x','conversation':'conv_1'}", "conversation names");
    request_read_badly ("{'prompt':{'id':'pmpt_1'}}", "prompt names");
    request_read_badly ("{'input':'x','background':true}", "background:");
}

static void
reasoning_and_text_are_read (void **state)
{
    (void) state;
    request_t r;
    request_read_well (&r, "{'input':'x','reasoning':{'effort':'xhigh','summary':'auto'},"
                           "'text':{'verbosity':'low','format':{'type':'json_schema',"
                           "'name':'n','description':'d','strict':true,"
                           "'schema':{'type':'object'}}}}");
    const br_call_t *call = r.call;
    assert_int_equal (call->effort, BR_EFFORT_XHIGH);
    assert_int_equal (call->show_reasoning, BR_YES);
    assert_int_equal (call->format, BR_FORMAT_SCHEMA);
    assert_int_equal (call->schema_strict, BR_YES);
    assert_true (br_text_is (call->schema, "{\"type\":\"object\"}"));
    assert_true (br_text_is (call->schema_name, "n"));
    assert_true (br_text_is (call->verbosity, "low"));
    request_end (&r);
}

static void
instructions_come_before_system_items_wherever_they_stand (void **state)
{
    (void) state;
    request_t r;
    request_read_well (&r, "{'input':[{'role':'developer','content':'two'}],"
                           "'instructions':'one'}");
    br_text_t all = br_block_join (r.call->system, "+", r.call->arena);
    assert_true (br_text_is (all, "one+two"));
    assert_null (r.call->turns);
    request_end (&r);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (known_members_have_their_places),
        cmocka_unit_test (unknown_members_are_extras),
        cmocka_unit_test (wrong_types_are_refused_by_their_path),
        cmocka_unit_test (what_only_the_provider_holds_is_refused),
        cmocka_unit_test (reasoning_and_text_are_read),
        cmocka_unit_test (instructions_come_before_system_items_wherever_they_stand),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
