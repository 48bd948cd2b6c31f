//  keystore: who is let in, and who no more.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "broker/identity/account.h"
#include "broker/identity/keystore.h"
#include "broker/identity/saved_token.h"
#include "broker/identity/virtual_keys.h"
#include "tests/broker/identity/folder.h"
#include "tests/broker/identity/vectors.h"

#define NOW_S 1750000000

//  A token of the account of folder.h. id may be NULL. "caller frees"
static char *
s_sign (const char *iss, const char *id, uint64_t exp)
{
    uint8_t seed[32];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t) (i + 1);
    const char *address = strrchr (iss, ':') + 1;
    br_claims_t *claims = BR_NEW (br_claims_t);
    claims->iss = br_strdup (iss);
    claims->chain = br_strndup (iss, (size_t) (address - 1 - iss));
    claims->address = br_strdup (address);
    claims->id = br_strdup (id);
    claims->iat = 1700000000;
    claims->exp = exp;
    claims->budgeted = true;
    claims->budget_nusd = 5000;
    claims->budget_scope = BR_BUDGET_ACCOUNT;
    char *token = br_jwt_sign (claims, seed, NULL);
    assert_non_null (token);
    br_claims_destroy (&claims);
    return token;
}

static void
s_let_in (br_keystore_t *keys, const char *credential, const char *account)
{
    br_error_t error = { .code = BR_OK };
    br_identity_t *identity = br_keystore_verify (keys, credential, NOW_S, &error);
    if (!identity)
        fail_msg ("%s", error.text);
    assert_string_equal (identity->account, account);
    br_identity_destroy (&identity);
    assert_null (identity);
}

static void
s_refused (br_keystore_t *keys, const char *credential, const char *reason)
{
    br_error_t error = { .code = BR_OK };
    assert_null (br_keystore_verify (keys, credential, NOW_S, &error));
    assert_int_equal (error.code, BR_EAUTH);
    if (!strstr (error.text, reason))
        fail_msg ("%s is not %s", error.text, reason);
}

static void
an_empty_folder_lets_nobody_in (void **state)
{
    char *folder = br_strf ("%s/none", (char *) *state);
    char *token = s_sign (FOLDER_SOLANA, NULL, 0);
    br_keystore_t *keys = br_keystore_new (folder, NULL, NULL);
    s_refused (keys, token, "not trusted here");
    s_refused (keys, "brvk_x", "no such virtual key");
    s_refused (keys, "words", "three parts");
    s_refused (keys, "", "three parts");
    assert_null (br_keystore_warning (keys, 0));
    br_keystore_destroy (&keys);
    assert_null (keys);
    br_keystore_destroy (&keys);
    free (token);
    free (folder);
}

static void
a_local_account_is_let_in_on_every_chain (void **state)
{
    folder_add_account (*state);
    br_keystore_t *keys = br_keystore_new (*state, NULL, NULL);
    static const char *const s_issuers[] = {
        FOLDER_SOLANA,
        FOLDER_EVM,
        "eip155:4217:0x6370eF2f4Db3611D657b90667De398a2Cc2a370C",
    };
    for (size_t i = 0; i < sizeof s_issuers / sizeof *s_issuers; i++) {
        char *token = s_sign (s_issuers[i], NULL, 0);
        s_let_in (keys, token, s_issuers[i]);
        free (token);
    }
    br_keystore_destroy (&keys);
}

static void
an_identity_has_what_the_token_says (void **state)
{
    char hash[BR_JWT_HASH_ROOM];
    folder_add_account (*state);
    br_keystore_t *keys = br_keystore_new (*state, NULL, NULL);
    char *token = s_sign (FOLDER_SOLANA, "x", NOW_S + 1);
    br_identity_t *identity = br_keystore_verify (keys, token, NOW_S, NULL);
    br_jwt_hash (token, strlen (token), hash);
    assert_int_equal (strlen (identity->key), 16);
    assert_memory_equal (identity->key, hash, 16);
    assert_int_equal (identity->issued_s, 1700000000);
    assert_int_equal (identity->expires_s, NOW_S + 1);
    assert_true (identity->budgeted);
    assert_int_equal (identity->budget_nusd, 5000);
    assert_int_equal (identity->budget_scope, BR_BUDGET_ACCOUNT);
    assert_int_equal (identity->concurrency, 0);
    br_identity_destroy (&identity);
    br_identity_destroy (&identity);
    assert_null (br_keystore_verify (keys, token, NOW_S + 1, NULL));
    free (token);
    br_keystore_destroy (&keys);
}

static void
published_tokens_are_let_in_where_their_issuers_are_trusted (void **state)
{
    cJSON *json = vectors_read ("web3_jwt");
    char *trusted[] = { (char[]) { FOLDER_SOLANA },
                        (char[]) {
                            "eip155:8453:0x6370ef2f4db3611d657b90667de398a2cc2a370c" },
                        (char[]) { "words" }, NULL };
    br_keystore_t *keys = br_keystore_new (*state, trusted, NULL);
    const cJSON *row;
    cJSON_ArrayForEach (row, vectors_get (json, "valid"))
    {
        const char *token = vectors_text (row, "token");
        bool solana = strstr (vectors_text (row, "payload"), "solana:") != NULL;
        assert_true (br_identity_is_like (token));
        if (vectors_text (row, "expect"))
            s_refused (keys, token, "expired");
        else
            s_let_in (keys, token, solana ? FOLDER_SOLANA : FOLDER_EVM);
    }
    cJSON_ArrayForEach (row, vectors_get (json, "must_reject"))
    {
        s_refused (keys, vectors_text (row, "token"), "token");
    }
    char *token = s_sign ("eip155:1:0x6370eF2f4Db3611D657b90667De398a2Cc2a370C", NULL, 0);
    s_refused (keys, token, "not trusted here");
    free (token);
    assert_non_null (strstr (br_keystore_warning (keys, 0), "no account: words"));
    assert_null (br_keystore_warning (keys, 1));
    br_keystore_destroy (&keys);
    cJSON_Delete (json);
}

static void
given_a_mark_then_a_token_is_refused_after_the_next_read (void **state)
{
    char hash[BR_JWT_HASH_ROOM];
    folder_add_account (*state);
    br_keystore_t *keys = br_keystore_new (*state, NULL, NULL);
    char *one = s_sign (FOLDER_SOLANA, NULL, 0);
    char *two = s_sign (FOLDER_SOLANA, "two", 0);
    br_jwt_hash (one, strlen (one), hash);
    assert_int_equal (br_saved_token_revoke (*state, hash, NULL), 0);
    s_let_in (keys, one, FOLDER_SOLANA);
    assert_int_equal (br_keystore_read (keys, NULL), 0);
    s_refused (keys, one, "was revoked");
    s_let_in (keys, two, FOLDER_SOLANA);
    br_jwt_id_hash ("two", hash);
    assert_int_equal (br_saved_token_revoke (*state, hash, NULL), 0);
    assert_int_equal (br_keystore_read (keys, NULL), 0);
    s_refused (keys, two, "was revoked");
    free (two);
    free (one);
    br_keystore_destroy (&keys);
}

static void
given_the_account_is_gone_then_its_credentials_are_refused (void **state)
{
    char secret[BR_VIRTUAL_ROOM];
    char *trusted[] = { (char[]) { FOLDER_SOLANA }, NULL };
    folder_add_account (*state);
    br_virtual_key_t *key = br_virtual_key_new ();
    free (key->account);
    key->account = br_strdup (FOLDER_SOLANA);
    assert_int_equal (br_virtual_keys_make (*state, key, secret, NULL), 0);
    br_virtual_key_destroy (&key);
    char *token = s_sign (FOLDER_SOLANA, NULL, 0);
    br_keystore_t *keys = br_keystore_new (*state, trusted, NULL);
    s_let_in (keys, token, FOLDER_SOLANA);
    s_let_in (keys, secret, FOLDER_SOLANA);
    br_accounts_t *accounts = br_accounts_new (*state, NULL, NULL);
    assert_int_equal (br_account_remove (*state, br_accounts_at (accounts, 0), NULL), 0);
    br_accounts_destroy (&accounts);
    assert_int_equal (br_keystore_read (keys, NULL), 0);
    s_refused (keys, token, "removed");
    s_refused (keys, secret, "removed");
    br_keystore_destroy (&keys);
    free (token);
}

static void
a_virtual_key_has_the_rights_of_its_file (void **state)
{
    char secret[BR_VIRTUAL_ROOM];
    char next_secret[BR_VIRTUAL_ROOM];
    br_virtual_key_t *key = br_virtual_key_new ();
    free (key->account);
    key->account = br_strdup ("eng");
    key->scope = BR_SCOPE_ADMIN;
    key->expires_s = NOW_S + 1;
    key->created_s = 7;
    key->tokens_per_minute = 8;
    key->budgeted = true;
    key->budget_nusd = 9;
    assert_int_equal (br_virtual_keys_make (*state, key, secret, NULL), 0);
    br_keystore_t *keys = br_keystore_new (*state, NULL, NULL);
    assert_true (br_identity_is_like (secret));
    br_identity_t *identity = br_keystore_verify (keys, secret, NOW_S, NULL);
    assert_string_equal (identity->account, "eng");
    assert_string_equal (identity->key, key->id);
    assert_int_equal (identity->scope, BR_SCOPE_ADMIN);
    assert_int_equal (identity->issued_s, 7);
    assert_int_equal (identity->tokens_per_minute, 8);
    assert_int_equal (identity->budget_nusd, 9);
    br_identity_destroy (&identity);
    br_error_t error = { .code = BR_OK };
    assert_null (br_keystore_verify (keys, secret, NOW_S + 1, &error));
    assert_non_null (strstr (error.text, "expired"));
    s_refused (keys, key->id, "no such");
    s_refused (keys, "brvk_", "no such");
    br_virtual_key_t *next;
    assert_int_equal (
        br_virtual_keys_rotate (*state, key, NOW_S, next_secret, &next, NULL), 0);
    assert_int_equal (br_keystore_read (keys, NULL), 0);
    s_refused (keys, secret, "replaced");
    s_let_in (keys, next_secret, "eng");
    assert_int_equal (br_virtual_keys_revoke (*state, next, NULL), 0);
    assert_int_equal (br_keystore_read (keys, NULL), 0);
    s_refused (keys, next_secret, "revoked");
    br_virtual_key_destroy (&next);
    br_virtual_key_destroy (&key);
    br_keystore_destroy (&keys);
}

static void
given_the_folder_cannot_be_read_then_nothing_changes (void **state)
{
    folder_add_account (*state);
    br_keystore_t *keys = br_keystore_new (*state, NULL, NULL);
    char *token = s_sign (FOLDER_SOLANA, NULL, 0);
    folder_write (*state, "revoked", "no folder");
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_keystore_read (keys, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    s_let_in (keys, token, FOLDER_SOLANA);
    br_keystore_destroy (&keys);
    assert_null (br_keystore_new (*state, NULL, &error));
    free (token);
}

static void
broken_files_are_told (void **state)
{
    folder_make (*state, "virtual");
    folder_write (*state, "virtual/brvk_id_x.json", "{");
    br_keystore_t *keys = br_keystore_new (*state, NULL, NULL);
    assert_non_null (strstr (br_keystore_warning (keys, 0), "brvk_id_x.json"));
    assert_null (br_keystore_warning (keys, 1));
    br_keystore_destroy (&keys);
}

static void
keys_of_others_are_not_like_ours (void **state)
{
    (void) state;
    assert_false (br_identity_is_like ("sk-proj-1"));
    assert_false (br_identity_is_like ("dummy"));
    assert_false (br_identity_is_like ("a.b.c"));
    assert_false (br_identity_is_like (""));
}

static void
keys_of_an_older_folder_count_too (void **state)
{
    char secret[BR_VIRTUAL_ROOM];
    br_virtual_key_t *key = br_virtual_key_new ();
    assert_int_equal (br_virtual_keys_make (*state, key, secret, NULL), 0);
    char *newer = br_strf ("%s/none", (char *) *state);
    char *token = s_sign (FOLDER_SOLANA, NULL, 0);
    br_error_t error = { .code = BR_OK };
    folder_add_account (*state);
    br_keystore_t *keys = br_keystore_new (newer, NULL, NULL);
    s_refused (keys, token, "not trusted here");
    s_refused (keys, secret, "no such");
    assert_int_equal (br_keystore_read_too (keys, *state, &error), 0);
    s_let_in (keys, token, FOLDER_SOLANA);
    s_let_in (keys, secret, key->account);
    br_virtual_key_destroy (&key);
    assert_int_equal (br_keystore_read (keys, &error), 0);
    s_let_in (keys, token, FOLDER_SOLANA);
    br_keystore_destroy (&keys);
    free (token);
    free (newer);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, folder_setup, folder_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (an_empty_folder_lets_nobody_in),
        TEST (a_local_account_is_let_in_on_every_chain),
        TEST (an_identity_has_what_the_token_says),
        TEST (published_tokens_are_let_in_where_their_issuers_are_trusted),
        TEST (given_a_mark_then_a_token_is_refused_after_the_next_read),
        TEST (given_the_account_is_gone_then_its_credentials_are_refused),
        TEST (a_virtual_key_has_the_rights_of_its_file),
        TEST (given_the_folder_cannot_be_read_then_nothing_changes),
        TEST (broken_files_are_told),
        TEST (keys_of_an_older_folder_count_too),
        cmocka_unit_test (keys_of_others_are_not_like_ours),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
