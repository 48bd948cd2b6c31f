//  Members under both names, and pieces of content.

#include "tests/broker/proto/gemini/gemini_fixture.h"

static void
given_both_names_when_looked_for_then_found_unless_null (void **state)
{
    (void) state;
    static const char json[] =
        "{\"parametersJsonSchema\":null,\"parameters_json_schema\":1,"
        "\"a_b\":2,\"x\":null}";
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, json, sizeof json - 1, NULL);
    assert_int_equal (
        json_node_integer (tree, gemini_get (tree, root, "parametersJsonSchema"), 0), 1);
    assert_int_equal (json_node_integer (tree, gemini_get (tree, root, "aB"), 0), 2);
    assert_null (gemini_get (tree, root, "x"));
    assert_null (gemini_get (tree, root, "y"));
    assert_null (gemini_get (tree, NULL, "x"));
    assert_true (gemini_key_is (tree, gemini_get (tree, root, "aB"), "aB"));
    assert_false (gemini_key_is (tree, gemini_get (tree, root, "aB"), "ab"));
    json_tree_destroy (&tree);
}

static void
given_json_of_several_lines_when_put_flat_then_one_line (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, 1024);
    json_writer_t writer = json_writer (&out);
    json_open (&writer, NULL, '{');
    gemini_put_flat (&writer, "a", BR_TEXT ("{\r\n\"b\":\"\\n\"\n}"));
    json_close (&writer, '}');
    assert_string_equal (br_buf_text (&out), "{\"a\":{  \"b\":\"\\n\" }}");
    br_buf_free (&out);
}

static void
given_media_without_a_type_when_asked_then_guessed (void **state)
{
    (void) state;
    static const struct {
        const char *data;
        br_block_kind_t kind;
        const char *mime;
    } rows[] = {
        { "iVBORw0K", BR_BLOCK_IMAGE, "image/png" },
        { "/9j/4AAQ", BR_BLOCK_IMAGE, "image/jpeg" },
        { "R0lGODlh", BR_BLOCK_IMAGE, "image/gif" },
        { "UklGRg==", BR_BLOCK_IMAGE, "image/webp" },
        { "UklGRg==", BR_BLOCK_AUDIO, "audio/wav" },
        { "JVBERi0x", BR_BLOCK_DOCUMENT, "application/pdf" },
        { "AAAA", BR_BLOCK_VIDEO, "video/mp4" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_media_t media = { .data = br_text (rows[i].data) };
        assert_text (gemini_media_type (&media, rows[i].kind), rows[i].mime);
    }
    assert_int_equal (gemini_media_kind (BR_TEXT ("image/heic")), BR_BLOCK_IMAGE);
    assert_int_equal (gemini_media_kind (BR_TEXT_NONE), BR_BLOCK_DOCUMENT);
}

static void
given_letters_when_case_is_moved_then_others_stay (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    assert_text (gemini_lower (BR_TEXT ("A_b[\xc3\x84@Z"), arena), "a_b[\xc3\x84@z");
    assert_text (gemini_upper (BR_TEXT ("a_B{z`"), arena), "A_B{Z`");
    assert_null (gemini_upper (BR_TEXT_NONE, arena).at);
    br_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_both_names_when_looked_for_then_found_unless_null),
        cmocka_unit_test (given_json_of_several_lines_when_put_flat_then_one_line),
        cmocka_unit_test (given_media_without_a_type_when_asked_then_guessed),
        cmocka_unit_test (given_letters_when_case_is_moved_then_others_stay),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
