//  Thinking, effort and max_tokens are planned.

#include "tests/broker/proto/messages/given.h"

static given_t
s_asking (br_effort_t effort)
{
    given_t given = given_other (BR_PROTOCOL_CHAT);
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    given.call->effort = effort;
    return given;
}

static void
s_limit (given_t *given, const char *text)
{
    given->call->max_output = (br_number_t) { br_text (text), atof (text) };
}

static void
given_an_effort_when_the_model_has_budgets_then_it_is_one (void **state)
{
    (void) state;
    static const struct {
        br_effort_t effort;
        const char *thinking;
        const char *max_tokens;
    } rows[] = {
        { BR_EFFORT_NONE, "\"thinking\":{\"type\":\"disabled\"}", "\"max_tokens\":8192" },
        { BR_EFFORT_MINIMAL, "\"budget_tokens\":1024}", "\"max_tokens\":8192" },
        { BR_EFFORT_LOW, "\"budget_tokens\":2048}", "\"max_tokens\":8192" },
        { BR_EFFORT_MEDIUM, "\"budget_tokens\":8192}", "\"max_tokens\":16384" },
        { BR_EFFORT_HIGH, "\"budget_tokens\":16384}", "\"max_tokens\":24576" },
        { BR_EFFORT_XHIGH, "\"budget_tokens\":32768}", "\"max_tokens\":40960" },
        { BR_EFFORT_MAX, "\"budget_tokens\":64000}", "\"max_tokens\":72192" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        given_t given = s_asking (rows[i].effort);
        const char *sent = given_sent (&given, OLD);
        assert_has (sent, rows[i].thinking);
        assert_has (sent, rows[i].max_tokens);
        assert_null (given.losses);
        given_free (&given);
    }
}

static void
given_a_small_limit_when_thinking_then_it_is_raised_and_told (void **state)
{
    (void) state;
    given_t given = s_asking (BR_EFFORT_LOW);
    s_limit (&given, "1000");
    assert_has (given_sent (&given, OLD), "\"max_tokens\":3048");
    assert_changed (&given, "max_completion_tokens");
    given_free (&given);
    given = s_asking (BR_EFFORT_MAX);
    s_limit (&given, "4000");
    assert_int_equal (given_write (&given, "anthropic", OLD, 32000), 0);
    assert_has (br_buf_text (&given.out), "\"max_tokens\":32000");
    assert_has (br_buf_text (&given.out), "\"budget_tokens\":28000");
    given_free (&given);
}

static void
given_an_effort_when_the_model_is_adaptive_then_it_is_a_word (void **state)
{
    (void) state;
    static const struct {
        br_effort_t effort;
        const char *model;
        const char *word;
    } rows[] = {
        { BR_EFFORT_MINIMAL, NEWEST, "low" },   { BR_EFFORT_LOW, NEWEST, "low" },
        { BR_EFFORT_MEDIUM, NEWEST, "medium" }, { BR_EFFORT_HIGH, NEWER, "high" },
        { BR_EFFORT_XHIGH, NEWEST, "xhigh" },   { BR_EFFORT_XHIGH, NEWER, "max" },
        { BR_EFFORT_MAX, NEWEST, "max" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        given_t given = s_asking (rows[i].effort);
        char *wanted = br_strf ("\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{"
                                "\"effort\":\"%s\"}",
                                rows[i].word);
        assert_has (given_sent (&given, rows[i].model), wanted);
        free (wanted);
        given_free (&given);
    }
}

static void
given_a_budget_when_the_model_is_adaptive_then_an_effort_is_made_of_it (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        { "1024", "low" },   { "4096", "low" },    { "12000", "medium" },
        { "24000", "high" }, { "30000", "xhigh" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        given_t given = s_asking (BR_EFFORT_UNSET);
        given.call->budget = (br_number_t) { br_text (rows[i][0]), atof (rows[i][0]) };
        char *wanted = br_strf ("\"effort\":\"%s\"", rows[i][1]);
        assert_has (given_sent (&given, NEWEST), wanted);
        free (wanted);
        given_free (&given);
    }
    given_t given = s_asking (BR_EFFORT_UNSET);
    given.call->budget = (br_number_t) { BR_TEXT ("-1"), -1 };
    given.call->show_reasoning = BR_YES;
    const char *sent = given_sent (&given, NEWEST);
    assert_has (sent, "\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"}");
    assert_lacks (sent, "effort");
    given.call->budget = (br_number_t) { BR_TEXT ("0"), 0 };
    assert_has (given_sent (&given, NEWEST), "{\"type\":\"disabled\"}");
    given_free (&given);
}

static void
given_thinking_when_sampling_or_a_choice_is_asked_then_they_give_way (void **state)
{
    (void) state;
    given_t given = given_call (
        "{" HEAD ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024},"
        "\"temperature\":0.2,\"top_k\":3,\"top_p\":0.97,\"tools\":[{\"name\":\"f\","
        "\"input_schema\":{\"type\":\"object\",\"properties\":{}}}],"
        "\"tool_choice\":{\"type\":\"any\"}," HI "}");
    const char *sent = given_sent (&given, OLD);
    assert_has (sent, "\"tool_choice\":{\"type\":\"auto\"}");
    assert_has (sent, "\"top_p\":0.97");
    assert_lacks (sent, "temperature");
    assert_lacks (sent, "top_k");
    assert_has (sent, "\"max_tokens\":1124");
    assert_changed (&given, "tool_choice");
    assert_changed (&given, "max_tokens");
    assert_dropped (&given, "temperature");
    assert_dropped (&given, "top_k");
    given_free (&given);
}

#define CALL "{\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"f\",\"input\":{}}"
#define THOUGHT "{\"type\":\"thinking\",\"thinking\":\"t\",\"signature\":\"S\"},"
#define SAID(blocks) "{\"role\":\"assistant\",\"content\":[" blocks "]},"
#define RESULT(id, more)                                                                 \
    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"" id    \
    "\"}" more "]}"

static void
given_a_loop_of_tools_when_its_turn_has_no_thinking_then_it_is_off (void **state)
{
    (void) state;
    static const struct {
        const char *turns;
        bool on;
    } rows[] = {
        { SAID (CALL) RESULT ("c", ""), false },
        { SAID (THOUGHT CALL) RESULT ("c", ""), true },
        { SAID (THOUGHT CALL) RESULT ("c", "") "," SAID (
              "{\"type\":\"tool_use\",\"id\":\"d\",\"name\":\"f\",\"input\":{}}")
              RESULT ("d", ""),
          true },
        { SAID (CALL) RESULT ("c", "") "," SAID (
              "{\"type\":\"text\",\"text\":\"x\"}") "{\"role\":\"user\",\"content\":"
                                                    "\"next\"}",
          true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *json = br_strf (
            "{\"model\":\"m\",\"max_tokens\":9000,\"thinking\":{\"type\":"
            "\"enabled\",\"budget_tokens\":2000},\"messages\":[{\"role\":"
            "\"user\",\"content\":\"hi\"},%s]}",
            rows[i].turns);
        given_t given = given_call (json);
        const char *sent = given_sent (&given, OLD);
        assert_has (sent, rows[i].on ? "\"thinking\":{\"type\":\"enabled\""
                                     : "\"thinking\":{\"type\":\"disabled\"}");
        assert_true (given_lost (&given, "thinking", false) != rows[i].on);
        given_free (&given);
        free (json);
    }
}

static void
given_a_model_that_cannot_think_when_it_is_asked_to_then_it_is_told (void **state)
{
    (void) state;
    given_t given = s_asking (BR_EFFORT_HIGH);
    assert_lacks (given_sent (&given, "claude-3-5-haiku-latest"), "thinking");
    assert_dropped (&given, "reasoning_effort");
    given_free (&given);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_effort_when_the_model_has_budgets_then_it_is_one),
        cmocka_unit_test (given_a_small_limit_when_thinking_then_it_is_raised_and_told),
        cmocka_unit_test (given_an_effort_when_the_model_is_adaptive_then_it_is_a_word),
        cmocka_unit_test (
            given_a_budget_when_the_model_is_adaptive_then_an_effort_is_made_of_it),
        cmocka_unit_test (
            given_thinking_when_sampling_or_a_choice_is_asked_then_they_give_way),
        cmocka_unit_test (
            given_a_loop_of_tools_when_its_turn_has_no_thinking_then_it_is_off),
        cmocka_unit_test (
            given_a_model_that_cannot_think_when_it_is_asked_to_then_it_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
