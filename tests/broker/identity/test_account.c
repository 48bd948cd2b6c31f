//  account: generated, listed, chosen and removed.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/identity/account.h"
#include "broker/identity/caip.h"
#include "broker/identity/saved_token.h"
#include "tests/broker/identity/folder.h"

static void
a_seed_has_two_addresses (void **state)
{
    folder_add_account (*state);
    br_accounts_t *accounts = br_accounts_new (*state, NULL, NULL);
    assert_int_equal (br_accounts_count (accounts), 1);
    const br_account_t *account = br_accounts_at (accounts, 0);
    assert_string_equal (account->prefix, FOLDER_PREFIX);
    char *solana = br_account_on (account, BR_CHAIN_SOLANA);
    char *evm = br_account_on (account, BR_CHAIN_BASE);
    assert_string_equal (solana, FOLDER_SOLANA);
    assert_string_equal (evm, FOLDER_EVM);
    free (evm);
    free (solana);
    assert_false (account->active);
    assert_null (br_accounts_active (accounts));
    assert_null (br_accounts_at (accounts, 1));
    br_accounts_destroy (&accounts);
    assert_null (accounts);
    br_accounts_destroy (&accounts);
}

static void
a_generated_account_is_the_active_one (void **state)
{
    char *one;
    char *two;
    uint8_t seed[BR_ACCOUNT_SEED_BYTES];
    char *folder = br_strf ("%s/.keys", (char *) *state);
    assert_int_equal (br_account_generate (folder, &one, NULL), 0);
    assert_int_equal (br_account_generate (folder, &two, NULL), 0);
    assert_string_not_equal (one, two);
    br_accounts_t *accounts = br_accounts_new (folder, NULL, NULL);
    assert_int_equal (br_accounts_count (accounts), 2);
    assert_true (strcmp (br_accounts_at (accounts, 0)->prefix,
                         br_accounts_at (accounts, 1)->prefix)
                 < 0);
    assert_string_equal (br_accounts_active (accounts)->prefix, two);
    br_accounts_destroy (&accounts);
    assert_int_equal (br_account_choose (folder, one, NULL), 0);
    accounts = br_accounts_new (folder, NULL, NULL);
    assert_string_equal (br_accounts_active (accounts)->prefix, one);
    assert_string_equal (br_accounts_find (accounts, two, NULL)->prefix, two);
    br_accounts_destroy (&accounts);
    assert_int_equal (br_account_seed (folder, one, seed, NULL), 0);
    char *name = br_strf (".keys/%s/master.json", one);
    assert_int_equal (folder_mode (*state, name), 0600);
    free (name);
    free (folder);
    free (two);
    free (one);
}

static void
broken_accounts_are_left_out_with_a_warning (void **state)
{
    static const char *const s_masters[] = {
        "",
        "{\"algorithm\":\"web3\"}",
        "{\"algorithm\":\"eddsa\",\"seed\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
        "\"}",
        "{\"algorithm\":\"web3\",\"seed\":\"AQID\"}",
        "{\"algorithm\":\"web3\",\"seed\":"
        "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
        "{\"algorithm\":\"web3\",\"seed\":5}",
        "{\"algorithm\":\"web3\",\"seed\":"
        "\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA\"}",
    };
    folder_add_account (*state);
    folder_make (*state, "other");
    folder_make (*state, "virtual");
    folder_write (*state, "active", "nobody\n");
    for (size_t i = 0; i < sizeof s_masters / sizeof *s_masters; i++) {
        folder_write (*state, "other/master.json", s_masters[i]);
        br_conf_words_t *warnings = br_conf_words_new ();
        br_accounts_t *accounts = br_accounts_new (*state, warnings, NULL);
        assert_int_equal (br_accounts_count (accounts), 1);
        assert_null (br_accounts_active (accounts));
        assert_int_equal (br_conf_words_count (warnings), 1);
        assert_non_null (strstr (br_conf_words_at (warnings, 0), "/other"));
        assert_null (strstr (br_conf_words_at (warnings, 0), "AQID"));
        br_accounts_destroy (&accounts);
        br_conf_words_destroy (&warnings);
    }
}

static void
a_removed_account_leaves_its_addresses_marked (void **state)
{
    char *path;
    folder_add_account (*state);
    assert_int_equal (br_account_choose (*state, FOLDER_PREFIX, NULL), 0);
    assert_int_equal (
        br_saved_token_write (*state, FOLDER_PREFIX, "a", "token", &path, NULL), 0);
    free (path);
    br_accounts_t *accounts = br_accounts_new (*state, NULL, NULL);
    assert_int_equal (br_account_remove (*state, br_accounts_active (accounts), NULL), 0);
    br_accounts_destroy (&accounts);
    assert_false (folder_has (*state, FOLDER_PREFIX));
    assert_false (folder_has (*state, "active"));
    assert_true (
        folder_has (*state, "rotated/9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj"));
    assert_true (
        folder_has (*state, "rotated/0x6370eF2f4Db3611D657b90667De398a2Cc2a370C"));
    accounts = br_accounts_new (*state, NULL, NULL);
    assert_int_equal (br_accounts_count (accounts), 0);
    br_accounts_destroy (&accounts);
}

static void
given_no_mark_can_be_made_then_the_account_stays (void **state)
{
    folder_add_account (*state);
    folder_write (*state, "rotated", "no folder");
    br_error_t error = { .code = BR_OK };
    br_accounts_t *accounts = br_accounts_new (*state, NULL, NULL);
    assert_int_equal (br_account_remove (*state, br_accounts_at (accounts, 0), &error),
                      -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_true (folder_has (*state, FOLDER_PREFIX "/master.json"));
    br_accounts_destroy (&accounts);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, folder_setup, folder_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_seed_has_two_addresses),
        TEST (a_generated_account_is_the_active_one),
        TEST (broken_accounts_are_left_out_with_a_warning),
        TEST (a_removed_account_leaves_its_addresses_marked),
        TEST (given_no_mark_can_be_made_then_the_account_stays),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
