//  jwt: published tokens, forged ones, and what is signed here.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "broker/identity/caip.h"
#include "broker/identity/claims.h"
#include "broker/identity/glob_list.h"
#include "tests/broker/identity/vectors.h"

#define NOW_S 1750000000
#define ISSUED_S 1700000000 //  of the published tokens

static br_claims_t *
s_verify (const char *token, br_error_t *reterr)
{
    return br_jwt_verify (token, strlen (token), NOW_S, reterr);
}

//  The reason must say something, and nothing of the token.
static void
s_refused (const char *token, const char *reason)
{
    br_error_t error = { .code = BR_OK };
    br_claims_t *claims = s_verify (token, &error);
    assert_null (claims);
    assert_int_equal (error.code, BR_EAUTH);
    if (!strstr (error.text, reason))
        fail_msg ("%s is no %s", error.text, reason);
    assert_null (strstr (error.text, "eyJ"));
}

static char *
s_base64 (const void *bytes, size_t size)
{
    size_t room = sodium_base64_encoded_len (size,
                                             sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return sodium_bin2base64 (br_alloc (room, 1), room, bytes, size,
                              sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void
s_seed (const cJSON *json, uint8_t *seed)
{
    vectors_hex (json, "seed_hex", seed, 32);
}

//  Signs a header and a payload, whatever they are, with the key for Solana.
static char *
s_forge (const char *header, const char *payload, const uint8_t *seed)
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    uint8_t signature[crypto_sign_BYTES];
    crypto_sign_seed_keypair (key, secret, seed);
    char *head = s_base64 (header, strlen (header));
    char *body = s_base64 (payload, strlen (payload));
    char *message = br_strf ("%s.%s", head, body);
    crypto_sign_detached (signature, NULL, (const uint8_t *) message, strlen (message),
                          secret);
    char *tail = s_base64 (signature, sizeof signature);
    char *token = br_strf ("%s.%s", message, tail);
    free (tail);
    free (message);
    free (body);
    free (head);
    return token;
}

#define GOOD_HEADER "{\"alg\":\"SOL_EDDSA\",\"typ\":\"JWT\"}"
#define ISS "\"iss\":\"" BR_CHAIN_SOLANA ":9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj\""

static void
published_tokens_are_verified (void **state)
{
    (void) state;
    cJSON *json = vectors_read ("web3_jwt");
    const cJSON *row;
    cJSON_ArrayForEach (row, vectors_get (json, "valid"))
    {
        const char *token = vectors_text (row, "token");
        assert_true (br_jwt_is_like (token, strlen (token)));
        if (vectors_text (row, "expect")) {
            s_refused (token, "expired");
            continue;
        }
        br_error_t error = { .code = BR_OK };
        br_claims_t *claims = s_verify (token, &error);
        if (!claims)
            fail_msg ("%s: %s", vectors_text (row, "name"), error.text);
        assert_int_equal (claims->iat, 1700000000);
        br_claims_destroy (&claims);
        char *payload = br_jwt_payload (token, strlen (token), &error);
        assert_string_equal (payload, vectors_text (row, "payload"));
        free (payload);
    }
    cJSON_Delete (json);
}

static void
tokens_that_must_be_refused_are (void **state)
{
    (void) state;
    static const struct {
        const char *name;
        const char *reason;
    } s_rows[] = {
        { "iss swapped", "signature is not that of its issuer" },
        { "alg EIP191K", "not that of its chain" },
        { "chain claim", "not that of its issuer" },
        { "alg none", "alg must be" },
        { "padded", "no base64url" },
        { "two segments", "three parts" },
        { "four segments", "three parts" },
        { "truncated", "must have 64 bytes" },
    };
    cJSON *json = vectors_read ("web3_jwt");
    const cJSON *row;
    size_t count = 0;
    cJSON_ArrayForEach (row, vectors_get (json, "must_reject"))
    {
        assert_true (count < sizeof s_rows / sizeof *s_rows);
        assert_non_null (strstr (vectors_text (row, "case"), s_rows[count].name));
        s_refused (vectors_text (row, "token"), s_rows[count].reason);
        count++;
    }
    assert_int_equal (count, 8);
    cJSON_Delete (json);
}

//  Of a valid token every byte is turned into every near one: none is good.
static void
given_any_other_byte_then_a_token_is_refused (void **state)
{
    (void) state;
    cJSON *json = vectors_read ("web3_jwt");
    const cJSON *row;
    cJSON_ArrayForEach (row, vectors_get (json, "valid"))
    {
        char *token = br_strdup (vectors_text (row, "token"));
        for (size_t i = 0; token[i]; i++)
            for (int bit = 0; bit < 8; bit++) {
                token[i] ^= (char) (1 << bit);
                br_error_t error = { .code = BR_OK };
                br_claims_t *claims = br_jwt_verify (token, strlen (token), 1, &error);
                assert_null (claims);
                assert_int_equal (error.code, BR_EAUTH);
                token[i] ^= (char) (1 << bit);
            }
        free (token);
    }
    cJSON_Delete (json);
}

static void
what_we_sign_is_what_was_published (void **state)
{
    (void) state;
    uint8_t seed[32];
    cJSON *json = vectors_read ("web3_jwt");
    s_seed (json, seed);
    const cJSON *row;
    size_t count = 0;
    cJSON_ArrayForEach (row, vectors_get (json, "valid"))
    {
        const char *token = vectors_text (row, "token");
        if (strncmp (vectors_text (row, "name"), "genA", 4) != 0)
            continue;
        br_claims_t *claims = br_jwt_verify (token, strlen (token), ISSUED_S, NULL);
        assert_non_null (claims);
        char *signed_token = br_jwt_sign (claims, seed, NULL);
        assert_string_equal (signed_token, token);
        free (signed_token);
        br_claims_destroy (&claims);
        count++;
    }
    assert_int_equal (count, 4);
    cJSON_Delete (json);
}

static void
given_a_seed_of_another_then_nothing_is_signed (void **state)
{
    (void) state;
    uint8_t seed[32];
    cJSON *json = vectors_read ("web3_jwt");
    s_seed (json, seed);
    const char *token = vectors_text (cJSON_GetArrayItem (vectors_get (json, "valid"), 0),
                                      "token");
    br_claims_t *claims = s_verify (token, NULL);
    br_error_t error = { .code = BR_OK };
    seed[0] ^= 1;
    assert_null (br_jwt_sign (claims, seed, &error));
    assert_int_equal (error.code, BR_EINVALID);
    seed[0] ^= 1;
    claims->budgeted = true;
    claims->budget_nusd = 1001;
    assert_null (br_jwt_sign (claims, seed, &error));
    assert_non_null (strstr (error.text, "micro-USD"));
    claims->budget_nusd = 1000;
    claims->models = br_alloc (BR_JWT_GLOBS_MAX + 1, sizeof *claims->models);
    for (size_t i = 0; i < BR_JWT_GLOBS_MAX; i++)
        claims->models[i] = br_strf ("%0100d", 1);
    assert_null (br_jwt_sign (claims, seed, &error));
    assert_non_null (strstr (error.text, "over 16384 bytes"));
    br_claims_destroy (&claims);
    cJSON_Delete (json);
}

static void
headers_are_read_strictly (void **state)
{
    (void) state;
    static const struct {
        const char *header;
        const char *reason; //  NULL = good
    } s_rows[] = {
        { GOOD_HEADER, NULL },
        { "{\"alg\":\"SOL_EDDSA\"}", NULL },
        { "{\"typ\":\"JWT\",\"alg\":\"\\u0053OL_EDDSA\"}", NULL },
        { "{\"alg\":\"sol_eddsa\"}", "alg must be" },
        { "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}", "alg must be" },
        { "{\"alg\":null}", "alg must be" },
        { "{}", "alg must be" },
        { "{\"alg\":\"SOL_EDDSA\",\"typ\":\"host+jwt\"}", "typ must be" },
        { "{\"alg\":\"SOL_EDDSA\",\"alg\":\"SOL_EDDSA\"}", "no JSON" },
        { "{\"alg\":\"none\",\"alg\":\"SOL_EDDSA\"}", "no JSON" },
        { "{\"alg\":\"SOL_EDDSA\",\"crit\":[\"exp\"]}", "demands" },
        { "{\"alg\":\"SOL_EDDSA\"", "no JSON" },
        { "[\"SOL_EDDSA\"]", "no JSON" },
        { "", "no JSON" },
    };
    uint8_t seed[32];
    cJSON *json = vectors_read ("web3_jwt");
    s_seed (json, seed);
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++) {
        char *token = s_forge (s_rows[i].header, "{" ISS "}", seed);
        br_claims_t *claims = NULL;
        if (s_rows[i].reason)
            s_refused (token, s_rows[i].reason);
        else {
            claims = s_verify (token, NULL);
            assert_non_null (claims);
        }
        br_claims_destroy (&claims);
        free (token);
    }
    cJSON_Delete (json);
}

static void
a_token_is_valid_while_now_is_before_its_end (void **state)
{
    (void) state;
    uint8_t seed[32];
    cJSON *json = vectors_read ("web3_jwt");
    s_seed (json, seed);
    char *token = s_forge (GOOD_HEADER, "{" ISS ",\"exp\":1000}", seed);
    br_claims_t *claims = br_jwt_verify (token, strlen (token), 999, NULL);
    assert_non_null (claims);
    br_claims_destroy (&claims);
    assert_null (br_jwt_verify (token, strlen (token), 1000, NULL));
    free (token);
    token = s_forge (GOOD_HEADER, "{" ISS ",\"exp\":0}", seed);
    s_refused (token, "expired");
    free (token);
    cJSON_Delete (json);
}

static void
a_token_is_not_of_the_future (void **state)
{
    (void) state;
    uint8_t seed[32];
    cJSON *json = vectors_read ("web3_jwt");
    s_seed (json, seed);
    char *token = s_forge (GOOD_HEADER, "{" ISS ",\"iat\":1000}", seed);
    uint64_t least_s = 1000 - BR_JWT_LEEWAY_S; //  a clock may be ahead
    br_claims_t *claims = br_jwt_verify (token, strlen (token), least_s, NULL);
    assert_non_null (claims);
    br_claims_destroy (&claims);
    br_error_t error;
    assert_null (br_jwt_verify (token, strlen (token), least_s - 1, &error));
    assert_non_null (strstr (error.text, "in the future"));
    free (token);
    cJSON_Delete (json);
}

static void
a_token_over_the_bound_is_refused (void **state)
{
    (void) state;
    char *token = br_alloc (BR_JWT_MAX + 2, 1);
    memset (token, 'A', BR_JWT_MAX + 1);
    token[10] = '.';
    token[20] = '.';
    s_refused (token, "at most 16384 bytes");
    token[BR_JWT_MAX] = 0;
    s_refused (token, "header");
    free (token);
}

static void
some_texts_are_like_a_token (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool is;
    } s_rows[] = {
        { "eyJhbGciOiJub25lIn0.e30.", true },
        { "eyJhbGciOiJub25lIn0.e30.AA", true },
        { "eyJhbGciOiJub25lIn0.e30.AA==", true },
        { "eyJhbGciOiJub25lIn0.e30", false },
        { "eyJhbGciOiJub25lIn0.e30.A.A", false },
        { "W10.e30.AA", false }, //  an array
        { "abc.def.ghi", false },
        { "eyJhbGciOiJub25lIn0.e 0.AA", false },
        { "..", false },
        { "sk-ant-1", false },
        { "", false },
    };
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++)
        assert_int_equal (br_jwt_is_like (s_rows[i].text, strlen (s_rows[i].text)),
                          s_rows[i].is);
}

//  Or else a revoked token would live on in its other spelling.
static void
both_spellings_of_a_signature_have_one_hash (void **state)
{
    (void) state;
    cJSON *json = vectors_read ("web3_jwt");
    const cJSON *row;
    size_t count = 0;
    cJSON_ArrayForEach (row, vectors_get (json, "valid"))
    {
        const char *token = vectors_text (row, "token");
        uint8_t signature[65];
        uint8_t plain[32];
        char wanted[BR_JWT_HASH_ROOM];
        char hash[BR_JWT_HASH_ROOM];
        crypto_hash_sha256 (plain, (const uint8_t *) token, strlen (token));
        sodium_bin2hex (wanted, sizeof wanted, plain, sizeof plain);
        br_jwt_hash (token, strlen (token), hash);
        assert_string_equal (hash, wanted);
        if (vectors_hex (row, "signature_hex", signature, sizeof signature) != 65)
            continue;
        signature[64] -= 27;
        char *tail = s_base64 (signature, sizeof signature);
        char *other = br_strf ("%s.%s", vectors_text (row, "signing_input"), tail);
        br_claims_t *claims = br_jwt_verify (other, strlen (other), ISSUED_S, NULL);
        assert_non_null (claims);
        br_jwt_hash (other, strlen (other), hash);
        assert_string_equal (hash, wanted);
        br_claims_destroy (&claims);
        free (other);
        free (tail);
        count++;
    }
    assert_int_equal (count, 3);
    cJSON_Delete (json);
}

static void
no_token_has_no_payload (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    assert_null (br_jwt_payload ("a.b", 3, &error));
    assert_int_equal (error.code, BR_EINVALID);
    assert_null (br_jwt_payload ("e30.W10.AA", 10, &error));
    assert_null (br_jwt_payload ("", 0, &error));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (published_tokens_are_verified),
        cmocka_unit_test (tokens_that_must_be_refused_are),
        cmocka_unit_test (given_any_other_byte_then_a_token_is_refused),
        cmocka_unit_test (what_we_sign_is_what_was_published),
        cmocka_unit_test (given_a_seed_of_another_then_nothing_is_signed),
        cmocka_unit_test (headers_are_read_strictly),
        cmocka_unit_test (a_token_is_valid_while_now_is_before_its_end),
        cmocka_unit_test (a_token_is_not_of_the_future),
        cmocka_unit_test (a_token_over_the_bound_is_refused),
        cmocka_unit_test (some_texts_are_like_a_token),
        cmocka_unit_test (both_spellings_of_a_signature_have_one_hash),
        cmocka_unit_test (no_token_has_no_payload),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
