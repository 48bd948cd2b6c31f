//  The members of a request's body.

#include "tests/broker/proto/gemini/gemini_fixture.h"

static void
given_both_spellings_when_read_then_the_same (void **state)
{
    (void) state;
    static const char *const rows[] = {
        "{\"systemInstruction\":{\"parts\":[{\"text\":\"S\"}]},"
        "\"generationConfig\":{\"maxOutputTokens\":5}}",
        "{\"system_instruction\":{\"parts\":[{\"text\":\"S\"}]},"
        "\"generation_config\":{\"max_output_tokens\":5}}",
        "{\"systemInstruction\":\"S\",\"generationConfig\":{\"maxOutputTokens\":\"05\"}}",
    };
    for (size_t i = 0; i < 3; i++) {
        gemini_case_t self;
        case_open (&self, BR_PROTOCOL_GOOGLE);
        assert_int_equal (case_read (&self, rows[i]), 0);
        assert_text (self.call->system->text, "S");
        assert_true (self.call->max_output.value == 5);
        assert_text (self.call->max_output.raw, "5");
        case_close (&self);
    }
}

static void
given_members_of_a_wrong_type_when_read_then_refused_with_their_path (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        const char *path;
    } rows[] = {
        { "[]", "the body must be an object" },
        { "{\"contents\":{}}", "contents must be an array" },
        { "{\"contents\":[1]}", "contents[0] must be an object" },
        { "{\"contents\":[{\"parts\":{}}]}", "contents[0].parts must be an array" },
        { "{\"contents\":[{\"parts\":[{\"text\":1}]}]}",
          "contents[0].parts[0].text must be a string" },
        { "{\"contents\":[{\"role\":\"x\",\"parts\":[]}]}", "contents[0].role" },
        { "{\"contents\":[{\"parts\":[{\"functionCall\":{\"name\":\"f\",\"args\":[]}}]}]"
          "}",
          "contents[0].parts[0].functionCall.args must be an object" },
        { "{\"contents\":[{\"parts\":[{\"functionCall\":{}}]}]}",
          "contents[0].parts[0].functionCall needs a name" },
        { "{\"contents\":[{\"parts\":[{\"functionResponse\":{\"response\":1}}]}]}",
          "contents[0].parts[0].functionResponse.response" },
        { "{\"contents\":[{\"parts\":[{\"inlineData\":{\"data\":1}}]}]}",
          "contents[0].parts[0].inlineData.data" },
        { "{\"contents\":[{\"parts\":[{\"inlineData\":{}}]}]}", "contents[0].parts[0]" },
        { "{\"contents\":[{\"parts\":[{\"thoughtSignature\":1}]}]}",
          "contents[0].parts[0].thoughtSignature" },
        { "{\"tools\":{}}", "tools must be an array" },
        { "{\"tools\":[{\"functionDeclarations\":[{}]}]}",
          "tools[0].functionDeclarations[0] needs a name" },
        { "{\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"parameters\":1}]}]}",
          "tools[0].functionDeclarations[0].parameters" },
        { "{\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"X\"}}}",
          "mode must be" },
        { "{\"generationConfig\":{\"temperature\":\"warm\"}}",
          "generationConfig.temperature must be a number" },
        { "{\"generationConfig\":{\"stopSequences\":[1]}}",
          "generationConfig.stopSequences[0]" },
        { "{\"generationConfig\":{\"responseSchema\":[]}}",
          "generationConfig.responseSchema" },
        { "{\"systemInstruction\":{\"parts\":[{\"text\":{}}]}}",
          "systemInstruction.parts[0].text" },
        { "{\"serviceTier\":1}", "serviceTier" },
        { "{\"store\":1}", "store" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gemini_case_t self;
        case_open (&self, BR_PROTOCOL_GOOGLE);
        assert_int_equal (case_read (&self, rows[i].json), -1);
        assert_int_equal (self.error.code, BR_EINVALID);
        assert_has (self.error.text, rows[i].path);
        case_close (&self);
    }
}

static void
given_unknown_members_when_read_then_extras (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_GOOGLE);
    assert_int_equal (case_read (&self, "{\"safetySettings\":[],\"labels\":null,"
                                        "\"cachedContent\":null,\"new\":1}"),
                      0);
    assert_text (self.call->extras->field, "safetySettings");
    assert_text (self.call->extras->next->field, "new");
    assert_null (self.call->extras->next->next);
    case_close (&self);
}

//  It stands for instructions and turns that nobody else has.
static void
given_a_cached_content_when_read_then_refused (void **state)
{
    (void) state;
    static const char *const keys[] = { "cachedContent", "cached_content" };
    for (size_t i = 0; i < 2; i++) {
        gemini_case_t self;
        char json[64];
        snprintf (json, sizeof json, "{\"%s\":\"cachedContents/a\"}", keys[i]);
        case_open (&self, BR_PROTOCOL_GOOGLE);
        assert_int_equal (case_read (&self, json), -1);
        assert_int_equal (self.error.code, BR_EINVALID);
        assert_has (self.error.text, keys[i]);
        case_close (&self);
    }
}

static void
given_a_count_with_a_request_inside_when_read_then_the_request (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_GOOGLE);
    self.call->count_only = true;
    assert_int_equal (case_read (&self,
                                 "{\"generateContentRequest\":{\"model\":\"models/x\","
                                 "\"contents\":[{\"parts\":[{\"text\":\"Hi\"}]}]}}"),
                      0);
    assert_text (self.call->turns->blocks->text, "Hi");
    case_close (&self);
}

static void
given_a_tier_and_store_when_read_then_canonical (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_GOOGLE);
    assert_int_equal (case_read (&self, "{\"serviceTier\":\"STANDARD\",\"store\":false}"),
                      0);
    assert_text (self.call->service_tier, "default");
    assert_int_equal (self.call->store, BR_NO);
    case_close (&self);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_both_spellings_when_read_then_the_same),
        cmocka_unit_test (
            given_members_of_a_wrong_type_when_read_then_refused_with_their_path),
        cmocka_unit_test (given_unknown_members_when_read_then_extras),
        cmocka_unit_test (given_a_cached_content_when_read_then_refused),
        cmocka_unit_test (given_a_count_with_a_request_inside_when_read_then_the_request),
        cmocka_unit_test (given_a_tier_and_store_when_read_then_canonical),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
