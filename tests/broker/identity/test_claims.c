//  claims: both vocabularies, and what is no claim.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/claims.h"

#define ISS "\"iss\":\"eip155:8453:0x6370eF2f4Db3611D657b90667De398a2Cc2a370C\""

static br_claims_t *
s_read (const char *json, br_error_t *reterr)
{
    return br_claims_read (json, strlen (json), reterr);
}

static void
s_refused (const char *json, const char *reason)
{
    br_error_t error = { .code = BR_OK };
    br_claims_t *claims = s_read (json, &error);
    if (claims)
        fail_msg ("%s", json);
    assert_int_equal (error.code, BR_EAUTH);
    if (!strstr (error.text, reason))
        fail_msg ("%s: %s", json, error.text);
}

static void
s_check_full (const char *json)
{
    br_error_t error = { .code = BR_OK };
    br_claims_t *claims = s_read (json, &error);
    assert_string_equal (error.text, "");
    assert_string_equal (claims->chain, "eip155:8453");
    assert_string_equal (claims->address, "0x6370eF2f4Db3611D657b90667De398a2Cc2a370C");
    assert_int_equal (claims->iat, 5);
    assert_int_equal (claims->exp, 6);
    assert_string_equal (claims->id, "x");
    assert_int_equal (claims->scope, BR_SCOPE_ADMIN);
    assert_string_equal (claims->models[0], "a:*");
    assert_null (claims->models[1]);
    assert_string_equal (claims->tools[1], "c");
    assert_true (claims->budgeted);
    assert_int_equal (claims->budget_nusd, 7000);
    assert_int_equal (claims->budget_scope, BR_BUDGET_ACCOUNT);
    assert_int_equal (claims->budget_range, BR_BUDGET_DURATION);
    assert_int_equal (claims->budget_extent, 8);
    br_claims_destroy (&claims);
    assert_null (claims);
}

static void
both_vocabularies_say_the_same (void **state)
{
    (void) state;
    s_check_full ("{" ISS ",\"chain\":\"eip155:8453\",\"iat\":5,\"exp\":6,\"id\":\"x\","
                  "\"scope\":\"admin\",\"models\":[\"a:*\"],\"tools\":[\"b\",\"c\"],"
                  "\"budget\":7,\"budget_scope\":\"account\","
                  "\"budget_range\":{\"type\":\"duration\",\"seconds\":8}}");
    s_check_full ("{" ISS ",\"iat\":5,\"exp\":6,\"jti\":\"x\",\"scp\":\"adm\","
                  "\"mdl\":[\"a:*\"],\"tls\":[\"b\",\"c\"],\"bgt\":7,\"bsc\":\"act\","
                  "\"brg\":{\"type\":\"duration\",\"seconds\":8},\"aud\":[\"other\"]}");
}

static void
what_is_not_said_has_a_default (void **state)
{
    (void) state;
    br_claims_t *claims = s_read ("{" ISS ",\"budget\":0}", NULL);
    assert_int_equal (claims->scope, BR_SCOPE_API);
    assert_int_equal (claims->iat, 0);
    assert_int_equal (claims->exp, 0);
    assert_null (claims->id);
    assert_null (claims->models);
    assert_true (claims->budgeted);
    assert_int_equal (claims->budget_nusd, 0);
    assert_int_equal (claims->budget_scope, BR_BUDGET_SESSION);
    assert_int_equal (claims->budget_range, BR_BUDGET_ALL);
    br_claims_destroy (&claims);
}

static void
an_issuer_may_be_in_any_letters (void **state)
{
    (void) state;
    br_claims_t *claims = s_read (
        "{\"iss\":\"eip155:8453:0x6370ef2f4db3611d657b90667de398a2cc2a370c\"}", NULL);
    assert_string_equal (claims->iss,
                         "eip155:8453:0x6370ef2f4db3611d657b90667de398a2cc2a370c");
    assert_string_equal (claims->address, "0x6370eF2f4Db3611D657b90667De398a2Cc2a370C");
    br_claims_destroy (&claims);
}

static void
wrong_claims_are_refused (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        const char *reason;
    } s_rows[] = {
        { "[]", "no JSON object" },
        { "{", "no JSON object" },
        { "{}", "names no issuer" },
        { "{\"iss\":\"\"}", "iss must be" },
        { "{\"iss\":\"bip122:000000000019d6689c085ae165831e93:1a\"}", "iss must be" },
        { "{\"iss\":\"eip155:8453\"}", "iss must be" },
        { "{\"iss\":\"eip155:8453:0x12\"}", "iss must be" },
        { "{" ISS ",\"chain\":\"eip155:1\"}", "not that of its issuer" },
        { "{" ISS ",\"chain\":\"words\"}", "chain must be" },
        { "{" ISS ",\"chain\":null}", "chain must be" },
        { "{" ISS ",\"iat\":-1}", "iat must be" },
        { "{" ISS ",\"exp\":\"5\"}", "exp must be" },
        { "{" ISS ",\"exp\":null}", "exp must be" },
        { "{" ISS ",\"exp\":1e20}", "exp must be" },
        { "{" ISS ",\"exp\":1,\"exp\":2}", "each member once" },
        { "{" ISS ",\"exp\":1,\"\\u0065xp\":2}", "each member once" },
        { "{" ISS ",\"scope\":\"admin\",\"scp\":\"api\"}", "twice" },
        { "{" ISS ",\"id\":\"a\",\"jti\":\"a\"}", "twice" },
        { "{" ISS ",\"id\":5}", "id must be" },
        { "{" ISS ",\"id\":\"\"}", "id must be" },
        { "{" ISS ",\"scope\":\"root\"}", "scope must be" },
        { "{" ISS ",\"scp\":null}", "scope must be" },
        { "{" ISS ",\"models\":\"*\"}", "models must be" },
        { "{" ISS ",\"mdl\":[1]}", "models must be" },
        { "{" ISS ",\"tools\":{}}", "tools must be" },
        { "{" ISS ",\"budget\":1.5}", "budget must be" },
        { "{" ISS ",\"budget\":9223372036854776}", "budget must be" },
        { "{" ISS ",\"budget\":1,\"budget_scope\":\"all\"}", "budget_scope must be" },
        { "{" ISS ",\"budget\":1,\"budget_range\":\"rounds:1\"}", "budget_range must" },
        { "{" ISS ",\"budget\":1,\"budget_range\":{\"type\":\"rounds\"}}",
          "budget_range must" },
        { "{" ISS ",\"budget\":1,\"budget_range\":{\"type\":\"rounds\",\"count\":0}}",
          "budget_range must" },
        { "{" ISS ",\"budget\":1,\"budget_range\":{\"type\":\"duration\",\"count\":1}}",
          "budget_range must" },
        { "{" ISS ",\"bgt\":1,\"brg\":{\"type\":\"rounds\",\"count\":1,\"count\":2}}",
          "budget_range must" },
        { "{" ISS ",\"budget_range\":{\"type\":\"rounds\",\"count\":1}}",
          "without a budget" },
        { "{" ISS ",\"pol\":\"strict\"}", "pol must be absent" },
    };
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++)
        s_refused (s_rows[i].json, s_rows[i].reason);
}

static void
the_greatest_budget_is_no_more_than_fits (void **state)
{
    (void) state;
    br_claims_t *claims = s_read ("{" ISS ",\"budget\":9223372036854775}", NULL);
    assert_int_equal (claims->budget_nusd, 9223372036854775000);
    br_claims_destroy (&claims);
}

static void
what_is_written_is_read (void **state)
{
    (void) state;
    static const char s_json[] =
        "{" ISS ",\"chain\":\"eip155:8453\",\"iat\":5,\"exp\":6,\"scope\":\"admin\","
        "\"models\":[\"a\\\"\"],\"tools\":[\"b\",\"c\"],\"budget\":7,"
        "\"budget_scope\":\"session\","
        "\"budget_range\":{\"type\":\"rounds\",\"count\":8},\"id\":\"x\"}";
    br_claims_t *claims = s_read (s_json, NULL);
    char *text = br_claims_text (claims, NULL);
    assert_string_equal (text, s_json);
    free (text);
    br_claims_destroy (&claims);
    claims = s_read ("{" ISS ",\"models\":[]}", NULL);
    text = br_claims_text (claims, NULL);
    assert_string_equal (text, "{" ISS ",\"chain\":\"eip155:8453\",\"scope\":\"api\"}");
    free (text);
    br_claims_destroy (&claims);
    br_claims_destroy (&claims);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (both_vocabularies_say_the_same),
        cmocka_unit_test (what_is_not_said_has_a_default),
        cmocka_unit_test (an_issuer_may_be_in_any_letters),
        cmocka_unit_test (wrong_claims_are_refused),
        cmocka_unit_test (the_greatest_budget_is_no_more_than_fits),
        cmocka_unit_test (what_is_written_is_read),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
