//  solana: published addresses and signatures; what is refused.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "broker/identity/solana.h"
#include "tests/broker/identity/vectors.h"

static void
published_cases_hold (void **state)
{
    (void) state;
    cJSON *json = vectors_read ("ed25519_solana");
    const cJSON *row;
    cJSON_ArrayForEach (row, vectors_get (json, "vectors"))
    {
        uint8_t seed[BR_SOLANA_SEED_BYTES];
        uint8_t key[BR_SOLANA_KEY_BYTES];
        uint8_t wanted_key[BR_SOLANA_KEY_BYTES];
        uint8_t message[2048];
        uint8_t wanted[BR_SOLANA_SIGNATURE_BYTES];
        uint8_t signature[BR_SOLANA_SIGNATURE_BYTES];
        vectors_hex (row, "seed", seed, sizeof seed);
        vectors_hex (row, "pubkey", wanted_key, sizeof wanted_key);
        vectors_hex (row, "signature_hex", wanted, sizeof wanted);
        size_t size = vectors_hex (row, "msg_hex", message, sizeof message);
        char *address = br_solana_address (seed);
        assert_string_equal (address, vectors_text (row, "solana_address"));
        assert_int_equal (br_solana_key (address, key), 0);
        assert_memory_equal (key, wanted_key, sizeof key);
        br_solana_sign (message, size, seed, signature);
        assert_memory_equal (signature, wanted, sizeof wanted);
        assert_true (br_solana_has_signed (message, size, signature, key));
        signature[5] ^= 1;
        assert_false (br_solana_has_signed (message, size, signature, key));
        signature[5] ^= 1;
        key[3] ^= 1;
        assert_false (br_solana_has_signed (message, size, signature, key));
        free (address);
    }
    cJSON_Delete (json);
}

static void
a_key_has_32_bytes (void **state)
{
    (void) state;
    uint8_t key[BR_SOLANA_KEY_BYTES];
    assert_int_equal (br_solana_key ("", key), -1);
    assert_int_equal (br_solana_key ("2g", key), -1);
    assert_int_equal (br_solana_key ("1111111111111111111111111111111111", key), -1);
    assert_int_equal (br_solana_key ("11111111111111111111111111111111", key), 0);
}

static void
a_key_that_all_could_sign_for_is_refused (void **state)
{
    (void) state;
    uint8_t key[BR_SOLANA_KEY_BYTES] = { 1 };
    uint8_t signature[BR_SOLANA_SIGNATURE_BYTES] = { 1 };
    assert_false (br_solana_has_signed ("a", 1, signature, key));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (published_cases_hold),
        cmocka_unit_test (a_key_has_32_bytes),
        cmocka_unit_test (a_key_that_all_could_sign_for_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
