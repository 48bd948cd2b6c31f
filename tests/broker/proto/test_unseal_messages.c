//  unseal_messages: thinking in requests that pass as bytes.

#include "tests/broker/proto/unsealed.h"

#define SAID(blocks)                                                                     \
    "{'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':[" blocks \
    "]},{'role':'user','content':'b'}]}"
#define THINKS "{'type':'thinking','thinking':'why','signature':'@'}"
#define TEXT "{'type':'text','text':'a'}"

static void
given_another_familys_thinking_when_it_passes_then_its_block_goes (void **state)
{
    (void) state;
    static const br_opaque_t *const opaques[] = { &unsealed_encrypted, &unsealed_thought,
                                                  &unsealed_empty };
    for (size_t i = 0; i < sizeof opaques / sizeof *opaques; i++) {
        unsealed_expect (SONNET, opaques[i], SAID (THINKS ", " TEXT), SAID (TEXT),
                         "dropped messages[1].content[0]");
        unsealed_expect (SONNET, opaques[i], SAID (TEXT " ," THINKS), SAID (TEXT),
                         "dropped messages[1].content[1]");
        unsealed_expect (
            SONNET, opaques[i], SAID (TEXT "," THINKS ", " THINKS ",\n" TEXT),
            SAID (TEXT ",\n" TEXT),
            "dropped messages[1].content[1], dropped messages[1].content[2]");
        unsealed_expect (SONNET, opaques[i],
                         SAID ("{'type':'redacted_thinking','data':'@'} , " TEXT),
                         SAID (TEXT), "dropped messages[1].content[0]");
    }
    unsealed_expect (SONNET, &unsealed_redacted,
                     SAID ("{'type':'redacted_thinking','data':'@'}, " TEXT),
                     SAID ("{'type':'redacted_thinking','data':'RED'}, " TEXT), "");
}

static void
given_another_models_or_a_damaged_blob_when_it_passes_then_its_block_goes (void **state)
{
    (void) state;
    unsealed_expect (SONNET, &unsealed_sign, SAID (THINKS "," TEXT), SAID (TEXT),
                     "dropped messages[1].content[0]");
    unsealed_expect (
        SONNET, NULL,
        SAID ("{'type':'thinking','thinking':'','signature':'br1.AAAA'}," TEXT),
        SAID (TEXT), "dropped messages[1].content[0]");
}

static void
given_a_message_of_nothing_else_when_it_passes_then_it_goes (void **state)
{
    (void) state;
    unsealed_expect (
        SONNET, &unsealed_encrypted, SAID (THINKS),
        "{'messages':[{'role':'user','content':'hi'},{'role':'user','content':'b'}]"
        "}",
        "dropped messages[1].content[0]");
}

static void
given_a_host_that_wants_the_text_when_it_passes_then_only_the_signature_goes (
    void **state)
{
    (void) state;
    unsealed_expect (DEEPSEEK, &unsealed_sign, SAID (THINKS "," TEXT),
                     SAID ("{'type':'thinking','thinking':'why','signature':''}," TEXT),
                     "");
    unsealed_expect (DEEPSEEK, &unsealed_encrypted,
                     SAID ("{'type':'redacted_thinking','data':'@'}," TEXT),
                     SAID ("{'type':'thinking','thinking':'','signature':''}," TEXT),
                     "dropped messages[1].content[0]");
}

#define STEP(thinking, more)                                                             \
    "{'messages':[{'role':'user','content':'hi'},{'role':'assistant','content':["        \
    "" thinking "{'type':'tool_use','id':'1','name':'f','input':{}}]},{'role':'user',"   \
    "'content':[{'type':'tool_result','tool_use_id':'1'}]}]" more "}"

static void
given_a_step_that_loses_its_thinking_when_it_passes_then_there_is_none (void **state)
{
    (void) state;
    unsealed_expect (
        SONNET, &unsealed_encrypted,
        STEP (THINKS ",", ",'thinking':{'type':'enabled','budget_tokens':2000},"
                          "'context_management':{'edits':[{'type':'clear_thinking_"
                          "20251015'},{'type':'clear_tool_uses_20250919'}]}"),
        STEP ("", ",'thinking':{'type':'disabled'},'context_management':{'edits':["
                  "{'type':'clear_tool_uses_20250919'}]}"),
        "dropped messages[1].content[0], dropped thinking, dropped "
        "context_management.edits[0]");
    unsealed_expect (
        SONNET, &unsealed_encrypted,
        STEP (THINKS ",", ",'context_management':{'edits':[{'type':'clear_thinking_"
                          "20251015'}]},'thinking':{'type':'adaptive'}"),
        STEP ("", ",'thinking':{'type':'disabled'}"),
        "dropped messages[1].content[0], dropped context_management.edits[0], "
        "dropped thinking");
    //  given: it has more thinking; or is of an earlier turn; or nobody thinks
    unsealed_expect (SONNET, &unsealed_encrypted,
                     STEP (THINKS ",{'type':'thinking','thinking':'b','signature':'S'},",
                           ",'thinking':{'type':'enabled'}"),
                     STEP ("{'type':'thinking','thinking':'b','signature':'S'},",
                           ",'thinking':{'type':'enabled'}"),
                     "dropped messages[1].content[0]");
    unsealed_expect (
        SONNET, &unsealed_encrypted, STEP (THINKS ",", ",'thinking':{'type':'disabled'}"),
        STEP ("", ",'thinking':{'type':'disabled'}"), "dropped messages[1].content[0]");
    unsealed_expect (
        SONNET, &unsealed_encrypted,
        "{'thinking':{'type':'enabled'},'messages':[{'role':'assistant','content':["
        "" THINKS "," TEXT "]},{'role':'user','content':'b'}]}",
        "{'thinking':{'type':'enabled'},'messages':[{'role':'assistant','content':["
        "" TEXT "]},{'role':'user','content':'b'}]}",
        "dropped messages[0].content[0]");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_another_familys_thinking_when_it_passes_then_its_block_goes),
        cmocka_unit_test (
            given_another_models_or_a_damaged_blob_when_it_passes_then_its_block_goes),
        cmocka_unit_test (given_a_message_of_nothing_else_when_it_passes_then_it_goes),
        cmocka_unit_test (
            given_a_host_that_wants_the_text_when_it_passes_then_only_the_signature_goes),
        cmocka_unit_test (
            given_a_step_that_loses_its_thinking_when_it_passes_then_there_is_none),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
