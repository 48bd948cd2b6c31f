//  evm: libsecp256k1 and Keccak-256 put together as Ethereum does it.

#include <ctype.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/evm.h"
#include "broker/identity/keccak.h"

#define POINT_BYTES 65 //  of a public key as it is hashed: 4, x, y
#define V_BASE 27      //  of the last byte of a signature

//  ---- addresses

static void
s_address_of (const secp256k1_pubkey *key, uint8_t *ret_address)
{
    uint8_t point[POINT_BYTES];
    size_t size = sizeof point;
    secp256k1_ec_pubkey_serialize (secp256k1_context_static, point, &size, key,
                                   SECP256K1_EC_UNCOMPRESSED);
    uint8_t hash[BR_KECCAK_BYTES];
    br_keccak256 (point + 1, sizeof point - 1, hash);
    memcpy (ret_address, hash + sizeof hash - BR_EVM_ADDRESS_BYTES, BR_EVM_ADDRESS_BYTES);
}

//  A context that may touch secrets; blinded where there is randomness. "caller destroys"
static secp256k1_context *
s_context (void)
{
    secp256k1_context *context = secp256k1_context_create (SECP256K1_CONTEXT_NONE);
    uint8_t noise[32];
    randombytes_buf (noise, sizeof noise);
    int blinded = secp256k1_context_randomize (context, noise);
    sodium_memzero (noise, sizeof noise);
    if (!blinded)
        abort ();
    return context;
}

int
br_evm_address (const uint8_t *seed, uint8_t ret_address[BR_EVM_ADDRESS_BYTES],
                br_error_t *reterr)
{
    secp256k1_context *context = s_context ();
    secp256k1_pubkey key;
    int good = secp256k1_ec_pubkey_create (context, &key, seed);
    secp256k1_context_destroy (context);
    if (!good)
        return br_error_set (reterr, BR_EINVALID, "the seed is no key of secp256k1");
    s_address_of (&key, ret_address);
    return 0;
}

void
br_evm_address_text (const uint8_t *address, char ret_text[BR_EVM_ADDRESS_ROOM])
{
    static const char s_digits[] = "0123456789abcdef";
    ret_text[0] = '0';
    ret_text[1] = 'x';
    char *digits = ret_text + 2;
    for (size_t i = 0; i < BR_EVM_ADDRESS_BYTES; i++) {
        digits[2 * i] = s_digits[address[i] >> 4];
        digits[2 * i + 1] = s_digits[address[i] & 15];
    }
    digits[2 * BR_EVM_ADDRESS_BYTES] = 0;
    uint8_t hash[BR_KECCAK_BYTES];
    br_keccak256 (digits, 2 * BR_EVM_ADDRESS_BYTES, hash);
    for (size_t i = 0; i < 2 * (size_t) BR_EVM_ADDRESS_BYTES; i++)
        if (hash[i / 2] & (i % 2 ? 0x08 : 0x80))
            digits[i] = (char) toupper ((unsigned char) digits[i]);
}

int
br_evm_address_read (const char *text, uint8_t ret_address[BR_EVM_ADDRESS_BYTES])
{
    if (strlen (text) != BR_EVM_ADDRESS_ROOM - 1 || text[0] != '0' || text[1] != 'x')
        return -1;
    uint8_t address[BR_EVM_ADDRESS_BYTES];
    size_t size;
    if (sodium_hex2bin (address, sizeof address, text + 2, BR_EVM_ADDRESS_ROOM - 3, NULL,
                        &size, NULL)
        || size != sizeof address)
        return -1;
    memcpy (ret_address, address, sizeof address);
    return 0;
}

bool
br_evm_address_is_right (const char *text)
{
    uint8_t address[BR_EVM_ADDRESS_BYTES];
    if (br_evm_address_read (text, address))
        return false;
    bool small = strpbrk (text + 2, "abcdef") != NULL;
    bool large = strpbrk (text + 2, "ABCDEF") != NULL;
    char letters[BR_EVM_ADDRESS_ROOM];
    br_evm_address_text (address, letters);
    return !(small && large) || strcmp (letters, text) == 0;
}

//  ---- messages

void
br_evm_message_hash (const void *message, size_t size,
                     uint8_t ret_hash[BR_EVM_HASH_BYTES])
{
    char head[64];
    int head_size = snprintf (head, sizeof head,
                              "\x19"
                              "Ethereum Signed Message:\n%zu",
                              size);
    uint8_t *bytes = br_alloc ((size_t) head_size + size, 1);
    memcpy (bytes, head, (size_t) head_size);
    if (size)
        memcpy (bytes + head_size, message, size);
    br_keccak256 (bytes, (size_t) head_size + size, ret_hash);
    free (bytes);
}

int
br_evm_sign (const uint8_t *hash, const uint8_t *seed,
             uint8_t ret_signature[BR_EVM_SIGNATURE_BYTES], br_error_t *reterr)
{
    secp256k1_context *context = s_context ();
    secp256k1_ecdsa_recoverable_signature signature;
    int good = secp256k1_ecdsa_sign_recoverable (context, &signature, hash, seed,
                                                 secp256k1_nonce_function_rfc6979, NULL);
    int which = 0;
    if (good)
        secp256k1_ecdsa_recoverable_signature_serialize_compact (context, ret_signature,
                                                                 &which, &signature);
    secp256k1_context_destroy (context);
    if (!good)
        return br_error_set (reterr, BR_EINVALID, "the seed is no key of secp256k1");
    ret_signature[BR_EVM_SIGNATURE_BYTES - 1] = (uint8_t) (V_BASE + which);
    return 0;
}

//  A high s is another spelling of the same signature: whoever sees one could make it.
static bool
s_is_low (const uint8_t *signature)
{
    secp256k1_ecdsa_signature plain;
    if (!secp256k1_ecdsa_signature_parse_compact (secp256k1_context_static, &plain,
                                                  signature))
        return false;
    return !secp256k1_ecdsa_signature_normalize (secp256k1_context_static, NULL, &plain);
}

int
br_evm_recover (const uint8_t *hash, const uint8_t *signature,
                uint8_t ret_address[BR_EVM_ADDRESS_BYTES])
{
    unsigned which = signature[BR_EVM_SIGNATURE_BYTES - 1];
    if (which >= V_BASE)
        which -= V_BASE;
    if (which > 1 || !s_is_low (signature))
        return -1;
    secp256k1_ecdsa_recoverable_signature recoverable;
    secp256k1_pubkey key;
    if (!secp256k1_ecdsa_recoverable_signature_parse_compact (
            secp256k1_context_static, &recoverable, signature, (int) which)
        || !secp256k1_ecdsa_recover (secp256k1_context_static, &key, &recoverable, hash))
        return -1;
    s_address_of (&key, ret_address);
    return 0;
}
