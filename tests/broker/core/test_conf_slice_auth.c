//  conf_slice_auth: where the keys are, and whose signatures count.

#include <unistd.h>

#include "tests/broker/core/conf_fixture.h"

static void
test_given_nothing_then_the_defaults (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("", NULL);
    cJSON *slice = fixture_slice (conf, "auth");
    fixture_is (slice, "", "{\"keys\":\"/.keys\",\"trusted_issuers\":[]}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_given_issuers_then_they_are_told_in_order (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("auth: {trusted_issuers: [\"solana:x:a\", \"b\"]}",
                                    NULL);
    cJSON *slice = fixture_slice (conf, "auth");
    fixture_is (slice, "trusted_issuers", "[\"solana:x:a\",\"b\"]");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

//  What a member says behind the home; "" when it is not there. "caller frees"
static char *
s_folder (const char *home, const char *member)
{
    const char *const environ_v[] = { "HOME=/nonexistent", NULL };
    br_conf_flags_t flags = { .home_dir = home, .environ_v = environ_v };
    br_error_t error = { BR_OK, "" };
    br_conf_t *conf = br_conf_load (&flags, &error);
    assert_string_equal (error.text, "");
    cJSON *slice = fixture_slice (conf, "auth");
    const char *keys = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (slice, member));
    if (keys)
        assert_memory_equal (keys, home, strlen (home));
    char *rest = br_strdup (keys ? keys + strlen (home) : "");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    return rest;
}

static void
test_given_the_older_folder_then_it_is_read_alone_or_too (void **state)
{
    (void) state;
    char home[] = "/tmp/br_conf_auth_XXXXXX";
    assert_non_null (mkdtemp (home));
    char *older = br_strf ("%s/keys", home);
    char *newer = br_strf ("%s/.keys", home);
    char *keys = s_folder (home, "keys");
    assert_string_equal (keys, "/.keys");
    free (keys);
    assert_int_equal (br_conf_file_mkdir (older, 0700, NULL), 0);
    keys = s_folder (home, "keys");
    assert_string_equal (keys, "/keys");
    free (keys);
    assert_int_equal (br_conf_file_mkdir (newer, 0700, NULL), 0);
    keys = s_folder (home, "keys");
    assert_string_equal (keys, "/.keys");
    free (keys);
    keys = s_folder (home, "older_keys");
    assert_string_equal (keys, "/keys");
    free (keys);
    rmdir (newer);
    rmdir (older);
    rmdir (home);
    free (newer);
    free (older);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_nothing_then_the_defaults),
        cmocka_unit_test (test_given_issuers_then_they_are_told_in_order),
        cmocka_unit_test (test_given_the_older_folder_then_it_is_read_alone_or_too),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
