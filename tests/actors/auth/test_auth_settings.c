//  auth_settings: what a slice may say.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/auth/auth_settings.h"

static void
a_slice_names_a_folder_and_issuers (void **state)
{
    (void) state;
    auth_settings_t *settings = auth_settings_new (
        "{\"keys\":\"/k\",\"trusted_issuers\":[\"solana:c:a\",\"eip155:1:0x\"]}", NULL);
    assert_string_equal (auth_settings_keys (settings), "/k");
    assert_string_equal (auth_settings_issuers (settings)[1], "eip155:1:0x");
    assert_null (auth_settings_issuers (settings)[2]);
    auth_settings_destroy (&settings);
    assert_null (settings);
    settings = auth_settings_new ("{}", NULL);
    assert_string_equal (auth_settings_keys (settings), "");
    assert_string_equal (auth_settings_older_keys (settings), "");
    assert_null (auth_settings_issuers (settings)[0]);
    auth_settings_destroy (&settings);
}

static void
what_makes_no_sense_is_refused (void **state)
{
    (void) state;
    static const struct {
        const char *slice;
        const char *word;
    } cases[] = {
        { "", "slice" },
        { "[]", "slice" },
        { "{\"keys\":1}", "keys" },
        { "{\"older_keys\":1}", "older_keys" },
        { "{\"trusted_issuers\":{}}", "trusted_issuers" },
        { "{\"keys\":\"k\",\"trusted_issuers\":[\"a\",1]}", "CAIP-10" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (auth_settings_new (cases[i].slice, &error));
        assert_int_equal (error.code, BR_ECONFIG);
        assert_non_null (strstr (error.text, cases[i].word));
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_slice_names_a_folder_and_issuers),
        cmocka_unit_test (what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
