//  Turns become items.

#include "tests/broker/proto/responses/fixture.h"

static br_block_t *
s_call (request_t *r, br_turn_t *turn, const char *id, const char *name, const char *args)
{
    br_block_t *block = request_block (r, turn, BR_BLOCK_CALL, args);
    block->id = br_text (id);
    block->name = br_text (name);
    return block;
}

static br_block_t *
s_result (request_t *r, br_turn_t *turn, const char *id, const char *text)
{
    br_block_t *block = request_block (r, turn, BR_BLOCK_RESULT, NULL);
    block->id = br_text (id);
    if (text)
        br_block_add (&block->blocks, BR_BLOCK_TEXT, r->call->arena)->text = br_text (
            text);
    return block;
}

static br_block_t *
s_thought (request_t *r, br_turn_t *turn, br_family_t family, const char *bytes)
{
    br_block_t *block = request_block (r, turn, BR_BLOCK_REASONING, NULL);
    block->summary = BR_TEXT ("hm");
    br_opaque_t *opaque = br_opaque_add (&block->opaques, family,
                                         family == BR_FAMILY_OPENAI ? BR_OPAQUE_ENCRYPTED
                                                                    : BR_OPAQUE_SIGNATURE,
                                         br_text (bytes), r->call->arena);
    opaque->id = BR_TEXT ("rs_1");
    return block;
}

static void
texts_calls_and_results_are_items_in_order (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_MESSAGES);
    request_block (&r, request_turn (&r, BR_TURN_USER), BR_BLOCK_TEXT, "q");
    br_turn_t *said = request_turn (&r, BR_TURN_ASSISTANT);
    request_block (&r, said, BR_BLOCK_TEXT, "t");
    request_block (&r, said, BR_BLOCK_REFUSAL, "no");
    s_call (&r, said, "a", "f", "{\"x\":1}");
    s_call (&r, said, "b", "g", "raw")->custom = true;
    br_turn_t *user = request_turn (&r, BR_TURN_USER);
    s_result (&r, user, "a", "5");
    s_result (&r, user, "b", "bad")->error = true;
    request_block (&r, user, BR_BLOCK_TEXT, "next");
    request_block (&r, request_turn (&r, BR_TURN_SYSTEM), BR_BLOCK_TEXT, "D");
    request_write (&r);
    request_has (
        &r,
        "'input':["
        "{'type':'message','role':'user','content':[{'type':'input_text','text':'q'}]},"
        "{'type':'message','role':'assistant','content':[{'type':'output_text','text':'t'"
        "},"
        "{'type':'refusal','refusal':'no'}]},"
        "{'type':'function_call','call_id':'a','name':'f','arguments':'{\\'x\\':1}'},"
        "{'type':'custom_tool_call','call_id':'b','name':'g','input':'raw'},"
        "{'type':'function_call_output','call_id':'a','output':'5'},"
        "{'type':'custom_tool_call_output','call_id':'b','output':'Error: bad'},"
        "{'type':'message','role':'user','content':[{'type':'input_text','text':'next'}]}"
        ","
        "{'type':'message','role':'developer','content':[{'type':'input_text','text':'D'}"
        "]}]");
    assert_null (r.losses);
    request_end (&r);
}

static void
ids_of_calls_are_short_and_those_of_results_the_same (void **state)
{
    (void) state;
    static const char id[] =
        "call_0123456789012345678901234567890123456789012345678901234567890123456789";
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    s_call (&r, request_turn (&r, BR_TURN_ASSISTANT), id, "f", "");
    s_result (&r, request_turn (&r, BR_TURN_USER), id, "5");
    request_write (&r);
    request_lacks (&r, id);
    request_has (&r, "'arguments':'{}'");
    const char *text = br_buf_text (&r.out);
    const char *first = strstr (text, "\"call_id\":\"") + 11;
    const char *second = strstr (first, "\"call_id\":\"") + 11;
    size_t size = strcspn (first, "\"");
    assert_true (size > 0 && size <= 64);
    assert_memory_equal (first, second, size + 1);
    request_end (&r);
}

static void
reasoning_of_the_family_goes_back_in_front_of_its_item (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    br_turn_t *said = request_turn (&r, BR_TURN_ASSISTANT);
    s_thought (&r, said, BR_FAMILY_OPENAI, "ENC");
    s_call (&r, said, "a", "f", "{}");
    request_write (&r);
    request_has (&r, "[{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text',"
                     "'text':'hm'}],'encrypted_content':'ENC'},{'type':'function_call'");
    request_lacks (&r, "null");
    assert_null (r.losses);
    request_end (&r);
}

static void
reasoning_that_nothing_follows_is_left_out (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    br_turn_t *said = request_turn (&r, BR_TURN_ASSISTANT);
    request_block (&r, said, BR_BLOCK_TEXT, "t");
    s_thought (&r, said, BR_FAMILY_OPENAI, "ENC");
    request_write (&r);
    request_lacks (&r, "'type':'reasoning'");
    request_lacks (&r, "rs_1");
    request_warns (&r, "dropped reasoning");
    request_end (&r);
}

static void
reasoning_of_another_family_is_left_out (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_MESSAGES);
    br_turn_t *said = request_turn (&r, BR_TURN_ASSISTANT);
    br_block_t *thought = s_thought (&r, said, BR_FAMILY_ANTHROPIC, "SIG");
    thought->path = BR_TEXT ("messages[1].content[0]");
    s_call (&r, said, "a", "f", "{}");
    request_write (&r);
    request_lacks (&r, "SIG");
    request_lacks (&r, "'type':'reasoning'");
    request_warns (&r, "dropped reasoning");
    request_end (&r);
}

static void
plain_reasoning_stands_in_front_of_each_call (void **state)
{
    (void) state;
    static const br_dialect_t plain = { .family = BR_FAMILY_PLAIN };
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    br_turn_t *said = request_turn (&r, BR_TURN_ASSISTANT);
    request_block (&r, said, BR_BLOCK_REASONING, "hm");
    s_call (&r, said, "a", "f", "{}");
    s_call (&r, said, "b", "f", "{}");
    request_write_with (&r, &plain);
    static const char thought[] =
        "{'type':'reasoning','summary':[],'content':[{'type':'reasoning_text',"
        "'text':'hm'}]}";
    char *all = br_strf ("[%s,{'type':'function_call','call_id':'a','name':'f',"
                         "'arguments':'{}'},%s,{'type':'function_call','call_id':'b'",
                         thought, thought);
    request_has (&r, all);
    free (all);
    request_end (&r);
}

static void
a_call_without_reasoning_has_an_empty_one_where_it_must (void **state)
{
    (void) state;
    static const br_dialect_t plain = { .family = BR_FAMILY_PLAIN,
                                        .replay = BR_REPLAY_REQUIRED };
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    s_call (&r, request_turn (&r, BR_TURN_ASSISTANT), "a", "f", "{}");
    request_write_with (&r, &plain);
    request_has (&r, "[{'type':'reasoning','summary':[],'content':[{'type':"
                     "'reasoning_text','text':''}]},{'type':'function_call'");
    request_end (&r);
}

static void
media_are_parts_of_messages_and_of_results (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_MESSAGES);
    br_turn_t *user = request_turn (&r, BR_TURN_USER);
    br_block_t *result = s_result (&r, user, "a", "see");
    result->error = true;
    br_block_t *image = br_block_add (&result->blocks, BR_BLOCK_IMAGE, r.call->arena);
    image->media.data = BR_TEXT ("AAAA");
    image->media.mime = BR_TEXT ("image/jpeg");
    request_block (&r, user, BR_BLOCK_IMAGE, NULL)->media.url = BR_TEXT (
        "https://x/i.png");
    br_block_t *file = request_block (&r, user, BR_BLOCK_DOCUMENT, NULL);
    file->media.data = BR_TEXT ("BBBB");
    file->media.mime = BR_TEXT ("application/pdf");
    file->media.name = BR_TEXT ("a.pdf");
    br_block_t *plain = request_block (&r, user, BR_BLOCK_DOCUMENT, NULL);
    plain->media.data = BR_TEXT ("words");
    plain->media.mime = BR_TEXT ("text/plain");
    br_block_t *sound = request_block (&r, user, BR_BLOCK_AUDIO, NULL);
    sound->media.data = BR_TEXT ("CCCC");
    sound->media.mime = BR_TEXT ("audio/wav");
    request_write (&r);
    request_has (&r,
                 "'output':[{'type':'input_text','text':'Error: '},{'type':'input_text',"
                 "'text':'see'},{'type':'input_image','image_url':'data:image/"
                 "jpeg;base64,AAAA'}]");
    request_has (&r, "{'type':'input_image','image_url':'https://x/i.png'}");
    request_has (&r, "{'type':'input_file','filename':'a.pdf','file_data':"
                     "'data:application/pdf;base64,BBBB'}");
    request_has (&r, "{'type':'input_text','text':'words'}");
    request_warns (&r, "changed document");
    request_has (&r,
                 "{'type':'input_audio','input_audio':{'data':'CCCC','format':'wav'}}");
    request_end (&r);
}

static void
media_that_cannot_be_carried_are_refused (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_MESSAGES);
    br_block_t *block = request_block (&r, request_turn (&r, BR_TURN_USER),
                                       BR_BLOCK_VIDEO, NULL);
    block->path = BR_TEXT ("messages[0].content[0]");
    request_write (&r);
    assert_int_equal (r.rc, -1);
    fixture_assert (r.error.text, "messages[0].content[0] cannot be sent", true);
    block->kind = BR_BLOCK_IMAGE;
    block->media.file_id = BR_TEXT ("file_1");
    request_write (&r);
    assert_int_equal (r.rc, -1);
    assert_int_equal (r.error.code, BR_EINVALID);
    request_end (&r);
}

static void
hosted_items_and_names_go_where_they_are_known (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_RESPONSES);
    br_turn_t *said = request_turn (&r, BR_TURN_ASSISTANT);
    br_block_t *own = request_block (&r, said, BR_BLOCK_HOSTED, NULL);
    own->raw = BR_TEXT ("{\"type\":\"web_search_call\"}");
    own->family = BR_FAMILY_OPENAI;
    br_block_t *other = request_block (&r, said, BR_BLOCK_HOSTED, NULL);
    other->raw = BR_TEXT ("{\"type\":\"server_tool_use\"}");
    other->family = BR_FAMILY_ANTHROPIC;
    br_turn_t *user = request_turn (&r, BR_TURN_USER);
    user->name = BR_TEXT ("joe");
    user->path = BR_TEXT ("messages[1]");
    request_block (&r, user, BR_BLOCK_TEXT, "x")->cache = BR_TEXT ("5m");
    request_write (&r);
    request_has (&r, "'input':[{'type':'web_search_call'},{'type':'message'");
    request_lacks (&r, "server_tool_use");
    request_warns (&r, "dropped hosted tool item");
    request_warns (&r, "dropped messages[1].name");
    request_warns (&r, "dropped cache_control");
    request_end (&r);
}

static void
an_input_without_an_item_holds_a_dot_unless_an_answer_is_gone_on_from (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    br_block_add (&r.call->system, BR_BLOCK_TEXT, r.call->arena)->text = BR_TEXT ("S");
    request_turn (&r, BR_TURN_USER);
    request_write (&r);
    request_has (&r, "'input':[{'type':'message','role':'user','content':[{'type':"
                     "'input_text','text':'.'}]}]");
    request_warns (&r, "changed messages");
    r.call->previous_id = BR_TEXT ("resp_1");
    r.call->protocol = BR_PROTOCOL_RESPONSES;
    request_write (&r);
    request_has (&r, "'input':[]");
    request_end (&r);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (texts_calls_and_results_are_items_in_order),
        cmocka_unit_test (ids_of_calls_are_short_and_those_of_results_the_same),
        cmocka_unit_test (reasoning_of_the_family_goes_back_in_front_of_its_item),
        cmocka_unit_test (reasoning_that_nothing_follows_is_left_out),
        cmocka_unit_test (reasoning_of_another_family_is_left_out),
        cmocka_unit_test (plain_reasoning_stands_in_front_of_each_call),
        cmocka_unit_test (a_call_without_reasoning_has_an_empty_one_where_it_must),
        cmocka_unit_test (media_are_parts_of_messages_and_of_results),
        cmocka_unit_test (media_that_cannot_be_carried_are_refused),
        cmocka_unit_test (hosted_items_and_names_go_where_they_are_known),
        cmocka_unit_test (
            an_input_without_an_item_holds_a_dot_unless_an_answer_is_gone_on_from),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
