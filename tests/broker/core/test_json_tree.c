//  json_tree: nodes, their values and their places.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/json_tree.h"

static struct {
    json_tree_t *tree;
    br_arena_t *arena;
} s;

static int
s_setup (void **state)
{
    (void) state;
    s.tree = json_tree_new ();
    s.arena = br_arena_new ();
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    json_tree_destroy (&s.tree);
    br_arena_destroy (&s.arena);
    return 0;
}

static const json_node_t *
s_parse (const char *text)
{
    br_error_t error = { .code = BR_OK };
    const json_node_t *root = json_tree_parse (s.tree, text, strlen (text), &error);
    if (!root)
        fail_msg ("%s: %s", text, error.text);
    return root;
}

static void
s_refused (const char *text, const char *why)
{
    br_error_t error = { .code = BR_OK };
    size_t size = strlen (text);
    char *copy = malloc (size ? size : 1); //  no byte behind it
    memcpy (copy, text, size);
    assert_null (json_tree_parse (s.tree, copy, size, &error));
    assert_int_equal (error.code, BR_EINVALID);
    if (!strstr (error.text, why))
        fail_msg ("%s: '%s' does not say '%s'", text, error.text, why);
    free (copy);
}

static void
test_members_and_elements_are_walked_in_order (void **state)
{
    (void) state;
    const json_node_t *root = s_parse (" { \"a\" : [1, [2, 3], {}], \"b\":\"x\" } ");
    assert_true (json_is (root, JSON_OBJECT));
    assert_int_equal (root->count, 2);
    const json_node_t *list = json_get (s.tree, root, "a");
    assert_int_equal (list->count, 3);
    const json_node_t *item = json_first (s.tree, list);
    assert_int_equal (json_node_integer (s.tree, item, 0), 1);
    item = json_next (s.tree, item);
    assert_int_equal (item->count, 2);
    assert_true (br_text_is (json_raw (s.tree, item), "[2, 3]"));
    item = json_next (s.tree, item);
    assert_true (json_is (item, JSON_OBJECT));
    assert_null (json_first (s.tree, item));
    assert_null (json_next (s.tree, item));
    assert_true (json_node_is (s.tree, json_get (s.tree, root, "b"), "x"));
}

static void
test_what_is_not_there_is_harmless (void **state)
{
    (void) state;
    const json_node_t *root = s_parse ("{\"a\":null,\"b\":5}");
    assert_null (json_get (s.tree, root, "c"));
    assert_non_null (json_get (s.tree, root, "a"));
    assert_null (json_given (s.tree, root, "a"));
    assert_null (json_get (s.tree, json_get (s.tree, root, "b"), "x"));
    assert_null (json_get (s.tree, NULL, "x"));
    assert_null (json_first (s.tree, NULL));
    assert_null (json_next (s.tree, NULL));
    assert_null (json_raw (s.tree, NULL).at);
    assert_null (json_node_text (s.tree, NULL, s.arena).at);
    assert_null (json_node_text (s.tree, json_get (s.tree, root, "b"), s.arena).at);
    assert_null (json_key (s.tree, root, s.arena).at);
    assert_false (json_is (NULL, JSON_NULL));
}

static void
test_keys_are_compared_unescaped_and_the_last_counts (void **state)
{
    (void) state;
    const json_node_t *root = s_parse ("{\"m\\u006fdel\":1,\"model\":2,\"x\":3}");
    assert_int_equal (json_node_integer (s.tree, json_get (s.tree, root, "model"), 0), 2);
    const json_node_t *first = json_first (s.tree, root);
    assert_true (json_key_is (s.tree, first, "model"));
    assert_true (br_text_is (json_key (s.tree, first, s.arena), "model"));
    assert_false (json_key_is (s.tree, first, "mode"));
}

static void
test_texts_are_borrowed_or_made (void **state)
{
    (void) state;
    static const char text[] =
        "[\"plain \xc3\xa9\",\"\\ud83d\\ude00 \\u0000\\n\\\"\",\"\"]";
    const json_node_t *root = s_parse (text);
    const json_node_t *item = json_first (s.tree, root);
    br_text_t plain = json_node_text (s.tree, item, s.arena);
    assert_ptr_equal (plain.at, text + 2);
    assert_true (br_text_is (plain, "plain \xc3\xa9"));
    item = json_next (s.tree, item);
    br_text_t made = json_node_text (s.tree, item, s.arena);
    assert_true (br_text_equal (made, BR_TEXT ("\xf0\x9f\x98\x80 \0\n\"")));
    br_buf_t out;
    br_buf_init (&out, 100);
    assert_int_equal (json_node_add (s.tree, item, &out), 0);
    assert_int_equal (out.size, made.size);
    assert_int_equal (json_node_add (s.tree, root, &out), -1);
    br_buf_free (&out);
    item = json_next (s.tree, item);
    assert_true (br_text_is (json_node_text (s.tree, item, s.arena), ""));
}

static void
test_numbers_and_booleans (void **state)
{
    (void) state;
    const json_node_t *root = s_parse (
        "[12, 1.5, 1e400, true, \"7\", 99999999999999999999]");
    const json_node_t *item = json_first (s.tree, root);
    double number = 0;
    assert_int_equal (json_node_number (s.tree, item, &number), 0);
    assert_true (number == 12);
    item = json_next (s.tree, item);
    assert_int_equal (json_node_integer (s.tree, item, -9), -9);
    assert_int_equal (json_node_number (s.tree, item, &number), 0);
    assert_true (number == 1.5);
    item = json_next (s.tree, item);
    assert_int_equal (json_node_number (s.tree, item, &number), -1); //  not finite
    item = json_next (s.tree, item);
    assert_true (json_node_bool (s.tree, item, false));
    assert_int_equal (json_node_number (s.tree, item, &number), -1);
    item = json_next (s.tree, item);
    assert_true (json_node_bool (s.tree, item, true));
    assert_int_equal (json_node_integer (s.tree, item, -9), -9);
    assert_int_equal (json_node_integer (s.tree, json_next (s.tree, item), -9), -9);
}

static void
test_broken_texts_are_refused (void **state)
{
    (void) state;
    s_refused ("", "ends too early");
    s_refused ("{", "ends too early");
    s_refused ("[1", "ends too early");
    s_refused ("[1 2]", "a comma");
    s_refused ("[1,]", "a value");
    s_refused ("{\"a\" 1}", "a colon");
    s_refused ("{\"a\":1,}", "name in quotes");
    s_refused ("{a:1}", "name in quotes");
    s_refused ("[] x", "something follows");
    s_refused ("[1}", "a comma");
    s_refused ("nul", "literal");
    s_refused ("01", "something follows");
    s_refused ("\"a\x01\"", "control character");
    s_refused ("\"\xc3\"", "UTF-8");
    s_refused ("\"\\x\"", "escape");
    s_refused ("\"\\ud83d\"", "surrogate");
    s_refused ("\"\\ud83dx\"", "surrogate");
    s_refused ("\"\\ude00\"", "surrogate");
    s_refused ("\"\\ud83d\\u0041\"", "surrogate");
    s_refused ("\xef\xbb\xbf{}", "a value");
}

static void
test_nesting_has_a_bound (void **state)
{
    (void) state;
    char text[2 * JSON_DEPTH_MAX + 3];
    memset (text, '[', JSON_DEPTH_MAX + 1);
    memset (text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    text[sizeof text - 1] = 0;
    s_refused (text, "nested too deep");
    text[sizeof text - 2] = 0;
    assert_non_null (s_parse (text + 1));
}

static void
test_a_tree_is_used_again (void **state)
{
    (void) state;
    for (int i = 0; i < 3; i++) {
        const json_node_t *root = s_parse ("[1,2,[3,4,[5]]]");
        assert_int_equal (root->count, 3);
        assert_null (json_tree_parse (s.tree, "[1,", 3, NULL));
    }
    size_t size = 1u << 20;
    char *large = malloc (size + 1);
    for (size_t i = 0; i < size; i += 2)
        memcpy (large + i, "1,", 2);
    large[0] = '[';
    large[size - 1] = ']';
    large[size - 2] = '1';
    large[1] = ' ';
    const json_node_t *root = json_tree_parse (s.tree, large, size, NULL);
    assert_non_null (root);
    assert_int_equal (root->count, size / 2 - 1);
    assert_int_equal (s_parse ("{}")->count, 0);
    free (large);
}

static void
test_paths_tell_where_a_node_stands (void **state)
{
    (void) state;
    char path[64];
    const json_node_t *root = s_parse (
        "{\"a\":1,\"messages\":[{\"x\":[1,2]},{\"content\":[{},{\"text\":5}]}],\"z\":2}");
    json_path (s.tree, root, path, sizeof path);
    assert_string_equal (path, "");
    const json_node_t *list = json_get (s.tree, root, "messages");
    const json_node_t *second = json_next (s.tree, json_first (s.tree, list));
    const json_node_t *content = json_get (s.tree, second, "content");
    const json_node_t *part = json_next (s.tree, json_first (s.tree, content));
    json_path (s.tree, json_get (s.tree, part, "text"), path, sizeof path);
    assert_string_equal (path, "messages[1].content[1].text");
    json_path (s.tree, json_get (s.tree, root, "z"), path, sizeof path);
    assert_string_equal (path, "z");
    json_path (s.tree, list, path, sizeof path);
    assert_string_equal (path, "messages");
    json_path (s.tree, json_get (s.tree, part, "text"), path, 12);
    assert_int_equal (strlen (path), 11);
    json_path (s.tree, NULL, path, sizeof path);
    assert_string_equal (path, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_members_and_elements_are_walked_in_order),
        TEST (test_what_is_not_there_is_harmless),
        TEST (test_keys_are_compared_unescaped_and_the_last_counts),
        TEST (test_texts_are_borrowed_or_made),
        TEST (test_numbers_and_booleans),
        TEST (test_broken_texts_are_refused),
        TEST (test_nesting_has_a_bound),
        TEST (test_a_tree_is_used_again),
        TEST (test_paths_tell_where_a_node_stands),
    };
    return cmocka_run_group_tests_name ("json_tree", tests, NULL, NULL);
}
