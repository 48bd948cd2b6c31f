//  Whole answers that are written.

#include "broker/proto/responses/responses_parts.h"
#include "tests/broker/proto/responses/fixture.h"

static const br_asked_t s_asked = { .model = { "alias", 5 },
                                    .id = "abcdefghijklmnopqrstuvwx",
                                    .now = 1700000000 };

static void
a_reply_is_one_object_with_all_its_members (void **state)
{
    (void) state;
    br_buf_t out;
    br_reply_t *reply = br_reply_new ();
    br_block_t *text = br_block_add (&reply->blocks, BR_BLOCK_TEXT, reply->arena);
    text->text = BR_TEXT ("Hi \"you\"");
    br_block_t *call = br_block_add (&reply->blocks, BR_BLOCK_CALL, reply->arena);
    call->id = BR_TEXT ("c");
    call->name = BR_TEXT ("f");
    call->text = BR_TEXT ("{\"x\":1}");
    reply->usage = (br_usage_t) { .known = true, .input = 3, .output = 2 };
    br_buf_init (&out, FIXTURE_MAX);
    responses_codec.write_reply (reply, &s_asked, &out);
    const char *json = br_buf_text (&out);
    fixture_assert (
        json,
        "{'id':'resp_abcdefghijklmnopqrstuvwx','object':'response',"
        "'created_at':1700000000,'status':'completed',"
        "'completed_at':1700000000,'error':null,'incomplete_details':null,"
        "'model':'alias','output':[{'id':'msg_abcdefghijklmnopqrstuvwx0000',"
        "'type':'message','status':'completed','content':[{'type':"
        "'output_text','annotations':[],'logprobs':[],'text':'Hi \\'you\\''}],"
        "'role':'assistant'},{'id':'fc_abcdefghijklmnopqrstuvwx0001',"
        "'type':'function_call','status':'completed','arguments':"
        "'{\\'x\\':1}','call_id':'c','name':'f'}],'usage':{",
        true);
    fixture_assert (json, "'parallel_tool_calls':true", true);
    fixture_assert (json, "event:", false);
    assert_int_equal (json[out.size - 1], '}');
    br_buf_free (&out);
    br_reply_destroy (&reply);
}

static void
an_incomplete_reply_says_so_of_itself_and_of_its_last_item (void **state)
{
    (void) state;
    br_buf_t out;
    br_reply_t *reply = br_reply_new ();
    br_block_add (&reply->blocks, BR_BLOCK_TEXT, reply->arena)->text = BR_TEXT ("Hi");
    reply->finish = BR_FINISH_LENGTH;
    br_buf_init (&out, FIXTURE_MAX);
    responses_codec.write_reply (reply, &s_asked, &out);
    const char *json = br_buf_text (&out);
    fixture_assert (json, "'status':'incomplete','completed_at':null", true);
    fixture_assert (json, "'type':'message','status':'incomplete'", true);
    fixture_assert (json, "'incomplete_details':{'reason':'max_output_tokens'}", true);
    br_buf_free (&out);
    br_reply_destroy (&reply);
}

static void
a_sealed_blob_can_be_opened_again (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_opaque_t own = { .family = BR_FAMILY_OPENAI,
                        .kind = BR_OPAQUE_ENCRYPTED,
                        .bytes = BR_TEXT ("ENC") };
    br_opaque_t other = { .family = BR_FAMILY_GOOGLE,
                          .kind = BR_OPAQUE_THOUGHT,
                          .bytes = BR_TEXT ("TH") };
    assert_true (br_text_is (responses_seal (&own, false, arena), "ENC"));
    const br_opaque_t *opened = br_envelope_open (responses_seal (&other, true, arena),
                                                  arena);
    assert_true (br_text_is (opened->bytes, "TH"));
    assert_true (br_text_is (opened->id, RESPONSES_AFTER));
    br_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_reply_is_one_object_with_all_its_members),
        cmocka_unit_test (an_incomplete_reply_says_so_of_itself_and_of_its_last_item),
        cmocka_unit_test (a_sealed_blob_can_be_opened_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
