//  conf_env: .env texts, precedence, and ${VAR}.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_env.h"

static const char *const s_environ[] = { "A=process", "EMPTY=", "ALSO=x=y", NULL };

static br_conf_env_t *
s_env (const char *text, br_conf_words_t *warnings)
{
    br_conf_env_t *env = br_conf_env_new (s_environ);
    br_conf_env_parse (env, ".env", text, strlen (text), warnings);
    return env;
}

//  What becomes of a value.
static void
s_becomes (const char *text, const char *expected)
{
    br_conf_env_t *env = s_env ("B=file\n", NULL);
    br_conf_node_t *like = br_conf_node_new (BR_CONF_SCALAR, "f");
    br_conf_node_t *node = br_conf_node_new_text (text, like);
    assert_int_equal (br_conf_env_replace (env, node, NULL, NULL), 0);
    assert_string_equal (node->text, expected);
    br_conf_node_destroy (&node);
    br_conf_node_destroy (&like);
    br_conf_env_destroy (&env);
}

static void
test_file_forms (void **state)
{
    (void) state;
    br_conf_env_t *env = s_env (
        "# comment\n\n  K1 = v1 \nexport K2=\"v 2\"\nK3='its'\nK4=a#b=c\n"
        "K5=\"open\nK1=again\nK6=\r\nK7=last",
        NULL);
    assert_string_equal (br_conf_env_get (env, "K1"), "again");
    assert_string_equal (br_conf_env_get (env, "K2"), "v 2");
    assert_string_equal (br_conf_env_get (env, "K3"), "its");
    assert_string_equal (br_conf_env_get (env, "K4"), "a#b=c");
    assert_string_equal (br_conf_env_get (env, "K5"), "\"open");
    assert_string_equal (br_conf_env_get (env, "K6"), "");
    assert_null (br_conf_env_get_full (env, "K6"));
    assert_string_equal (br_conf_env_get (env, "K7"), "last");
    br_conf_env_destroy (&env);
}

static void
test_process_wins (void **state)
{
    (void) state;
    br_conf_env_t *env = s_env ("A=file\nB=file\nEMPTY=file\n", NULL);
    assert_string_equal (br_conf_env_get (env, "A"), "process");
    assert_string_equal (br_conf_env_get (env, "B"), "file");
    assert_string_equal (br_conf_env_get (env, "EMPTY"), "");
    assert_string_equal (br_conf_env_get (env, "ALSO"), "x=y");
    assert_null (br_conf_env_get (env, "AL"));
    br_conf_env_destroy (&env);
}

static void
test_odd_line_is_a_warning_without_its_text (void **state)
{
    (void) state;
    br_conf_words_t *warnings = br_conf_words_new ();
    br_conf_env_t *env = s_env ("A=1\nsk-secret\n1X=2\n", warnings);
    assert_int_equal (br_conf_words_count (warnings), 2);
    assert_string_equal (br_conf_words_at (warnings, 0),
                         ".env:2: the line is not NAME=value; skipped");
    br_conf_env_destroy (&env);
    br_conf_words_destroy (&warnings);
}

static void
test_variables_are_replaced (void **state)
{
    (void) state;
    s_becomes ("${A}", "process");
    s_becomes ("x${A}-${B}y", "xprocess-filey");
    s_becomes ("${NONE}", "");
    s_becomes ("${NONE:-other}", "other");
    s_becomes ("${EMPTY:-other}", "other");
    s_becomes ("${A:-other}", "process");
    s_becomes ("${A", "${A");
    s_becomes ("$A $ {A} ${}", "$A $ {A} ${}");
    s_becomes ("${not a name}${A}", "${not a name}process");
}

static void
test_replaced_at_any_depth_but_not_in_keys (void **state)
{
    (void) state;
    br_conf_words_t *warnings = br_conf_words_new ();
    br_conf_env_t *env = s_env ("", NULL);
    const char *text = "${A}:\n  - x: [\"${A}\", '${NONE}']\n";
    br_conf_node_t *tree = br_conf_yaml_parse ("t.yaml", text, strlen (text), NULL);
    assert_int_equal (br_conf_env_replace (env, tree, warnings, NULL), 0);
    const br_conf_node_t *list = br_conf_node_get (tree, "${A}");
    assert_string_equal (list->items[0]->items[0]->items[0]->text, "process");
    assert_string_equal (br_conf_words_at (warnings, 0),
                         "t.yaml:2:17: the variable NONE is not set; used as empty");
    br_conf_node_destroy (&tree);
    br_conf_env_destroy (&env);
    br_conf_words_destroy (&warnings);
}

static void
test_value_is_bounded (void **state)
{
    (void) state;
    char *big = br_alloc (BR_CONF_VALUE_MAX + 10, 1);
    memset (big, 'x', BR_CONF_VALUE_MAX + 9);
    memcpy (big, "B=", 2);
    const char *const environ_v[] = { big, NULL };
    br_conf_env_t *env = br_conf_env_new (environ_v);
    br_conf_node_t *like = br_conf_node_new (BR_CONF_SCALAR, "f");
    br_conf_node_t *node = br_conf_node_new_text ("${B}", like);
    br_error_t error = { BR_OK, "" };
    assert_int_equal (br_conf_env_replace (env, node, NULL, &error), -1);
    assert_string_equal (error.text, "f:0:0: the value is over 65536 bytes");
    br_conf_node_destroy (&node);
    br_conf_node_destroy (&like);
    br_conf_env_destroy (&env);
    free (big);
}

static void
test_missing_file_is_an_error_only_when_named (void **state)
{
    (void) state;
    br_conf_env_t *env = br_conf_env_new (NULL);
    br_error_t error = { BR_OK, "" };
    assert_int_equal (br_conf_env_read (env, "/nowhere/.env", false, NULL, &error), 0);
    assert_int_equal (br_conf_env_read (env, "/nowhere/.env", true, NULL, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_int_equal (br_conf_env_read (env, "/", false, NULL, &error), -1);
    br_conf_env_destroy (&env);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_file_forms),
        cmocka_unit_test (test_process_wins),
        cmocka_unit_test (test_odd_line_is_a_warning_without_its_text),
        cmocka_unit_test (test_variables_are_replaced),
        cmocka_unit_test (test_replaced_at_any_depth_but_not_in_keys),
        cmocka_unit_test (test_value_is_bounded),
        cmocka_unit_test (test_missing_file_is_an_error_only_when_named),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
