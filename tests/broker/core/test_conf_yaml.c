//  conf_yaml: texts to trees, and what is refused.

#include "tests/broker/core/conf_fixture.h"

//  Parses a text that must be refused with this line.
static void
s_refused (const char *text, size_t size, const char *expected)
{
    br_error_t error = { BR_OK, "" };
    br_conf_node_t *tree = br_conf_yaml_parse ("t.yaml", text, size, &error);
    assert_null (tree);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_string_equal (error.text, expected);
}

static br_conf_node_t *
s_parse (const char *text)
{
    br_error_t error = { BR_OK, "" };
    br_conf_node_t *tree = br_conf_yaml_parse ("t.yaml", text, strlen (text), &error);
    assert_string_equal (error.text, "");
    return tree;
}

static void
test_positions_are_those_of_the_text (void **state)
{
    (void) state;
    br_conf_node_t *tree = s_parse ("a:\n  b: [1, x]\n");
    const br_conf_node_t *b = br_conf_node_get (br_conf_node_get (tree, "a"), "b");
    assert_int_equal (b->key_line, 2);
    assert_int_equal (b->key_column, 3);
    assert_int_equal (b->column, 6);
    assert_int_equal (b->items[1]->column, 10);
    assert_string_equal (b->items[1]->text, "x");
    br_conf_node_destroy (&tree);
}

static void
test_empty_texts_are_empty_maps (void **state)
{
    (void) state;
    const char *const texts[] = { "", "# only a comment\n", "---\n", "~\n",
                                  "---\n...\n" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        br_conf_node_t *tree = s_parse (texts[i]);
        assert_int_equal (tree->kind, BR_CONF_MAP);
        assert_int_equal (tree->count, 0);
        br_conf_node_destroy (&tree);
    }
}

static void
test_errors_name_the_place (void **state)
{
    (void) state;
    s_refused ("a: 1\nb: [1\n", 10, "t.yaml:3:1: did not find expected ',' or ']'");
    s_refused ("a: 1\na: 2\n", 10, "t.yaml:2:1: this key is there twice: \"a\"");
    s_refused ("[1]\n", 4, "t.yaml:1:1: the file must hold \"section: value\" lines");
    s_refused ("a: 1\n---\nb: 2\n", 14, "t.yaml:2:1: only one document is allowed");
    s_refused ("? [1]\n: 2\n", 10, "t.yaml:1:3: a key must be a plain text");
    s_refused ("a: *x\n", 6, "t.yaml:1:4: there is no anchor for the alias \"x\"");
    s_refused ("a: \"\\0\"\n", 8, "t.yaml:1:4: a value holds a zero byte");
    s_refused ("a: \xff\n", 5, "t.yaml:1:1: invalid leading UTF-8 octet");
}

static void
test_alias_inside_of_its_anchor_is_refused (void **state)
{
    (void) state;
    s_refused ("a: &x [*x]\n", 11,
               "t.yaml:1:8: the alias is inside of its own anchor \"x\"");
}

static void
test_alias_bomb_is_refused (void **state)
{
    (void) state;
    char text[2000] = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; i++) {
        size_t size = strlen (text);
        snprintf (text + size, sizeof text - size,
                  "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                  i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    }
    br_error_t error = { BR_OK, "" };
    assert_null (br_conf_yaml_parse ("t.yaml", text, strlen (text), &error));
    assert_non_null (strstr (error.text, "aliases repeat too many values"));
}

static void
test_nesting_is_bounded_through_aliases_too (void **state)
{
    (void) state;
    char text[1000] = "a: &a ";
    for (int i = 0; i < 40; i++)
        strcat (text, "[");
    for (int i = 0; i < 40; i++)
        strcat (text, "]");
    strcat (text, "\nb: ");
    for (int i = 0; i < 40; i++)
        strcat (text, "[");
    strcat (text, "*a");
    for (int i = 0; i < 40; i++)
        strcat (text, "]");
    br_error_t error = { BR_OK, "" };
    assert_null (br_conf_yaml_parse ("t.yaml", text, strlen (text), &error));
    assert_non_null (strstr (error.text, "aliases nest too deeply"));
    char deep[200];
    memset (deep, '[', sizeof deep);
    memcpy (deep, "a: ", 3);
    assert_null (br_conf_yaml_parse ("t.yaml", deep, sizeof deep, &error));
    assert_non_null (strstr (error.text, "nested too deeply"));
}

static void
test_merge_key_fills_what_is_not_there (void **state)
{
    (void) state;
    br_conf_node_t *tree = s_parse (
        "x: &x {a: 1, b: &b 2}\ny: {<<: *x, b: 3}\nz: {<<: [&w {c: 4}]}\n"
        "v: *w\n");
    const br_conf_node_t *y = br_conf_node_get (tree, "y");
    assert_string_equal (br_conf_node_get_text (y, "a"), "1");
    assert_string_equal (br_conf_node_get_text (y, "b"), "3");
    assert_string_equal (br_conf_node_get_text (br_conf_node_get (tree, "v"), "c"), "4");
    br_conf_node_destroy (&tree);
}

static void
test_size_is_bounded (void **state)
{
    (void) state;
    char *text = br_alloc (BR_CONF_TEXT_MAX + 1, 1);
    s_refused (text, BR_CONF_TEXT_MAX + 1, "t.yaml:1:1: the file is over 1048576 bytes");
    free (text);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_positions_are_those_of_the_text),
        cmocka_unit_test (test_empty_texts_are_empty_maps),
        cmocka_unit_test (test_errors_name_the_place),
        cmocka_unit_test (test_alias_inside_of_its_anchor_is_refused),
        cmocka_unit_test (test_alias_bomb_is_refused),
        cmocka_unit_test (test_nesting_is_bounded_through_aliases_too),
        cmocka_unit_test (test_merge_key_fills_what_is_not_there),
        cmocka_unit_test (test_size_is_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
