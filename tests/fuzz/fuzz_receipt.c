//  Fuzzer of receipts: no text is genuine that the key has not signed; what a signed payload
//  says is the same when it is written and read again.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_claims.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define INPUT_MAX 8192 //  bytes of a payload

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

//  Of a fresh key.
static ledger_signer_t *
s_signer (void)
{
    char folder[] = "/tmp/br-fuzz-XXXXXX";
    char *made = mkdtemp (folder);
    assert (made);
    char *path = br_strf ("%s/key", folder);
    ledger_signer_t *signer = ledger_signer_new (path, NULL);
    assert (signer);
    unlink (path);
    rmdir (folder);
    free (path);
    return signer;
}

static void
s_add_coded (br_buf_t *text, const void *bytes, size_t size)
{
    char coded[sodium_base64_ENCODED_LEN (INPUT_MAX, VARIANT)];
    sodium_bin2base64 (coded, sizeof coded, bytes, size, VARIANT);
    br_buf_adds (text, coded);
}

//  The bytes as a payload that is signed as it must be.
static void
s_sign (br_buf_t *text, const ledger_signer_t *signer, const uint8_t *bytes, size_t size)
{
    uint8_t signature[LEDGER_SIGNATURE];
    char hex[2 * LEDGER_PUBLIC_KEY + 1];
    sodium_bin2hex (hex, sizeof hex, ledger_signer_key (signer), LEDGER_PUBLIC_KEY);
    char *header = br_strf ("{\"alg\":\"EdDSA\",\"typ\":\"bitrouter-receipt+jwt\","
                            "\"kid\":\"%s\"}",
                            hex);
    s_add_coded (text, header, strlen (header));
    free (header);
    br_buf_addc (text, '.');
    s_add_coded (text, bytes, size);
    ledger_signer_sign (signer, text->data, text->size, signature);
    br_buf_addc (text, '.');
    s_add_coded (text, signature, sizeof signature);
}

static void
s_payload (const ledger_signer_t *signer, const uint8_t *bytes, size_t size)
{
    char once[LEDGER_RECEIPT_MAX], twice[LEDGER_RECEIPT_MAX];
    ledger_receipt_t receipt, again;
    br_arena_t *arena = br_arena_new ();
    br_buf_t text;
    br_buf_init (&text, 4 * INPUT_MAX);
    s_sign (&text, signer, bytes, size);
    if (ledger_receipt_read (&receipt, br_buf_text (&text), NULL, arena, NULL, NULL) == 0
        && ledger_receipt_write (&receipt, signer, once, NULL) == 0) {
        int rc = ledger_receipt_read (&again, once, ledger_signer_key (signer), arena,
                                      NULL, NULL);
        assert (rc == 0);
        rc = ledger_receipt_write (&again, signer, twice, NULL);
        assert (rc == 0 && strcmp (once, twice) == 0);
        const char *differs = ledger_claims_differ (&again, &receipt.entry);
        assert (differs); //  no row has that hash
    }
    br_buf_free (&text);
    br_arena_destroy (&arena);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    br_arena_t *arena = br_arena_new ();
    ledger_signer_t *signer = s_signer ();
    char *text = br_strndup ((const char *) bytes, size);
    int rc = ledger_receipt_read (NULL, text, ledger_signer_key (signer), arena, NULL,
                                  NULL);
    assert (rc == -1);
    ledger_receipt_t receipt;
    rc = ledger_receipt_read (&receipt, text, NULL, arena, NULL, NULL);
    if (rc == 0)
        assert (strlen (receipt.entry.model) < 256);
    if (size <= INPUT_MAX)
        s_payload (signer, bytes, size);
    free (text);
    ledger_signer_destroy (&signer);
    br_arena_destroy (&arena);
    return 0;
}
