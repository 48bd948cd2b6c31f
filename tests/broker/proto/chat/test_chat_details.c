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
        chat_detail_write (&writer, &detail.opaque, detail.text, &index);
        json_close (&writer, ']');
        assert_string_equal (br_buf_text (&out), rows[i]);
        assert_int_equal (index, 1);
        br_buf_free (&out);
        br_arena_destroy (&arena);
        json_tree_destroy (&tree);
    }
}

//  What a client gets of a block, one item each. "caller frees"
static char *
s_seal (const br_block_t *block, br_arena_t *arena)
{
    br_buf_t out;
    br_buf_init (&out, 4096);
    json_writer_t writer = json_writer (&out);
    unsigned index = 0;
    json_open (&writer, NULL, '[');
    chat_detail_seal_block (&writer, block, &index, arena);
    json_close (&writer, ']');
    char *text = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return text;
}

static void
given_a_blob_when_written_for_a_client_then_it_is_in_an_envelope (void **state)
{
    (void) state;
    static const struct {
        br_family_t family;
        br_opaque_kind_t kind;
        const char *key, *format;
    } rows[] = {
        { BR_FAMILY_ANTHROPIC, BR_OPAQUE_SIGNATURE, "signature", "anthropic-claude-v1" },
        { BR_FAMILY_ANTHROPIC, BR_OPAQUE_REDACTED, "data", "anthropic-claude-v1" },
        { BR_FAMILY_OPENAI, BR_OPAQUE_ENCRYPTED, "data", "openai-responses-v1" },
        { BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT, "data", "google-gemini-v1" },
        { BR_FAMILY_OPENROUTER, BR_OPAQUE_DETAILS, "data", "bitrouter-v1" },
        { BR_FAMILY_ANTHROPIC, BR_OPAQUE_ENCRYPTED, "data", "bitrouter-v1" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_arena_t *arena = br_arena_new ();
        br_opaque_t blob = { .family = rows[i].family,
                             .kind = rows[i].kind,
                             .model = BR_TEXT ("m-1"),
                             .bytes = BR_TEXT ("[1]") };
        br_block_t block = { .kind = BR_BLOCK_REASONING, .opaques = &blob };
        char *text = s_seal (&block, arena);
        json_tree_t *tree = json_tree_new ();
        const json_node_t *item = json_first (
            tree, json_tree_parse (tree, text, strlen (text), NULL));
        br_opaque_t *inner = br_envelope_open (
            json_node_text (tree, json_get (tree, item, rows[i].key), arena), arena);
        assert_non_null (inner);
        assert_int_equal (inner->family, rows[i].family);
        assert_int_equal (inner->kind, rows[i].kind);
        assert_true (br_text_is (inner->bytes, "[1]"));
        assert_true (br_text_is (inner->model, "m-1"));
        assert_true (
            json_node_is (tree, json_get (tree, item, "format"), rows[i].format));
        assert_null (json_next (tree, item));
        json_tree_destroy (&tree);
        free (text);
        br_arena_destroy (&arena);
    }
}

static void
given_an_item_with_a_text_when_sealed_then_the_text_stands_beside_it (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_opaque_t blob = { .family = BR_FAMILY_OPENROUTER,
                         .kind = BR_OPAQUE_DETAILS,
                         .bytes = BR_TEXT ("[{\"text\":\"hm\"}]") };
    br_block_t block = { .kind = BR_BLOCK_REASONING,
                         .text = BR_TEXT ("hm"),
                         .opaques = &blob };
    char *text = s_seal (&block, arena);
    assert_non_null (strstr (text, "{\"type\":\"reasoning.text\",\"text\":\"hm\""));
    assert_non_null (strstr (text, "\"data\":\"br1."));
    free (text);
    br_arena_destroy (&arena);
}

static void
given_a_blob_without_a_place_when_written_for_a_provider_then_it_is_left_out (
    void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, 4096);
    json_writer_t writer = json_writer (&out);
    br_opaque_t blob = { .family = BR_FAMILY_PLAIN,
                         .kind = BR_OPAQUE_SIGNATURE,
                         .bytes = BR_TEXT ("b") };
    unsigned index = 0;
    chat_detail_write (&writer, &blob, BR_TEXT_NONE, &index);
    assert_int_equal (out.size, 0);
    assert_int_equal (index, 0);
    br_buf_free (&out);
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
            given_a_blob_when_written_for_a_client_then_it_is_in_an_envelope),
        cmocka_unit_test (
            given_an_item_with_a_text_when_sealed_then_the_text_stands_beside_it),
        cmocka_unit_test (
            given_a_blob_without_a_place_when_written_for_a_provider_then_it_is_left_out),
        cmocka_unit_test (
            given_a_blob_when_asked_which_models_read_it_then_it_is_those_of_its_maker),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
