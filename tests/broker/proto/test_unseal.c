//  unseal: what all protocols share, and items of Responses.

#include "tests/broker/proto/unsealed.h"

//  ---- all bytes but the envelopes

static void
given_an_envelope_when_it_is_opened_then_all_other_bytes_are_as_they_were (void **state)
{
    (void) state;
    unsealed_expect (
        OPUS, &unsealed_sign,
        " { 'odd' : [1.50, 1e3,{ } ],\n'messages':[ {'role':'assistant','content':"
        "[{'signature' : '@','type':'thinking','thinking':'\\u0061\\/b'} ,"
        "{'type':'text','text':'x','cache_control':{'type':'new'}}]}],"
        "'model': 'claude','context_management':{'edits':[{'type':'clear_thinking_"
        "1'}]},'model2':'br1.x' }\n",
        " { 'odd' : [1.50, 1e3,{ } ],\n'messages':[ {'role':'assistant','content':"
        "[{'signature' : 'SIG+/=','type':'thinking','thinking':'\\u0061\\/b'} ,"
        "{'type':'text','text':'x','cache_control':{'type':'new'}}]}],"
        "'model': 'claude-opus-4-1','context_management':{'edits':[{'type':'clear_"
        "thinking_1'}]},'model2':'br1.x' }\n",
        "");
    //  given: the model in front
    unsealed_expect (
        OPUS, &unsealed_sign,
        "{'model': 'a-rather-long-name-of-a-model','messages':[{'content':[{'type':"
        "'thinking','signature':'@'}]}]}",
        "{'model': 'claude-opus-4-1','messages':[{'content':[{'type':'thinking',"
        "'signature':'SIG+/='}]}]}",
        "");
}

static void
given_a_text_that_looks_like_one_when_it_passes_then_it_stays (void **state)
{
    (void) state;
    unsealed_expect (
        OPUS, &unsealed_sign,
        "{'model': 'm','system':'br1.s','messages':[{'role':'user','content':'br1.x'"
        "},{'role':'user','content':[{'type':'text','text':'@'},{'type':'text',"
        "'text':'t','signature':'@'}]}]}",
        NULL, "");
    unsealed_expect (GPT, &unsealed_sign,
                     "{'input':[{'role':'user','content':'@'},{'type':'compaction',"
                     "'encrypted_content':'@'}]}",
                     NULL, "");
    unsealed_expect (GEMINI, &unsealed_sign, "{'contents':[{'parts':[{'text':'@'}]}]}",
                     NULL, "");
    unsealed_expect (GPT_4, &unsealed_sign,
                     "{'messages':[{'role':'user','content':'@'}]}", NULL, "");
    unsealed_expect (GPT, NULL, "{'input':'br1.x'}", NULL, "");
    unsealed_expect (GPT, NULL, "['br1.x']", NULL, "");
    unsealed_expect ((whom_t) { BR_PROTOCOL_COMPLETIONS, "openai", "m" }, NULL,
                     "{'prompt':'br1.x'}", NULL, "");
}

static void
given_what_is_no_json_or_a_wrong_place_of_the_model_then_it_is_refused (void **state)
{
    (void) state;
    br_target_t target = unsealed_target (OPUS);
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    br_error_t error;
    assert_int_equal (br_unseal (&target, BR_TEXT ("{\"br1."),
                                 (br_unseal_model_t) { .at = 0 }, &out, &out, &error),
                      -1);
    assert_int_equal (error.code, BR_EINVALID);
    char *json = unsealed_json (
        "{'messages':[{'content':[{'type':'thinking','signature':'@'}]}]"
        "}",
        &unsealed_sign);
    br_unseal_model_t beyond = { .at = strlen (json) - 1, .size = 2 };
    assert_int_equal (br_unseal (&target, br_text (json), beyond, &out, &out, &error),
                      -1);
    assert_int_equal (error.code, BR_EINVALID);
    free (json);
    br_buf_free (&out);
}

//  ---- Responses

#define ITEMS(items)                                                                     \
    "{'model': 'm','input':[{'role':'user','content':'hi'}," items                       \
    "{'role':'user','content':'b'}],'truncation':'auto'}"
#define ITEMS_FOR(model, items)                                                          \
    "{'model': '" model "','input':[{'role':'user','content':'hi'}," items               \
    "{'role':'user','content':'b'}],'truncation':'auto'}"

static void
given_another_familys_item_when_it_passes_then_it_goes (void **state)
{
    (void) state;
    static const br_opaque_t *const opaques[] = { &unsealed_sign, &unsealed_thought,
                                                  &unsealed_empty };
    for (size_t i = 0; i < sizeof opaques / sizeof *opaques; i++)
        unsealed_expect (GPT, opaques[i],
                         ITEMS ("{'type':'reasoning','id':'rs_1','summary':[],"
                                "'encrypted_content':'@'},"),
                         ITEMS_FOR ("gpt-5", ""), "dropped reasoning");
}

static void
given_its_own_item_when_it_passes_then_it_has_its_own_id (void **state)
{
    (void) state;
    unsealed_expect (
        GPT, &unsealed_encrypted,
        ITEMS ("{'type':'reasoning','id':'rs_1','summary':[],'encrypted_content':"
               "'@'},"),
        ITEMS_FOR ("gpt-5", "{'type':'reasoning','id':'rs_9','summary':[],"
                            "'encrypted_content':'ENC'},"),
        "");
    br_opaque_t nameless = unsealed_encrypted;
    nameless.id = BR_TEXT_NONE;
    unsealed_expect (
        GPT, &nameless,
        ITEMS ("{'type':'reasoning','id':'rs_1','summary':[],'encrypted_content':"
               "'@'},"),
        ITEMS_FOR ("gpt-5", "{'type':'reasoning','summary':[],"
                            "'encrypted_content':'ENC'},"),
        "");
}

static void
given_a_host_of_plain_reasoning_when_it_passes_then_the_text_stays (void **state)
{
    (void) state;
    unsealed_expect (DEEPSEEK_R, &unsealed_sign,
                     ITEMS ("{'type':'reasoning','id':'rs_1','summary':[{'text':'s'}],"
                            "'encrypted_content':'@'},"),
                     ITEMS_FOR ("deepseek-chat",
                                "{'type':'reasoning','summary':[{'text':'s'}]"
                                "},"),
                     "");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_an_envelope_when_it_is_opened_then_all_other_bytes_are_as_they_were),
        cmocka_unit_test (given_a_text_that_looks_like_one_when_it_passes_then_it_stays),
        cmocka_unit_test (
            given_what_is_no_json_or_a_wrong_place_of_the_model_then_it_is_refused),
        cmocka_unit_test (given_another_familys_item_when_it_passes_then_it_goes),
        cmocka_unit_test (given_its_own_item_when_it_passes_then_it_has_its_own_id),
        cmocka_unit_test (
            given_a_host_of_plain_reasoning_when_it_passes_then_the_text_stays),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
