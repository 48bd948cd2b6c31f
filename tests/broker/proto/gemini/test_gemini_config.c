//  generationConfig, tools and toolConfig as they are read.

#include "tests/broker/proto/gemini/gemini_fixture.h"

static void
given_a_whole_config_when_read_then_each_in_its_place (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_GOOGLE);
    assert_int_equal (
        case_read (
            &self,
            "{\"generationConfig\":{\"temperature\":0.5,\"topP\":0.9,\"top_k\":40,"
            "\"candidateCount\":2,\"presencePenalty\":0.1,\"frequencyPenalty\":0.2,"
            "\"seed\":7,\"stopSequences\":[\"a\",\"b\"],\"responseLogprobs\":true,"
            "\"logprobs\":3,\"responseMimeType\":\"application/json\","
            "\"responseSchema\":{\"type\":\"OBJECT\"},\"responseModalities\":[\"TEXT\"],"
            "\"thinkingConfig\":{\"includeThoughts\":true,\"thinkingBudget\":-1},"
            "\"speechConfig\":{}}}"),
        0);
    const br_call_t *call = self.call;
    assert_true (call->temperature.value == 0.5);
    assert_true (call->top_p.value == 0.9);
    assert_true (call->top_k.value == 40);
    assert_true (call->n.value == 2);
    assert_true (call->presence_penalty.value == 0.1);
    assert_true (call->frequency_penalty.value == 0.2);
    assert_true (call->seed.value == 7);
    assert_int_equal (call->stop.size, 2);
    assert_text (call->stop.at[1], "b");
    assert_int_equal (call->logprobs, BR_YES);
    assert_true (call->top_logprobs.value == 3);
    assert_int_equal (call->format, BR_FORMAT_SCHEMA);
    assert_text (call->schema, "{\"type\":\"object\"}");
    assert_text (call->modalities, "[\"text\"]");
    assert_int_equal (call->show_reasoning, BR_YES);
    assert_true (call->budget.value == -1);
    assert_int_equal (call->reasoning, BR_YES);
    assert_text (call->extras->field, "generationConfig.speechConfig");
    case_close (&self);
}

static void
given_levels_and_budgets_when_read_then_effort_and_reasoning (void **state)
{
    (void) state;
    static const struct {
        const char *thinking;
        br_effort_t effort;
        br_tri_t reasoning;
    } rows[] = { { "{\"thinkingLevel\":\"HIGH\"}", BR_EFFORT_HIGH, BR_UNSET },
                 { "{\"thinking_level\":\"minimal\"}", BR_EFFORT_MINIMAL, BR_UNSET },
                 { "{\"thinkingBudget\":0}", BR_EFFORT_UNSET, BR_NO },
                 { "{\"thinkingBudget\":512}", BR_EFFORT_UNSET, BR_YES } };
    for (size_t i = 0; i < 4; i++) {
        gemini_case_t self;
        char json[128];
        case_open (&self, BR_PROTOCOL_GOOGLE);
        snprintf (json, sizeof json, "{\"generationConfig\":{\"thinkingConfig\":%s}}",
                  rows[i].thinking);
        assert_int_equal (case_read (&self, json), 0);
        assert_int_equal (self.call->effort, rows[i].effort);
        assert_int_equal (self.call->reasoning, rows[i].reasoning);
        case_close (&self);
    }
}

static void
given_tools_when_read_then_functions_and_hosted_ones (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_GOOGLE);
    assert_int_equal (
        case_read (&self,
                   "{\"tools\":[{\"functionDeclarations\":[{\"name\":\"a.b\","
                   "\"description\":\"D\",\"parameters\":{\"type\":\"OBJECT\"}},"
                   "{\"name\":\"c\",\"parametersJsonSchema\":{\"type\":\"object\"},"
                   "\"behavior\":\"x\"}],\"googleSearch\":null},"
                   "{\"code_execution\":{}}]}"),
        0);
    const br_tool_t *tool = self.call->tools;
    assert_int_equal (tool->kind, BR_TOOL_FUNCTION);
    assert_text (tool->name, "a.b");
    assert_text (tool->schema, "{\"type\":\"object\"}");
    assert_text (tool->path, "tools[0].functionDeclarations[0]");
    tool = tool->next;
    assert_text (tool->schema, "{\"type\":\"object\"}");
    tool = tool->next;
    assert_int_equal (tool->kind, BR_TOOL_HOSTED);
    assert_text (tool->name, "codeExecution");
    assert_text (tool->raw, "{\"codeExecution\":{}}");
    assert_null (tool->next);
    assert_text (self.call->extras->field, "tools[0].functionDeclarations[1].behavior");
    case_close (&self);
}

static void
given_modes_when_read_then_choices (void **state)
{
    (void) state;
    static const struct {
        const char *config;
        br_choice_t choice;
    } rows[] = {
        { "\"mode\":\"AUTO\"", BR_CHOICE_AUTO },
        { "\"mode\":\"NONE\"", BR_CHOICE_NONE },
        { "\"mode\":\"any\"", BR_CHOICE_REQUIRED },
        { "\"mode\":\"ANY\",\"allowedFunctionNames\":[\"a\"]", BR_CHOICE_NAMED },
        { "\"allowedFunctionNames\":[\"a\",\"b\"],\"mode\":\"ANY\"",
          BR_CHOICE_ALLOWED_REQUIRED },
        { "\"mode\":\"VALIDATED\",\"allowed_function_names\":[\"a\"]",
          BR_CHOICE_ALLOWED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gemini_case_t self;
        char json[192];
        case_open (&self, BR_PROTOCOL_GOOGLE);
        snprintf (json, sizeof json, "{\"toolConfig\":{\"functionCallingConfig\":{%s}}}",
                  rows[i].config);
        assert_int_equal (case_read (&self, json), 0);
        assert_int_equal (self.call->choice, rows[i].choice);
        case_close (&self);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_whole_config_when_read_then_each_in_its_place),
        cmocka_unit_test (given_levels_and_budgets_when_read_then_effort_and_reasoning),
        cmocka_unit_test (given_tools_when_read_then_functions_and_hosted_ones),
        cmocka_unit_test (given_modes_when_read_then_choices),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
