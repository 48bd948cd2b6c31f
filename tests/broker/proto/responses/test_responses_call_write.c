//  Members of a request that is written, and what is lost.

#include "tests/broker/proto/responses/fixture.h"

static br_number_t
s_number (const char *raw)
{
    return (br_number_t) { br_text (raw), atof (raw) };
}

static void
a_call_of_another_protocol_is_kept_nowhere (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_MESSAGES);
    br_block_add (&r.call->system, BR_BLOCK_TEXT, r.call->arena)->text = BR_TEXT ("S");
    r.call->stream = true;
    br_block_add (&br_call_add_turn (r.call, BR_TURN_USER)->blocks, BR_BLOCK_TEXT,
                  r.call->arena)
        ->text = BR_TEXT ("hi");
    request_write (&r);
    request_has (&r, "{'model':'gpt-5','instructions':'S','input':[{'type':'message',"
                     "'role':'user','content':[{'type':'input_text','text':'hi'}]}],"
                     "'store':false,'include':['reasoning.encrypted_content'],"
                     "'stream':true}");
    assert_null (r.losses);
    request_end (&r);
}

static void
a_call_of_its_own_protocol_is_kept_as_it_says (void **state)
{
    (void) state;
    request_t r;
    request_read_well (&r, "{'input':[],'store':true,'previous_response_id':'resp_1'}");
    request_write (&r);
    request_has (&r, "'previous_response_id':'resp_1'");
    request_has (&r, "'store':true");
    request_lacks (&r, "include");
    request_end (&r);
}

static void
what_there_is_no_place_for_is_lost_by_the_clients_name (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_GOOGLE);
    br_text_t stop = BR_TEXT ("END");
    r.call->stop = (br_texts_t) { &stop, 1 };
    r.call->seed = s_number ("7");
    r.call->top_k = s_number ("40");
    r.call->frequency_penalty = s_number ("1");
    r.call->temperature = s_number ("0.5");
    br_call_add_extra (r.call, BR_TEXT ("safetySettings"));
    request_write (&r);
    request_has (&r, "'temperature':0.5");
    request_lacks (&r, "seed");
    request_warns (&r, "dropped generationConfig.stopSequences");
    request_warns (&r, "dropped generationConfig.seed");
    request_warns (&r, "dropped generationConfig.topK");
    request_warns (&r, "dropped generationConfig.frequencyPenalty");
    request_warns (&r, "dropped safetySettings");
    request_end (&r);
}

static void
what_would_change_the_meaning_is_refused (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    r.call->n = s_number ("2");
    request_write (&r);
    assert_int_equal (r.rc, -1);
    assert_int_equal (r.error.code, BR_EINVALID);
    fixture_assert (r.error.text, "n cannot be sent to openai gpt-5", true);
    r.call->n = s_number ("1");
    request_write (&r);
    assert_int_equal (r.rc, 0);
    r.call->modalities = BR_TEXT ("[\"text\",\"audio\"]");
    request_write (&r);
    assert_int_equal (r.rc, -1);
    r.call->modalities = BR_TEXT_NONE;
    r.call->previous_id = BR_TEXT ("resp_1");
    request_write (&r);
    assert_int_equal (r.rc, -1);
    fixture_assert (r.error.text, "previous_response_id", true);
    request_end (&r);
}

static void
reasoning_is_an_effort_and_a_summary (void **state)
{
    (void) state;
    static const struct {
        const char *budget, *effort;
    } rows[] = { { "0", "'minimal'" },
                 { "2000", "'low'" },
                 { "8192", "'medium'" },
                 { "16384", "'high'" },
                 { "50000", "'high'" } };
    request_t r;
    request_begin (&r, BR_PROTOCOL_MESSAGES);
    r.call->show_reasoning = BR_YES;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        r.call->budget = s_number (rows[i].budget);
        request_write (&r);
        char *part = br_strf ("'reasoning':{'effort':%s,'summary':'auto'}",
                              rows[i].effort);
        request_has (&r, part);
        request_warns (&r, "changed thinking.budget_tokens");
        free (part);
    }
    r.call->effort = BR_EFFORT_MINIMAL;
    request_write (&r);
    request_has (&r, "'effort':'minimal'");
    static const br_dialect_t plain = { .thinking = BR_THINKING_NONE,
                                        .no_sampling = true };
    r.call->temperature = s_number ("1");
    request_write_with (&r, &plain);
    request_lacks (&r, "'reasoning':");
    request_lacks (&r, "temperature");
    request_warns (&r, "dropped output_config.effort");
    request_warns (&r, "dropped temperature");
    request_end (&r);
}

static void
limits_of_the_protocol_are_kept (void **state)
{
    (void) state;
    request_t r;
    char user[101] = { 0 };
    memset (user, 'u', 100);
    request_begin (&r, BR_PROTOCOL_CHAT);
    r.call->max_output = s_number ("1");
    r.call->user = br_text (user);
    r.call->service_tier = BR_TEXT ("standard_only");
    r.call->logprobs = BR_YES;
    r.call->top_logprobs = s_number ("3");
    request_write (&r);
    request_has (&r, "'max_output_tokens':16");
    request_has (&r, "'service_tier':'default'");
    request_has (&r, "'message.output_text.logprobs'");
    request_has (&r, "'top_logprobs':3");
    request_has (&r, "'safety_identifier':'");
    request_lacks (&r, "uuuu");
    request_warns (&r, "changed max_completion_tokens");
    request_warns (&r, "changed user");
    request_end (&r);
}

static void
formats_are_flat (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    r.call->format = BR_FORMAT_JSON;
    r.call->verbosity = BR_TEXT ("low");
    request_write (&r);
    request_has (&r, "'text':{'format':{'type':'json_object'},'verbosity':'low'}");
    r.call->format = BR_FORMAT_SCHEMA;
    r.call->schema = BR_TEXT ("{\"type\":\"object\"}");
    r.call->schema_strict = BR_YES;
    request_write (&r);
    request_has (&r, "{'type':'json_schema','name':'response','schema':{'type':'object'},"
                     "'strict':false}");
    request_warns (&r, "changed response_format.json_schema.strict");
    request_end (&r);
}

static void
a_count_has_no_members_of_an_answer (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_MESSAGES);
    r.call->count_only = true;
    r.call->max_output = s_number ("100");
    br_block_add (&br_call_add_turn (r.call, BR_TURN_USER)->blocks, BR_BLOCK_TEXT,
                  r.call->arena)
        ->text = BR_TEXT ("hi");
    request_write (&r);
    request_has (&r, "{'model':'gpt-5','input':[{'type':'message','role':'user',"
                     "'content':[{'type':'input_text','text':'hi'}]}]}");
    request_end (&r);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_call_of_another_protocol_is_kept_nowhere),
        cmocka_unit_test (a_call_of_its_own_protocol_is_kept_as_it_says),
        cmocka_unit_test (what_there_is_no_place_for_is_lost_by_the_clients_name),
        cmocka_unit_test (what_would_change_the_meaning_is_refused),
        cmocka_unit_test (reasoning_is_an_effort_and_a_summary),
        cmocka_unit_test (limits_of_the_protocol_are_kept),
        cmocka_unit_test (formats_are_flat),
        cmocka_unit_test (a_count_has_no_members_of_an_answer),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
