//  conf_node: trees keep order, positions and owners.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_node.h"

static void
test_map_keeps_order_and_replaces (void **state)
{
    (void) state;
    br_conf_node_t *map = br_conf_node_new (BR_CONF_MAP, "f");
    br_conf_node_put_text (map, "b", "1");
    br_conf_node_put_text (map, "a", "2");
    br_conf_node_put_text (map, "b", "3");
    assert_int_equal (map->count, 2);
    assert_string_equal (map->items[0]->key, "b");
    assert_string_equal (br_conf_node_get_text (map, "b"), "3");
    assert_null (br_conf_node_get (map, "c"));
    assert_null (br_conf_node_get (NULL, "c"));
    br_conf_node_destroy (&map);
    assert_null (map);
    br_conf_node_destroy (&map);
}

static void
test_copy_is_deep (void **state)
{
    (void) state;
    br_conf_node_t *tree = fixture_tree ("models: {a: {name: x}}");
    br_conf_node_t *copy = br_conf_node_dup (tree);
    assert_int_equal (br_conf_node_total (copy), br_conf_node_total (tree));
    br_conf_node_destroy (&tree);
    const br_conf_node_t *models = br_conf_node_get (copy, "models");
    assert_string_equal (br_conf_node_get_text (models->items[0], "name"), "x");
    br_conf_node_destroy (&copy);
}

static void
test_taken_item_is_gone (void **state)
{
    (void) state;
    br_conf_node_t *map = br_conf_node_new (BR_CONF_MAP, "f");
    br_conf_node_put_text (map, "a", "1");
    br_conf_node_put_text (map, "b", "2");
    br_conf_node_t *item = br_conf_node_take (map, "a");
    assert_string_equal (item->text, "1");
    assert_int_equal (map->count, 1);
    assert_null (br_conf_node_take (map, "a"));
    br_conf_node_drop (map, "b");
    assert_int_equal (map->count, 0);
    br_conf_node_destroy (&item);
    br_conf_node_destroy (&map);
}

static void
test_null_is_plain_only (void **state)
{
    (void) state;
    const char *text = "a: null\nb: \"null\"\nc:\nd: ~\ne: \"\"\n";
    br_conf_node_t *map = br_conf_yaml_parse ("f", text, strlen (text), NULL);
    assert_true (br_conf_node_is_null (br_conf_node_get (map, "a")));
    assert_false (br_conf_node_is_null (br_conf_node_get (map, "b")));
    assert_true (br_conf_node_is_null (br_conf_node_get (map, "c")));
    assert_true (br_conf_node_is_null (br_conf_node_get (map, "d")));
    assert_false (br_conf_node_is_null (br_conf_node_get (map, "e")));
    assert_true (br_conf_node_is_empty (br_conf_node_get (map, "e")));
    assert_true (br_conf_node_is_empty (NULL));
    br_conf_node_destroy (&map);
}

static void
test_mark_reaches_every_node (void **state)
{
    (void) state;
    br_conf_node_t *tree = fixture_tree ("models: {a: {name: x}}");
    br_conf_node_mark (tree, BR_CONF_BUILTIN);
    assert_true (tree->items[0]->items[0]->items[0]->flags & BR_CONF_BUILTIN);
    br_conf_node_destroy (&tree);
}

static void
test_a_key_that_nobody_wrote_is_where_its_value_is (void **state)
{
    (void) state;
    br_conf_node_t *tree = fixture_tree ("server: {listen: [x]}");
    const br_conf_node_t *list = br_conf_node_get (br_conf_node_get (tree, "server"),
                                                   "listen");
    assert_int_equal (br_conf_node_key_line (list), 1);
    assert_int_equal (br_conf_node_key_column (list), 10);
    assert_int_equal (br_conf_node_key_line (list->items[0]), 1);
    assert_int_equal (br_conf_node_key_column (list->items[0]), 19);
    br_conf_node_destroy (&tree);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_map_keeps_order_and_replaces),
        cmocka_unit_test (test_copy_is_deep),
        cmocka_unit_test (test_taken_item_is_gone),
        cmocka_unit_test (test_null_is_plain_only),
        cmocka_unit_test (test_mark_reaches_every_node),
        cmocka_unit_test (test_a_key_that_nobody_wrote_is_where_its_value_is),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
