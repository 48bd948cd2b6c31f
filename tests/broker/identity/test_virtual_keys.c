//  virtual_keys: made, found, revoked and rotated in a folder.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/identity/virtual_keys.h"
#include "tests/broker/identity/folder.h"

//  Makes a key of an account and returns its id. "caller frees"
static char *
s_make (const char *folder, const char *account, char secret[BR_VIRTUAL_ROOM])
{
    br_virtual_key_t *key = br_virtual_key_new ();
    free (key->account);
    key->account = br_strdup (account);
    key->budgeted = true;
    key->budget_nusd = 5;
    key->created_s = 10;
    assert_int_equal (br_virtual_keys_make (folder, key, secret, NULL), 0);
    char *id = br_strdup (key->id);
    br_virtual_key_destroy (&key);
    return id;
}

static void
no_folder_is_an_empty_list (void **state)
{
    br_virtual_keys_t *keys = br_virtual_keys_new (*state, NULL, NULL);
    assert_int_equal (br_virtual_keys_count (keys), 0);
    assert_null (br_virtual_keys_at (keys, 0));
    assert_null (br_virtual_keys_by_hash (keys, "0"));
    br_error_t error = { .code = BR_OK };
    assert_null (br_virtual_keys_find (keys, "brvk_id_0", &error));
    assert_int_equal (error.code, BR_ENOTFOUND);
    br_virtual_keys_destroy (&keys);
    assert_null (keys);
    br_virtual_keys_destroy (&keys);
}

static void
a_key_is_found_by_hash_id_and_itself (void **state)
{
    char secrets[20][BR_VIRTUAL_ROOM];
    char *ids[20];
    for (size_t i = 0; i < 20; i++)
        ids[i] = s_make (*state, "eng", secrets[i]);
    br_virtual_keys_t *keys = br_virtual_keys_new (*state, NULL, NULL);
    assert_int_equal (br_virtual_keys_count (keys), 20);
    for (size_t i = 0; i < 20; i++) {
        char hash[BR_VIRTUAL_HASH_ROOM];
        br_virtual_key_hash (secrets[i], hash);
        const br_virtual_key_t *key = br_virtual_keys_by_hash (keys, hash);
        assert_string_equal (key->id, ids[i]);
        assert_ptr_equal (br_virtual_keys_find (keys, secrets[i], NULL), key);
        assert_ptr_equal (br_virtual_keys_find (keys, ids[i], NULL), key);
        hash[60] = hash[60] == '0' ? '1' : '0';
        assert_null (br_virtual_keys_by_hash (keys, hash));
        hash[17] = 0;
        assert_null (br_virtual_keys_by_hash (keys, hash));
        free (ids[i]);
    }
    br_error_t error = { .code = BR_OK };
    secrets[0][10] ^= 1;
    assert_null (br_virtual_keys_find (keys, secrets[0], &error));
    assert_string_equal (error.text, "No such key");
    br_virtual_keys_destroy (&keys);
}

static void
the_file_is_private_and_does_not_hold_the_key (void **state)
{
    char secret[BR_VIRTUAL_ROOM];
    size_t size;
    char *id = s_make (*state, "eng", secret);
    char *name = br_strf ("virtual/%s.json", id);
    char *path = br_strf ("%s/%s", (char *) *state, name);
    char *text = br_conf_file_read (path, BR_VIRTUAL_FILE_MAX, &size, NULL);
    assert_non_null (text);
    assert_null (strstr (text, secret + 5));
    assert_int_equal (folder_mode (*state, name), 0600);
    assert_int_equal (folder_mode (*state, "virtual"), 0700);
    free (text);
    free (path);
    free (name);
    free (id);
}

static void
without_an_account_a_key_is_one_of_its_own (void **state)
{
    char secret[BR_VIRTUAL_ROOM];
    char *id = s_make (*state, "", secret);
    br_virtual_keys_t *keys = br_virtual_keys_new (*state, NULL, NULL);
    const br_virtual_key_t *key = br_virtual_keys_find (keys, id, NULL);
    assert_string_equal (key->account, id);
    br_virtual_key_t *next;
    assert_int_equal (br_virtual_keys_rotate (*state, key, 20, secret, &next, NULL), 0);
    assert_string_equal (next->account, id);
    assert_string_not_equal (next->id, id);
    br_virtual_key_destroy (&next);
    br_virtual_keys_destroy (&keys);
    free (id);
}

static void
a_revoked_key_stays_revoked (void **state)
{
    char secret[BR_VIRTUAL_ROOM];
    char *id = s_make (*state, "eng", secret);
    br_virtual_keys_t *keys = br_virtual_keys_new (*state, NULL, NULL);
    assert_int_equal (br_virtual_keys_revoke (*state, br_virtual_keys_at (keys, 0), NULL),
                      0);
    br_virtual_keys_destroy (&keys);
    keys = br_virtual_keys_new (*state, NULL, NULL);
    const br_virtual_key_t *key = br_virtual_keys_find (keys, id, NULL);
    assert_true (key->revoked);
    assert_int_equal (key->budget_nusd, 5);
    br_virtual_key_t *next = NULL;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_virtual_keys_rotate (*state, key, 20, secret, &next, &error),
                      -1);
    assert_int_equal (error.code, BR_ECONFLICT);
    br_virtual_keys_destroy (&keys);
    free (id);
}

static void
a_rotated_key_has_a_successor_with_its_rights (void **state)
{
    char secret[BR_VIRTUAL_ROOM];
    char next_secret[BR_VIRTUAL_ROOM];
    char *id = s_make (*state, "eng", secret);
    br_virtual_keys_t *keys = br_virtual_keys_new (*state, NULL, NULL);
    br_virtual_key_t *next;
    assert_int_equal (br_virtual_keys_rotate (*state, br_virtual_keys_at (keys, 0), 20,
                                              next_secret, &next, NULL),
                      0);
    br_virtual_keys_destroy (&keys);
    keys = br_virtual_keys_new (*state, NULL, NULL);
    assert_int_equal (br_virtual_keys_count (keys), 2);
    const br_virtual_key_t *old = br_virtual_keys_find (keys, secret, NULL);
    const br_virtual_key_t *now = br_virtual_keys_find (keys, next_secret, NULL);
    assert_true (old->revoked);
    assert_string_equal (old->replaced_by, next->id);
    assert_false (now->revoked);
    assert_int_equal (now->budget_nusd, 5);
    assert_int_equal (now->created_s, 20);
    assert_string_equal (now->account, "eng");
    br_virtual_key_destroy (&next);
    br_virtual_keys_destroy (&keys);
    free (id);
}

//  Nobody may hold two good keys then, or none.
static void
given_the_old_file_cannot_be_written_then_the_new_key_is_gone (void **state)
{
    char secret[BR_VIRTUAL_ROOM];
    char *id = s_make (*state, "eng", secret);
    br_virtual_keys_t *keys = br_virtual_keys_new (*state, NULL, NULL);
    char *path = br_strf ("%s/virtual/%s.json", (char *) *state, id);
    char *moved = br_strf ("%s/moved", (char *) *state);
    assert_int_equal (rename (path, moved), 0);
    assert_int_equal (mkdir (path, 0700), 0);
    br_virtual_key_t *next = NULL;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_virtual_keys_rotate (*state, br_virtual_keys_at (keys, 0), 20,
                                              secret, &next, &error),
                      -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_null (next);
    assert_int_equal (rmdir (path), 0);
    assert_int_equal (rename (moved, path), 0);
    br_virtual_keys_destroy (&keys);
    keys = br_virtual_keys_new (*state, NULL, NULL);
    assert_int_equal (br_virtual_keys_count (keys), 1);
    assert_false (br_virtual_keys_at (keys, 0)->revoked);
    br_virtual_keys_destroy (&keys);
    free (moved);
    free (path);
    free (id);
}

static void
broken_files_are_left_out_with_a_warning (void **state)
{
    char secret[BR_VIRTUAL_ROOM];
    free (s_make (*state, "eng", secret));
    folder_write (*state, "virtual/brvk_id_broken.json", "{}");
    folder_write (*state, "virtual/brvk_id_0000000000000000.json",
                  "{\"hash\":\"0123456789abcdef0123456789abcdef0123456789abcdef"
                  "0123456789abcdef\",\"account\":\"a\",\"label\":\"\",\"scope\":\"api\","
                  "\"models\":[],\"tools\":[],\"revoked\":false}");
    folder_write (*state, "virtual/other.txt", "{}");
    br_conf_words_t *warnings = br_conf_words_new ();
    br_virtual_keys_t *keys = br_virtual_keys_new (*state, warnings, NULL);
    assert_int_equal (br_virtual_keys_count (keys), 1);
    assert_int_equal (br_conf_words_count (warnings), 2);
    assert_non_null (strstr (br_conf_words_at (warnings, 0), "another id"));
    assert_non_null (strstr (br_conf_words_at (warnings, 1), "brvk_id_broken"));
    br_virtual_keys_destroy (&keys);
    br_conf_words_destroy (&warnings);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, folder_setup, folder_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (no_folder_is_an_empty_list),
        TEST (a_key_is_found_by_hash_id_and_itself),
        TEST (the_file_is_private_and_does_not_hold_the_key),
        TEST (without_an_account_a_key_is_one_of_its_own),
        TEST (a_revoked_key_stays_revoked),
        TEST (a_rotated_key_has_a_successor_with_its_rights),
        TEST (given_the_old_file_cannot_be_written_then_the_new_key_is_gone),
        TEST (broken_files_are_left_out_with_a_warning),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
