//  Fuzzer of tokens: nothing is verified that the key has not signed, claims that are read can
//  be written and read again, and keys in files come back as they were.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/claims.h"
#include "broker/identity/keystore.h"
#include "broker/identity/virtual_key.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static void
s_token (const char *text, size_t size)
{
    br_error_t error = { .code = BR_OK };
    br_claims_t *claims = br_jwt_verify (text, size, 1, &error);
    assert (!claims || br_jwt_is_like (text, size));
    assert (claims || error.code == BR_EAUTH);
    br_claims_destroy (&claims);
    char *payload = br_jwt_payload (text, size, NULL);
    free (payload);
    char hash[BR_JWT_HASH_ROOM];
    br_jwt_hash (text, size, hash);
    assert (strlen (hash) == BR_JWT_HASH_ROOM - 1);
}

static void
s_claims (const char *text, size_t size)
{
    br_claims_t *claims = br_claims_read (text, size, NULL);
    if (!claims)
        return;
    char *once = br_claims_text (claims, NULL);
    br_claims_t *again = br_claims_read (once, strlen (once), NULL);
    assert (again);
    char *twice = br_claims_text (again, NULL);
    assert (strcmp (once, twice) == 0);
    free (twice);
    free (once);
    br_claims_destroy (&again);
    br_claims_destroy (&claims);
}

static void
s_key (const char *text, size_t size)
{
    br_virtual_key_t *key = br_virtual_key_read (text, size, NULL);
    if (!key)
        return;
    char *once = br_virtual_key_text (key);
    br_virtual_key_t *again = br_virtual_key_read (once, strlen (once), NULL);
    assert (again);
    char *twice = br_virtual_key_text (again);
    assert (strcmp (once, twice) == 0);
    free (twice);
    free (once);
    br_virtual_key_destroy (&again);
    br_virtual_key_destroy (&key);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    char *text = br_strndup ((const char *) bytes, size);
    s_token (text, strlen (text));
    s_claims (text, strlen (text));
    s_key (text, strlen (text));
    br_identity_is_like (text);
    free (text);
    return 0;
}
