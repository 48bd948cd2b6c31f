//  keccak: published cases, on both sides of a full block.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "broker/identity/keccak.h"
#include "tests/broker/identity/vectors.h"

static void
published_cases_hold (void **state)
{
    (void) state;
    cJSON *json = vectors_read ("keccak256");
    const cJSON *row;
    size_t count = 0;
    cJSON_ArrayForEach (row, vectors_get (json, "vectors"))
    {
        uint8_t bytes[1024];
        uint8_t wanted[BR_KECCAK_BYTES];
        uint8_t hash[BR_KECCAK_BYTES];
        const char *text = vectors_text (row, "utf8");
        size_t size = text ? strlen (text)
                           : (size_t) cJSON_GetNumberValue (vectors_get (row, "len"));
        assert_true (size <= sizeof bytes);
        for (size_t i = 0; i < size; i++)
            bytes[i] = text ? (uint8_t) text[i] : (uint8_t) i;
        vectors_hex (row, "keccak256", wanted, sizeof wanted);
        br_keccak256 (bytes, size, hash);
        assert_memory_equal (hash, wanted, sizeof wanted);
        count++;
    }
    assert_true (count > 20);
    cJSON_Delete (json);
}

static void
nothing_at_all_has_a_hash (void **state)
{
    (void) state;
    uint8_t hash[BR_KECCAK_BYTES];
    br_keccak256 (NULL, 0, hash);
    assert_int_equal (hash[0], 0xc5);
    assert_int_equal (hash[31], 0x70);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (published_cases_hold),
        cmocka_unit_test (nothing_at_all_has_a_hash),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
