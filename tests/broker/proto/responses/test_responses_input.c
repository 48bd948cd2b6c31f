//  Items become turns.

#include "tests/broker/proto/responses/fixture.h"

static const br_block_t *
s_block (const br_turn_t *turn, unsigned place)
{
    const br_block_t *block = turn->blocks;
    while (block && place--)
        block = block->next;
    assert_non_null (block);
    return block;
}

static void
a_string_is_what_the_user_says (void **state)
{
    (void) state;
    request_t r;
    request_read_well (&r, "{'input':'hi'}");
    assert_int_equal (r.call->turns->role, BR_TURN_USER);
    assert_true (br_text_is (s_block (r.call->turns, 0)->text, "hi"));
    request_end (&r);
}

static void
what_the_model_did_in_a_row_is_one_turn (void **state)
{
    (void) state;
    request_t r;
    request_read_well (
        &r,
        "{'input':[{'role':'system','content':'S'},{'role':'user','content':'q'},"
        "{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'a'},"
        "{'type':'summary_text','text':'b'}],'encrypted_content':'ENC'},"
        "{'type':'message','role':'assistant','id':'msg_1','content':["
        "{'type':'output_text','text':'t','annotations':[{'type':'x'}]},"
        "{'type':'refusal','refusal':'no'}]},"
        "{'type':'function_call','call_id':'c1','name':'f','arguments':'{}','id':'fc_1'},"
        "{'type':'custom_tool_call','call_id':'c2','name':'g','input':'raw'},"
        "{'type':'function_call_output','call_id':'c1','output':'5'},"
        "{'type':'custom_tool_call_output','call_id':'c2','output':["
        "{'type':'input_text','text':'x'},{'type':'input_image','image_url':"
        "'data:image/png;base64,AAAA','detail':'low'}]},"
        "{'role':'developer','content':'D'},{'role':'user','content':'next'}]}");
    assert_true (br_text_is (r.call->system->text, "S"));
    const br_turn_t *turn = r.call->turns->next;
    assert_int_equal (turn->role, BR_TURN_ASSISTANT);
    assert_true (br_text_is (turn->path, "input[2]"));
    const br_block_t *thought = s_block (turn, 0);
    assert_int_equal (thought->kind, BR_BLOCK_REASONING);
    assert_true (br_text_is (thought->summary, "a\n\nb"));
    assert_int_equal (thought->opaques->family, BR_FAMILY_OPENAI);
    assert_int_equal (thought->opaques->kind, BR_OPAQUE_ENCRYPTED);
    assert_true (br_text_is (thought->opaques->id, "rs_1"));
    assert_true (br_text_is (s_block (turn, 1)->item_id, "msg_1"));
    assert_true (br_text_is (s_block (turn, 1)->citations, "[{\"type\":\"x\"}]"));
    assert_int_equal (s_block (turn, 2)->kind, BR_BLOCK_REFUSAL);
    assert_true (br_text_is (s_block (turn, 3)->id, "c1"));
    assert_true (s_block (turn, 4)->custom);
    turn = turn->next;
    assert_int_equal (turn->role, BR_TURN_USER);
    assert_true (br_text_is (s_block (turn, 0)->blocks->text, "5"));
    const br_block_t *image = s_block (turn, 1)->blocks->next;
    assert_true (br_text_is (image->media.mime, "image/png"));
    assert_true (br_text_is (image->media.data, "AAAA"));
    assert_true (br_text_is (image->media.detail, "low"));
    assert_true (br_text_is (image->path, "input[7].output[1]"));
    assert_int_equal (turn->next->role, BR_TURN_SYSTEM);
    assert_true (br_text_is (s_block (turn->next->next, 0)->text, "next"));
    request_end (&r);
}

static void
files_and_sounds_are_read (void **state)
{
    (void) state;
    request_t r;
    request_read_well (
        &r,
        "{'input':[{'role':'user','content':["
        "{'type':'input_file','filename':'a.pdf','file_data':"
        "'data:application/pdf;base64,BBBB'},"
        "{'type':'input_file','file_url':'https://x/y.pdf'},"
        "{'type':'input_image','file_id':'file-1'},"
        "{'type':'input_file','file_data':'data:text/plain;charset=utf-8;base64,aGkh'},"
        "{'type':'input_audio','input_audio':{'data':'CCCC','format':'mp3'}}]}]}");
    const br_turn_t *turn = r.call->turns;
    assert_true (br_text_is (s_block (turn, 0)->media.mime, "application/pdf"));
    assert_true (br_text_is (s_block (turn, 0)->media.name, "a.pdf"));
    assert_true (br_text_is (s_block (turn, 1)->media.url, "https://x/y.pdf"));
    assert_true (br_text_is (s_block (turn, 2)->media.file_id, "file-1"));
    assert_true (br_text_is (s_block (turn, 3)->media.data, "hi!"));
    assert_true (br_text_is (s_block (turn, 4)->media.mime, "audio/mpeg"));
    request_end (&r);
}

static void
an_envelope_is_opened_and_a_broken_one_is_lost (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_opaque_t opaque = { .family = BR_FAMILY_ANTHROPIC,
                           .kind = BR_OPAQUE_SIGNATURE,
                           .bytes = BR_TEXT ("SIG") };
    br_text_t sealed = br_envelope_seal (&opaque, arena);
    char *json = br_strf (
        "{'input':[{'type':'reasoning','summary':[{'type':'summary_text',"
        "'text':'hm'}],'encrypted_content':'%.*s'},"
        "{'type':'reasoning','encrypted_content':'br1.AAAA',"
        "'summary':[]}]}",
        (int) sealed.size, sealed.at);
    request_t r;
    request_read_well (&r, json);
    const br_block_t *block = s_block (r.call->turns, 0);
    assert_int_equal (block->opaques->family, BR_FAMILY_ANTHROPIC);
    assert_true (br_text_is (block->opaques->bytes, "SIG"));
    assert_null (block->next);
    assert_true (br_text_is (r.call->extras->field, "encrypted_content"));
    request_end (&r);
    free (json);
    br_arena_destroy (&arena);
}

static void
an_envelope_that_holds_nothing_is_no_blob (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_opaque_t opaque = { .family = BR_FAMILY_PLAIN, .kind = BR_OPAQUE_ENCRYPTED };
    br_text_t sealed = br_envelope_seal (&opaque, arena);
    char *json = br_strf (
        "{'input':[{'type':'reasoning','summary':[{'type':'summary_text',"
        "'text':'hm'}],'encrypted_content':'%.*s'}]}",
        (int) sealed.size, sealed.at);
    request_t r;
    request_read_well (&r, json);
    const br_block_t *block = s_block (r.call->turns, 0);
    assert_true (br_text_is (block->summary, "hm"));
    assert_null (block->opaques);
    assert_null (r.call->extras);
    request_end (&r);
    free (json);
    br_arena_destroy (&arena);
}

static void
a_thought_of_google_goes_to_the_block_that_it_belongs_to (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_opaque_t opaque = { .family = BR_FAMILY_GOOGLE,
                           .kind = BR_OPAQUE_THOUGHT,
                           .bytes = BR_TEXT ("TH") };
    br_text_t before = br_envelope_seal (&opaque, arena);
    opaque.id = BR_TEXT ("after");
    br_text_t after = br_envelope_seal (&opaque, arena);
    char *json = br_strf (
        "{'input':[{'type':'reasoning','encrypted_content':'%.*s',"
        "'summary':[]},{'type':'function_call','call_id':'c','name':'f',"
        "'arguments':'{}'},{'role':'assistant','content':'t'},"
        "{'type':'reasoning','encrypted_content':'%.*s','summary':[]}]}",
        (int) before.size, before.at, (int) after.size, after.at);
    request_t r;
    request_read_well (&r, json);
    const br_turn_t *turn = r.call->turns;
    assert_int_equal (s_block (turn, 0)->kind, BR_BLOCK_CALL);
    assert_true (br_text_is (s_block (turn, 0)->opaques->bytes, "TH"));
    assert_int_equal (s_block (turn, 1)->kind, BR_BLOCK_TEXT);
    assert_true (br_text_is (s_block (turn, 1)->opaques->bytes, "TH"));
    assert_null (s_block (turn, 1)->next);
    request_end (&r);
    free (json);
    br_arena_destroy (&arena);
}

static void
hosted_items_are_kept_for_their_family (void **state)
{
    (void) state;
    request_t r;
    request_read_well (&r, "{'input':[{'type':'web_search_call','id':'ws_1'},"
                           "{'type':'computer_call_output','call_id':'c'},"
                           "{'type':'something_new'}]}");
    const br_turn_t *turn = r.call->turns;
    assert_int_equal (turn->role, BR_TURN_ASSISTANT);
    assert_int_equal (turn->blocks->kind, BR_BLOCK_HOSTED);
    assert_int_equal (turn->blocks->family, BR_FAMILY_OPENAI);
    assert_true (
        br_text_is (turn->blocks->raw, "{\"type\":\"web_search_call\",\"id\":\"ws_1\"}"));
    assert_int_equal (turn->next->role, BR_TURN_USER);
    assert_int_equal (turn->next->next->role, BR_TURN_ASSISTANT);
    request_end (&r);
}

static void
reasoning_without_any_content_is_no_block (void **state)
{
    (void) state;
    request_t r;
    request_read_well (&r, "{'input':[{'type':'reasoning','id':'rs_1','summary':[],"
                           "'encrypted_content':null,'content':null}]}");
    assert_null (r.call->turns);
    request_end (&r);
}

static void
items_that_make_no_sense_are_refused_by_their_path (void **state)
{
    (void) state;
    static const char *const bad[][2] = {
        { "[1]", "input[0] must be an object" },
        { "[{'id':'msg_1'}]", "input[0] refers to" },
        { "[{'type':'item_reference','id':'msg_1'}]", "input[0] refers to" },
        { "[{'role':'king','content':'x'}]", "input[0].role must be" },
        { "[{'role':'user'}]", "input[0] must be a string or an array" },
        { "[{'role':'user','content':[{'type':'smell'}]}]", "input[0].content[0].type" },
        { "[{'role':'user','content':[{'type':'input_text','text':1}]}]",
          "input[0].content[0].text must be a string" },
        { "[{'type':'function_call','name':'f','arguments':'{}'}]",
          "input[0].call_id is missing" },
        { "[{'type':'function_call','call_id':'c','name':'f','arguments':{}}]",
          "input[0].arguments must be a string" },
        { "[{'type':'function_call_output','call_id':'c'}]", "input[0] must be" },
        { "[{'role':'user','content':[{'type':'input_image'}]}]",
          "image_url or file_id" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *json = br_strf ("{'input':%s}", bad[i][0]);
        request_read_badly (json, bad[i][1]);
        free (json);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_string_is_what_the_user_says),
        cmocka_unit_test (what_the_model_did_in_a_row_is_one_turn),
        cmocka_unit_test (files_and_sounds_are_read),
        cmocka_unit_test (an_envelope_is_opened_and_a_broken_one_is_lost),
        cmocka_unit_test (an_envelope_that_holds_nothing_is_no_blob),
        cmocka_unit_test (a_thought_of_google_goes_to_the_block_that_it_belongs_to),
        cmocka_unit_test (hosted_items_are_kept_for_their_family),
        cmocka_unit_test (reasoning_without_any_content_is_no_block),
        cmocka_unit_test (items_that_make_no_sense_are_refused_by_their_path),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
