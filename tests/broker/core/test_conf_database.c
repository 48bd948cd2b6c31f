//  conf_database: addresses of databases.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_database.h"

static void
s_gives (const char *url, const char *expected)
{
    char *full = br_conf_database_url (url, "/h", NULL);
    assert_string_equal (full, expected);
    free (full);
}

static void
test_forms (void **state)
{
    (void) state;
    s_gives (NULL, "sqlite:///h/bitrouter.db?mode=rwc");
    s_gives ("", "sqlite:///h/bitrouter.db?mode=rwc");
    s_gives ("sqlite://my.db?mode=rwc", "sqlite:///h/my.db?mode=rwc");
    s_gives ("sqlite:my.db", "sqlite:///h/my.db");
    s_gives ("sqlite:///x/my.db", "sqlite:///x/my.db");
    s_gives ("sqlite::memory:", "sqlite://:memory:");
    s_gives ("postgres://u:p@h/d", "postgres://u:p@h/d");
    s_gives ("mysql://u:p@h/d", "mysql://u:p@h/d");
}

static void
test_other_schemes_are_refused_without_their_text (void **state)
{
    (void) state;
    br_error_t error = { BR_OK, "" };
    assert_null (br_conf_database_url ("oracle://u:secret@h", "/h", &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_null (strstr (error.text, "secret"));
    assert_null (br_conf_database_url ("sqlite://", "/h", &error));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_forms),
        cmocka_unit_test (test_other_schemes_are_refused_without_their_text),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
