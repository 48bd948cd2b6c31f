//  guard_calls: calls of tools in answers of the four protocols.

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
    "{\"tools\":{\"*\":{\"deny\":[\"bash\",\"local_shell\"]},"
    "\"gh\":{\"deny\":[\"drop\"],\"params\":{\"make\":{\"deny\":[\"who\"],\"action\":"
    "\"strip\"},\"merge\":{\"deny\":[\"force\"]}}}}}";

typedef struct {
    guard_tools_t *tools;
    br_buf_t out;
    br_error_t error;
} world_t;

static void
s_begin (world_t *self, const char *slice)
{
    *self = (world_t) { .tools = guard_tools_new (slice, &self->error) };
    assert_non_null (self->tools);
    br_buf_init (&self->out, OUT_MAX);
}

static void
s_end (world_t *self)
{
    br_buf_free (&self->out);
    guard_tools_destroy (&self->tools);
}

//  In pieces of so many bytes, each in memory of its own. ret: 0, or -1
static int
s_push (world_t *self, br_surface_t surface, const char *stream, size_t step)
{
    guard_calls_t *calls = guard_calls_new (self->tools, surface);
    size_t size = strlen (stream);
    int rc = 0;
    br_buf_clear (&self->out);
    for (size_t at = 0; at < size && rc == 0; at += step) {
        size_t most = size - at < step ? size - at : step;
        char *piece = br_alloc (1, most);
        memcpy (piece, stream + at, most);
        rc = guard_calls_push (calls, piece, most, &self->out, &self->error);
        free (piece);
    }
    if (rc == 0)
        rc = guard_calls_end (calls, &self->out, &self->error);
    else
        assert_int_equal (guard_calls_push (calls, "\n\n", 2, &self->out, NULL), -1);
    guard_calls_destroy (&calls);
    guard_calls_destroy (&calls);
    return rc;
}

static void
s_becomes (br_surface_t surface, const char *stream, const char *behind)
{
    world_t world;
    s_begin (&world, s_slice);
    for (size_t step = 1; step <= strlen (stream); step++) {
        if (s_push (&world, surface, stream, step))
            fail_msg ("%s", world.error.text);
        assert_string_equal (br_buf_text (&world.out), behind);
    }
    s_end (&world);
}

static void
s_stays (br_surface_t surface, const char *stream)
{
    s_becomes (surface, stream, stream);
}

//  What went on before is the beginning of `before`.
static void
s_is_refused_under (const char *slice, br_surface_t surface, const char *stream,
                    const char *before, const char *text)
{
    world_t world;
    s_begin (&world, slice);
    for (size_t step = 1; step <= strlen (stream); step++) {
        assert_int_equal (s_push (&world, surface, stream, step), -1);
        assert_int_equal (world.error.code, BR_EGUARD);
        assert_string_equal (world.error.text, text);
        assert_string_equal (br_buf_text (&world.out), before);
    }
    s_end (&world);
}

static void
s_is_refused (br_surface_t surface, const char *stream, const char *before,
              const char *text)
{
    s_is_refused_under (s_slice, surface, stream, before, text);
}

//  A single answer. ret: of guard_calls_write
static int
s_write (world_t *self, br_surface_t surface, const char *body)
{
    guard_calls_t *calls = guard_calls_new (self->tools, surface);
    size_t size = strlen (body);
    char *exact = br_alloc (1, size ? size : 1);
    memcpy (exact, body, size);
    br_buf_clear (&self->out);
    int rc = guard_calls_write (calls, exact, size, &self->out, &self->error);
    free (exact);
    guard_calls_destroy (&calls);
    return rc;
}

static void
s_body_becomes (br_surface_t surface, const char *body, const char *behind)
{
    world_t world;
    s_begin (&world, s_slice);
    int rc = s_write (&world, surface, body);
    if (rc < 0)
        fail_msg ("%s", world.error.text);
    assert_int_equal (rc, behind != NULL);
    assert_string_equal (br_buf_text (&world.out), behind ? behind : "");
    s_end (&world);
}

static void
s_body_is_refused (br_surface_t surface, const char *body, const char *text)
{
    world_t world;
    s_begin (&world, s_slice);
    assert_int_equal (s_write (&world, surface, body), -1);
    assert_int_equal (world.error.code, BR_EGUARD);
    assert_string_equal (world.error.text, text);
    s_end (&world);
}

#define BASH "tool 'bash' is not allowed"
#define FORCE "parameter 'force' denied on tool 'gh__merge'"
#define NO_OBJECT "arguments of tool 'gh__merge' are no JSON object"

//  ---- Chat

#define CHAT(delta) "data: {\"choices\":[{\"index\":0,\"delta\":{" delta "}}]}\n\n"
#define CHAT_CALL(index, inner)                                                          \
    CHAT ("\"tool_calls\":[{\"index\":" index ",\"function\":{" inner "}}]")
#define CHAT_NAME(index, name)                                                           \
    CHAT_CALL (index, "\"name\":\"" name "\",\"arguments\":\"\"")
#define CHAT_ARGS(index, args) CHAT_CALL (index, "\"arguments\":\"" args "\"")
#define CHAT_STOP                                                                        \
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}"  \
    "\n\ndata: [DONE]\n\n"

static void
given_tools_without_rules_then_a_stream_stays (void **state)
{
    (void) state;
    s_stays (BR_SURFACE_CHAT,
             ": hello\n\n" CHAT ("\"content\":\"bash\"") CHAT_NAME ("0", "read")
                 CHAT_ARGS ("0", "{\\\"who\\\"") CHAT_ARGS ("0", ":1} x") CHAT_STOP);
}

static void
given_a_denied_tool_in_chat_then_its_first_event_is_refused (void **state)
{
    (void) state;
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT ("\"content\":\"hi\"") CHAT_NAME ("0", "bash")
                      CHAT_ARGS ("0", "{}") CHAT_STOP,
                  CHAT ("\"content\":\"hi\""), BASH);
    s_is_refused (BR_SURFACE_CHAT, CHAT_NAME ("0", "gh__drop"), "",
                  "tool 'gh__drop' is not allowed");
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT ("\"function_call\":{\"name\":\"bash\",\"arguments\":\"\"}"), "",
                  BASH);
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT ("\"tool_calls\":[{\"index\":0,\"type\":\"custom\",\"custom\":{"
                        "\"name\":\"bash\",\"input\":\"ls\"}}]"),
                  "", BASH);
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_CALL ("0", "\"name\":\"ok\",\"n\\u0061me\":\"b"
                                  "ash\""),
                  "", BASH);
}

static void
given_a_name_in_pieces_then_it_is_put_together (void **state)
{
    (void) state;
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_NAME ("0", "ba") CHAT_CALL ("0", "\"name\":\"sh\""),
                  CHAT_NAME ("0", "ba"), BASH);
    //  Said again it is the same.
    s_stays (BR_SURFACE_CHAT, CHAT_NAME ("0", "read") CHAT_CALL ("0", "\"name\":\"read\"")
                                  CHAT_CALL ("0", "\"name\":\"\"")
                                      CHAT_CALL ("0", "\"name\":null") CHAT_STOP);
}

static void
given_arguments_with_rules_then_they_come_whole (void **state)
{
    (void) state;
#define TWO CHAT_NAME ("0", "gh__merge") CHAT_NAME ("1", "read")
    s_becomes (BR_SURFACE_CHAT,
               TWO CHAT_ARGS ("0", "{\\\"id") CHAT_ARGS ("1", "other")
                   CHAT_ARGS ("0", "\\\":\\\"\\u00e9}\\\"") CHAT_ARGS ("0", "} ")
                       CHAT_ARGS ("0", " ") CHAT_STOP,
               TWO CHAT_ARGS ("0", "") CHAT_ARGS ("1", "other") CHAT_ARGS ("0", "")
                   CHAT_ARGS ("0", "{\\\"id\\\":\\\"\\u00e9}\\\"} ") CHAT_ARGS ("0", " ")
                       CHAT_STOP);
}

static void
given_arguments_to_strip_then_they_are_not_there (void **state)
{
    (void) state;
    s_becomes (
        BR_SURFACE_CHAT,
        CHAT_NAME ("0", "gh__make") CHAT_ARGS ("0", "{\\\"who\\\":[1")
            CHAT ("\"content\":\"flows\"") CHAT_ARGS ("0", "],\\\"t\\\":2}") CHAT_STOP,
        CHAT_NAME ("0", "gh__make") CHAT_ARGS ("0", "") CHAT ("\"content\":\"flows\"")
            CHAT_ARGS ("0", "{\\\"t\\\":2}") CHAT_STOP);
    //  All at once, and several under one index.
    s_becomes (BR_SURFACE_CHAT,
               CHAT_CALL ("0", "\"arguments\":\"{\\\"who\\\":1}\",\"name\":\"gh__make\"")
                   CHAT_CALL ("0", "\"name\":\"read\",\"arguments\":\"{\\\"who\\\":1}\"")
                       CHAT_STOP,
               CHAT_CALL ("0", "\"arguments\":\"{}\",\"name\":\"gh__make\"")
                   CHAT_CALL ("0", "\"name\":\"read\",\"arguments\":\"{\\\"who\\\":1}\"")
                       CHAT_STOP);
}

static void
given_arguments_to_reject_then_the_answer_is_refused (void **state)
{
    (void) state;
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", "{\\\"fo")
                      CHAT_ARGS ("0", "rce\\\":1}") CHAT_STOP,
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", ""), FORCE);
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", "{\\\"f\\\\u006frce\\\":1")
                      CHAT_ARGS ("0", "}"),
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", ""), FORCE);
}

static void
given_arguments_with_rules_that_are_cut_then_the_answer_is_refused (void **state)
{
    (void) state;
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", "{\\\"a\\\":1") CHAT_STOP,
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", ""), NO_OBJECT);
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", "{") "data: [DONE]\n\n",
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", ""), NO_OBJECT);
    s_is_refused (BR_SURFACE_CHAT, CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", "{"),
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", ""), NO_OBJECT);
    s_is_refused (BR_SURFACE_CHAT, CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", "[1]"),
                  CHAT_NAME ("0", "gh__merge"), NO_OBJECT);
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", "{}")
                      CHAT_ARGS ("0", "{\\\"force\\\":1}"),
                  CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", "{}"), NO_OBJECT);
}

static void
given_a_name_behind_arguments_then_the_answer_is_refused (void **state)
{
    (void) state;
    //  Nobody knows which rules they are under.
    s_is_refused (BR_SURFACE_CHAT, CHAT_ARGS ("0", "{") CHAT_ARGS ("0", "}"),
                  CHAT_ARGS ("0", ""), "a call of a tool has no name");
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_NAME ("0", "gh__") CHAT_ARGS ("0", "{\\\"force\\\":")
                      CHAT_CALL ("0", "\"name\":\"merge\""),
                  CHAT_NAME ("0", "gh__") CHAT_ARGS ("0", "{\\\"force\\\":"),
                  "the name of a tool came behind its arguments");
    //  Without rules for arguments a name is all that counts.
    world_t world;
    s_begin (&world, "{\"tools\":{\"*\":{\"deny\":[\"bash\"]}}}");
    assert_int_equal (
        s_push (&world, BR_SURFACE_CHAT, CHAT_ARGS ("0", "{}") CHAT_STOP, 9), 0);
    assert_string_equal (br_buf_text (&world.out), CHAT_ARGS ("0", "{}") CHAT_STOP);
    s_end (&world);
}

static void
given_an_event_that_cannot_be_read_then_the_answer_is_refused (void **state)
{
    (void) state;
    s_is_refused (BR_SURFACE_CHAT, "data: {\"a\n\n", "",
                  "a part of the answer could not be read, and the rules for tools fail "
                  "closed");
    char *name = br_alloc (1, 4000);
    memset (name, 'a', 3000);
    name[3000] = 0;
    char *event = br_strf ("data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":["
                           "{\"index\":0,\"function\":{\"name\":\"%s\"}}]}}]}\n\n",
                           name);
    world_t world;
    s_begin (&world, s_slice);
    assert_int_equal (s_push (&world, BR_SURFACE_CHAT, event, 4000), -1);
    assert_string_equal (world.error.text, "the name of a tool cannot be read");
    s_end (&world);
    free (event);
    free (name);
}

static void
given_more_arguments_than_may_wait_then_the_answer_is_refused (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, s_slice);
    guard_calls_t *calls = guard_calls_new (world.tools, BR_SURFACE_CHAT);
    static const char begin[] = CHAT_NAME ("0", "gh__merge") CHAT_ARGS ("0", "{\\\"");
    assert_int_equal (
        guard_calls_push (calls, begin, strlen (begin), &world.out, &world.error), 0);
    size_t size = 1u << 20;
    char *text = br_alloc (1, size + 1);
    memset (text, 'a', size);
    char *event = br_strf ("data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":["
                           "{\"index\":0,\"function\":{\"arguments\":\"%s\"}}]}}]}\n\n",
                           text);
    int rc = 0;
    size_t count = 0;
    for (; rc == 0 && count < 20; count++)
        rc = guard_calls_push (calls, event, strlen (event), &world.out, &world.error);
    assert_int_equal (rc, -1);
    assert_int_equal (world.error.code, BR_ETOOBIG);
    assert_int_equal (count, GUARD_CALLS_HELD / size);
    free (event);
    free (text);
    guard_calls_destroy (&calls);
    s_end (&world);
}

//  ---- Messages

#define MESSAGES(type, rest) "event: " type "\ndata: {\"type\":\"" type "\"," rest "}\n\n"
#define BLOCK(type, name)                                                                \
    MESSAGES ("content_block_start",                                                     \
              "\"index\":1,\"content_block\":{\"type\":\"" type                          \
              "\",\"id\":\"t\",\"name\":\"" name "\",\"input\":{}}")
#define INPUT(json)                                                                      \
    MESSAGES ("content_block_delta",                                                     \
              "\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":"   \
              "\"" json "\"}")
#define BLOCK_STOP MESSAGES ("content_block_stop", "\"index\":1")

static void
given_calls_in_messages_then_they_are_judged (void **state)
{
    (void) state;
    s_is_refused (BR_SURFACE_MESSAGES, BLOCK ("tool_use", "bash") INPUT ("{}"), "", BASH);
    s_becomes (BR_SURFACE_MESSAGES,
               BLOCK ("tool_use", "gh__make") INPUT ("") INPUT ("{\\\"who\\\":1,")
                   INPUT ("\\\"t\\\":2}") BLOCK_STOP,
               BLOCK ("tool_use", "gh__make") INPUT ("") INPUT ("")
                   INPUT ("{\\\"t\\\":2}") BLOCK_STOP);
    s_is_refused (BR_SURFACE_MESSAGES,
                  BLOCK ("tool_use", "gh__merge") INPUT ("{\\\"force\\\":1") INPUT ("}")
                      BLOCK_STOP,
                  BLOCK ("tool_use", "gh__merge") INPUT (""), FORCE);
    s_is_refused (BR_SURFACE_MESSAGES,
                  BLOCK ("tool_use", "gh__merge") INPUT ("{\\\"a\\\"") BLOCK_STOP,
                  BLOCK ("tool_use", "gh__merge") INPUT (""), NO_OBJECT);
    //  A tool of a server is known by both names.
    s_is_refused (BR_SURFACE_MESSAGES,
                  MESSAGES ("content_block_start",
                            "\"index\":1,\"content_block\":{\"type\":\"mcp_tool_use\","
                            "\"server_name\":\"gh\",\"name\":\"drop\",\"input\":{}}"),
                  "", "tool 'gh/drop' is not allowed");
}

static void
given_an_answer_of_messages_then_its_calls_are_judged (void **state)
{
    (void) state;
#define TOOL_USE(name, input)                                                            \
    "{\"content\":[{\"type\":\"text\",\"text\":\"bash\"},{\"type\":\"tool_use\","        \
    "\"input\":" input ",\"name\":\"" name "\"}],\"stop_reason\":\"tool_use\"}"
    s_body_is_refused (BR_SURFACE_MESSAGES, TOOL_USE ("bash", "{}"), BASH);
    s_body_is_refused (BR_SURFACE_MESSAGES, TOOL_USE ("gh__merge", "{\"force\":null}"),
                       FORCE);
    s_body_becomes (BR_SURFACE_MESSAGES, TOOL_USE ("gh__make", "{\"who\":1, \"t\" : 2}"),
                    TOOL_USE ("gh__make", "{\"t\" : 2}"));
    s_body_becomes (BR_SURFACE_MESSAGES, TOOL_USE ("read", "{\"who\":1}"), NULL);
    s_body_is_refused (BR_SURFACE_MESSAGES, "{\"content\":",
                       "the answer could not be read, and the rules for tools fail "
                       "closed");
}

//  ---- Responses

#define EVENT(type, rest)                                                                \
    "event: " type "\ndata: {\"type\":\"" type "\",\"sequence_number\":1," rest "}\n\n"
#define ITEM(type, name, args)                                                           \
    "{\"type\":\"" type "\",\"name\":\"" name "\",\"arguments\":\"" args "\"}"
#define ADDED(name)                                                                      \
    EVENT ("response.output_item.added",                                                 \
           "\"output_index\":2,\"item\":" ITEM ("function_call", name, ""))
#define DELTA(args)                                                                      \
    EVENT ("response.function_call_arguments.delta",                                     \
           "\"output_index\":2,\"delta\":\"" args "\"")
#define DONE(args)                                                                       \
    EVENT ("response.function_call_arguments.done",                                      \
           "\"output_index\":2,\"arguments\":\"" args "\"")
#define ITEM_DONE(name, args)                                                            \
    EVENT ("response.output_item.done",                                                  \
           "\"output_index\":2,\"item\":" ITEM ("function_call", name, args))
#define COMPLETED(name, args)                                                            \
    EVENT ("response.completed",                                                         \
           "\"response\":{\"output\":[" ITEM ("function_call", name, args) "]}")

static void
given_calls_in_responses_then_all_that_repeats_them_is_judged (void **state)
{
    (void) state;
#define MADE(name, args) DONE (args) ITEM_DONE (name, args) COMPLETED (name, args)
    s_becomes (BR_SURFACE_RESPONSES,
               ADDED ("gh__make") DELTA ("{\\\"t\\\":2,\\\"w") DELTA ("ho\\\":1}")
                   MADE ("gh__make", "{\\\"t\\\":2,\\\"who\\\":1}"),
               ADDED ("gh__make") DELTA ("") DELTA ("{\\\"t\\\":2}")
                   MADE ("gh__make", "{\\\"t\\\":2}"));
    s_stays (BR_SURFACE_RESPONSES, ADDED ("read") DELTA ("{\\\"who\\\"") DELTA (":1}")
                                       MADE ("read", "{\\\"who\\\":1}"));
    s_is_refused (BR_SURFACE_RESPONSES, ADDED ("bash"), "", BASH);
    s_is_refused (BR_SURFACE_RESPONSES, ITEM_DONE ("bash", "{}"), "", BASH);
    s_is_refused (BR_SURFACE_RESPONSES, COMPLETED ("bash", "{}"), "", BASH);
    s_is_refused (BR_SURFACE_RESPONSES, ADDED ("gh__merge") DONE ("{\\\"force\\\":1}"),
                  ADDED ("gh__merge"), FORCE);
    s_is_refused (BR_SURFACE_RESPONSES, COMPLETED ("gh__merge", "{\\\"force\\\":1}"), "",
                  FORCE);
    //  It is called otherwise in the end.
    s_is_refused (BR_SURFACE_RESPONSES,
                  ADDED ("read") DELTA ("{\\\"force\\\":1}")
                      ITEM_DONE ("gh__merge", "{}"),
                  ADDED ("read") DELTA ("{\\\"force\\\":1}"),
                  "the name of a tool came behind its arguments");
}

static void
given_calls_of_other_kinds_in_responses_then_they_are_judged (void **state)
{
    (void) state;
    s_is_refused (BR_SURFACE_RESPONSES,
                  EVENT ("response.output_item.done",
                         "\"output_index\":0,\"item\":{\"type\":\"local_shell_call\","
                         "\"action\":{\"command\":[\"ls\"]}}"),
                  "", "tool 'local_shell' is not allowed");
    s_stays (BR_SURFACE_RESPONSES,
             EVENT ("response.output_item.done",
                    "\"output_index\":0,\"item\":{\"type\":\"shell_call\","
                    "\"action\":{\"command\":[\"ls\"]}}"));
    s_is_refused (BR_SURFACE_RESPONSES,
                  EVENT ("response.output_item.added",
                         "\"output_index\":0,\"item\":{\"type\":\"custom_tool_call\","
                         "\"name\":\"gh__merge\",\"input\":\"\"}")
                      EVENT ("response.custom_tool_call_input.delta",
                             "\"output_index\":0,\"delta\":\"now\""),
                  EVENT ("response.output_item.added",
                         "\"output_index\":0,\"item\":{\"type\":\"custom_tool_call\","
                         "\"name\":\"gh__merge\",\"input\":\"\"}"),
                  NO_OBJECT);
    s_body_is_refused (BR_SURFACE_RESPONSES,
                       "{\"output\":[{\"type\":\"mcp_approval_request\",\"server_label\":"
                       "\"gh\",\"name\":\"drop\",\"arguments\":\"{}\"}]}",
                       "tool 'gh/drop' is not allowed");
    s_body_becomes (
        BR_SURFACE_RESPONSES,
        "{\"output\":[" ITEM (
            "function_call", "gh__make",
            "{\\\"who\\\":1}") ",{\"type\":\"function_call_output\",\"name\":\"bash\"}]}",
        "{\"output\":[" ITEM (
            "function_call", "gh__make",
            "{}") ",{\"type\":\"function_call_output\",\"name\":\"bash\"}]}");
}

//  ---- Google

#define GOOGLE(part) "{\"candidates\":[{\"content\":{\"parts\":[{" part "}]}}]}"
#define GOOGLE_EVENT(part) "data: " GOOGLE (part) "\r\n\r\n"
#define FUNCTION(name, args) "\"functionCall\":{\"name\":\"" name "\",\"args\":" args "}"

static void
given_calls_of_google_then_they_are_judged (void **state)
{
    (void) state;
    s_is_refused (BR_SURFACE_GOOGLE_STREAM, GOOGLE_EVENT (FUNCTION ("bash", "{}")), "",
                  BASH);
    s_becomes (BR_SURFACE_GOOGLE_STREAM,
               GOOGLE_EVENT (FUNCTION ("gh__make", "{\"who\":{\"a\":[]}}")),
               GOOGLE_EVENT (FUNCTION ("gh__make", "{}")));
    s_body_is_refused (BR_SURFACE_GOOGLE,
                       GOOGLE (FUNCTION ("gh__merge", "{\"force\":1}")), FORCE);
    s_body_is_refused (BR_SURFACE_GOOGLE,
                       GOOGLE ("\"function_call\":{\"name\":\"bash\"}"), BASH);
    s_body_becomes (BR_SURFACE_GOOGLE,
                    GOOGLE ("\"functionResponse\":{\"name\":\"bash\"},"
                            "\"text\":\"bash\""),
                    NULL);
}

#define PATH(path)                                                                       \
    GOOGLE_EVENT ("\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"" path             \
                  "\",\"stringValue\":\"a\"}],\"willContinue\":true}")

static void
given_arguments_by_path_then_each_is_judged (void **state)
{
    (void) state;
#define NAMED                                                                            \
    GOOGLE_EVENT ("\"functionCall\":{\"name\":\"gh__merge\",\"willContinue\":true}")
    s_stays (BR_SURFACE_GOOGLE_STREAM,
             NAMED PATH ("$.id") PATH ("$['other'].force") PATH ("$.a[0]")
                 GOOGLE_EVENT ("\"functionCall\":{}"));
    s_is_refused (BR_SURFACE_GOOGLE_STREAM, NAMED PATH ("$.force"), NAMED, FORCE);
    s_is_refused (BR_SURFACE_GOOGLE_STREAM, NAMED PATH ("$['force'].a"), NAMED, FORCE);
    s_is_refused (BR_SURFACE_GOOGLE_STREAM, NAMED PATH ("force"), NAMED,
                  "a piece of a tool's arguments says not of which it is");
}

//  ---- chat, whole

static void
given_an_answer_of_chat_then_its_calls_are_judged (void **state)
{
    (void) state;
#define MESSAGE(inner) "{\"choices\":[{\"index\":0,\"message\":{" inner "}}]}"
#define TOOL_CALLS(name, args)                                                           \
    MESSAGE ("\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{"        \
             "\"name\":\"" name "\",\"arguments\":\"" args "\"}}]")
    s_body_is_refused (BR_SURFACE_CHAT, TOOL_CALLS ("bash", "{}"), BASH);
    s_body_is_refused (BR_SURFACE_CHAT, TOOL_CALLS ("mcp__gh__drop", "{}"),
                       "tool 'mcp__gh__drop' is not allowed");
    s_body_becomes (BR_SURFACE_CHAT,
                    TOOL_CALLS ("gh__make", "{\\\"who\\\":\\\"\\u00e9\\\"}"),
                    TOOL_CALLS ("gh__make", "{}"));
    s_body_becomes (BR_SURFACE_CHAT, TOOL_CALLS ("gh__merge", ""), NULL);
    s_body_becomes (BR_SURFACE_CHAT, TOOL_CALLS ("read", "no \\ud800 JSON"), NULL);
    s_body_is_refused (BR_SURFACE_CHAT, TOOL_CALLS ("gh__merge", "force"), NO_OBJECT);
    s_body_is_refused (BR_SURFACE_CHAT, MESSAGE ("\"function_call\":{\"name\":\"bash\"}"),
                       BASH);
}

static void
given_a_surface_then_it_is_known_whether_it_calls (void **state)
{
    (void) state;
    assert_true (guard_calls_concern (BR_SURFACE_CHAT));
    assert_true (guard_calls_concern (BR_SURFACE_RESPONSE)); //  made in the background
    assert_true (guard_calls_concern (BR_SURFACE_RESPONSE_CANCEL));
    assert_false (guard_calls_concern (BR_SURFACE_RESPONSE_DELETE));
    //  what is offered there goes, too
    assert_true (guard_calls_concern (BR_SURFACE_MESSAGES_TOKENS));
    assert_true (guard_calls_concern (BR_SURFACE_RESPONSES_COMPACT));
    assert_false (guard_calls_concern (BR_SURFACE_EMBEDDINGS));
    assert_false (guard_calls_concern (BR_SURFACE_NONE));
}

//  As many calls as may be in one answer, and one more.
static void
given_very_many_calls_in_an_answer_then_there_is_a_bound (void **state)
{
    (void) state;
    for (size_t more = 0; more < 2; more++) {
        world_t world;
        s_begin (&world, s_slice);
        br_buf_t body;
        br_buf_init (&body, OUT_MAX);
        br_buf_adds (&body, "{\"choices\":[{\"index\":0,\"message\":{\"tool_calls\":[");
        for (size_t i = 0; i < GUARD_NAMED_MAX + more; i++)
            br_buf_adds (&body, i ? ",{\"type\":\"function\",\"function\":{\"arguments\":"
                                    "\"{}\",\"name\":\"a\"}}"
                                  : "{\"function\":{\"name\":\"a\"}}");
        br_buf_adds (&body, "]}}]}");
        guard_calls_t *calls = guard_calls_new (world.tools, BR_SURFACE_CHAT);
        assert_int_equal (
            guard_calls_write (calls, body.data, body.size, &world.out, &world.error),
            more ? -1 : 0);
        assert_int_equal (world.error.code, more ? BR_ETOOBIG : BR_OK);
        guard_calls_destroy (&calls);
        br_buf_free (&body);
        s_end (&world);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_tools_without_rules_then_a_stream_stays),
        cmocka_unit_test (given_a_denied_tool_in_chat_then_its_first_event_is_refused),
        cmocka_unit_test (given_a_name_in_pieces_then_it_is_put_together),
        cmocka_unit_test (given_arguments_with_rules_then_they_come_whole),
        cmocka_unit_test (given_arguments_to_strip_then_they_are_not_there),
        cmocka_unit_test (given_arguments_to_reject_then_the_answer_is_refused),
        cmocka_unit_test (
            given_arguments_with_rules_that_are_cut_then_the_answer_is_refused),
        cmocka_unit_test (given_a_name_behind_arguments_then_the_answer_is_refused),
        cmocka_unit_test (given_an_event_that_cannot_be_read_then_the_answer_is_refused),
        cmocka_unit_test (given_more_arguments_than_may_wait_then_the_answer_is_refused),
        cmocka_unit_test (given_calls_in_messages_then_they_are_judged),
        cmocka_unit_test (given_an_answer_of_messages_then_its_calls_are_judged),
        cmocka_unit_test (given_calls_in_responses_then_all_that_repeats_them_is_judged),
        cmocka_unit_test (given_calls_of_other_kinds_in_responses_then_they_are_judged),
        cmocka_unit_test (given_calls_of_google_then_they_are_judged),
        cmocka_unit_test (given_arguments_by_path_then_each_is_judged),
        cmocka_unit_test (given_an_answer_of_chat_then_its_calls_are_judged),
        cmocka_unit_test (given_a_surface_then_it_is_known_whether_it_calls),
        cmocka_unit_test (given_very_many_calls_in_an_answer_then_there_is_a_bound),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
