//  Arguments that come piece by piece.

#include "broker/proto/gemini/gemini_partial.h"
#include "tests/broker/proto/gemini/gemini_fixture.h"

//  in:   items, one JSON text a line
static int
s_add_all (const char *items, br_buf_t *out, br_error_t *error)
{
    gemini_partial_t *partial = gemini_partial_new ();
    json_tree_t *tree = json_tree_new ();
    int rc = 0;
    for (const char *at = items; *at && rc == 0;) {
        size_t size = strcspn (at, "\n");
        const json_node_t *root = json_tree_parse (tree, at, size, NULL);
        assert_non_null (root);
        rc = gemini_partial_add (partial, tree, root, out, error);
        at += size + (at[size] == '\n');
    }
    if (rc == 0)
        gemini_partial_end (partial, out);
    json_tree_destroy (&tree);
    gemini_partial_destroy (&partial);
    assert_null (partial);
    return rc;
}

static void
given_pieces_when_added_then_one_text (void **state)
{
    (void) state;
    static const struct {
        const char *items;
        const char *text;
    } rows[] = {
        { "", "{}" },
        { "{\"jsonPath\":\"$.a\",\"stringValue\":\"Bos\",\"willContinue\":true}\n"
          "{\"jsonPath\":\"$.a\",\"stringValue\":\"t\\\"on\",\"willContinue\":true}\n"
          "{\"jsonPath\":\"$.a\",\"stringValue\":\"\"}",
          "{\"a\":\"Bost\\\"on\"}" },
        { "{\"jsonPath\":\"$.a\",\"numberValue\":1.5}\n"
          "{\"jsonPath\":\"$.b\",\"boolValue\":true}\n"
          "{\"jsonPath\":\"$.c\",\"nullValue\":null}\n"
          "{\"jsonPath\":\"$.d\",\"stringValue\":\"\"}",
          "{\"a\":1.5,\"b\":true,\"c\":null,\"d\":\"\"}" },
        { "{\"jsonPath\":\"$.o[0].a\",\"stringValue\":\"x\"}\n"
          "{\"jsonPath\":\"$.o[0].b\",\"numberValue\":1}\n"
          "{\"jsonPath\":\"$.o[1].a\",\"stringValue\":\"y\"}\n"
          "{\"jsonPath\":\"$.p[0][1]\",\"numberValue\":2}\n"
          "{\"jsonPath\":\"$['q r'].s\",\"numberValue\":3}",
          "{\"o\":[{\"a\":\"x\",\"b\":1},{\"a\":\"y\"}],\"p\":[[2]],\"q r\":{\"s\":3}}" },
        { "{\"jsonPath\":\"$.a\",\"numberValue\":1}\n{\"jsonPath\":\"$.a\","
          "\"numberValue\":1}",
          "{\"a\":1}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_buf_t out;
        br_error_t error;
        br_buf_init (&out, 4096);
        assert_int_equal (s_add_all (rows[i].items, &out, &error), 0);
        assert_string_equal (br_buf_text (&out), rows[i].text);
        br_buf_free (&out);
    }
}

static void
given_paths_that_are_none_when_added_then_refused (void **state)
{
    (void) state;
    static const char *const rows[] = {
        "{}",
        "{\"jsonPath\":1}",
        "{\"jsonPath\":\"\"}",
        "{\"jsonPath\":\"a\"}",
        "{\"jsonPath\":\"$\"}",
        "{\"jsonPath\":\"$.\"}",
        "{\"jsonPath\":\"$[0]\"}",
        "{\"jsonPath\":\"$.a[\"}",
        "{\"jsonPath\":\"$.a[x]\"}",
        "{\"jsonPath\":\"$.a[]\"}",
        "{\"jsonPath\":\"$['a\"}",
        "{\"jsonPath\":\"$x\"}",
        "{\"jsonPath\":\"$.a\",\"numberValue\":1}\n{\"jsonPath\":\"$.a.b\"}",
        "{\"jsonPath\":\"$.a.b\",\"numberValue\":1}\n{\"jsonPath\":\"$.a\"}",
        "{\"jsonPath\":\"$.a.b\",\"numberValue\":1}\n{\"jsonPath\":\"$.a[0]\"}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_buf_t out;
        br_error_t error;
        br_buf_init (&out, 4096);
        assert_int_equal (s_add_all (rows[i], &out, &error), -1);
        assert_int_equal (error.code, BR_EUPINVALID);
        br_buf_free (&out);
    }
}

static void
given_a_path_that_is_too_deep_or_long_when_added_then_refused (void **state)
{
    (void) state;
    br_buf_t item;
    br_buf_t out;
    br_error_t error;
    br_buf_init (&item, 1 << 20);
    br_buf_init (&out, 4096);
    br_buf_adds (&item, "{\"jsonPath\":\"$");
    for (int i = 0; i < GEMINI_PARTIAL_DEPTH + 1; i++)
        br_buf_adds (&item, ".a");
    br_buf_adds (&item, "\"}");
    assert_int_equal (s_add_all (br_buf_text (&item), &out, &error), -1);
    br_buf_clear (&item);
    br_buf_adds (&item, "{\"jsonPath\":\"$.");
    for (int i = 0; i < GEMINI_PARTIAL_PATH; i++)
        br_buf_adds (&item, "a");
    br_buf_adds (&item, "\"}");
    assert_int_equal (s_add_all (br_buf_text (&item), &out, &error), -1);
    br_buf_free (&item);
    br_buf_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_pieces_when_added_then_one_text),
        cmocka_unit_test (given_paths_that_are_none_when_added_then_refused),
        cmocka_unit_test (given_a_path_that_is_too_deep_or_long_when_added_then_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
