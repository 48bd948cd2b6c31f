//  unseal_google: signatures of parts in requests that pass as bytes.

#include "tests/broker/proto/unsealed.h"

#define PARTS(parts)                                                                     \
    "{'contents':[{'role':'user','parts':[{'text':'hi'}]},{'role':'model','parts':["     \
    "" parts "]}],'safetySettings':[{'x':1}],'cachedContent':'c'}"
#define CALL "'functionCall':{'name':'f'}"

static void
given_another_familys_signature_when_it_passes_to_google_then_the_member_goes (
    void **state)
{
    (void) state;
    unsealed_expect (
        GEMINI, &unsealed_sign, PARTS ("{'text':'a','thoughtSignature':'@'}"),
        PARTS ("{'text':'a'}"), "dropped contents[1].parts[0].thoughtSignature");
    unsealed_expect (
        GEMINI, &unsealed_sign, PARTS ("{'thought_signature': '@', 'text':'a'}"),
        PARTS ("{'text':'a'}"), "dropped contents[1].parts[0].thought_signature");
    unsealed_expect (
        GEMINI, &unsealed_sign, PARTS ("{'text':'a'},{'text':'','thoughtSignature':'@'}"),
        PARTS ("{'text':'a'}"), "dropped contents[1].parts[1].thoughtSignature");
    unsealed_expect (GEMINI, &unsealed_thought,
                     PARTS ("{'text':'','thoughtSignature':'@'}"),
                     PARTS ("{'text':'','thoughtSignature':'TH'}"), "");
    unsealed_expect (GEMINI_OLD, &unsealed_sign,
                     PARTS ("{" CALL ",'thoughtSignature':'@'}"), PARTS ("{" CALL "}"),
                     "dropped contents[1].parts[0].thoughtSignature");
}

static void
given_a_call_that_wants_a_signature_when_it_passes_then_it_has_the_placeholder (
    void **state)
{
    (void) state;
    unsealed_expect (
        GEMINI, &unsealed_empty,
        PARTS ("{'thoughtSignature':'@'," CALL "},{" CALL ",'thoughtSignature':'@'}"
               ""),
        PARTS ("{'thoughtSignature':'skip_thought_signature_validator'," CALL "},{"
               "" CALL "}"),
        "");
    unsealed_expect (
        GEMINI, &unsealed_sign,
        "{'generateContentRequest':{'contents':[{'parts':[{" CALL
        ",'thoughtSignature':'@'}]}]}}",
        "{'generateContentRequest':{'contents':[{'parts':[{" CALL
        ",'thoughtSignature':'skip_thought_signature_validator'}]}]}}",
        "dropped generateContentRequest.contents[0].parts[0].thoughtSignature");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_another_familys_signature_when_it_passes_to_google_then_the_member_goes),
        cmocka_unit_test (
            given_a_call_that_wants_a_signature_when_it_passes_then_it_has_the_placeholder),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
