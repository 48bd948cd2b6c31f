//  jwt: the three parts of a token, and what its key has to do with them.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json.h"
#include "broker/identity/caip.h"
#include "broker/identity/claims.h"
#include "broker/identity/evm.h"
#include "broker/identity/solana.h"
#include "broker/identity/strict_json.h"

#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define HASH_BYTES 32

//  Where the parts of a token are.
typedef struct {
    const char *token;
    size_t signed_size; //  bytes of header, dot and payload
    struct {
        const char *at;
        size_t size; //  bytes
    } header, payload, signature;
} parts_t;

typedef bool (s_verify_fn) (const br_claims_t *claims, const parts_t *parts,
                            const uint8_t *signature);

//  ---- parts

static int
s_split (const char *token, size_t size, parts_t *ret_parts)
{
    const char *end = token + size;
    const char *first = memchr (token, '.', size);
    const char *second = first ? memchr (first + 1, '.', (size_t) (end - first - 1))
                               : NULL;
    if (!second || memchr (second + 1, '.', (size_t) (end - second - 1)))
        return -1;
    *ret_parts = (parts_t) { .token = token, .signed_size = (size_t) (second - token) };
    ret_parts->header.at = token;
    ret_parts->header.size = (size_t) (first - token);
    ret_parts->payload.at = first + 1;
    ret_parts->payload.size = (size_t) (second - first - 1);
    ret_parts->signature.at = second + 1;
    ret_parts->signature.size = (size_t) (end - second - 1);
    return 0;
}

//  libsodium lets some bytes over 0x7f pass for letters.
static bool
s_is_base64url (const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')
            && c != '-' && c != '_')
            return false;
    }
    return true;
}

//  Bytes of a part with a zero behind them. "caller frees", or NULL when it is no base64url
//  as it must be: without padding, and with no bits left over.
static uint8_t *
s_decode (const char *text, size_t size, size_t *ret_size)
{
    if (!s_is_base64url (text, size))
        return NULL;
    uint8_t *bytes = br_alloc (size / 4 * 3 + 4, 1);
    if (sodium_base642bin (bytes, size / 4 * 3 + 3, text, size, NULL, ret_size, NULL,
                           BASE64)) {
        free (bytes);
        return NULL;
    }
    bytes[*ret_size] = 0;
    return bytes;
}

//  "caller frees"
static char *
s_encode (const void *bytes, size_t size)
{
    size_t room = sodium_base64_encoded_len (size, BASE64);
    char *text = br_alloc (room, 1);
    return sodium_bin2base64 (text, room, bytes, size, BASE64);
}

//  ---- algorithms

static bool
s_verify_solana (const br_claims_t *claims, const parts_t *parts,
                 const uint8_t *signature)
{
    uint8_t key[BR_SOLANA_KEY_BYTES];
    return br_solana_key (claims->address, key) == 0
           && br_solana_has_signed (parts->token, parts->signed_size, signature, key);
}

static bool
s_verify_evm (const br_claims_t *claims, const parts_t *parts, const uint8_t *signature)
{
    uint8_t hash[BR_EVM_HASH_BYTES];
    uint8_t wanted[BR_EVM_ADDRESS_BYTES];
    uint8_t signer[BR_EVM_ADDRESS_BYTES];
    br_evm_message_hash (parts->token, parts->signed_size, hash);
    return br_evm_address_read (claims->address, wanted) == 0
           && br_evm_recover (hash, signature, signer) == 0
           && sodium_memcmp (signer, wanted, sizeof wanted) == 0;
}

static const struct {
    const char *name;
    const char *space;     //  namespace of the issuer's chain
    const char *header;    //  as we write it
    size_t signature_size; //  bytes
    s_verify_fn *verify;
} s_algorithms[] = {
    { "SOL_EDDSA", "solana", "{\"alg\":\"SOL_EDDSA\",\"typ\":\"JWT\"}",
      BR_SOLANA_SIGNATURE_BYTES, s_verify_solana },
    { "EIP191K", "eip155", "{\"alg\":\"EIP191K\",\"typ\":\"JWT\"}",
      BR_EVM_SIGNATURE_BYTES, s_verify_evm },
};
#define ALGORITHMS (sizeof s_algorithms / sizeof *s_algorithms)

//  The row of a token's algorithm, or -1.
static int
s_read_header (const parts_t *parts, br_error_t *reterr)
{
    size_t size;
    uint8_t *json = s_decode (parts->header.at, parts->header.size, &size);
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json ? br_strict_parse (tree, json, size, NULL) : NULL;
    const json_node_t *alg = json_get (tree, root, "alg");
    const json_node_t *typ = json_get (tree, root, "typ");
    size_t row = 0;
    while (row < ALGORITHMS && !json_node_is (tree, alg, s_algorithms[row].name))
        row++;
    int rc = (int) row;
    if (!root)
        rc = br_error_set (reterr, BR_EAUTH,
                           "the token's header is no JSON in base64url");
    else if (row == ALGORITHMS)
        rc = br_error_set (reterr, BR_EAUTH,
                           "the token's alg must be SOL_EDDSA or EIP191K");
    else if (typ && !json_node_is (tree, typ, "JWT"))
        rc = br_error_set (reterr, BR_EAUTH, "the token's typ must be JWT");
    else if (json_get (tree, root, "crit"))
        rc = br_error_set (reterr, BR_EAUTH, "the token demands what is not known here");
    json_tree_destroy (&tree);
    free (json);
    return rc;
}

//  ---- verifying

static br_claims_t *
s_read_payload (const parts_t *parts, br_error_t *reterr)
{
    size_t size;
    uint8_t *json = s_decode (parts->payload.at, parts->payload.size, &size);
    if (!json) {
        br_error_set (reterr, BR_EAUTH, "the token's claims are no base64url");
        return NULL;
    }
    br_claims_t *claims = br_claims_read ((const char *) json, size, reterr);
    free (json);
    return claims;
}

static int
s_check_signature (const br_claims_t *claims, const parts_t *parts, int row,
                   br_error_t *reterr)
{
    size_t size;
    uint8_t *signature = s_decode (parts->signature.at, parts->signature.size, &size);
    int rc = 0;
    if (!signature)
        rc = br_error_set (reterr, BR_EAUTH, "the token's signature is no base64url");
    else if (size != s_algorithms[row].signature_size)
        rc = br_error_set (reterr, BR_EAUTH, "the token's signature must have %zu bytes",
                           s_algorithms[row].signature_size);
    else if (!s_algorithms[row].verify (claims, parts, signature))
        rc = br_error_set (reterr, BR_EAUTH,
                           "the token's signature is not that of its issuer");
    free (signature);
    return rc;
}

br_claims_t *
br_jwt_verify (const char *token, size_t size, uint64_t now_s, br_error_t *reterr)
{
    parts_t parts;
    if (size > BR_JWT_MAX || s_split (token, size, &parts)) {
        br_error_set (reterr, BR_EAUTH, "a token has three parts and at most %u bytes",
                      BR_JWT_MAX);
        return NULL;
    }
    int row = s_read_header (&parts, reterr);
    if (row < 0)
        return NULL;
    br_claims_t *claims = s_read_payload (&parts, reterr);
    if (!claims)
        return NULL;
    int rc = 0;
    if (!br_caip_has_namespace (claims->chain, s_algorithms[row].space))
        rc = br_error_set (reterr, BR_EAUTH, "the token's alg is not that of its chain");
    if (rc == 0)
        rc = s_check_signature (claims, &parts, row, reterr);
    if (rc == 0 && claims->exp && now_s >= claims->exp)
        rc = br_error_set (reterr, BR_EAUTH, "the token has expired");
    if (rc == 0 && claims->iat > now_s + BR_JWT_LEEWAY_S)
        rc = br_error_set (reterr, BR_EAUTH,
                           "the token was issued in the future: look at "
                           "the clocks");
    if (rc)
        br_claims_destroy (&claims);
    return claims;
}

bool
br_jwt_is_like (const char *text, size_t size)
{
    parts_t parts;
    if (s_split (text, size, &parts) || !parts.header.size)
        return false;
    size_t tail = parts.signature.size;
    while (tail && parts.signature.at[tail - 1] == '=')
        tail--;
    if (!s_is_base64url (parts.payload.at, parts.payload.size)
        || !s_is_base64url (parts.signature.at, tail))
        return false;
    size_t json_size;
    uint8_t *json = s_decode (parts.header.at, parts.header.size, &json_size);
    bool is_object = json && json_members (json, json_size, NULL, 0, NULL) == 0;
    free (json);
    return is_object;
}

//  ---- names of tokens

static void
s_hash (const void *bytes, size_t size, char ret_hash[BR_JWT_HASH_ROOM])
{
    uint8_t hash[HASH_BYTES];
    crypto_hash_sha256 (hash, bytes, size);
    sodium_bin2hex (ret_hash, BR_JWT_HASH_ROOM, hash, sizeof hash);
}

void
br_jwt_hash (const char *token, size_t size, char ret_hash[BR_JWT_HASH_ROOM])
{
    parts_t parts;
    size_t signature_size = 0;
    uint8_t *signature = NULL;
    if (s_split (token, size, &parts) == 0)
        signature = s_decode (parts.signature.at, parts.signature.size, &signature_size);
    if (!signature || signature_size != BR_EVM_SIGNATURE_BYTES
        || signature[BR_EVM_SIGNATURE_BYTES - 1] > 1) {
        free (signature);
        s_hash (token, size, ret_hash);
        return;
    }
    signature[BR_EVM_SIGNATURE_BYTES - 1] += 27;
    char *tail = s_encode (signature, signature_size);
    char *whole = br_strf ("%.*s.%s", (int) parts.signed_size, token, tail);
    s_hash (whole, strlen (whole), ret_hash);
    free (whole);
    free (tail);
    free (signature);
}

void
br_jwt_id_hash (const char *id, char ret_hash[BR_JWT_HASH_ROOM])
{
    s_hash (id, strlen (id), ret_hash);
}

char *
br_jwt_payload (const char *token, size_t size, br_error_t *reterr)
{
    parts_t parts;
    size_t json_size;
    uint8_t *json = NULL;
    if (size <= BR_JWT_MAX && s_split (token, size, &parts) == 0)
        json = s_decode (parts.payload.at, parts.payload.size, &json_size);
    if (json && json_members (json, json_size, NULL, 0, NULL) == 0)
        return (char *) json;
    free (json);
    br_error_set (reterr, BR_EINVALID, "no token of three parts");
    return NULL;
}

//  ---- signing

//  Whether a seed is that of the issuer; sets the row of its algorithm.
static int
s_choose (const br_claims_t *claims, const uint8_t *seed, size_t *ret_row,
          br_error_t *reterr)
{
    size_t row = 0;
    while (row < ALGORITHMS
           && !br_caip_has_namespace (claims->chain, s_algorithms[row].space))
        row++;
    char *address = NULL;
    uint8_t bytes[BR_EVM_ADDRESS_BYTES];
    if (row == 0)
        address = br_solana_address (seed);
    else if (row < ALGORITHMS && br_evm_address (seed, bytes, reterr) == 0) {
        address = br_alloc (BR_EVM_ADDRESS_ROOM, 1);
        br_evm_address_text (bytes, address);
    }
    int rc = 0;
    if (!address || strcmp (address, claims->address) != 0)
        rc = br_error_set (reterr, BR_EINVALID,
                           "the seed is not that of an issuer on solana or eip155");
    free (address);
    *ret_row = row;
    return rc;
}

char *
br_jwt_sign (const br_claims_t *claims, const uint8_t *seed, br_error_t *reterr)
{
    size_t row;
    if (s_choose (claims, seed, &row, reterr))
        return NULL;
    char *json = br_claims_text (claims, reterr);
    if (!json)
        return NULL;
    char *header = s_encode (s_algorithms[row].header, strlen (s_algorithms[row].header));
    char *payload = s_encode (json, strlen (json));
    char *message = br_strf ("%s.%s", header, payload);
    uint8_t signature[BR_EVM_SIGNATURE_BYTES];
    int rc = 0;
    if (row == 0)
        br_solana_sign (message, strlen (message), seed, signature);
    else {
        uint8_t hash[BR_EVM_HASH_BYTES];
        br_evm_message_hash (message, strlen (message), hash);
        rc = br_evm_sign (hash, seed, signature, reterr);
    }
    char *tail = s_encode (signature, s_algorithms[row].signature_size);
    char *token = rc ? NULL : br_strf ("%s.%s", message, tail);
    if (token && strlen (token) > BR_JWT_MAX) {
        br_error_set (reterr, BR_EINVALID, "the token would be over %u bytes",
                      BR_JWT_MAX);
        free (token);
        token = NULL;
    }
    free (tail);
    free (message);
    free (payload);
    free (header);
    free (json);
    return token;
}
