//  evm: published addresses and signatures; what is refused.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "broker/identity/evm.h"
#include "tests/broker/identity/vectors.h"

static void
s_check_signature (const cJSON *row, const uint8_t *seed, const uint8_t *address)
{
    uint8_t hash[BR_EVM_HASH_BYTES];
    uint8_t wanted[BR_EVM_SIGNATURE_BYTES];
    uint8_t signature[BR_EVM_SIGNATURE_BYTES];
    uint8_t signer[BR_EVM_ADDRESS_BYTES];
    const char *message = vectors_text (row, "message_utf8");
    vectors_hex (row, "eip191_hash", wanted, sizeof wanted);
    br_evm_message_hash (message, strlen (message), hash);
    assert_memory_equal (hash, wanted, sizeof hash);
    vectors_hex (row, "signature_rsv_hex", wanted, sizeof wanted);
    assert_int_equal (br_evm_sign (hash, seed, signature, NULL), 0);
    assert_memory_equal (signature, wanted, sizeof wanted);
    assert_int_equal (br_evm_recover (hash, signature, signer), 0);
    assert_memory_equal (signer, address, sizeof signer);
    signature[BR_EVM_SIGNATURE_BYTES - 1] -= 27;
    assert_int_equal (br_evm_recover (hash, signature, signer), 0);
    assert_memory_equal (signer, address, sizeof signer);
    signature[BR_EVM_SIGNATURE_BYTES - 1] ^= 1;
    if (br_evm_recover (hash, signature, signer) == 0)
        assert_memory_not_equal (signer, address, sizeof signer);
}

static void
published_cases_hold (void **state)
{
    (void) state;
    cJSON *json = vectors_read ("secp256k1_evm");
    const cJSON *row;
    cJSON_ArrayForEach (row, vectors_get (json, "vectors"))
    {
        uint8_t seed[BR_EVM_SEED_BYTES];
        uint8_t address[BR_EVM_ADDRESS_BYTES];
        char text[BR_EVM_ADDRESS_ROOM];
        vectors_hex (row, "private_key", seed, sizeof seed);
        assert_int_equal (br_evm_address (seed, address, NULL), 0);
        br_evm_address_text (address, text);
        assert_string_equal (text, vectors_text (row, "address_eip55"));
        const cJSON *signature;
        cJSON_ArrayForEach (signature, vectors_get (row, "signatures"))
        {
            s_check_signature (signature, seed, address);
        }
    }
    cJSON_Delete (json);
}

static void
given_a_high_s_then_nobody_has_signed (void **state)
{
    (void) state;
    cJSON *json = vectors_read ("secp256k1_evm");
    const cJSON *row = cJSON_GetArrayItem (vectors_get (json, "negative"), 0);
    uint8_t signature[BR_EVM_SIGNATURE_BYTES];
    uint8_t hash[BR_EVM_HASH_BYTES];
    uint8_t signer[BR_EVM_ADDRESS_BYTES];
    const char *message = vectors_text (row, "message_utf8");
    vectors_hex (row, "signature_rsv_hex", signature, sizeof signature);
    br_evm_message_hash (message, strlen (message), hash);
    assert_int_equal (br_evm_recover (hash, signature, signer), -1);
    cJSON_Delete (json);
}

static void
given_no_signature_then_nobody_has_signed (void **state)
{
    (void) state;
    uint8_t hash[BR_EVM_HASH_BYTES] = { 1 };
    uint8_t signer[BR_EVM_ADDRESS_BYTES];
    uint8_t signature[BR_EVM_SIGNATURE_BYTES] = { 0 };
    assert_int_equal (br_evm_recover (hash, signature, signer), -1);
    memset (signature, 255, sizeof signature);
    assert_int_equal (br_evm_recover (hash, signature, signer), -1);
    for (unsigned last = 0; last < 256; last++) {
        memset (signature, 1, sizeof signature);
        signature[BR_EVM_SIGNATURE_BYTES - 1] = (uint8_t) last;
        int rc = br_evm_recover (hash, signature, signer);
        if (last > 1 && last != 27 && last != 28)
            assert_int_equal (rc, -1);
    }
}

static void
a_seed_that_is_no_key_is_refused (void **state)
{
    (void) state;
    uint8_t seed[BR_EVM_SEED_BYTES] = { 0 };
    uint8_t address[BR_EVM_ADDRESS_BYTES];
    uint8_t signature[BR_EVM_SIGNATURE_BYTES];
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_evm_address (seed, address, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    memset (seed, 255, sizeof seed);
    assert_int_equal (br_evm_sign (seed, seed, signature, &error), -1);
}

static void
letters_of_an_address_are_checked (void **state)
{
    (void) state;
    cJSON *json = vectors_read ("eip55");
    const cJSON *row;
    cJSON_ArrayForEach (row, vectors_get (json, "vectors"))
    {
        uint8_t address[BR_EVM_ADDRESS_BYTES];
        char text[BR_EVM_ADDRESS_ROOM];
        assert_int_equal (br_evm_address_read (vectors_text (row, "lower"), address), 0);
        br_evm_address_text (address, text);
        assert_string_equal (text, vectors_text (row, "checksummed"));
        assert_true (br_evm_address_is_right (text));
        assert_true (br_evm_address_is_right (vectors_text (row, "lower")));
    }
    cJSON_ArrayForEach (row, vectors_get (json, "must_reject_mixed_case"))
    {
        assert_false (br_evm_address_is_right (cJSON_GetStringValue (row)));
    }
    cJSON_Delete (json);
    assert_true (br_evm_address_is_right ("0xDE709F2102306220921060314715629080E2FB77"));
    assert_false (br_evm_address_is_right ("0xde709f2102306220921060314715629080e2fb7"));
    assert_false (br_evm_address_is_right ("0Xde709f2102306220921060314715629080e2fb77"));
    assert_false (br_evm_address_is_right ("0xde709f2102306220921060314715629080e2fb7g"));
    assert_false (br_evm_address_is_right (""));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (published_cases_hold),
        cmocka_unit_test (given_a_high_s_then_nobody_has_signed),
        cmocka_unit_test (given_no_signature_then_nobody_has_signed),
        cmocka_unit_test (a_seed_that_is_no_key_is_refused),
        cmocka_unit_test (letters_of_an_address_are_checked),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
