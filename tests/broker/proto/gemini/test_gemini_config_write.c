//  generationConfig, tools and toolConfig as they are written.

#include "tests/broker/proto/gemini/gemini_fixture.h"

#define OLDEST "gemini-2.0-flash" //  no JSON schemas, no thinking
#define OLD "gemini-2.5-flash"    //  budgets
#define OLD_PRO "gemini-2.5-pro"  //  always thinks
#define NEW "gemini-3-flash"      //  levels
#define NEW_PRO "gemini-3-pro-preview"

static br_number_t
s_number (const char *raw)
{
    return (br_number_t) { br_text (raw), atof (raw) };
}

static void
s_check (gemini_case_t *self, const char *model, const char *piece)
{
    if (case_write (self, model))
        fail_msg ("%s", self->error.text);
    assert_has (case_text (self), piece);
    case_close (self);
}

static void
given_all_sampling_when_written_then_by_googles_names (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_CHAT);
    br_call_t *call = self.call;
    call->temperature = s_number ("0.5");
    call->top_p = s_number ("0.9");
    call->top_k = s_number ("40");
    call->frequency_penalty = s_number ("0.2");
    call->presence_penalty = s_number ("0.1");
    call->seed = s_number ("7");
    call->n = s_number ("2");
    call->max_output = s_number ("100");
    call->top_logprobs = s_number ("3");
    call->logprobs = BR_YES;
    s_check (&self, OLD,
             "\"generationConfig\":{\"temperature\":0.5,\"topP\":0.9,\"topK\":40,"
             "\"frequencyPenalty\":0.2,\"presencePenalty\":0.1,\"seed\":7,"
             "\"candidateCount\":2,\"maxOutputTokens\":100,"
             "\"responseLogprobs\":true,\"logprobs\":3}");
}

static void
given_six_stop_sequences_when_written_then_five_and_a_loss (void **state)
{
    (void) state;
    static const br_text_t stop[6] = { { "a", 1 }, { "b", 1 }, { "c", 1 },
                                       { "d", 1 }, { "e", 1 }, { "f", 1 } };
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_MESSAGES);
    self.call->stop = (br_texts_t) { stop, 6 };
    assert_int_equal (case_write (&self, OLD), 0);
    assert_has (case_text (&self), "\"stopSequences\":[\"a\",\"b\",\"c\",\"d\",\"e\"]");
    assert_true (case_lost (&self, "changed stop_sequences"));
    case_close (&self);
}

static void
given_a_format_when_written_then_by_what_the_model_knows (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_CHAT);
    self.call->format = BR_FORMAT_JSON;
    s_check (&self, OLD,
             "\"generationConfig\":{\"responseMimeType\":"
             "\"application/json\"}");
    for (int i = 0; i < 2; i++) {
        case_open (&self, BR_PROTOCOL_CHAT);
        self.call->format = BR_FORMAT_SCHEMA;
        self.call->schema = BR_TEXT (
            "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
            "\"string\"}},\"additionalProperties\":false}");
        if (i == 0)
            s_check (&self, OLD,
                     "\"responseJsonSchema\":{\"type\":\"object\",\"properties\":{\"a\":"
                     "{\"type\":\"string\"}},\"additionalProperties\":false}");
        else
            s_check (&self, OLDEST,
                     "\"responseSchema\":{\"type\":\"OBJECT\",\"properties\":"
                     "{\"a\":{\"type\":\"STRING\"}}}");
    }
}

typedef struct {
    const char *model;
    br_effort_t effort;
    const char *budget;
    br_tri_t reasoning;
    const char *config;
} thinking_row_t;

static const thinking_row_t s_thinking[] = {
    { NEW, BR_EFFORT_NONE, NULL, 0, "{\"thinkingLevel\":\"MINIMAL\"}" },
    { NEW, BR_EFFORT_MEDIUM, NULL, 0, "{\"thinkingLevel\":\"MEDIUM\"}" },
    { NEW, BR_EFFORT_MAX, NULL, 0, "{\"thinkingLevel\":\"HIGH\"}" },
    { NEW, 0, "2048", BR_YES, "{\"thinkingLevel\":\"LOW\"}" },
    { NEW, 0, "-1", BR_YES, "{}" },
    { NEW, 0, NULL, BR_NO, "{\"thinkingLevel\":\"MINIMAL\"}" },
    { NEW_PRO, BR_EFFORT_MINIMAL, NULL, 0, "{\"thinkingLevel\":\"LOW\"}" },
    { OLD, BR_EFFORT_NONE, NULL, 0, "{\"thinkingBudget\":0}" },
    { OLD, BR_EFFORT_LOW, NULL, 0, "{\"thinkingBudget\":1024}" },
    { OLD, BR_EFFORT_HIGH, NULL, 0, "{\"thinkingBudget\":24576}" },
    { OLD, BR_EFFORT_MAX, NULL, 0, "{\"thinkingBudget\":24576}" },
    { OLD, 0, "99999", BR_YES, "{\"thinkingBudget\":24576}" },
    { OLD, 0, "-1", BR_YES, "{\"thinkingBudget\":-1}" },
    { OLD, 0, NULL, BR_YES, "{\"thinkingBudget\":-1}" },
    { OLD_PRO, BR_EFFORT_NONE, NULL, 0, "{\"thinkingBudget\":128}" },
    { OLD_PRO, BR_EFFORT_XHIGH, NULL, 0, "{\"thinkingBudget\":32768}" },
    { OLD_PRO, 0, "0", BR_NO, "{\"thinkingBudget\":128}" },
};

static void
given_reasoning_when_written_then_a_level_or_a_budget (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_thinking / sizeof s_thinking[0]; i++) {
        const thinking_row_t *row = &s_thinking[i];
        gemini_case_t self;
        char piece[128];
        case_open (&self, BR_PROTOCOL_CHAT);
        self.call->effort = row->effort;
        self.call->reasoning = row->reasoning;
        if (row->budget)
            self.call->budget = s_number (row->budget);
        snprintf (piece, sizeof piece, "\"thinkingConfig\":%s", row->config);
        s_check (&self, row->model, piece);
    }
}

static void
given_a_model_that_does_not_think_when_written_then_a_loss (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_CHAT);
    self.call->effort = BR_EFFORT_HIGH;
    self.call->show_reasoning = BR_YES;
    assert_int_equal (case_write (&self, OLDEST), 0);
    assert_has_not (case_text (&self), "thinkingConfig");
    assert_true (case_lost (&self, "dropped reasoning_effort"));
    case_close (&self);
    case_open (&self, BR_PROTOCOL_CHAT);
    self.call->show_reasoning = BR_YES;
    s_check (&self, OLD, "\"thinkingConfig\":{\"includeThoughts\":true}");
}

static void
given_tools_when_written_then_one_list_of_functions (void **state)
{
    (void) state;
    gemini_case_t self;
    for (int i = 0; i < 2; i++) {
        case_open (&self, BR_PROTOCOL_CHAT);
        br_tool_t *tool = br_call_add_tool (self.call, BR_TOOL_FUNCTION);
        tool->name = BR_TEXT ("mcp.a");
        tool->description = BR_TEXT ("D");
        tool->schema = BR_TEXT (
            "{\"type\":\"object\",\"properties\":{\"a\":{\"const\":1}}}");
        tool = br_call_add_tool (self.call, BR_TOOL_FUNCTION);
        tool->name = BR_TEXT ("b");
        if (i == 0)
            s_check (
                &self, OLD,
                "\"tools\":[{\"functionDeclarations\":[{\"name\":\"mcp.a\","
                "\"description\":\"D\",\"parametersJsonSchema\":{\"type\":\"object\","
                "\"properties\":{\"a\":{\"const\":1}}}},{\"name\":\"b\"}]}]");
        else
            s_check (
                &self, OLDEST,
                "\"parameters\":{\"type\":\"OBJECT\",\"properties\":{\"a\":{\"type\":"
                "\"STRING\",\"enum\":[\"1\"]}}}},{\"name\":\"b\"}]}]");
    }
}

static void
given_tools_of_others_when_written_then_losses_and_emulation (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_RESPONSES);
    br_tool_t *custom = br_call_add_tool (self.call, BR_TOOL_CUSTOM);
    custom->name = BR_TEXT ("sh");
    custom->path = BR_TEXT ("tools[0]");
    br_tool_t *hosted = br_call_add_tool (self.call, BR_TOOL_HOSTED);
    hosted->name = BR_TEXT ("web_search");
    hosted->family = BR_FAMILY_OPENAI;
    hosted->path = BR_TEXT ("tools[1]");
    br_tool_t *own = br_call_add_tool (self.call, BR_TOOL_HOSTED);
    own->raw = BR_TEXT ("{\"googleSearch\":{}}");
    own->family = BR_FAMILY_GOOGLE;
    assert_int_equal (case_write (&self, NEW), 0);
    assert_has (case_text (&self), "\"properties\":{\"input\":{\"type\":\"STRING\"}}");
    assert_has (case_text (&self), "},{\"googleSearch\":{}}]");
    assert_has (case_text (&self), "\"includeServerSideToolInvocations\":true");
    assert_true (case_lost (&self, "changed tools[0]"));
    assert_true (case_lost (&self, "dropped tools[1]"));
    static const br_text_t name = { "web_search", 10 };
    self.call->choice = BR_CHOICE_NAMED;
    self.call->choice_names = (br_texts_t) { &name, 1 };
    assert_int_equal (case_write (&self, NEW), -1);
    assert_has (self.error.text, "tool_choice cannot be sent to google");
    case_close (&self);
}

static void
given_choices_when_written_then_modes (void **state)
{
    (void) state;
    static const br_text_t names[2] = { { "a", 1 }, { "b", 1 } };
    static const struct {
        br_choice_t choice;
        size_t names;
        br_tri_t strict;
        const char *config;
    } rows[] = {
        { BR_CHOICE_UNSET, 0, BR_UNSET, "}]}],\"generationConfig\"" },
        { BR_CHOICE_AUTO, 0, BR_UNSET, "{\"mode\":\"AUTO\"}" },
        { BR_CHOICE_AUTO, 0, BR_YES, "{\"mode\":\"VALIDATED\"}" },
        { BR_CHOICE_NONE, 0, BR_YES, "{\"mode\":\"NONE\"}" },
        { BR_CHOICE_REQUIRED, 0, BR_UNSET, "{\"mode\":\"ANY\"}" },
        { BR_CHOICE_NAMED, 1, BR_UNSET,
          "{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"a\"]}" },
        { BR_CHOICE_ALLOWED, 2, BR_UNSET,
          "{\"mode\":\"VALIDATED\",\"allowedFunctionNames\":[\"a\",\"b\"]}" },
        { BR_CHOICE_ALLOWED_REQUIRED, 2, BR_UNSET,
          "{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"a\",\"b\"]}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gemini_case_t self;
        case_open (&self, BR_PROTOCOL_CHAT);
        br_tool_t *tool = br_call_add_tool (self.call, BR_TOOL_FUNCTION);
        tool->name = BR_TEXT ("a");
        tool->strict = rows[i].strict;
        br_call_add_tool (self.call, BR_TOOL_FUNCTION)->name = BR_TEXT ("b");
        self.call->choice = rows[i].choice;
        self.call->choice_names = (br_texts_t) { names, rows[i].names };
        s_check (&self, OLD, rows[i].config);
    }
}

static void
given_tiers_and_modalities_when_written_then_googles_words (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_CHAT);
    self.call->service_tier = BR_TEXT ("default");
    self.call->modalities = BR_TEXT ("[\"text\",\"image\"]");
    assert_int_equal (case_write (&self, OLD), 0);
    assert_has (case_text (&self), "\"serviceTier\":\"standard\"");
    assert_has (case_text (&self), "\"responseModalities\":[\"TEXT\",\"IMAGE\"]");
    self.call->service_tier = BR_TEXT ("scale");
    assert_int_equal (case_write (&self, OLD), 0);
    assert_has_not (case_text (&self), "serviceTier");
    assert_true (case_lost (&self, "dropped service_tier"));
    case_close (&self);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_all_sampling_when_written_then_by_googles_names),
        cmocka_unit_test (given_six_stop_sequences_when_written_then_five_and_a_loss),
        cmocka_unit_test (given_a_format_when_written_then_by_what_the_model_knows),
        cmocka_unit_test (given_reasoning_when_written_then_a_level_or_a_budget),
        cmocka_unit_test (given_a_model_that_does_not_think_when_written_then_a_loss),
        cmocka_unit_test (given_tools_when_written_then_one_list_of_functions),
        cmocka_unit_test (given_tools_of_others_when_written_then_losses_and_emulation),
        cmocka_unit_test (given_choices_when_written_then_modes),
        cmocka_unit_test (given_tiers_and_modalities_when_written_then_googles_words),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
