//  solana: libsodium's Ed25519 with addresses in base58.

#include <sodium.h>
#include <string.h>

#include "broker/identity/base58.h"
#include "broker/identity/solana.h"

char *
br_solana_address (const uint8_t *seed)
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair (key, secret, seed);
    sodium_memzero (secret, sizeof secret);
    return br_base58 (key, sizeof key);
}

int
br_solana_key (const char *address, uint8_t ret_key[BR_SOLANA_KEY_BYTES])
{
    uint8_t key[BR_SOLANA_KEY_BYTES];
    int size = br_base58_read (address, strlen (address), key, sizeof key);
    if (size != (int) sizeof key)
        return -1;
    memcpy (ret_key, key, sizeof key);
    return 0;
}

void
br_solana_sign (const void *message, size_t size, const uint8_t *seed,
                uint8_t ret_signature[BR_SOLANA_SIGNATURE_BYTES])
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair (key, secret, seed);
    crypto_sign_detached (ret_signature, NULL, message, size, secret);
    sodium_memzero (secret, sizeof secret);
}

bool
br_solana_has_signed (const void *message, size_t size, const uint8_t *signature,
                      const uint8_t *key)
{
    return crypto_sign_verify_detached (signature, message, size, key) == 0;
}
