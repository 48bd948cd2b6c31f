//  ledger_receipt: what a call has used and cost, as a signed token.
//
//  The signature covers the bytes as they travel: a payload is only looked into once it is
//  found genuine.

#include <string.h>

#include <sodium.h>

#include "broker/core/json.h"
#include "broker/core/json_value.h"
#include "broker/ledger/ledger_claims.h"

#define PARTS 3
#define KEY_HEX (2 * LEDGER_PUBLIC_KEY + 1) //  bytes of a key as text, with its end
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define CODED_MAX sodium_base64_ENCODED_LEN (LEDGER_RECEIPT_MAX, VARIANT)

static const char s_alg[] = "EdDSA";
static const char s_typ[] = "bitrouter-receipt+jwt";

//  ---- writing

static void
s_add_coded (br_buf_t *text, const uint8_t *bytes, size_t size)
{
    char coded[CODED_MAX];
    sodium_bin2base64 (coded, sizeof coded, bytes, size, VARIANT);
    br_buf_adds (text, coded);
}

//  Header and payload, as they are signed.
static int
s_add_signed (br_buf_t *text, const ledger_receipt_t *receipt, const uint8_t *key)
{
    char hex[KEY_HEX];
    br_buf_t json;
    br_buf_init (&json, LEDGER_RECEIPT_MAX);
    json_writer_t writer = json_writer (&json);
    json_open (&writer, NULL, '{');
    json_put_string (&writer, "alg", s_alg);
    json_put_string (&writer, "typ", s_typ);
    sodium_bin2hex (hex, sizeof hex, key, LEDGER_PUBLIC_KEY);
    json_put_string (&writer, "kid", hex);
    json_close (&writer, '}');
    s_add_coded (text, json.data, json.size);
    br_buf_clear (&json);
    br_buf_addc (text, '.');
    writer = json_writer (&json);
    json_open (&writer, NULL, '{');
    ledger_claims_put (receipt, &writer);
    json_close (&writer, '}');
    s_add_coded (text, json.data, json.size);
    int rc = json.overflow || text->overflow ? -1 : 0;
    br_buf_free (&json);
    return rc;
}

int
ledger_receipt_write (const ledger_receipt_t *self, const ledger_signer_t *signer,
                      char *ret_text, br_error_t *reterr)
{
    uint8_t signature[LEDGER_SIGNATURE];
    br_buf_t text;
    br_buf_init (&text, LEDGER_RECEIPT_MAX - 1);
    int rc = s_add_signed (&text, self, ledger_signer_key (signer));
    if (rc == 0) {
        ledger_signer_sign (signer, text.data, text.size, signature);
        br_buf_addc (&text, '.');
        s_add_coded (&text, signature, sizeof signature);
        rc = text.overflow ? -1 : 0;
    }
    if (rc)
        br_error_set (reterr, BR_ETOOBIG, "a receipt would be over %d bytes",
                      LEDGER_RECEIPT_MAX - 1);
    else
        memcpy (ret_text, br_buf_text (&text), text.size + 1);
    br_buf_free (&text);
    return rc;
}

//  ---- reading

static int
s_refuse (const char *why, br_error_t *reterr)
{
    return br_error_set (reterr, BR_EINVALID, "it is no receipt: %s", why);
}

static bool
s_is_blank (char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static br_text_t
s_trim (const char *text)
{
    while (s_is_blank (*text))
        text++;
    size_t size = strlen (text);
    while (size && s_is_blank (text[size - 1]))
        size--;
    return (br_text_t) { text, size };
}

//  The parts between the dots. False unless there are three.
static bool
s_split (br_text_t text, br_text_t parts[PARTS])
{
    size_t count = 0;
    size_t start = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && text.at[i] != '.')
            continue;
        if (count == PARTS)
            return false;
        parts[count++] = (br_text_t) { text.at + start, i - start };
        start = i + 1;
    }
    return count == PARTS;
}

//  libsodium lets some bytes over 0x7f pass for letters.
static bool
s_is_coded (br_text_t part)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789-_";
    for (size_t i = 0; i < part.size; i++)
        if (!memchr (digits, part.at[i], sizeof digits - 1))
            return false;
    return true;
}

//  What a part holds; NULL when it is not written as it must be.
static const uint8_t *
s_decode (br_text_t part, br_arena_t *arena, size_t *ret_size)
{
    if (!s_is_coded (part))
        return NULL;
    uint8_t *bytes = br_arena_take (arena, part.size + 1);
    int rc = sodium_base642bin (bytes, part.size + 1, part.at, part.size, NULL, ret_size,
                                NULL, VARIANT);
    return rc == 0 ? bytes : NULL;
}

static bool
s_is_text (const uint8_t *json, const json_row_t *row, const char *text)
{
    return row->type == JSON_STRING && row->count == 1
           && json_string_is (json + row->offset, row->size, text);
}

static bool
s_get_key (const uint8_t *json, const json_row_t *row, uint8_t key[LEDGER_PUBLIC_KEY])
{
    char hex[KEY_HEX];
    size_t size = 0;
    return row->type == JSON_STRING && row->count == 1
           && json_text (json + row->offset, row->size, hex, sizeof hex) == 0
           && sodium_hex2bin (key, LEDGER_PUBLIC_KEY, hex, strlen (hex), NULL, &size,
                              NULL)
                  == 0
           && size == LEDGER_PUBLIC_KEY;
}

//  The key that a header names.
static int
s_read_header (br_text_t part, br_arena_t *arena, uint8_t key[LEDGER_PUBLIC_KEY],
               br_error_t *reterr)
{
    enum {
        ALG,
        TYP,
        KID,
        CRIT,
        ROWS
    };
    json_row_t rows[ROWS] = { [ALG] = { .key = "alg" },
                              [TYP] = { .key = "typ" },
                              [KID] = { .key = "kid" },
                              [CRIT] = { .key = "crit" } };
    size_t size = 0;
    const uint8_t *json = s_decode (part, arena, &size);
    if (!json || json_members (json, size, rows, ROWS, NULL))
        return s_refuse ("its header cannot be read", reterr);
    if (!s_is_text (json, &rows[ALG], s_alg))
        return s_refuse ("its algorithm is not EdDSA", reterr);
    if (!s_is_text (json, &rows[TYP], s_typ))
        return s_refuse ("its type is another one", reterr);
    if (rows[CRIT].count)
        return s_refuse ("its header asks for what nobody knows", reterr);
    if (!s_get_key (json, &rows[KID], key))
        return s_refuse ("it does not name the key that signed it", reterr);
    return 0;
}

static int
s_check_signature (br_text_t text, br_text_t part, const uint8_t *key, br_arena_t *arena,
                   br_error_t *reterr)
{
    size_t size = 0;
    const uint8_t *signature = s_decode (part, arena, &size);
    if (!signature || size != LEDGER_SIGNATURE)
        return s_refuse ("its signature cannot be read", reterr);
    size_t signed_size = text.size - part.size - 1;
    if (crypto_sign_verify_detached (signature, (const uint8_t *) text.at, signed_size,
                                     key))
        return br_error_set (reterr, BR_EAUTH,
                             "the receipt's signature is wrong: it was changed, or "
                             "another key has signed it");
    return 0;
}

static int
s_read_payload (br_text_t part, br_arena_t *arena, ledger_receipt_t *receipt,
                br_error_t *reterr)
{
    size_t size = 0;
    const uint8_t *json = s_decode (part, arena, &size);
    if (!json)
        return s_refuse ("its payload cannot be read", reterr);
    return ledger_claims_get (receipt, json, size, arena, reterr);
}

int
ledger_receipt_read (ledger_receipt_t *self, const char *text, const uint8_t *key,
                     br_arena_t *arena, uint8_t ret_key[LEDGER_PUBLIC_KEY],
                     br_error_t *reterr)
{
    ledger_receipt_t receipt;
    uint8_t named[LEDGER_PUBLIC_KEY];
    br_text_t parts[PARTS];
    br_text_t all = s_trim (text);
    if (all.size >= LEDGER_RECEIPT_MAX)
        return s_refuse ("it is too long", reterr);
    if (!s_split (all, parts))
        return s_refuse ("it has not three parts", reterr);
    if (s_read_header (parts[0], arena, named, reterr))
        return -1;
    if (key && memcmp (key, named, sizeof named) != 0)
        return br_error_set (reterr, BR_EAUTH, "the receipt is of another key");
    if (s_check_signature (all, parts[2], named, arena, reterr)
        || s_read_payload (parts[1], arena, &receipt, reterr))
        return -1;
    if (self)
        *self = receipt;
    if (ret_key)
        memcpy (ret_key, named, sizeof named);
    return 0;
}
