//  A provider's stream is read.

#include "tests/broker/proto/messages/given.h"

#define EV(name, data) "event: " name "\ndata: {\"type\":\"" name "\"" data "}\n\n"
#define START                                                                            \
    EV ("message_start",                                                                 \
        ",\"message\":{\"id\":\"msg_1\",\"model\":\"claude\",\"content\":[],\"usage\":"  \
        "{\"input_tokens\":10,\"cache_read_input_tokens\":5,\"output_tokens\":1}}")
#define OPEN(i, block)                                                                   \
    EV ("content_block_start", ",\"index\":" #i ",\"content_block\":{" block "}")
#define DELTA(i, delta)                                                                  \
    EV ("content_block_delta", ",\"index\":" #i ",\"delta\":{" delta "}")
#define STOP(i) EV ("content_block_stop", ",\"index\":" #i)
#define FINISH(reason)                                                                   \
    EV ("message_delta", ",\"delta\":{\"stop_reason\":\"" reason                         \
                         "\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":7}")
#define END EV ("message_stop", "")

static stream_t
s_read (const char *sse)
{
    return stream_read (sse, strlen (sse), UINT32_MAX, NULL);
}

static void
given_all_kinds_of_blocks_when_read_then_the_sum_is_whole (void **state)
{
    (void) state;
    stream_t stream = s_read (
        START OPEN (0, "\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"") EV (
            "ping", "") DELTA (0, "\"type\":\"thinking_delta\",\"thinking\":\"t\\n\"")
            DELTA (0, "\"type\":\"signature_delta\",\"signature\":\"S=\"") STOP (0)
                OPEN (1, "\"type\":\"redacted_thinking\",\"data\":\"R\"") STOP (1) OPEN (
                    2, "\"type\":\"text\",\"text\":\"\"")
                    DELTA (2, "\"type\":\"text_delta\",\"text\":\"a\\u00e9\"") DELTA (
                        2, "\"type\":\"citations_delta\",\"citation\":"
                           "{\"x\":1}")
                        DELTA (2, "\"type\":\"text_delta\",\"text\":\"b\"") STOP (2)
                            OPEN (3, "\"type\":\"server_tool_use\",\"id\":"
                                     "\"s\",\"name\":\"web\",\"input\":{}")
                                DELTA (3, "\"type\":\"input_json_delta\","
                                          "\"partial_json\":\"{\\\"q\\\":1}\"") STOP (3)
                                    OPEN (4, "\"type\":\"web_tool_result\",\"c\":[]")
                                        STOP (4) FINISH ("end_turn") END);
    assert_int_equal (stream.rc, 0);
    assert_int_equal (stream.ends, 1);
    assert_int_equal (stream.pings, 1);
    const br_reply_t *reply = stream.reply;
    assert_text (reply->id, "msg_1");
    assert_text (reply->model, "claude");
    const br_block_t *block = reply->blocks;
    assert_text (block->text, "t\n");
    assert_text (block->opaques->bytes, "S=");
    assert_text (block->opaques->model, "claude");
    block = block->next;
    assert_int_equal (block->opaques->kind, BR_OPAQUE_REDACTED);
    block = block->next;
    assert_text (block->text, "a\xc3\xa9"
                              "b");
    assert_text (block->citations, "[{\"x\":1}]");
    block = block->next;
    assert_int_equal (block->kind, BR_BLOCK_HOSTED);
    assert_text (block->raw,
                 "{\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"web\","
                 "\"input\":{\"q\":1}}");
    assert_text (block->next->raw, "{\"type\":\"web_tool_result\",\"c\":[]}");
    assert_int_equal (reply->finish, BR_FINISH_STOP);
    assert_int_equal (reply->usage.input, 15);
    assert_int_equal (reply->usage.cache_read, 5);
    assert_int_equal (reply->usage.output, 7);
    stream_free (&stream);
}

static void
given_calls_when_read_then_empty_arguments_are_an_object (void **state)
{
    (void) state;
    stream_t stream = s_read (
        START OPEN (0, "\"type\":\"tool_use\",\"id\":\"c0\",\"name\":\"f\",\"input\":{}")
            DELTA (0, "\"type\":\"input_json_delta\",\"partial_json\":\"\"") STOP (0)
                OPEN (1, "\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"g\",\"input\":{"
                         "\"a\":1}") STOP (1)
                    OPEN (2, "\"type\":\"tool_use\",\"id\":\"c2\",\"name\":\"h\"") DELTA (
                        2, "\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"b\"")
                        DELTA (2, "\"type\":\"input_json_delta\",\"partial_json\":"
                                  "\"\\\":2}\"") STOP (2) FINISH ("tool_use") END);
    assert_int_equal (stream.rc, 0);
    const br_block_t *block = stream.reply->blocks;
    assert_text (block->id, "c0");
    assert_text (block->text, "{}");
    assert_text (block->next->text, "{\"a\":1}");
    assert_text (block->next->next->text, "{\"b\":2}");
    assert_int_equal (stream.reply->finish, BR_FINISH_TOOL_USE);
    stream_free (&stream);
}

static void
given_an_item_whose_input_is_broken_when_read_then_the_item_is_json (void **state)
{
    (void) state;
    stream_t stream = s_read (
        START OPEN (0, "\"type\":\"server_tool_use\",\"input\":{}")
            DELTA (0, "\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"q\"")
                STOP (0)
                    OPEN (1, "\"type\":\"mcp_tool_use\",\"input\":{\"a\":1},\"id\":\"x\"")
                        STOP (1) FINISH ("end_turn") END);
    assert_int_equal (stream.rc, 0);
    assert_text (stream.reply->blocks->raw,
                 "{\"type\":\"server_tool_use\",\"input\":{\"_raw\":\"{\\\"q\"}}");
    assert_text (stream.reply->blocks->next->raw,
                 "{\"type\":\"mcp_tool_use\",\"input\":{\"a\":1},\"id\":\"x\"}");
    stream_free (&stream);
}

static void
given_no_event_lines_and_padding_when_read_then_the_type_counts (void **state)
{
    (void) state;
    stream_t stream = s_read (
        "data: {\"type\":\"message_start\",\"message\":{\"id\":\"a\"}}   \n\n"
        "data: {\"type\":\"message_start\",\"message\":{\"id\":\"b\"}}\n\n"
        "data: {\"type\":\"news\",\"index\":7}\n\n"
        "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
        "\"text\",\"text\":\"x\"}}  \n\n"
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
        "\"new_delta\"}}\n\n"
        "data: "
        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"}}\n\n"
        "data: {\"type\":\"message_stop\"}\n\ndata: [DONE]\n\n");
    assert_int_equal (stream.rc, 0);
    assert_int_equal (stream.starts, 1);
    assert_text (stream.reply->id, "a");
    assert_text (stream.reply->blocks->text, "x");
    assert_int_equal (stream.reply->finish, BR_FINISH_LENGTH);
    assert_false (stream.reply->usage.known);
    stream_free (&stream);
}

static void
given_an_error_event_when_read_then_the_code_fits_and_nothing_follows (void **state)
{
    (void) state;
    static const struct {
        const char *type;
        br_code_t code;
    } rows[] = {
        { "overloaded_error", BR_EUNAVAILABLE },
        { "rate_limit_error", BR_EUPLIMIT },
        { "api_error", BR_EUPBAD },
        { "timeout_error", BR_ETIMEOUT },
        { "invalid_request_error", BR_EINVALID },
        { "billing_error", BR_EUPAUTH },
        { "news", BR_EUPBAD },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *sse = br_strf (
            "%sevent: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
            "\"%s\",\"message\":\"m\"}}\n\n%s",
            START, rows[i].type, END);
        stream_t stream = s_read (sse);
        assert_int_equal (stream.rc, 0);
        assert_int_equal (stream.errors, 1);
        assert_int_equal (stream.ends, 0);
        assert_int_equal (stream.code, rows[i].code);
        stream_free (&stream);
        free (sse);
    }
    stream_t stream = s_read (START
                              "data: {\"error\":{\"message\":\"m\",\"code\":502}}\n\n");
    assert_int_equal (stream.errors, 1);
    stream_free (&stream);
}

static void
given_a_stream_without_its_end_when_it_ends_then_it_is_cut (void **state)
{
    (void) state;
    stream_t stream = s_read (START FINISH ("end_turn"));
    assert_int_equal (stream.rc, -1);
    assert_int_equal (stream.error.code, BR_EUPCUT);
    assert_int_equal (stream.ends, 0);
    stream_free (&stream);
}

static void
given_events_that_make_no_sense_when_read_then_it_is_broken (void **state)
{
    (void) state;
    static const char *const rows[] = {
        STOP (0) END,
        OPEN (0, "\"type\":\"text\""),
        START DELTA (0, "\"type\":\"text_delta\",\"text\":\"x\""),
        START OPEN (0, "\"type\":\"text\"") DELTA (1, "\"type\":\"text_delta\""),
        START OPEN (0, "\"type\":\"text\"") DELTA (0, "\"type\":\"thinking_delta\""),
        START OPEN (0, "\"type\":\"tool_use\""),
        START OPEN (0, "\"text\":1"),
        START "data: [1]\n\n",
        START "data: nonsense\n\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        stream_t stream = s_read (rows[i]);
        assert_int_equal (stream.rc, -1);
        if (stream.error.code != BR_EUPINVALID)
            fail_msg ("%s: %s", rows[i], stream.error.text);
        stream_free (&stream);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_an_item_whose_input_is_broken_when_read_then_the_item_is_json),
        cmocka_unit_test (given_all_kinds_of_blocks_when_read_then_the_sum_is_whole),
        cmocka_unit_test (given_calls_when_read_then_empty_arguments_are_an_object),
        cmocka_unit_test (
            given_no_event_lines_and_padding_when_read_then_the_type_counts),
        cmocka_unit_test (
            given_an_error_event_when_read_then_the_code_fits_and_nothing_follows),
        cmocka_unit_test (given_a_stream_without_its_end_when_it_ends_then_it_is_cut),
        cmocka_unit_test (given_events_that_make_no_sense_when_read_then_it_is_broken),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
