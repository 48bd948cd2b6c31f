//  unseal_chat: details and signatures of calls in requests that pass as bytes.

#include "tests/broker/proto/unsealed.h"

#define CHAT(members)                                                                    \
    "{'prediction':{},'messages':[{'role':'user','content':'hi'},{'role':'assistant',"   \
    "'content':'a'" members "},{'role':'user','content':'b'}]}"
#define DETAIL(signature)                                                                \
    "{'type':'reasoning.text','text':'t','signature':'" signature                        \
    "','format':'anthropic-claude-v1','index':0}"
#define DATA(data) "{'type':'reasoning.encrypted','data':'" data "','index':1}"
#define THOUGHT(signature)                                                               \
    "'extra_content':{'google':{'thought_signature':'" signature "'}}"
#define CALLS(more)                                                                      \
    ",'tool_calls':[{'id':'c1','function':{'name':'f','arguments':'{}'}" more "}]"

static void
given_details_when_they_pass_to_nobody_who_knows_them_then_they_go (void **state)
{
    (void) state;
    unsealed_expect (GPT_4, &unsealed_sign,
                     CHAT (",'reasoning_details':[" DETAIL ("@") "]"), CHAT (""),
                     "dropped messages[1].reasoning_details[0]");
    unsealed_expect (
        GPT_4, &unsealed_sign,
        CHAT (",'reasoning_details':[" DETAIL ("RAW") "," DETAIL ("@") "],'x':1"),
        CHAT (",'reasoning_details':[" DETAIL ("RAW") "],'x':1"),
        "dropped messages[1].reasoning_details[1]");
    unsealed_expect (
        GPT_4, &unsealed_sign,
        "{'messages':[{'role':'assistant','content':null,'reasoning_details':["
        "" DETAIL ("@") "]},{'role':'user','content':'b'}]}",
        "{'messages':[{'role':'user','content':'b'}]}",
        "dropped messages[0].reasoning_details[0]");
    unsealed_expect (ROUTER ("openai/gpt-5"), &unsealed_sign,
                     CHAT (",'reasoning_details':[" DETAIL ("@") "]"), CHAT (""),
                     "dropped messages[1].reasoning_details[0]");
}

static void
given_details_when_they_pass_to_a_model_of_their_maker_then_they_are_opened (void **state)
{
    (void) state;
    unsealed_expect (ROUTER ("anthropic/claude-opus-4.1"), &unsealed_sign,
                     CHAT (",'reasoning_details':[" DETAIL ("@") "]"),
                     CHAT (",'reasoning_details':[" DETAIL ("SIG+/=") "]"), "");
    unsealed_expect (ROUTER ("openai/gpt-5"), &unsealed_encrypted,
                     CHAT (",'reasoning_details':[" DATA ("@") "]"),
                     CHAT (",'reasoning_details':[" DATA ("ENC") "]"), "");
    unsealed_expect (ROUTER ("x-ai/grok-4"), &unsealed_details,
                     CHAT (",'reasoning_details':[" DATA ("@") "]"),
                     CHAT (",'reasoning_details':[{'odd': 1}]"), "");
}

static void
given_a_thought_of_a_call_when_it_passes_then_only_google_gets_it (void **state)
{
    (void) state;
    unsealed_expect (
        GPT_4, &unsealed_thought, CHAT (CALLS ("," THOUGHT ("@"))), CHAT (CALLS ("")),
        "dropped messages[1].tool_calls[0].extra_content.google.thought_signature");
    unsealed_expect (
        GPT_4, &unsealed_thought,
        CHAT (CALLS (",'extra_content':{'google':{'thought_signature':'@'},'x':1}")),
        CHAT (CALLS (",'extra_content':{'x':1}")),
        "dropped messages[1].tool_calls[0].extra_content.google.thought_signature");
    unsealed_expect (GEMINI_CHAT, &unsealed_thought, CHAT (CALLS ("," THOUGHT ("@"))),
                     CHAT (CALLS ("," THOUGHT ("TH"))), "");
    unsealed_expect (
        GEMINI_CHAT, &unsealed_sign, CHAT (CALLS ("," THOUGHT ("@"))),
        CHAT (CALLS ("," THOUGHT ("skip_thought_signature_validator"))),
        "dropped messages[1].tool_calls[0].extra_content.google.thought_signature");
}

#define MOVED                                                                            \
    "{'type':'reasoning.encrypted','data':'TH','id':'c1','format':'google-gemini-v1',"

static void
given_a_thought_of_a_call_when_it_passes_to_openrouter_then_it_is_a_detail (void **state)
{
    (void) state;
    whom_t whom = ROUTER ("google/gemini-3-pro");
    unsealed_expect (whom, &unsealed_thought,
                     "{'messages':[{'role':'assistant'" CALLS ("," THOUGHT ("@")) "}]}",
                     "{'messages':[{'reasoning_details':[" MOVED
                     "'index':0}],'role':'assistant'" CALLS ("") "}]}",
                     "");
    unsealed_expect (
        whom, &unsealed_thought,
        CHAT (CALLS ("," THOUGHT ("@")) ",'reasoning_details':[" DATA ("RAW") " ]"),
        CHAT (CALLS ("") ",'reasoning_details':[" DATA ("RAW") " ," MOVED "'index':1}]"),
        "");
    unsealed_expect (whom, &unsealed_thought,
                     CHAT (CALLS ("," THOUGHT ("@")) ",'reasoning_details':null"),
                     CHAT (CALLS ("") ",'reasoning_details':[" MOVED "'index':0}]"), "");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_details_when_they_pass_to_nobody_who_knows_them_then_they_go),
        cmocka_unit_test (
            given_details_when_they_pass_to_a_model_of_their_maker_then_they_are_opened),
        cmocka_unit_test (
            given_a_thought_of_a_call_when_it_passes_then_only_google_gets_it),
        cmocka_unit_test (
            given_a_thought_of_a_call_when_it_passes_to_openrouter_then_it_is_a_detail),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
