//  The body of a request that is written.

#include "tests/broker/proto/gemini/gemini_fixture.h"

#define OLD "gemini-2.5-flash"

static void
given_a_simple_call_when_written_then_the_whole_body (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_GOOGLE);
    assert_int_equal (case_read (&self,
                                 "{\"systemInstruction\":{\"parts\":[{\"text\":\"S\"},"
                                 "{\"text\":\"\"}]},\"contents\":[{\"parts\":[{\"text\":"
                                 "\"Hi\"}]}],\"serviceTier\":\"flex\"}"),
                      0);
    assert_int_equal (case_write (&self, OLD), 0);
    assert_string_equal (
        case_text (&self),
        "{\"systemInstruction\":{\"parts\":[{\"text\":\"S\"}]},"
        "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Hi\"}]}],"
        "\"generationConfig\":{},\"serviceTier\":\"flex\"}");
    assert_null (self.losses);
    case_close (&self);
}

static void
given_a_count_when_written_then_the_request_stands_inside (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_MESSAGES);
    self.call->count_only = true;
    br_turn_t *turn = br_call_add_turn (self.call, BR_TURN_USER);
    br_block_add (&turn->blocks, BR_BLOCK_TEXT, self.call->arena)->text = BR_TEXT ("Hi");
    assert_int_equal (case_write (&self, OLD), 0);
    assert_string_equal (
        case_text (&self),
        "{\"generateContentRequest\":{\"model\":\"models/" OLD "\","
        "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Hi\"}]}]"
        "}}");
    case_close (&self);
}

static void
given_what_google_has_no_place_for_when_written_then_losses (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_CHAT);
    br_call_t *call = self.call;
    call->min_p = call->temperature = (br_number_t) { BR_TEXT ("0.1"), 0.1 };
    call->logit_bias = BR_TEXT ("{}");
    call->verbosity = BR_TEXT ("low");
    call->metadata = BR_TEXT ("{}");
    call->user = BR_TEXT ("u");
    call->store = BR_YES;
    call->parallel = BR_NO;
    br_call_add_tool (call, BR_TOOL_FUNCTION)->name = BR_TEXT ("f");
    br_turn_t *turn = br_call_add_turn (call, BR_TURN_USER);
    turn->name = BR_TEXT ("Ann");
    turn->path = BR_TEXT ("messages[0]");
    br_block_t *block = br_block_add (&turn->blocks, BR_BLOCK_TEXT, call->arena);
    block->text = BR_TEXT ("Hi");
    block->cache = BR_TEXT ("5m");
    assert_int_equal (case_write (&self, OLD), 0);
    static const char *const lost[] = { "dropped min_p",
                                        "dropped logit_bias",
                                        "dropped verbosity",
                                        "dropped metadata",
                                        "dropped user",
                                        "dropped store",
                                        "dropped parallel_tool_calls",
                                        "dropped cache_control",
                                        "dropped messages[0].name" };
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
        assert_true (case_lost (&self, lost[i]));
    assert_has (case_text (&self), "\"temperature\":0.1");
    case_close (&self);
}

static void
given_an_earlier_response_when_written_then_refused (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_RESPONSES);
    self.call->previous_id = BR_TEXT ("resp_1");
    assert_int_equal (case_write (&self, OLD), -1);
    assert_int_equal (self.error.code, BR_EINVALID);
    assert_has (self.error.text, "previous_response_id");
    case_close (&self);
}

static void
given_a_buffer_that_is_too_small_when_written_then_refused (void **state)
{
    (void) state;
    gemini_case_t self;
    case_open (&self, BR_PROTOCOL_CHAT);
    br_buf_init (&self.out, 8);
    assert_int_equal (case_write (&self, OLD), -1);
    assert_has (self.error.text, "maximum size");
    case_close (&self);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_simple_call_when_written_then_the_whole_body),
        cmocka_unit_test (given_a_count_when_written_then_the_request_stands_inside),
        cmocka_unit_test (given_what_google_has_no_place_for_when_written_then_losses),
        cmocka_unit_test (given_an_earlier_response_when_written_then_refused),
        cmocka_unit_test (given_a_buffer_that_is_too_small_when_written_then_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
