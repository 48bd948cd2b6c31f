//  conf_builtin: the catalogue that is part of the program.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_builtin.h"

static br_conf_builtin_t *
s_builtin (void)
{
    br_error_t error = { BR_OK, "" };
    br_conf_builtin_t *builtin = br_conf_builtin_new (&error);
    assert_string_equal (error.text, "");
    return builtin;
}

static void
test_heads_name_prefixes_and_aliases (void **state)
{
    (void) state;
    br_conf_builtin_t *builtin = s_builtin ();
    assert_string_equal (br_conf_builtin_prefix (builtin, "qwen"), "DASHSCOPE");
    assert_null (br_conf_builtin_prefix (builtin, "echo"));
    assert_string_equal (br_conf_builtin_by_alias (builtin, "moonshotai"), "moonshot");
    assert_string_equal (br_conf_builtin_by_alias (builtin, "alibaba"), "qwen");
    assert_string_equal (br_conf_builtin_by_alias (builtin, "gemini"), "google");
    assert_string_equal (br_conf_builtin_by_alias (builtin, "z-ai"), "zai");
    assert_null (br_conf_builtin_by_alias (builtin, "openai"));
    assert_true (br_conf_builtin_has (builtin, "exa"));
    assert_false (br_conf_builtin_has (builtin, "nobody"));
    br_conf_builtin_destroy (&builtin);
}

static void
test_every_file_fits_the_schema_without_a_warning (void **state)
{
    (void) state;
    br_conf_builtin_t *builtin = s_builtin ();
    const char *name = br_conf_builtin_name (builtin, 0);
    size_t count = 0;
    for (; name; name = br_conf_builtin_name (builtin, ++count)) {
        br_error_t error = { BR_OK, "" };
        br_conf_node_t *file = br_conf_builtin_load (builtin, name, &error);
        assert_string_equal (error.text, "");
        const br_conf_node_t *block = br_conf_node_get (
            br_conf_node_get (file, "providers"), name);
        assert_non_null (block);
        assert_true (block->flags & BR_CONF_BUILTIN);
        br_conf_node_destroy (&file);
    }
    assert_int_equal (count, 17);
    assert_null (br_conf_builtin_load (builtin, "nobody", NULL));
    br_conf_builtin_destroy (&builtin);
}

static void
test_keys_are_seen_under_every_prefix (void **state)
{
    (void) state;
    br_conf_builtin_t *builtin = s_builtin ();
    const char *const environ_v[] = { "GEMINI_API_KEY=x", "OPENAI_API_KEY=", NULL };
    br_conf_env_t *env = br_conf_env_new (environ_v);
    assert_true (br_conf_builtin_is_keyed (builtin, "google", env));
    assert_false (br_conf_builtin_is_keyed (builtin, "openai", env));
    assert_true (br_conf_builtin_is_keyed (builtin, "echo", env));
    br_conf_env_destroy (&env);
    br_conf_builtin_destroy (&builtin);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_heads_name_prefixes_and_aliases),
        cmocka_unit_test (test_every_file_fits_the_schema_without_a_warning),
        cmocka_unit_test (test_keys_are_seen_under_every_prefix),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
