//  guard_keys: keys that are denied, in every spelling.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_keys.h"

static void
given_denied_keys_then_every_spelling_of_them_is_known (void **state)
{
    (void) state;
    static const struct {
        const char *key;
        bool expected;
    } rows[] = {
        { "\"force\"", true },
        { "\"Force\"", true },
        { "\"FORCE\"", true },
        { "\"force \"", true },
        { "\"\\tforce\"", true },
        { "\"f\\u006frce\"", true },
        { "\"force\\u200b\"", true },
        { "\"dry-run\"", true },
        { "\"dryRun\"", true },
        { "\"DRY RUN\"", true },
        { "\"-\"", true },
        { "\"_\"", false },
        { "\"forced\"", false },
        { "\"\"", false },
        { "\"force\\u00e9\"", false },
        { "\"force\\ud800\"", false },
    };
    cJSON *list = cJSON_Parse ("[\"force\",\"dry_run\",\"-\"]");
    guard_keys_t *keys = guard_keys_new (list);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (guard_keys_has (keys, rows[i].key, strlen (rows[i].key)) != rows[i].expected)
            fail_msg ("%s", rows[i].key);
    guard_keys_destroy (&keys);
    assert_null (keys);
    guard_keys_destroy (&keys);
    guard_keys_destroy (NULL);
    cJSON_Delete (list);
}

static void
given_no_list_then_no_key_is_denied (void **state)
{
    (void) state;
    guard_keys_t *keys = guard_keys_new (NULL);
    assert_false (guard_keys_has (keys, "\"a\"", 3));
    guard_keys_destroy (&keys);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_denied_keys_then_every_spelling_of_them_is_known),
        cmocka_unit_test (given_no_list_then_no_key_is_denied),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
