//  The grammar of streams finds what is wrong with them.

#include "tests/broker/proto/messages/given.h"
#include "tests/broker/proto/messages/grammar.h"

#define EV(name, data) "event: " name "\ndata: {\"type\":\"" name "\"" data "}\n\n"
#define START                                                                            \
    EV ("message_start",                                                                 \
        ",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","    \
        "\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"    \
        "\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}")
#define OPEN(i)                                                                          \
    EV ("content_block_start",                                                           \
        ",\"index\":" #i ",\"content_block\":{\"type\":\"text\",\"text\":\"\"}")
#define TOOL(i)                                                                          \
    EV ("content_block_start",                                                           \
        ",\"index\":" #i ",\"content_block\":{\"type\":\"tool_use\",\"id\":\"c\","       \
        "\"name\":\"f\",\"input\":{}}")
#define TEXT(i)                                                                          \
    EV ("content_block_delta",                                                           \
        ",\"index\":" #i ",\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}")
#define ARGS(i, s)                                                                       \
    EV ("content_block_delta", ",\"index\":" #i ",\"delta\":{\"type\":"                  \
                               "\"input_json_delta\",\"partial_json\":\"" s "\"}")
#define STOP(i) EV ("content_block_stop", ",\"index\":" #i)
#define FINISH                                                                           \
    EV ("message_delta", ",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":"          \
                         "{\"output_tokens\":1}")
#define END EV ("message_stop", "")

static void
given_whole_streams_when_checked_then_they_pass (void **state)
{
    (void) state;
    static const char *const rows[] = {
        START FINISH END,
        START OPEN (0) TEXT (0) EV ("ping", "") STOP (0) FINISH END,
        START TOOL (0) ARGS (0, "") STOP (0) TOOL (1) ARGS (1, "{\\\"a\\\"")
            ARGS (1, ":1}") STOP (1) FINISH END,
        START OPEN (0) EV ("error", ",\"error\":{\"type\":\"a\",\"message\":\"b\"}"),
    };
    char why[200];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (messages_grammar_check (rows[i], strlen (rows[i]), why, sizeof why))
            fail_msg ("%s: %s", why, rows[i]);
}

static void
given_broken_streams_when_checked_then_each_is_found (void **state)
{
    (void) state;
    static const char *const rows[] = {
        "",
        START,
        START FINISH,
        START END,
        START START FINISH END,
        FINISH END,
        START OPEN (1) STOP (1) FINISH END,
        START OPEN (0) STOP (0) OPEN (0) STOP (0) FINISH END,
        START OPEN (0) OPEN (1) STOP (0) STOP (1) FINISH END,
        START OPEN (0) FINISH END,
        START OPEN (0) TEXT (1) STOP (0) FINISH END,
        START TEXT (0) FINISH END,
        START STOP (0) FINISH END,
        START OPEN (0) ARGS (0, "{}") STOP (0) FINISH END,
        START TOOL (0) TEXT (0) STOP (0) FINISH END,
        START TOOL (0) ARGS (0, "[]") STOP (0) FINISH END,
        START TOOL (0) ARGS (0, "{") STOP (0) FINISH END,
        START FINISH FINISH END,
        START FINISH OPEN (0) STOP (0) END,
        START FINISH END END,
        START FINISH END EV ("ping", ""),
        START EV ("news", "") FINISH END,
        START "data: {\"type\":\"ping\"}\n\n" FINISH END,
        START "event: ping\ndata: {\"type\":\"pong\"}\n\n" FINISH END,
        START "event: ping\ndata: [DONE]\n\n" FINISH END,
        START EV ("message_delta", ",\"delta\":{\"stop_reason\":null},\"usage\":"
                                   "{\"output_tokens\":1}") END,
        START EV ("message_delta", ",\"delta\":{\"stop_reason\":\"end_turn\"}") END,
    };
    char why[200];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!messages_grammar_check (rows[i], strlen (rows[i]), why, sizeof why))
            fail_msg ("it passes: %s", rows[i]);
        assert_true (strlen (why) > 0);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_whole_streams_when_checked_then_they_pass),
        cmocka_unit_test (given_broken_streams_when_checked_then_each_is_found),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
