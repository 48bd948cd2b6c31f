//  guard_calls: calls in chunks of Chat Completions that some clients read as whole and others
//  as pieces, and calls inside of calls.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_calls.h"

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

#define BASH_INSIDE "tool 'functions.bash' is not allowed"
#define FORCE "parameter 'force' denied on tool 'gh__merge'"

#define CHAT(delta) "data: {\"choices\":[{\"index\":0,\"delta\":{" delta "}}]}\n\n"
#define CHAT_CALL(index, inner)                                                          \
    CHAT ("\"tool_calls\":[{\"index\":" index ",\"function\":{" inner "}}]")
#define CHAT_NAME(index, name)                                                           \
    CHAT_CALL (index, "\"name\":\"" name "\",\"arguments\":\"\"")
#define CHAT_ARGS(index, args) CHAT_CALL (index, "\"arguments\":\"" args "\"")
#define CHAT_STOP                                                                        \
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}"  \
    "\n\ndata: [DONE]\n\n"

//  A piece with a name and all its arguments, and with an id when there is one.
#define CHAT_WHOLE(id, name, args)                                                       \
    CHAT ("\"tool_calls\":[{\"index\":0," id "\"function\":{\"name\":\"" name            \
          "\",\"arguments\":\"" args "\"}}]")
#define ID(id) "\"id\":\"" id "\","
#define FORCED "{\\\"force\\\":true}"

//  Clients that go by the index put it together with what came before.
static void
given_a_name_in_pieces_with_whole_arguments_then_it_is_put_together (void **state)
{
    (void) state;
    static const char *const ids[] = { "", ID (""), ID ("a"), ID ("b") };
    static const char slice[] =
        "{\"tools\":{\"*\":{\"deny\":[\"delete_repo\"],\"params\":"
        "{\"push\":{\"deny\":[\"force\"]}}}}}";
    static const struct {
        const char *first, *first_args;
        const char *next, *next_args;
        const char *error;
    } rows[] = {
        { "delete_", "", "repo", "{}", "tool 'delete_repo' is not allowed" },
        { "delete_", "{}", "repo", "", "tool 'delete_repo' is not allowed" },
        { "delete_", "{}", "repo", "{}", "tool 'delete_repo' is not allowed" },
        { "pu", "", "sh", FORCED, "parameter 'force' denied on tool 'push'" },
        { "pu", "{}", "sh", FORCED, "parameter 'force' denied on tool 'push'" },
        { "pu", FORCED, "sh", "", "the name of a tool came behind its arguments" },
        { "pu", FORCED, "sh", "{}", "the name of a tool came behind its arguments" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < sizeof ids / sizeof *ids; j++) {
            char *first = br_strf (CHAT_WHOLE ("%s", "%s", "%s"), ID ("a"), rows[i].first,
                                   rows[i].first_args);
            char *all = br_strf ("%s" CHAT_WHOLE ("%s", "%s", "%s"), first, ids[j],
                                 rows[i].next, rows[i].next_args);
            s_is_refused_under (slice, BR_SURFACE_CHAT, all, first, rows[i].error);
            free (all);
            free (first);
        }
    //  In one event.
    s_is_refused_under (slice, BR_SURFACE_CHAT,
                        CHAT ("\"tool_calls\":[{\"index\":0,\"function\":{\"name\":"
                              "\"delete_\",\"arguments\":\"{}\"}},{\"index\":0,"
                              "\"function\":{\"name\":\"repo\"}}]"),
                        "", "tool 'delete_repo' is not allowed");
}

//  What is allowed is known by both names alone where clients make two calls of them.
static void
given_whole_calls_under_one_index_then_they_are_calls_of_their_own (void **state)
{
    (void) state;
    static const char slice[] =
        "{\"tools\":{\"gh\":{\"allow\":[\"get\",\"list\"],\"params\":"
        "{\"list\":{\"deny\":[\"force\"]}}}}}";
    static const char *const streams[] = {
        CHAT_WHOLE ("", "gh__get", "{\\\"a\\\":1}") CHAT_WHOLE ("", "gh__list", "{}"),
        CHAT_WHOLE (ID ("a"), "gh__get", FORCED) CHAT_WHOLE (ID ("b"), "gh__list", "{}"),
        CHAT_WHOLE (ID ("a"), "gh__get", FORCED) CHAT_WHOLE (ID ("b"), "gh__get", "{}")
            CHAT_WHOLE (ID ("c"), "gh__list", "") CHAT_ARGS ("0", "{}") CHAT_STOP,
    };
    world_t world;
    s_begin (&world, slice);
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        if (s_push (&world, BR_SURFACE_CHAT, streams[i], 64))
            fail_msg ("%s", world.error.text);
        assert_string_equal (br_buf_text (&world.out), streams[i]);
    }
    s_end (&world);
    //  A name that nobody would see whole is not let pass.
    s_is_refused_under (slice, BR_SURFACE_CHAT,
                        CHAT_WHOLE (ID ("a"), "g", "") CHAT_WHOLE ("", "h__drop", "{}"),
                        CHAT_WHOLE (ID ("a"), "g", ""), "tool 'gh__drop' is not allowed");
}

//  Very many of them make no name that is too long.
static void
given_very_many_whole_calls_under_one_index_then_the_stream_stays (void **state)
{
    (void) state;
    br_buf_t stream;
    br_buf_init (&stream, OUT_MAX);
    for (int i = 0; i < 40; i++) {
        char *event = br_strf (
            CHAT_WHOLE ("", "a__b__a_name_that_is_some_50_bytes_long_%d", "{}"), i);
        br_buf_adds (&stream, event);
        free (event);
    }
    world_t world;
    s_begin (&world, s_slice);
    if (s_push (&world, BR_SURFACE_CHAT, br_buf_text (&stream), 1000))
        fail_msg ("%s", world.error.text);
    assert_string_equal (br_buf_text (&world.out), br_buf_text (&stream));
    s_end (&world);
    br_buf_free (&stream);
}

static void
given_arguments_behind_whole_ones_then_their_call_has_its_name (void **state)
{
    (void) state;
    s_stays (BR_SURFACE_CHAT, CHAT_WHOLE (ID ("a"), "weather", "{}") CHAT_ARGS (
                                  "0", "{\\\"city\\\":\\\"Oslo\\\"}") CHAT_STOP);
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_WHOLE (ID ("a"), "gh__merge", "{}") CHAT_ARGS ("0", FORCED),
                  CHAT_WHOLE (ID ("a"), "gh__merge", "{}"), FORCE);
}

static void
given_calls_in_the_arguments_of_another_one_then_they_are_judged (void **state)
{
    (void) state;
#define PARALLEL(name, args)                                                             \
    "{\\\"tool_uses\\\":[{\\\"recipient_name\\\":\\\"functions." name                    \
    "\\\",\\\"parameters\\\":" args "}]}"
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_NAME ("0", "multi_tool_use.parallel")
                      CHAT_ARGS ("0", PARALLEL ("bash", "{}")) CHAT_STOP,
                  CHAT_NAME ("0", "multi_tool_use.parallel"), BASH_INSIDE);
    s_is_refused (BR_SURFACE_CHAT,
                  CHAT_WHOLE ("", "multi_tool_use.parallel",
                              PARALLEL ("gh__merge", "{\\\"Force\\\":1}")),
                  "", "parameter 'Force' denied on tool 'functions.gh__merge'");
    s_stays (BR_SURFACE_CHAT,
             CHAT_WHOLE ("", "multi_tool_use.parallel", PARALLEL ("read", "{}")));
}

static void
given_a_name_in_pieces_then_errors_name_the_whole (void **state)
{
    (void) state;
    s_is_refused_under (
        "{\"tools\":{\"*\":{\"params\":{\"pus*\":{\"deny\":[\"x\"]}}}}}", BR_SURFACE_CHAT,
        CHAT_NAME ("0", "pus") CHAT_CALL ("0", "\"name\":\"h\"") CHAT_ARGS ("0", "1"),
        CHAT_NAME ("0", "pus") CHAT_CALL ("0", "\"name\":\"h\""),
        "arguments of tool 'push' are no JSON object");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_name_in_pieces_with_whole_arguments_then_it_is_put_together),
        cmocka_unit_test (
            given_whole_calls_under_one_index_then_they_are_calls_of_their_own),
        cmocka_unit_test (
            given_very_many_whole_calls_under_one_index_then_the_stream_stays),
        cmocka_unit_test (given_arguments_behind_whole_ones_then_their_call_has_its_name),
        cmocka_unit_test (
            given_calls_in_the_arguments_of_another_one_then_they_are_judged),
        cmocka_unit_test (given_a_name_in_pieces_then_errors_name_the_whole),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
