//  Deltas become a stream.

#include "tests/broker/proto/responses/fixture.h"

static void
s_opaque (writing_t *w, unsigned block, br_family_t family, br_opaque_kind_t kind)
{
    br_opaque_t opaque = { .family = family, .kind = kind, .bytes = BR_TEXT ("BLOB") };
    writing_add (
        w, (br_delta_t) { .kind = BR_DELTA_OPAQUE, .block = block, .opaque = &opaque });
}

static void
s_call (writing_t *w, unsigned block, const char *id, const char *name)
{
    writing_add (w, (br_delta_t) { .kind = BR_DELTA_CALL,
                                   .block = block,
                                   .id = br_text (id),
                                   .name = br_text (name) });
}

static unsigned
s_count (writing_t *w, const char *part)
{
    char *json = fixture_json (part);
    unsigned count = 0;
    for (const char *at = br_buf_text (&w->out); (at = strstr (at, json)) != NULL; at++)
        count++;
    free (json);
    return count;
}

static void
a_text_is_nine_events (void **state)
{
    (void) state;
    static const char *const types[] = {
        "response.created",           "response.in_progress",
        "response.output_item.added", "response.content_part.added",
        "response.output_text.delta", "response.output_text.done",
        "response.content_part.done", "response.output_item.done",
        "response.completed",
    };
    writing_t w;
    writing_begin (&w);
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_START, .model = BR_TEXT ("real") });
    writing_add_text (&w, BR_DELTA_TEXT, 0, "Hi");
    writing_add (&w,
                 (br_delta_t) { .kind = BR_DELTA_USAGE,
                                .usage = { .known = true, .input = 3, .output = 1 } });
    writing_finish (&w, BR_FINISH_STOP);
    writing_has (&w, "'status':'completed','completed_at':1700000000");
    writing_has (&w, "'model':'alias'");
    writing_has (&w, "'input_tokens':3");
    const char *at = br_buf_text (&w.out);
    for (size_t i = 0; i < 9; i++) {
        char *head = br_strf (
            "event: %s\ndata: {\"type\":\"%s\",\"sequence_number\":%zu,", types[i],
            types[i], i);
        at = strstr (at, head);
        assert_non_null (at);
        free (head);
    }
    assert_int_equal (s_count (&w, "event: "), 9);
    writing_lacks (&w, "[DONE]");
    writing_end (&w);
}

static void
nothing_comes_behind_the_end (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    writing_finish (&w, BR_FINISH_STOP);
    size_t size = w.out.size;
    writing_add_text (&w, BR_DELTA_TEXT, 0, "more");
    writing_finish (&w, BR_FINISH_STOP);
    assert_int_equal (w.out.size, size);
    writing_has (&w, "'output':[]");
    writing_end (&w);
}

static void
finishes_are_told_in_the_last_event (void **state)
{
    (void) state;
    static const struct {
        br_finish_t finish;
        const char *part;
    } rows[] = {
        { BR_FINISH_STOP, "event: response.completed" },
        { BR_FINISH_STOP_SEQUENCE, "event: response.completed" },
        { BR_FINISH_TOOL_USE, "event: response.completed" },
        //  Without a word of it.
        { BR_FINISH_REFUSAL, "'incomplete_details':{'reason':'content_filter'}" },
        { BR_FINISH_PAUSE, "event: response.completed" },
        { BR_FINISH_LENGTH, "'incomplete_details':{'reason':'max_output_tokens'}" },
        { BR_FINISH_CONTEXT, "'incomplete_details':{'reason':'max_output_tokens'}" },
        { BR_FINISH_FILTER, "'incomplete_details':{'reason':'content_filter'}" },
        { BR_FINISH_MALFORMED, "'error':{'code':'server_error'" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        writing_t w;
        writing_begin (&w);
        s_call (&w, 0, "c", "f");
        writing_add_text (&w, BR_DELTA_ARGS, 0, "{\"x\":");
        writing_finish (&w, rows[i].finish);
        writing_has (&w, rows[i].part);
        bool incomplete = strstr (rows[i].part, "incomplete") != NULL;
        assert_int_equal (s_count (&w, "'type':'function_call','status':'incomplete'"),
                          incomplete ? 2 : 0);
        writing_end (&w);
    }
    writing_t w;
    writing_begin (&w);
    writing_add_text (&w, BR_DELTA_REFUSAL, 0, "no");
    writing_finish (&w, BR_FINISH_REFUSAL);
    writing_has (&w, "event: response.completed");
    writing_end (&w);
}

static void
an_error_is_the_last_event_and_a_ping_a_comment (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    writing_add_text (&w, BR_DELTA_TEXT, 0, "half");
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_PING });
    assert_true (br_text_ends ((br_text_t) { br_buf_text (&w.out), w.out.size },
                               "\n\n: keep-alive\n"));
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_ERROR,
                                    .code = BR_EUPLIMIT,
                                    .text = BR_TEXT ("slow") });
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_END });
    writing_has (&w, "'error':{'code':'rate_limit_exceeded','message':'slow'}");
    writing_has (&w, "event: response.failed");
    writing_lacks (&w, "response.completed");
    writing_end (&w);
}

static void
reasoning_is_parts_of_a_summary_with_its_blob_at_the_end (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_REASONING,
                                    .text = BR_TEXT ("a"),
                                    .summary = true,
                                    .first_of_part = true,
                                    .item_id = BR_TEXT ("rs_own") });
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_REASONING,
                                    .text = BR_TEXT ("b"),
                                    .summary = true });
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_REASONING,
                                    .text = BR_TEXT ("c"),
                                    .summary = true,
                                    .first_of_part = true });
    s_opaque (&w, 0, BR_FAMILY_OPENAI, BR_OPAQUE_ENCRYPTED);
    writing_add_text (&w, BR_DELTA_TEXT, 1, "t");
    writing_finish (&w, BR_FINISH_STOP);
    writing_has (&w,
                 "{'id':'rs_own','type':'reasoning','summary':[{'type':'summary_text',"
                 "'text':'ab'},{'type':'summary_text','text':'c'}],"
                 "'encrypted_content':'BLOB'}");
    assert_int_equal (s_count (&w, "encrypted_content"), 2);
    writing_end (&w);
}

static void
an_id_of_the_providers_names_one_item (void **state)
{
    (void) state;
    static const br_opaque_t blob = { .family = BR_FAMILY_OPENAI,
                                      .kind = BR_OPAQUE_ENCRYPTED,
                                      .bytes = { "BLOB", 4 },
                                      .id = { "rs_own", 6 } };
    writing_t w;
    writing_begin (&w);
    for (unsigned i = 0; i < 4; i += 2) {
        writing_add (
            &w, (br_delta_t) { .kind = BR_DELTA_OPAQUE, .block = i, .opaque = &blob });
        writing_add_text (&w, BR_DELTA_TEXT, i + 1, "t");
    }
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_REASONING,
                                    .block = 4,
                                    .text = BR_TEXT ("a"),
                                    .item_id = BR_TEXT ("rs_own") });
    writing_finish (&w, BR_FINISH_STOP);
    writing_has (&w, "'output_index':0,'item':{'id':'rs_own'");
    assert_int_equal (s_count (&w, "'encrypted_content':'BLOB'"), 2);
    writing_has (&w, "'output_index':3,'item':{'id':'rs_abcdefghijklmnopqrstuvwx0003'");
    writing_end (&w);
}

static void
a_blob_of_another_family_is_sealed (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    writing_add_text (&w, BR_DELTA_REASONING, 0, "hm");
    s_opaque (&w, 0, BR_FAMILY_ANTHROPIC, BR_OPAQUE_SIGNATURE);
    s_opaque (&w, 1, BR_FAMILY_ANTHROPIC, BR_OPAQUE_REDACTED);
    writing_finish (&w, BR_FINISH_STOP);
    writing_has (&w, "'text':'hm'}],'encrypted_content':'br1.");
    writing_has (&w, "'summary':[],'encrypted_content':'br1.");
    writing_lacks (&w, "BLOB");
    writing_end (&w);
}

static void
reasoning_without_a_blob_gets_an_empty_one_where_blobs_are_wanted (void **state)
{
    (void) state;
    for (int i = 0; i < 2; i++) {
        writing_t w;
        writing_begin (&w);
        w.call->want_encrypted = i;
        writing_add_text (&w, BR_DELTA_REASONING, 0, "hm");
        writing_add_text (&w, BR_DELTA_TEXT, 1, "t");
        writing_finish (&w, BR_FINISH_STOP);
        assert_int_equal (s_count (&w, "'encrypted_content':'br1."), i ? 2 : 0);
        writing_end (&w);
    }
}

static void
a_blob_of_a_call_stands_in_front_of_it (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    s_call (&w, 0, "c", "f");
    s_opaque (&w, 0, BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT);
    writing_add_text (&w, BR_DELTA_ARGS, 0, "{}");
    writing_add_text (&w, BR_DELTA_TEXT, 1, "t");
    s_opaque (&w, 1, BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT);
    writing_finish (&w, BR_FINISH_TOOL_USE);
    writing_has (&w, "'output_index':0,'item':{'id':'rs_");
    writing_has (&w, "'output_index':1,'item':{'id':'fc_");
    writing_has (&w, "'output_index':2,'item':{'id':'msg_");
    writing_has (&w, "'output_index':3,'item':{'id':'rs_");
    writing_end (&w);
}

static void
calls_have_ids_and_arguments_whatever_came (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    s_call (&w, 0, NULL, "f");
    s_call (&w, 1, "c", "g");
    writing_add_text (&w, BR_DELTA_ARGS, 1, "{\"x\":");
    writing_add_text (&w, BR_DELTA_ARGS, 1, "1}");
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_CALL,
                                    .block = 2,
                                    .id = BR_TEXT ("d"),
                                    .name = BR_TEXT ("h"),
                                    .custom = true });
    writing_add_text (&w, BR_DELTA_ARGS, 2, "raw");
    writing_finish (&w, BR_FINISH_TOOL_USE);
    writing_has (&w, "'arguments':'{}','call_id':'call_abcdefghijklmnopqrstuvwx0000'");
    writing_has (&w, "'arguments':'{\\'x\\':1}','call_id':'c'");
    writing_has (&w, "'type':'custom_tool_call','status':'completed','input':'raw'");
    writing_end (&w);
}

static void
citations_images_and_hosted_items_of_the_family_are_told (void **state)
{
    (void) state;
    writing_t w;
    br_media_t media = { .data = BR_TEXT ("AAAA"), .mime = BR_TEXT ("image/png") };
    writing_begin (&w);
    writing_add_text (&w, BR_DELTA_TEXT, 0, "t");
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_CITATION,
                                    .raw = BR_TEXT ("{\"type\":\"a\"}"),
                                    .family = BR_FAMILY_OPENAI });
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_CITATION,
                                    .raw = BR_TEXT ("{\"type\":\"b\"}"),
                                    .family = BR_FAMILY_ANTHROPIC });
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_HOSTED,
                                    .block = 1,
                                    .raw = BR_TEXT ("{\"id\":\"ws_1\",\n"
                                                    "\"type\":\"web_search_call\"}"),
                                    .family = BR_FAMILY_OPENAI });
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_HOSTED,
                                    .block = 2,
                                    .raw = BR_TEXT ("{\"type\":\"server_tool_use\"}"),
                                    .family = BR_FAMILY_ANTHROPIC });
    writing_add (&w, (br_delta_t) { .kind = BR_DELTA_MEDIA,
                                    .block = 3,
                                    .media = &media,
                                    .media_kind = BR_BLOCK_IMAGE });
    writing_finish (&w, BR_FINISH_STOP);
    writing_has (&w, "'annotations':[{'type':'a'}]");
    writing_has (&w, "{'id':'ws_1', 'type':'web_search_call'}");
    writing_has (&w, "'type':'image_generation_call','status':'completed',"
                     "'result':'AAAA'");
    writing_lacks (&w, "server_tool_use");
    writing_end (&w);
}

static void
the_request_is_repeated_in_the_response (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    writing_end (&w);
    writing_begin (&w);
    responses_codec.writer_destroy (&w.writer);
    w.call->echo = BR_TEXT ("{\"tools\":[{\n\"type\":\"web_search\"}],\"store\":true,"
                            "\"temperature\":0.2,\"metadata\":null}");
    w.writer = responses_codec.writer_new (&w.asked);
    writing_finish (&w, BR_FINISH_STOP);
    writing_has (&w, "'tools':[{ 'type':'web_search'}]");
    writing_has (&w, "'temperature':0.2");
    writing_has (&w, "'metadata':{}");
    writing_has (&w, "'store':false");
    writing_has (&w, "'tool_choice':'auto'");
    writing_end (&w);
}

static void
other_choices_are_not_told (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    writing_add (&w, (br_delta_t) {
                         .kind = BR_DELTA_TEXT, .choice = 1, .text = BR_TEXT ("other") });
    writing_finish (&w, BR_FINISH_STOP);
    writing_lacks (&w, "other");
    writing_end (&w);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_text_is_nine_events),
        cmocka_unit_test (nothing_comes_behind_the_end),
        cmocka_unit_test (finishes_are_told_in_the_last_event),
        cmocka_unit_test (an_error_is_the_last_event_and_a_ping_a_comment),
        cmocka_unit_test (reasoning_is_parts_of_a_summary_with_its_blob_at_the_end),
        cmocka_unit_test (an_id_of_the_providers_names_one_item),
        cmocka_unit_test (a_blob_of_another_family_is_sealed),
        cmocka_unit_test (
            reasoning_without_a_blob_gets_an_empty_one_where_blobs_are_wanted),
        cmocka_unit_test (a_blob_of_a_call_stands_in_front_of_it),
        cmocka_unit_test (calls_have_ids_and_arguments_whatever_came),
        cmocka_unit_test (citations_images_and_hosted_items_of_the_family_are_told),
        cmocka_unit_test (the_request_is_repeated_in_the_response),
        cmocka_unit_test (other_choices_are_not_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
