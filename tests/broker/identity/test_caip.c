//  caip: names of chains and accounts.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "broker/identity/caip.h"
#include "tests/broker/identity/vectors.h"

typedef bool (is_fn) (const char *text);

static void
s_all_are (const cJSON *list, is_fn *is, bool wanted)
{
    const cJSON *row;
    assert_true (cJSON_GetArraySize (list) > 0);
    cJSON_ArrayForEach (row, list)
    {
        if (is (cJSON_GetStringValue (row)) != wanted)
            fail_msg ("%s", cJSON_GetStringValue (row));
    }
}

static void
published_cases_hold (void **state)
{
    (void) state;
    cJSON *json = vectors_read ("caip");
    const cJSON *chains = vectors_get (json, "caip2");
    const cJSON *accounts = vectors_get (json, "caip10");
    s_all_are (vectors_get (chains, "valid"), br_caip2_is, true);
    s_all_are (vectors_get (chains, "invalid"), br_caip2_is, false);
    s_all_are (vectors_get (accounts, "valid"), br_caip10_is, true);
    s_all_are (vectors_get (accounts, "invalid"), br_caip10_is, false);
    cJSON_Delete (json);
}

static void
an_account_has_a_chain_and_an_address (void **state)
{
    (void) state;
    assert_string_equal (br_caip10_address ("eip155:1:0xab"), "0xab");
    assert_null (br_caip10_address ("eip155:1"));
    assert_null (br_caip10_address (""));
    assert_true (br_caip_has_namespace ("eip155:1:0xab", "eip155"));
    assert_false (br_caip_has_namespace ("eip1555:1", "eip155"));
    assert_false (br_caip_has_namespace ("eip", "eip155"));
}

static void
s_canonical (const char *text, const char *wanted)
{
    char *account = NULL;
    int rc = br_caip10_canonical (text, &account);
    assert_int_equal (rc, wanted ? 0 : -1);
    if (wanted)
        assert_string_equal (account, wanted);
    free (account);
}

static void
an_account_has_one_spelling (void **state)
{
    (void) state;
    static const char s_evm[] = "eip155:8453:0x6370eF2f4Db3611D657b90667De398a2Cc2a370C";
    static const char s_solana[] = BR_CHAIN_SOLANA
        ":9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj";
    s_canonical (s_evm, s_evm);
    s_canonical ("eip155:8453:0x6370ef2f4db3611d657b90667de398a2cc2a370c", s_evm);
    s_canonical ("eip155:8453:0x6370EF2F4DB3611D657B90667DE398A2CC2A370C", s_evm);
    s_canonical (s_solana, s_solana);
    s_canonical ("bip122:000000000019d6689c085ae165831e93:1abc",
                 "bip122:000000000019d6689c085ae165831e93:1abc");
    s_canonical ("eip155:8453:0x6370", NULL);
    s_canonical ("solana:5eykt:9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUF", NULL);
    s_canonical ("solana:5eykt:0", NULL);
    s_canonical ("words", NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (published_cases_hold),
        cmocka_unit_test (an_account_has_a_chain_and_an_address),
        cmocka_unit_test (an_account_has_one_spelling),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
