//  test_call: an empty call, its lists, efforts and losses.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "broker/proto/call.h"

static int
s_setup (void **state)
{
    *state = br_call_new (BR_PROTOCOL_MESSAGES);
    return 0;
}

static int
s_teardown (void **state)
{
    br_call_t *call = *state;
    br_call_destroy (&call);
    assert_null (call);
    br_call_destroy (&call);
    return 0;
}

static void
given_a_call_when_turns_and_tools_are_added_then_they_stand_in_order (void **state)
{
    br_call_t *call = *state;
    assert_int_equal (call->protocol, BR_PROTOCOL_MESSAGES);
    br_turn_t *first = br_call_add_turn (call, BR_TURN_USER);
    br_turn_t *second = br_call_add_turn (call, BR_TURN_ASSISTANT);
    assert_ptr_equal (call->turns, first);
    assert_ptr_equal (first->next, second);
    br_tool_t *tool = br_call_add_tool (call, BR_TOOL_FUNCTION);
    br_tool_t *other = br_call_add_tool (call, BR_TOOL_CUSTOM);
    assert_ptr_equal (call->tools, tool);
    assert_ptr_equal (tool->next, other);
}

static void
given_a_changed_name_when_looked_for_then_its_tool_is_found (void **state)
{
    br_call_t *call = *state;
    br_call_add_tool (call, BR_TOOL_HOSTED)->name = BR_TEXT ("web.search");
    br_tool_t *tool = br_call_add_tool (call, BR_TOOL_FUNCTION);
    tool->name = BR_TEXT ("web.search");
    br_text_t wire = br_tool_name (tool->name, BR_PROTOCOL_CHAT, call->arena);
    assert_false (br_text_equal (wire, tool->name));
    assert_ptr_equal (br_call_tool (call, BR_PROTOCOL_CHAT, wire), tool);
    assert_null (br_call_tool (call, BR_PROTOCOL_CHAT, BR_TEXT ("other")));
}

static void
given_efforts_when_named_then_the_names_give_them_back (void **state)
{
    (void) state;
    for (unsigned i = BR_EFFORT_NONE; i <= BR_EFFORT_MAX; i++)
        assert_int_equal (br_effort_of (br_text (br_effort_name ((br_effort_t) i))), i);
    assert_int_equal (br_effort_of (BR_TEXT ("xhigh")), BR_EFFORT_XHIGH);
    assert_int_equal (br_effort_of (BR_TEXT ("huge")), BR_EFFORT_UNSET);
    assert_int_equal (br_effort_of (BR_TEXT_NONE), BR_EFFORT_UNSET);
}

static const char *
s_line (const br_loss_t *list)
{
    static char line[2 * BR_LOSS_LINE_MAX];
    br_buf_t out;
    br_buf_init (&out, sizeof line - 1);
    br_loss_write (list, &out);
    memcpy (line, br_buf_text (&out), out.size + 1);
    br_buf_free (&out);
    return line;
}

static void
given_losses_when_written_then_each_stands_once (void **state)
{
    br_call_t *call = *state;
    br_loss_t *list = NULL;
    assert_string_equal (s_line (list), "");
    br_loss_add (&list, call->arena, BR_TEXT ("top_k"), false);
    br_loss_add (&list, call->arena, BR_TEXT ("temperature"), true);
    br_loss_add (&list, call->arena, BR_TEXT ("top_k"), true);
    assert_string_equal (s_line (list), "dropped top_k, changed temperature");
}

static void
given_a_field_that_breaks_a_header_when_written_then_it_is_clean (void **state)
{
    br_call_t *call = *state;
    br_call_add_extra (call, BR_TEXT ("a\r\nx-evil: 1\x7f\xc3\xa4"));
    br_call_add_extra (call, BR_TEXT ("\n"));
    br_call_add_extra (call, BR_TEXT ("b"));
    assert_string_equal (s_line (call->extras), "dropped ax-evil: 1, dropped b");
}

static void
given_very_many_losses_when_written_then_the_line_is_bounded (void **state)
{
    br_call_t *call = *state;
    for (unsigned i = 0; i < 1000; i++)
        br_call_add_extra (call, br_arena_textf (call->arena, "%u%0200u", i, 0));
    const char *line = s_line (call->extras);
    assert_true (strlen (line) <= BR_LOSS_LINE_MAX);
    assert_non_null (strstr (line, ", and more"));
    unsigned count = 0;
    for (const br_loss_t *loss = call->extras; loss; loss = loss->next)
        count++;
    assert_int_equal (count, BR_LOSSES_MAX);
}

static void
given_likelihoods_when_asked_for_then_the_switch_goes_before_the_number (void **state)
{
    br_call_t *call = *state;
    assert_false (br_call_wants_logprobs (call));
    call->top_logprobs = (br_number_t) { .raw = BR_TEXT ("0"), .value = 0 };
    assert_false (br_call_wants_logprobs (call));
    call->top_logprobs = (br_number_t) { .raw = BR_TEXT ("2"), .value = 2 };
    assert_true (br_call_wants_logprobs (call));
    call->logprobs = BR_NO;
    assert_false (br_call_wants_logprobs (call));
    call->top_logprobs = (br_number_t) { .value = 0 };
    call->logprobs = BR_YES;
    assert_true (br_call_wants_logprobs (call));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_a_call_when_turns_and_tools_are_added_then_they_stand_in_order),
        TEST (given_a_changed_name_when_looked_for_then_its_tool_is_found),
        TEST (given_efforts_when_named_then_the_names_give_them_back),
        TEST (given_likelihoods_when_asked_for_then_the_switch_goes_before_the_number),
        TEST (given_losses_when_written_then_each_stands_once),
        TEST (given_a_field_that_breaks_a_header_when_written_then_it_is_clean),
        TEST (given_very_many_losses_when_written_then_the_line_is_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
