//  strict_json: what is said twice is refused.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/strict_json.h"

static bool
s_is_good (const char *text)
{
    br_error_t error = { .code = BR_OK };
    json_tree_t *tree = json_tree_new ();
    bool good = br_strict_parse (tree, text, strlen (text), &error) != NULL;
    assert_int_equal (error.code == BR_OK, good);
    json_tree_destroy (&tree);
    return good;
}

static void
members_stand_once (void **state)
{
    (void) state;
    assert_true (s_is_good ("{}"));
    assert_true (s_is_good ("{\"a\":1,\"b\":{\"a\":2}}"));
    assert_false (s_is_good ("{\"a\":1,\"a\":1}"));
    assert_false (s_is_good ("{\"a\":1,\"b\":2,\"\\u0061\":1}"));
    assert_false (s_is_good ("[]"));
    assert_false (s_is_good ("{\"a\":1} 1"));
    assert_false (s_is_good ("{'a':1}"));
    assert_false (s_is_good (""));
}

static void
there_are_not_too_many_of_them (void **state)
{
    (void) state;
    br_buf_t text;
    br_buf_init (&text, 4096);
    br_buf_adds (&text, "{\"a\":0");
    for (int i = 1; i < BR_STRICT_MEMBERS_MAX; i++)
        br_buf_addf (&text, ",\"%d\":0", i);
    size_t size = text.size;
    br_buf_addc (&text, '}');
    assert_true (s_is_good (br_buf_text (&text)));
    text.size = size;
    br_buf_adds (&text, ",\"b\":0}");
    assert_false (s_is_good (br_buf_text (&text)));
    br_buf_free (&text);
}

static void
numbers_are_whole (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        int rc;
        uint64_t number;
    } s_rows[] = {
        { "{\"n\":0}", 0, 0 },
        { "{\"n\":9223372036854775807}", 0, INT64_MAX },
        { "{\"n\":9223372036854775808}", -1, 0 },
        { "{\"n\":-1}", -1, 0 },
        { "{\"n\":1.5}", -1, 0 },
        { "{\"n\":\"1\"}", -1, 0 },
        { "{\"n\":null}", -1, 0 },
        { "{}", -1, 0 },
    };
    json_tree_t *tree = json_tree_new ();
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++) {
        uint64_t number = 0;
        const json_node_t *root = br_strict_parse (tree, s_rows[i].text,
                                                   strlen (s_rows[i].text), NULL);
        int rc = br_strict_count (tree, json_get (tree, root, "n"), &number);
        assert_int_equal (rc, s_rows[i].rc);
        assert_int_equal (number, s_rows[i].number);
    }
    json_tree_destroy (&tree);
}

static void
s_text (const char *json, const char *wanted)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = br_strict_parse (tree, json, strlen (json), NULL);
    char *text = br_strict_text (tree, json_get (tree, root, "t"), 4);
    if (wanted)
        assert_string_equal (text, wanted);
    else
        assert_null (text);
    free (text);
    json_tree_destroy (&tree);
}

static void
texts_are_short_and_printable (void **state)
{
    (void) state;
    s_text ("{\"t\":\"abcd\"}", "abcd");
    s_text ("{\"t\":\"\\u00e9\"}", "\xc3\xa9");
    s_text ("{\"t\":\"abcde\"}", NULL);
    s_text ("{\"t\":\"\"}", NULL);
    s_text ("{\"t\":\"a\\u0000\"}", NULL);
    s_text ("{\"t\":\"a\\n\"}", NULL);
    s_text ("{\"t\":\"\\u007f\"}", NULL);
    s_text ("{\"t\":1}", NULL);
    s_text ("{}", NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (members_stand_once),
        cmocka_unit_test (there_are_not_too_many_of_them),
        cmocka_unit_test (numbers_are_whole),
        cmocka_unit_test (texts_are_short_and_printable),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
