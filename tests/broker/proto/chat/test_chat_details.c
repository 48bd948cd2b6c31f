//  reasoning_details: what is read is written again.

#include "tests/broker/proto/chat/chat_test.h"
#include "broker/proto/chat/chat_parts.h"

static void
given_items_when_read_and_written_then_they_are_the_same (void **state)
{
    (void) state;
    static const char *const rows[] = {
        "[{\"type\":\"reasoning.text\",\"text\":\"t\",\"signature\":\"s\","
        "\"format\":\"anthropic-claude-v1\",\"index\":0}]",
        "[{\"type\":\"reasoning.encrypted\",\"data\":\"d\","
        "\"format\":\"anthropic-claude-v1\",\"index\":0}]",
        "[{\"type\":\"reasoning.encrypted\",\"data\":\"d\",\"id\":\"rs_1\","
        "\"format\":\"openai-responses-v1\",\"index\":0}]",
        "[{\"type\":\"reasoning.encrypted\",\"data\":\"d\","
        "\"format\":\"google-gemini-v1\",\"index\":0}]",
        "[{\"type\":\"new\",\"data\":\"d\",\"odd\":[1,2]}]",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_tree_t *tree = json_tree_new ();
        br_arena_t *arena = br_arena_new ();
        br_buf_t out;
        br_buf_init (&out, 4096);
        const json_node_t *list = json_tree_parse (tree, rows[i], strlen (rows[i]), NULL);
        chat_detail_t detail;
        unsigned index = 0;
        chat_detail_read (tree, json_first (tree, list), arena, &detail);
        assert_true (detail.is_blob);
        json_writer_t writer = json_writer (&out);
        json_open (&writer, NULL, '[');
        chat_detail_write (&writer, &detail.opaque, detail.text, &index, arena);
        json_close (&writer, ']');
        assert_string_equal (br_buf_text (&out), rows[i]);
        assert_int_equal (index, 1);
        br_buf_free (&out);
        br_arena_destroy (&arena);
        json_tree_destroy (&tree);
    }
}

static void
given_a_blob_without_a_format_when_written_then_it_is_in_an_envelope (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_buf_t out;
    br_buf_init (&out, 4096);
    json_writer_t writer = json_writer (&out);
    br_opaque_t blob = { .family = BR_FAMILY_PLAIN,
                         .kind = BR_OPAQUE_SIGNATURE,
                         .bytes = BR_TEXT ("b") };
    unsigned index = 0;
    chat_detail_write (&writer, &blob, BR_TEXT_NONE, &index, arena);
    assert_non_null (strstr (br_buf_text (&out), "\"data\":\"br1."));
    assert_true (br_envelope_is (chat_thought (&blob, arena)));
    br_buf_free (&out);
    br_arena_destroy (&arena);
}

static void
given_a_blob_when_asked_which_models_read_it_then_it_is_those_of_its_maker (void **state)
{
    (void) state;
    assert_true (chat_detail_fits (BR_FAMILY_ANTHROPIC, BR_TEXT ("anthropic/claude-x")));
    assert_false (chat_detail_fits (BR_FAMILY_ANTHROPIC, BR_TEXT ("openai/gpt-5")));
    assert_true (chat_detail_fits (BR_FAMILY_OPENROUTER, BR_TEXT ("any")));
    assert_false (chat_detail_fits (BR_FAMILY_PLAIN, BR_TEXT ("any")));
    assert_string_equal (chat_detail_format (BR_FAMILY_GOOGLE), "google-gemini-v1");
    assert_null (chat_detail_format (BR_FAMILY_PLAIN));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_items_when_read_and_written_then_they_are_the_same),
        cmocka_unit_test (
            given_a_blob_without_a_format_when_written_then_it_is_in_an_envelope),
        cmocka_unit_test (
            given_a_blob_when_asked_which_models_read_it_then_it_is_those_of_its_maker),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
