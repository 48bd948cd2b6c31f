//  Members are read by type, and errors name their path.

#include "tests/broker/proto/messages/given.h"

typedef struct {
    br_arena_t *arena;
    json_tree_t *tree;
    const json_node_t *root;
    br_error_t error;
    messages_in_t in;
} fixture_t;

static void
s_begin (fixture_t *self, const char *json)
{
    *self = (fixture_t) { .arena = br_arena_new (), .tree = json_tree_new () };
    self->root = json_tree_parse (self->tree, json, strlen (json), NULL);
    self->in = (messages_in_t) { self->tree, self->arena, BR_EUPINVALID, &self->error };
}

static void
s_end (fixture_t *self)
{
    json_tree_destroy (&self->tree);
    br_arena_destroy (&self->arena);
}

static void
given_members_when_read_then_values_have_their_type (void **state)
{
    (void) state;
    fixture_t f;
    br_text_t text = BR_TEXT_NONE;
    br_number_t number = { 0 };
    bool value = false;
    s_begin (&f, "{\"s\":\"a\\n\",\"n\":1.50,\"i\":3,\"b\":true,\"z\":null}");
    assert_int_equal (messages_must (&f.in, f.root, "s", &text), 0);
    assert_text (text, "a\n");
    assert_int_equal (messages_number (&f.in, json_get (f.tree, f.root, "n"), &number),
                      0);
    assert_text (number.raw, "1.50");
    assert_int_equal (messages_count (&f.in, json_get (f.tree, f.root, "i"), &number), 0);
    assert_true (number.value == 3);
    assert_int_equal (messages_bool (&f.in, json_get (f.tree, f.root, "b"), &value), 0);
    assert_true (value);
    text = BR_TEXT_NONE;
    assert_int_equal (messages_may (&f.in, f.root, "z", &text), 0);
    assert_null (text.at);
    s_end (&f);
}

static void
given_wrong_types_when_read_then_code_and_path_are_told (void **state)
{
    (void) state;
    fixture_t f;
    br_text_t text = BR_TEXT_NONE;
    br_number_t number = { 0 };
    bool value = false;
    s_begin (&f, "{\"a\":[{\"s\":1,\"n\":\"1\",\"z\":null}]}");
    const json_node_t *item = json_first (f.tree, json_get (f.tree, f.root, "a"));
    assert_int_equal (messages_must (&f.in, item, "s", &text), -1);
    assert_int_equal (f.error.code, BR_EUPINVALID);
    assert_string_equal (f.error.text, "a[0].s: must be a string");
    assert_int_equal (messages_must (&f.in, item, "z", &text), -1);
    assert_string_equal (f.error.text, "a[0].z: is missing");
    assert_int_equal (messages_number (&f.in, json_get (f.tree, item, "n"), &number), -1);
    assert_int_equal (messages_count (&f.in, json_get (f.tree, item, "n"), &number), -1);
    assert_int_equal (messages_bool (&f.in, json_get (f.tree, item, "n"), &value), -1);
    assert_string_equal (f.error.text, "a[0].n: must be true or false");
    s_end (&f);
}

static void
given_cache_marks_when_read_then_times_are_known_ones (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        int rc;
        const char *cache;
    } rows[] = {
        { "{}", 0, NULL },
        { "{\"cache_control\":null}", 0, NULL },
        { "{\"cache_control\":{\"type\":\"ephemeral\"}}", 0, "" },
        { "{\"cache_control\":{\"ttl\":\"1h\"}}", 0, "1h" },
        { "{\"cache_control\":{\"ttl\":\"2h\"}}", -1, NULL },
        { "{\"cache_control\":true}", -1, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fixture_t f;
        br_text_t cache = BR_TEXT_NONE;
        s_begin (&f, rows[i].json);
        assert_int_equal (messages_cache (&f.in, f.root, &cache), rows[i].rc);
        assert_true ((cache.at != NULL) == (rows[i].cache != NULL));
        if (rows[i].cache)
            assert_text (cache, rows[i].cache);
        s_end (&f);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_members_when_read_then_values_have_their_type),
        cmocka_unit_test (given_wrong_types_when_read_then_code_and_path_are_told),
        cmocka_unit_test (given_cache_marks_when_read_then_times_are_known_ones),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
