//  conf_family: the built-in families of patterns are all there, and make sense.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_family.h"
#include "broker/core/conf_guard.h"
#include "broker/core/conf_regex.h"

static br_conf_families_t *
s_families (void)
{
    br_error_t error = { BR_OK, "" };
    br_conf_families_t *families = br_conf_families_new (&error);
    assert_string_equal (error.text, "");
    assert_non_null (families);
    return families;
}

//  Given the seven of the manual, then each is there and has its direction.
static void
test_families_of_the_manual_are_there (void **state)
{
    (void) state;
    static const struct {
        const char *id;
        br_conf_direction_t direction;
    } rows[] = {
        { "api_keys", BR_CONF_UPGOING },
        { "private_keys", BR_CONF_UPGOING },
        { "credentials", BR_CONF_UPGOING },
        { "pii_emails", BR_CONF_UPGOING },
        { "pii_phone_numbers", BR_CONF_UPGOING },
        { "ip_addresses", BR_CONF_UPGOING },
        { "suspicious_commands", BR_CONF_DOWNGOING },
    };
    br_conf_families_t *families = s_families ();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const br_conf_node_t *family = br_conf_families_get (families, rows[i].id);
        assert_non_null (family);
        assert_int_equal (br_conf_family_direction (family), rows[i].direction);
    }
    assert_null (br_conf_families_get (families, "nothing"));
    br_conf_families_destroy (&families);
    assert_null (families);
    br_conf_families_destroy (&families);
}

static void
s_check_pattern (const br_conf_node_t *pattern)
{
    br_error_t error = { BR_OK, "" };
    br_conf_regex_check (br_conf_node_get_text (pattern, "regex"), &error);
    assert_string_equal (error.text, "");
    assert_true (*br_conf_node_get_text (pattern, "name"));
}

//  Given every pattern, then its regular expression compiles, and their number is what is
//  counted, and leaves room for the user's.
static void
test_every_pattern_compiles (void **state)
{
    (void) state;
    br_conf_families_t *families = s_families ();
    size_t count = 0;
    const br_conf_node_t *family = br_conf_families_at (families, 0);
    for (size_t i = 0; family; family = br_conf_families_at (families, ++i)) {
        const br_conf_node_t *patterns = br_conf_node_get (family, "patterns");
        assert_non_null (patterns);
        assert_true (patterns->count > 0);
        for (size_t j = 0; j < patterns->count; j++, count++)
            s_check_pattern (patterns->items[j]);
    }
    assert_true (br_conf_families_patterns (families) == count);
    assert_true (count < BR_CONF_GUARD_PATTERNS_MAX / 2);
    br_conf_families_destroy (&families);
}

static void
test_directions_are_bits (void **state)
{
    (void) state;
    assert_int_equal (br_conf_direction_of ("both"), BR_CONF_UPGOING | BR_CONF_DOWNGOING);
    assert_int_equal (br_conf_direction_of ("downgoing"), BR_CONF_DOWNGOING);
    assert_int_equal (br_conf_direction_of (NULL), BR_CONF_UPGOING);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_families_of_the_manual_are_there),
        cmocka_unit_test (test_every_pattern_compiles),
        cmocka_unit_test (test_directions_are_bits),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
