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

static void
s_shows (const char *url, const char *expected)
{
    char *masked = br_conf_database_masked (url);
    assert_string_equal (masked, expected);
    free (masked);
}

static void
test_passwords_are_not_shown (void **state)
{
    (void) state;
    s_shows ("postgres://u:secret@h/d", "postgres://u:****@h/d");
    s_shows ("mysql://u:se/c#r@et@h:3306/d?x=1", "mysql://u:****@h:3306/d?x=1");
    s_shows ("postgresql://h/d?user=u&password=secret&x=y",
             "postgresql://h/d?user=u&password=****&x=y");
    s_shows ("postgres://u@h/d?PASSWORD=a", "postgres://u@h/d?PASSWORD=****");
    s_shows ("postgres://h/d?", "postgres://h/d?");
    s_shows ("sqlite:///a:b@c?mode=rwc", "sqlite:///a:b@c?mode=rwc");
    s_shows ("nothing", "nothing");
}

static void
test_a_shown_configuration_has_no_password_of_it (void **state)
{
    (void) state;
    const char *const environ_v[] = { "BITROUTER_DATABASE_URL=mysql://u:hunter/2@h/d",
                                      NULL };
    br_conf_t *conf = fixture_conf ("", environ_v);
    assert_string_equal (br_conf_database (conf), "mysql://u:hunter/2@h/d");
    char *text = br_conf_show (conf);
    assert_null (strstr (text, "hunter"));
    assert_non_null (strstr (text, "mysql://u:****@h/d"));
    free (text);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_forms),
        cmocka_unit_test (test_other_schemes_are_refused_without_their_text),
        cmocka_unit_test (test_passwords_are_not_shown),
        cmocka_unit_test (test_a_shown_configuration_has_no_password_of_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
