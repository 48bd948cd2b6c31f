//  test_translate_teller: what a client is told. The client's codec here is one that
//  writes down what it is given.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/translate_teller.h"

static void *
s_writer_new (const br_asked_t *asked)
{
    (void) asked;
    return br_alloc (1, 1);
}

static void
s_writer_destroy (void **writer_p)
{
    free (*writer_p);
    *writer_p = NULL;
}

static void
s_put (br_buf_t *out, const char *kind, br_text_t text)
{
    br_buf_addf (out, "%s(%.*s) ", kind, (int) text.size, text.size ? text.at : "");
}

static void
s_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out)
{
    (void) writer;
    switch (delta->kind) {
    case BR_DELTA_START: s_put (out, "start", delta->model); break;
    case BR_DELTA_TEXT: s_put (out, "text", delta->text); break;
    case BR_DELTA_CALL:
        s_put (out, delta->custom ? "custom" : "call", delta->name);
        break;
    case BR_DELTA_ARGS: s_put (out, "args", delta->text); break;
    case BR_DELTA_USAGE: s_put (out, "usage", BR_TEXT_NONE); break;
    case BR_DELTA_FINISH:
        s_put (out, "finish", br_text (br_finish_name (delta->finish)));
        break;
    case BR_DELTA_ERROR:
        s_put (out, "error", br_text (br_code_name (delta->code)));
        break;
    case BR_DELTA_PING: s_put (out, "ping", BR_TEXT_NONE); break;
    case BR_DELTA_END: s_put (out, "end", BR_TEXT_NONE); break;
    default: s_put (out, "other", BR_TEXT_NONE);
    }
}

static void
s_write_reply (const br_reply_t *reply, const br_asked_t *asked, br_buf_t *out)
{
    s_put (out, "whole", asked->model);
    for (const br_block_t *block = reply->blocks; block; block = block->next)
        s_put (out, block->kind == BR_BLOCK_CALL ? "call" : "text",
               block->id.size ? block->id : block->text);
    s_put (out, "finish", br_text (br_finish_name (reply->finish)));
}

static const br_codec_t s_client = {
    .protocol = BR_PROTOCOL_MESSAGES,
    .writer_new = s_writer_new,
    .writer_destroy = s_writer_destroy,
    .write_delta = s_write_delta,
    .write_reply = s_write_reply,
};

static const br_codec_t s_provider = { .protocol = BR_PROTOCOL_CHAT };

typedef struct {
    br_call_t *call;
    br_asked_t asked;
    translate_sides_t sides;
    translate_teller_t *teller;
    tap_result_t result;
    br_buf_t out;
} world_t;

static world_t *
s_world (bool stream)
{
    world_t *world = BR_NEW (world_t);
    world->call = br_call_new (BR_PROTOCOL_MESSAGES);
    world->call->stream = stream;
    world->asked = (br_asked_t) { .call = world->call,
                                  .model = BR_TEXT ("mine"),
                                  .id = "0123456789abcdef01234567" };
    world->sides = (translate_sides_t) { .client = &s_client,
                                         .provider = &s_provider,
                                         .asked = &world->asked };
    br_buf_init (&world->out, 1 << 16);
    return world;
}

static void
s_begin (world_t *world)
{
    world->teller = translate_teller_new (&world->sides, &world->result);
    translate_teller_set_out (world->teller, &world->out);
}

static void
s_free (world_t *world)
{
    translate_teller_destroy (&world->teller);
    translate_teller_destroy (&world->teller);
    br_buf_free (&world->out);
    br_call_destroy (&world->call);
    free (world);
}

static void
s_take (world_t *world, br_delta_kind_t kind, unsigned block, const char *text)
{
    br_delta_t delta = { .kind = kind, .block = block };
    if (kind == BR_DELTA_CALL)
        delta.name = br_text (text);
    else if (kind == BR_DELTA_START)
        delta.model = br_text (text);
    else
        delta.text = br_text (text);
    translate_teller_take (world->teller, &delta);
}

static void
s_finish (world_t *world, br_finish_t finish)
{
    translate_teller_take (world->teller,
                           &(br_delta_t) { .kind = BR_DELTA_FINISH, .finish = finish });
}

static void
s_said (world_t *world, const char *text)
{
    assert_string_equal (br_buf_text (&world->out), text);
}

static void
given_an_answer_when_told_then_the_start_waits_for_what_follows (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    s_begin (world);
    s_take (world, BR_DELTA_START, 0, "m");
    s_take (world, BR_DELTA_PING, 0, NULL);
    translate_teller_next (world->teller);
    s_said (world, "");
    assert_int_equal (world->result.first, TAP_NOTHING);
    s_take (world, BR_DELTA_TEXT, 0, "hi");
    s_said (world, "start(m) text(hi) ");
    assert_int_equal (world->result.first, TAP_DATA);
    assert_string_equal (world->result.model, "m");
    s_take (world, BR_DELTA_PING, 0, NULL);
    s_finish (world, BR_FINISH_STOP);
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "start(m) text(hi) ping() finish(stop) end() ");
    assert_true (world->result.complete && world->result.done);
    s_take (world, BR_DELTA_TEXT, 0, "more");
    s_said (world, "start(m) text(hi) ping() finish(stop) end() ");
    s_free (world);
}

static void
given_a_second_event_when_nothing_is_said_then_the_start_is_told (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    s_begin (world);
    s_take (world, BR_DELTA_START, 0, "m");
    translate_teller_take (world->teller, &(br_delta_t) { .kind = BR_DELTA_USAGE,
                                                          .usage = { .known = true } });
    translate_teller_next (world->teller);
    translate_teller_next (world->teller);
    s_said (world, "start(m) usage() ");
    s_free (world);
}

static void
p37_given_an_error_when_nothing_was_told_then_nothing_is (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    s_begin (world);
    s_take (world, BR_DELTA_START, 0, "m");
    translate_teller_next (world->teller);
    translate_teller_take (world->teller,
                           &(br_delta_t) { .kind = BR_DELTA_ERROR, .code = BR_EUPBAD });
    s_said (world, "");
    assert_int_equal (world->result.first, TAP_ERROR);
    assert_true (world->result.error && !world->result.complete);
    assert_true (translate_teller_is_over (world->teller));
    assert_false (translate_teller_has_told (world->teller));
    s_free (world);
}

static void
given_an_error_when_something_was_told_then_it_is_too (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    s_begin (world);
    s_take (world, BR_DELTA_TEXT, 0, "hi");
    translate_teller_take (world->teller,
                           &(br_delta_t) { .kind = BR_DELTA_ERROR, .code = BR_EUPBAD });
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "text(hi) error(EUPBAD) ");
    assert_int_equal (world->result.first, TAP_DATA);
    assert_true (world->result.error && !world->result.complete);
    s_free (world);
}

static void
p06_given_a_malformed_call_when_it_finishes_then_it_is_an_error (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    s_begin (world);
    s_take (world, BR_DELTA_START, 0, "m");
    s_finish (world, BR_FINISH_MALFORMED);
    s_said (world, "");
    assert_int_equal (world->result.first, TAP_ERROR);
    s_free (world);
}

static void
p03_given_a_call_when_it_stops_then_it_is_tool_use (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    s_begin (world);
    s_take (world, BR_DELTA_CALL, 0, "f");
    s_finish (world, BR_FINISH_STOP);
    s_said (world, "call(f) args({}) ");
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "call(f) args({}) finish(tool_use) end() ");
    s_free (world);
}

static void
p04_given_a_call_when_it_was_cut_short_then_that_stays (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    s_begin (world);
    s_take (world, BR_DELTA_CALL, 0, "f");
    s_finish (world, BR_FINISH_LENGTH);
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "call(f) finish(length) end() ");
    s_free (world);
}

static void
given_a_call_without_arguments_when_it_is_over_then_it_has_an_empty_object (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    s_begin (world);
    s_take (world, BR_DELTA_CALL, 0, "f");
    s_take (world, BR_DELTA_ARGS, 0, "");
    s_take (world, BR_DELTA_CALL, 1, "g");
    s_finish (world, BR_FINISH_TOOL_USE);
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "call(f) args() args({}) call(g) args({}) finish(tool_use) end() ");
    s_free (world);
}

static void
given_a_changed_name_when_called_then_the_client_hears_its_own (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    br_call_add_tool (world->call, BR_TOOL_FUNCTION)->name = BR_TEXT ("a.b/c");
    s_begin (world);
    br_text_t wire = br_tool_name (BR_TEXT ("a.b/c"), BR_PROTOCOL_CHAT,
                                   world->call->arena);
    translate_teller_take (world->teller,
                           &(br_delta_t) { .kind = BR_DELTA_CALL, .name = wire });
    s_said (world, "call(a.b/c) ");
    s_free (world);
}

static void
given_a_freeform_tool_when_called_with_an_object_then_its_input_is_told (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    br_call_add_tool (world->call, BR_TOOL_CUSTOM)->name = BR_TEXT ("patch");
    s_begin (world);
    s_take (world, BR_DELTA_CALL, 0, "patch");
    s_take (world, BR_DELTA_ARGS, 0, "{\"input\":\"a\\n");
    s_take (world, BR_DELTA_ARGS, 0, "b\"}");
    s_finish (world, BR_FINISH_TOOL_USE);
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "custom(patch) args(a\nb) finish(tool_use) end() ");
    s_free (world);
}

static void
given_the_answers_tool_when_called_then_its_arguments_are_the_text (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    world->sides.answer_tool = "json_response";
    s_begin (world);
    s_take (world, BR_DELTA_CALL, 0, "json_response");
    s_take (world, BR_DELTA_ARGS, 0, "{\"a\":");
    s_take (world, BR_DELTA_ARGS, 0, "1}");
    s_finish (world, BR_FINISH_TOOL_USE);
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "text({\"a\":) text(1}) finish(stop) end() ");
    s_free (world);
}

//  What stands beside it would break the JSON that the client asked for.
static void
given_the_answers_tool_when_text_is_said_beside_it_then_it_is_left_out (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    world->sides.answer_tool = "json_response";
    s_begin (world);
    s_take (world, BR_DELTA_TEXT, 0, "Su");
    s_take (world, BR_DELTA_TEXT, 0, "re.");
    s_take (world, BR_DELTA_CALL, 1, "json_response");
    s_take (world, BR_DELTA_ARGS, 1, "{}");
    s_take (world, BR_DELTA_TEXT, 2, "Done.");
    s_finish (world, BR_FINISH_TOOL_USE);
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "text({}) finish(stop) end() ");
    s_free (world);
}

static void
given_text_that_is_held_when_another_block_comes_then_it_is_told_before (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    world->sides.answer_tool = "json_response";
    s_begin (world);
    s_take (world, BR_DELTA_TEXT, 0, "No.");
    s_take (world, BR_DELTA_REASONING, 1, "hm");
    s_finish (world, BR_FINISH_STOP);
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "text(No.) other() finish(stop) end() ");
    s_free (world);
}

static void
given_the_answers_tool_when_it_is_not_called_then_the_text_is_told (void **state)
{
    (void) state;
    static const char *const tools[] = { NULL, "f" };
    static const char *const said[] = {
        "text(No.) finish(stop) end() ",
        "text(No.) call(f) args({}) finish(tool_use) end() ",
    };
    for (size_t i = 0; i < 2; i++) {
        world_t *world = s_world (true);
        world->sides.answer_tool = "json_response";
        s_begin (world);
        s_take (world, BR_DELTA_TEXT, 0, "No.");
        if (tools[i])
            s_take (world, BR_DELTA_CALL, 1, tools[i]);
        s_finish (world, tools[i] ? BR_FINISH_TOOL_USE : BR_FINISH_STOP);
        s_take (world, BR_DELTA_END, 0, NULL);
        s_said (world, said[i]);
        s_free (world);
    }
}

static void
given_calls_without_ids_when_told_then_each_has_one_and_always_the_same (void **state)
{
    (void) state;
    char said[2][256];
    for (unsigned i = 0; i < 2; i++) {
        world_t *world = s_world (false);
        s_begin (world);
        s_take (world, BR_DELTA_CALL, 0, "f");
        s_take (world, BR_DELTA_CALL, 1, "f");
        s_take (world, BR_DELTA_END, 0, NULL);
        snprintf (said[i], sizeof said[i], "%s", br_buf_text (&world->out));
        s_free (world);
    }
    assert_string_equal (said[0], said[1]);
    char ids[2][64];
    assert_int_equal (sscanf (said[0],
                              "whole(mine) call(%63[a-z0-9_]) call(%63[a-z0-9_]) "
                              "finish(tool_use) ",
                              ids[0], ids[1]),
                      2);
    assert_int_equal (strncmp (ids[0], "toolu_", 6), 0);
    assert_int_equal (strlen (ids[0]), 6 + 24);
    assert_string_not_equal (ids[0], ids[1]);
}

static void
given_a_client_that_wants_the_whole_when_it_ends_then_it_has_it_at_once (void **state)
{
    (void) state;
    world_t *world = s_world (false);
    s_begin (world);
    s_take (world, BR_DELTA_START, 0, "m");
    s_take (world, BR_DELTA_TEXT, 0, "a");
    s_take (world, BR_DELTA_TEXT, 0, "b");
    s_finish (world, BR_FINISH_LENGTH);
    s_said (world, "");
    assert_int_equal (world->result.first, TAP_NOTHING);
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "whole(mine) text(ab) finish(length) ");
    assert_int_equal (world->result.first, TAP_DATA);
    assert_string_equal (world->result.finish, "length");
    s_free (world);
}

static void
given_two_choices_when_they_interleave_then_each_keeps_its_call (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    s_begin (world);
    s_take (world, BR_DELTA_CALL, 0, "f");
    br_delta_t other = { .kind = BR_DELTA_CALL, .choice = 1, .name = BR_TEXT ("g") };
    translate_teller_take (world->teller, &other);
    s_take (world, BR_DELTA_ARGS, 0, "{1}");
    s_finish (world, BR_FINISH_STOP);
    s_take (world, BR_DELTA_END, 0, NULL);
    s_said (world, "call(f) call(g) args({1}) finish(tool_use) end() ");
    s_free (world);
}

//  ---- answers that are recorded, or go on

static void
given_a_record_when_an_error_comes_then_it_is_told_only_to_who_cannot_go_on (void **state)
{
    (void) state;
    for (unsigned spoilt = 0; spoilt < 2; spoilt++) {
        world_t *world = s_world (true);
        br_resume_t *record = br_resume_new (BR_PROTOCOL_MESSAGES, world->asked.id, 1);
        world->sides.record = record;
        s_begin (world);
        s_take (world, BR_DELTA_START, 0, "theirs");
        s_take (world, BR_DELTA_TEXT, 0, "a");
        if (spoilt)
            s_take (world, BR_DELTA_CALL, 1, "look");
        assert_int_equal (br_resume_is_spoilt (record), spoilt);
        s_take (world, BR_DELTA_ERROR, 0, NULL);
        assert_true (translate_teller_is_over (world->teller) && world->result.error);
        assert_int_equal (strstr (br_buf_text (&world->out), "error") != NULL, spoilt);
        s_free (world);
        br_resume_destroy (&record);
    }
}

static void
given_what_was_told_when_more_comes_then_nothing_of_it_is_told_again (void **state)
{
    (void) state;
    world_t *world = s_world (true);
    br_resume_t *told = br_resume_new (BR_PROTOCOL_MESSAGES, world->asked.id, 1);
    br_resume_add (told, &(br_delta_t) { .kind = BR_DELTA_START });
    br_resume_add (told,
                   &(br_delta_t) { .kind = BR_DELTA_TEXT, .text = BR_TEXT ("before") });
    world->sides.told = told;
    s_begin (world);
    s_take (world, BR_DELTA_START, 0, "theirs");
    s_said (world, "");
    assert_string_equal (world->result.model, "theirs");
    s_take (world, BR_DELTA_TEXT, 0, "behind");
    s_take (world, BR_DELTA_START, 0, "theirs");
    s_said (world, "text(behind) ");
    s_free (world);
    br_resume_destroy (&told);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_an_answer_when_told_then_the_start_waits_for_what_follows),
        cmocka_unit_test (
            given_a_second_event_when_nothing_is_said_then_the_start_is_told),
        cmocka_unit_test (p37_given_an_error_when_nothing_was_told_then_nothing_is),
        cmocka_unit_test (given_an_error_when_something_was_told_then_it_is_too),
        cmocka_unit_test (
            p06_given_a_malformed_call_when_it_finishes_then_it_is_an_error),
        cmocka_unit_test (p03_given_a_call_when_it_stops_then_it_is_tool_use),
        cmocka_unit_test (p04_given_a_call_when_it_was_cut_short_then_that_stays),
        cmocka_unit_test (
            given_a_call_without_arguments_when_it_is_over_then_it_has_an_empty_object),
        cmocka_unit_test (given_a_changed_name_when_called_then_the_client_hears_its_own),
        cmocka_unit_test (
            given_a_freeform_tool_when_called_with_an_object_then_its_input_is_told),
        cmocka_unit_test (
            given_the_answers_tool_when_called_then_its_arguments_are_the_text),
        cmocka_unit_test (
            given_the_answers_tool_when_text_is_said_beside_it_then_it_is_left_out),
        cmocka_unit_test (
            given_text_that_is_held_when_another_block_comes_then_it_is_told_before),
        cmocka_unit_test (
            given_the_answers_tool_when_it_is_not_called_then_the_text_is_told),
        cmocka_unit_test (
            given_calls_without_ids_when_told_then_each_has_one_and_always_the_same),
        cmocka_unit_test (
            given_a_client_that_wants_the_whole_when_it_ends_then_it_has_it_at_once),
        cmocka_unit_test (
            given_two_choices_when_they_interleave_then_each_keeps_its_call),
        cmocka_unit_test (
            given_a_record_when_an_error_comes_then_it_is_told_only_to_who_cannot_go_on),
        cmocka_unit_test (
            given_what_was_told_when_more_comes_then_nothing_of_it_is_told_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
