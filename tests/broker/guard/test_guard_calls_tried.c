//  guard_calls: calls that a provider tries to bring past the rules, by what clients read in
//  another way than a table would; and answers that are judged in slices.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_calls.h"
#include "broker/guard/guard_named.h"

#define OUT_MAX (64u << 20)

static const char s_slice[] =
    "{\"tools\":{\"*\":{\"deny\":[\"bash\"]},"
    "\"gh\":{\"deny\":[\"drop\"],\"params\":{\"make\":{\"deny\":[\"who\"],\"action\":"
    "\"strip\"},\"merge\":{\"deny\":[\"force\"]}}},"
    "\"files\":{\"allow\":[\"drop\",\"merge\"]}}}";

typedef struct {
    guard_tools_t *tools;
    guard_calls_t *calls;
    br_buf_t out;
    br_error_t error;
} world_t;

static void
s_begin (world_t *self, br_surface_t surface)
{
    *self = (world_t) { .tools = guard_tools_new (s_slice, &self->error) };
    assert_non_null (self->tools);
    self->calls = guard_calls_new (self->tools, surface);
    br_buf_init (&self->out, OUT_MAX);
}

static void
s_end (world_t *self)
{
    guard_calls_destroy (&self->calls);
    guard_tools_destroy (&self->tools);
    br_buf_free (&self->out);
}

//  ret: 0 = the stream passes, -1
static int
s_stream (br_surface_t surface, const char *stream)
{
    world_t world;
    s_begin (&world, surface);
    int rc = guard_calls_push (world.calls, stream, strlen (stream), &world.out,
                               &world.error);
    if (rc == 0)
        rc = guard_calls_end (world.calls, &world.out, &world.error);
    if (rc)
        assert_true (world.error.code == BR_EGUARD);
    s_end (&world);
    return rc;
}

static int
s_body (br_surface_t surface, const char *body)
{
    world_t world;
    s_begin (&world, surface);
    int rc = guard_calls_write (world.calls, body, strlen (body), &world.out,
                                &world.error);
    s_end (&world);
    return rc;
}

#define CHAT(calls)                                                                      \
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[" calls "]}}]}\n\n"
#define CALL(index, function) "{\"index\":" index ",\"function\":{" function "}}"
#define NAME(name) "\"name\":\"" name "\""
#define ARGS(args) "\"arguments\":\"" args "\""

static void
given_a_number_that_is_none_then_no_piece_hides_behind_it (void **state)
{
    (void) state;
    //  "1" is 1 for some clients, and -1 is the last one
    static const char *const numbers[] = { "1.0", "1e0", "\"1\"",    "-1",
                                           "[1]", "{}",  "16777217", "4294967297" };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        br_buf_t stream;
        br_buf_init (&stream, OUT_MAX);
        br_buf_adds (&stream,
                     CHAT (CALL ("0", NAME ("read"))) CHAT (CALL ("1", NAME ("ba"))));
        br_buf_addf (&stream,
                     "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":["
                     "{\"index\":%s,\"function\":{\"name\":\"sh\"}}]}}]}\n\n",
                     numbers[i]);
        if (s_stream (BR_SURFACE_CHAT, br_buf_text (&stream)) == 0)
            fail_msg ("%s", numbers[i]);
        br_buf_free (&stream);
    }
    assert_int_equal (s_stream (BR_SURFACE_CHAT,
                                CHAT (CALL ("0", NAME ("read") "," ARGS ("{")))
                                    CHAT (CALL ("null", ARGS ("}")))
                                        CHAT ("{\"function\":{\"arguments\":\"\"}}")),
                      0);
}

#define ITEM(type, more) "{\"output\":[{\"type\":\"" type "\"," more "}]}"

static void
given_a_type_with_escapes_then_it_is_a_call_all_the_same (void **state)
{
    (void) state;
    assert_int_equal (
        s_body (BR_SURFACE_RESPONSES, ITEM ("function_cal\\u006c", NAME ("bash"))), -1);
    assert_int_equal (
        s_body (BR_SURFACE_RESPONSES, ITEM ("function\\u005fcall", NAME ("bash"))), -1);
    assert_int_equal (
        s_body (BR_SURFACE_RESPONSES, ITEM ("local_shell_c\\u0061ll", "\"action\":{}")),
        0);
    assert_int_equal (s_body (BR_SURFACE_RESPONSES, ITEM ("message", NAME ("bash"))), 0);
}

static void
given_a_server_that_clients_pass_over_then_the_name_alone_counts (void **state)
{
    (void) state;
#define LABEL "\"server_label\":\"files\","
#define SPACE "\"namespace\":\"files\","
    assert_int_equal (
        s_body (BR_SURFACE_RESPONSES, ITEM ("mcp_call", LABEL NAME ("drop"))), 0);
    assert_int_equal (
        s_body (BR_SURFACE_RESPONSES, ITEM ("function_call", LABEL NAME ("drop"))), -1);
    assert_int_equal (
        s_body (BR_SURFACE_RESPONSES, ITEM ("function_call", SPACE NAME ("drop"))), -1);
    assert_int_equal (
        s_body (BR_SURFACE_RESPONSES, ITEM ("function_call", SPACE NAME ("other"))), -1);
    assert_int_equal (s_body (BR_SURFACE_RESPONSES,
                              ITEM ("function_call",
                                    SPACE NAME ("merge") "," ARGS ("{\\\"force\\\":1}"))),
                      -1);
    assert_int_equal (
        s_body (BR_SURFACE_RESPONSES,
                ITEM ("mcp_call", LABEL "\"server_label\":\"gh\"," NAME ("drop"))),
        -1);
#define BLOCK(type)                                                                      \
    "{\"content\":[{\"type\":\"" type "\",\"server_name\":\"files\",\"name\":\"drop\","  \
    "\"input\":{}}]}"
    assert_int_equal (s_body (BR_SURFACE_MESSAGES, BLOCK ("mcp_tool_use")), 0);
    assert_int_equal (s_body (BR_SURFACE_MESSAGES, BLOCK ("mcp_tool_us\\u0065")), 0);
    assert_int_equal (s_body (BR_SURFACE_MESSAGES, BLOCK ("tool_use")), -1);
    assert_int_equal (
        s_body (BR_SURFACE_MESSAGES, BLOCK ("mcp_tool_use\",\"type\":\"tool_use")), -1);
}

#define START(index, name)                                                               \
    "data: {\"type\":\"content_block_start\",\"index\":" index                           \
    ",\"content_block\":{\"type\":\"tool_use\",\"name\":\"" name "\",\"input\":{}}}\n\n"
#define DELTA(index)                                                                     \
    "data: {\"type\":\"content_block_delta\",\"index\":" index                           \
    ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"force\\\":1}\"}}" \
    "\n\n"

static void
given_blocks_out_of_order_then_no_arguments_hide_behind_their_numbers (void **state)
{
    (void) state;
    const br_surface_t surface = BR_SURFACE_MESSAGES;
    assert_int_equal (
        s_stream (surface, START ("0", "gh__merge") START ("1", "read") DELTA ("1")), 0);
    //  who counts blocks has these arguments in the first one
    assert_int_equal (
        s_stream (surface, START ("1", "gh__merge") START ("0", "read") DELTA ("0")), -1);
    assert_int_equal (
        s_stream (surface, START ("0", "gh__merge") START ("0", "read") DELTA ("0")), -1);
    assert_int_equal (s_stream (surface, START ("0", "a") START ("2", "read")
                                             START ("3", "gh__merge") DELTA ("2")),
                      -1);
    assert_int_equal (
        s_stream (surface, "data: {\"type\":\"message_start\",\"message\":{"
                           "\"content\":[{\"type\":\"tool_use\",\"name\":\"gh__merge"
                           "\",\"input\":{}}]}}\n\n" START ("0", "read") DELTA ("0")),
        -1);
    //  nothing that has rules, or nobody else's number
    assert_int_equal (
        s_stream (surface, START ("1", "read") START ("0", "read") DELTA ("0")), 0);
    assert_int_equal (s_stream (surface, START ("7", "read") DELTA ("7")), 0);
    assert_int_equal (
        s_stream (surface, START ("0", "gh__merge") START ("1", "read") DELTA ("1.0")),
        0);
    assert_int_equal (
        s_stream (surface, START ("0", "gh__merge") START ("1", "read") DELTA ("-2")),
        -1);
}

#define ADDED(index, id, name)                                                           \
    "data: {\"type\":\"response.output_item.added\",\"output_index\":" index             \
    ",\"item\":{\"type\":\"function_call\",\"id\":\"" id "\",\"name\":\"" name           \
    "\",\"arguments\":\"\"}}\n\n"
#define PIECE(index, id)                                                                 \
    "data: {\"type\":\"response.function_call_arguments.delta\",\"output_index\":" index \
    ",\"item_id\":\"" id "\",\"delta\":\"{\\\"force\\\":1}\"}\n\n"

static void
given_the_id_of_another_item_then_no_arguments_hide_behind_it (void **state)
{
    (void) state;
    const br_surface_t surface = BR_SURFACE_RESPONSES;
#define BOTH ADDED ("0", "a", "read") ADDED ("1", "b", "gh__merge")
    assert_int_equal (s_stream (surface, BOTH PIECE ("0", "a")), 0);
    assert_int_equal (s_stream (surface, BOTH PIECE ("0", "unknown")), 0);
    assert_int_equal (s_stream (surface, BOTH PIECE ("0", "b")), -1);
    assert_int_equal (s_stream (surface, ADDED ("1", "b", "gh__merge")
                                             ADDED ("0", "a", "read") PIECE ("0", "a")),
                      -1);
}

//  ---- slices

static void
s_add_calls (br_buf_t *body, size_t count, const char *call)
{
    br_buf_adds (body, "{\"choices\":[{\"index\":0,\"message\":{\"tool_calls\":[");
    for (size_t i = 0; i < count; i++)
        br_buf_addf (body, "%s%s", i ? "," : "", call);
    br_buf_adds (body, "]}}]}");
}

//  ret: of the last step; out: *ret_steps, how many there were
static int
s_step (world_t *self, const br_buf_t *body, size_t slice, size_t *ret_steps)
{
    int rc = 1;
    guard_calls_begin (self->calls, body->data, body->size);
    for (*ret_steps = 0; rc == 1; ++*ret_steps)
        rc = guard_calls_step (self->calls, slice, &self->error);
    return rc;
}

static void
given_many_calls_in_an_answer_then_each_step_judges_few_of_them (void **state)
{
    (void) state;
    enum {
        SLICE = 65536,
        JUDGED = 8
    }; //  calls of a step, by what each counts
    world_t world;
    size_t steps = 0;
    br_buf_t body;
    br_buf_init (&body, OUT_MAX);
    s_begin (&world, BR_SURFACE_CHAT);
    s_add_calls (&body, GUARD_NAMED_MAX,
                 "{\"function\":{\"name\":\"make\",\"arguments\":\"{\\\"who\\\":1}\"}}");
    assert_int_equal (s_step (&world, &body, SLICE, &steps), 0);
    assert_true (steps >= 2 * GUARD_NAMED_MAX / JUDGED);
    assert_true (guard_calls_is_changed (world.calls));
    assert_int_equal (guard_calls_put (world.calls, &world.out, &world.error), 0);
    assert_null (strstr (br_buf_text (&world.out), "who"));
    size_t size = world.out.size;
    assert_int_equal (
        guard_calls_write (world.calls, body.data, body.size, &world.out, &world.error),
        1);
    assert_int_equal (world.out.size, 2 * size);
    s_end (&world);
    br_buf_free (&body);
}

static void
given_a_million_calls_in_an_answer_then_they_are_refused_in_slices (void **state)
{
    (void) state;
    enum {
        SLICE = 65536,
        COUNT = 1000000
    };
    world_t world;
    size_t steps = 0;
    br_buf_t body;
    br_buf_init (&body, OUT_MAX);
    s_begin (&world, BR_SURFACE_CHAT);
    s_add_calls (&body, COUNT, "{\"function\":{\"name\":\"a\"}}");
    assert_int_equal (s_step (&world, &body, SLICE, &steps), -1);
    assert_string_equal (world.error.text, "the answer has too many calls, and the rules "
                                           "for tools fail closed");
    assert_true (steps >= body.size / SLICE);
    s_end (&world);
    br_buf_free (&body);
}

static void
given_an_answer_that_nobody_steps_on_when_destroyed_then_nothing_is_left (void **state)
{
    (void) state;
    world_t world;
    br_buf_t body;
    br_buf_init (&body, OUT_MAX);
    s_add_calls (&body, 100, "{\"function\":{\"name\":\"a\"}}");
    for (size_t steps = 0; steps < 40; steps++) {
        s_begin (&world, BR_SURFACE_CHAT);
        guard_calls_begin (world.calls, body.data, body.size);
        for (size_t i = 0; i < steps; i++)
            assert_true (guard_calls_step (world.calls, 1000, &world.error) >= 0);
        if (steps % 2) //  another answer in its place
            assert_int_equal (s_step (&world, &body, SIZE_MAX, &(size_t) { 0 }), 0);
        s_end (&world);
    }
    br_buf_free (&body);
}

static void
given_arguments_that_are_too_long_then_the_answer_is_refused (void **state)
{
    (void) state;
    world_t world;
    br_buf_t body, call;
    br_buf_init (&body, OUT_MAX);
    br_buf_init (&call, OUT_MAX);
    br_buf_adds (&call,
                 "{\"function\":{\"name\":\"merge\",\"arguments\":\"{\\\"a\\\":\\\"");
    for (size_t i = 0; i < (4u << 20) / 16; i++)
        br_buf_adds (&call, "0123456789abcdef");
    br_buf_adds (&call, "\\\"}\"}}");
    s_add_calls (&body, 1, br_buf_text (&call));
    s_begin (&world, BR_SURFACE_CHAT);
    assert_int_equal (
        guard_calls_write (world.calls, body.data, body.size, &world.out, &world.error),
        -1);
    assert_int_equal (world.error.code, BR_ETOOBIG);
    s_end (&world);
    br_buf_free (&call);
    br_buf_free (&body);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_number_that_is_none_then_no_piece_hides_behind_it),
        cmocka_unit_test (given_a_type_with_escapes_then_it_is_a_call_all_the_same),
        cmocka_unit_test (
            given_a_server_that_clients_pass_over_then_the_name_alone_counts),
        cmocka_unit_test (
            given_blocks_out_of_order_then_no_arguments_hide_behind_their_numbers),
        cmocka_unit_test (given_the_id_of_another_item_then_no_arguments_hide_behind_it),
        cmocka_unit_test (
            given_many_calls_in_an_answer_then_each_step_judges_few_of_them),
        cmocka_unit_test (
            given_a_million_calls_in_an_answer_then_they_are_refused_in_slices),
        cmocka_unit_test (
            given_an_answer_that_nobody_steps_on_when_destroyed_then_nothing_is_left),
        cmocka_unit_test (given_arguments_that_are_too_long_then_the_answer_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
