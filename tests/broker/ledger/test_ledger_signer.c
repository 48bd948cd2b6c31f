//  ledger_signer: the key is made once, and is private.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "broker/ledger/ledger_signer.h"

typedef struct {
    char folder[64];
    char path[128];
} place_t;

static void
s_make (place_t *place)
{
    strcpy (place->folder, "/tmp/br-signer-XXXXXX");
    assert_non_null (mkdtemp (place->folder));
    snprintf (place->path, sizeof place->path, "%s/keys/node.key", place->folder);
}

static void
s_remove (place_t *place)
{
    char folder[80];
    snprintf (folder, sizeof folder, "%s/keys", place->folder);
    unlink (place->path);
    rmdir (folder);
    assert_int_equal (rmdir (place->folder), 0); //  nothing else was left
}

static unsigned
s_mode (const char *path)
{
    struct stat info;
    assert_int_equal (stat (path, &info), 0);
    return info.st_mode & 07777;
}

static void
the_key_is_made_on_first_use_and_stays (void **state)
{
    (void) state;
    place_t place;
    uint8_t key[LEDGER_PUBLIC_KEY], signature[LEDGER_SIGNATURE];
    br_error_t error = { .code = BR_OK };
    s_make (&place);
    assert_int_equal (ledger_signer_look (place.path, key, &error), -1);
    ledger_signer_t *signer = ledger_signer_new (place.path, &error);
    assert_non_null (signer);
    assert_int_equal (s_mode (place.path), 0600);
    assert_int_equal (ledger_signer_look (place.path, key, &error), 0);
    assert_memory_equal (key, ledger_signer_key (signer), sizeof key);
    ledger_signer_sign (signer, "abc", 3, signature);
    assert_int_equal (
        crypto_sign_verify_detached (signature, (const unsigned char *) "abc", 3, key),
        0);
    assert_int_not_equal (
        crypto_sign_verify_detached (signature, (const unsigned char *) "abd", 3, key),
        0);
    ledger_signer_destroy (&signer);
    signer = ledger_signer_new (place.path, &error);
    assert_memory_equal (key, ledger_signer_key (signer), sizeof key);
    ledger_signer_destroy (&signer);
    s_remove (&place);
}

static void
a_key_that_others_may_read_or_that_is_none_is_refused (void **state)
{
    (void) state;
    place_t place;
    br_error_t error = { .code = BR_OK };
    s_make (&place);
    ledger_signer_t *signer = ledger_signer_new (place.path, &error);
    ledger_signer_destroy (&signer);
    chmod (place.path, 0640);
    assert_null (ledger_signer_new (place.path, &error));
    assert_non_null (strstr (error.text, "chmod 600"));
    chmod (place.path, 0600);
    assert_int_equal (truncate (place.path, 31), 0);
    assert_null (ledger_signer_new (place.path, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "32 bytes"));
    s_remove (&place);
}

static void
a_folder_that_cannot_be_made_is_told (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    assert_null (ledger_signer_new ("/no/such/folder/node.key", &error));
    assert_non_null (strstr (error.text, "/no/such/folder/node.key: No such file"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_key_is_made_on_first_use_and_stays),
        cmocka_unit_test (a_key_that_others_may_read_or_that_is_none_is_refused),
        cmocka_unit_test (a_folder_that_cannot_be_made_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
