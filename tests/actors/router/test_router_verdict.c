//  router_verdict: the last word after failures in a row.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "actors/router/router_verdict.h"

typedef struct {
    const char *name;
    router_failure_t failures[3]; //  up to one without a code
    br_code_t code;
    unsigned status;
    bool body;
} case_t;

//  a provider's failure with a body
#define HTTP(number, its_code, why)                                                      \
    {                                                                                    \
        .code = its_code, .status = number, .failure = BR_FAILURE_##why, .text = "t",    \
        .headers = { (const uint8_t *) "retry-after\0"                                   \
                                       "7",                                              \
                     14 },                                                               \
    }
#define OWN(its_code, why)                                                               \
    {                                                                                    \
        .code = its_code, .failure = BR_FAILURE_##why, .text = "t"                       \
    }

static const case_t s_cases[] = {
    { "all 429",
      { HTTP (429, BR_EUPLIMIT, RATE), HTTP (429, BR_EUPLIMIT, RATE) },
      BR_EUPLIMIT,
      429,
      true },
    { "a limit of ours last",
      { HTTP (429, BR_EUPLIMIT, RATE), OWN (BR_ELIMIT, LIMITED) },
      BR_EUPLIMIT,
      0,
      false },
    { "a limit of ours first",
      { OWN (BR_ELIMIT, LIMITED), HTTP (429, BR_EUPLIMIT, RATE) },
      BR_EUPLIMIT,
      429,
      true },
    { "limits of ours", { OWN (BR_ELIMIT, LIMITED) }, BR_ELIMIT, 0, true },
    { "all without credit, hidden",
      { HTTP (402, BR_EUPAUTH, CREDIT), HTTP (402, BR_EUPAUTH, CREDIT) },
      BR_EUPAUTH,
      0,
      false },
    { "mixed, without credit last",
      { HTTP (429, BR_EUPLIMIT, RATE), HTTP (429, BR_EUPCREDIT, CREDIT) },
      BR_EUPCREDIT,
      429,
      true },
    { "policy that goes through",
      { OWN (BR_ETIMEOUT, TIMEOUT), HTTP (400, BR_EINVALID, POLICY) },
      BR_EINVALID,
      400,
      true },
    { "policy that does not", { HTTP (403, BR_EUPAUTH, POLICY) }, BR_EUPPOLICY, 0, true },
    { "all timeouts",
      { OWN (BR_ETIMEOUT, TIMEOUT), OWN (BR_ETIMEOUT, TIMEOUT) },
      BR_ETIMEOUT,
      0,
      true },
    { "mixed",
      { HTTP (429, BR_EUPLIMIT, RATE), OWN (BR_ETIMEOUT, TIMEOUT) },
      BR_EUNAVAILABLE,
      0,
      false },
    { "mixed, auth last",
      { HTTP (500, BR_EUPBAD, SERVER), HTTP (401, BR_EUPAUTH, AUTH) },
      BR_EUNAVAILABLE,
      0,
      false },
    { "auth", { HTTP (403, BR_EUPAUTH, AUTH) }, BR_EUPAUTH, 0, false },
    { "mixed, 5xx last",
      { OWN (BR_ETIMEOUT, TIMEOUT), HTTP (503, BR_EUPBAD, OVERLOADED) },
      BR_EUPBAD,
      503,
      true },
    { "400",
      { HTTP (500, BR_EUPBAD, SERVER), HTTP (400, BR_EINVALID, REQUEST) },
      BR_EINVALID,
      400,
      true },
    { "too long, without a status",
      { HTTP (500, BR_EUPBAD, SERVER), OWN (BR_ECONTEXT, CONTEXT) },
      BR_ECONTEXT,
      0,
      true },
    { "404", { HTTP (404, BR_ENOTFOUND, UNKNOWN_MODEL) }, BR_ENOTFOUND, 404, true },
    { "a strange status", { HTTP (302, BR_EUPBAD, INVALID) }, BR_EUPBAD, 0, true },
    { "the client's time has passed",
      { OWN (BR_EUPBAD, SERVER), OWN (BR_ETIMEOUT, CLIENT_TIME) },
      BR_ETIMEOUT,
      0,
      true },
    { "none", { OWN (BR_OK, NONE) }, BR_EUNAVAILABLE, 0, false },
};

static void
the_last_word_fits_the_failures (void **state)
{
    (void) state;
    br_blob_t *body = br_blob_new ("{}", 2);
    for (size_t i = 0; i < sizeof s_cases / sizeof *s_cases; i++) {
        const case_t *row = &s_cases[i];
        router_verdict_t *verdict = router_verdict_new ();
        for (int j = 0; j < 3 && row->failures[j].code; j++) {
            router_failure_t failure = row->failures[j];
            failure.body = body;
            router_verdict_add (verdict, &failure);
        }
        const router_failure_t *word = router_verdict_word (verdict);
        if (word->code != row->code || word->status != row->status
            || (word->body != NULL) != row->body)
            fail_msg ("%s: %s, status %u, %s body", row->name, br_code_name (word->code),
                      word->status, word->body ? "with" : "no");
        assert_non_null (word->text);
        router_verdict_destroy (&verdict);
    }
    br_blob_destroy (&body);
}

static void
what_it_borrows_is_copied (void **state)
{
    (void) state;
    char text[] = "slow down";
    char headers[] = "retry-after\0"
                     "7";
    router_failure_t failure = { .code = BR_EUPLIMIT, .status = 429, .text = text };
    failure.headers = (br_bytes_t) { (const uint8_t *) headers, sizeof headers };
    router_verdict_t *verdict = router_verdict_new ();
    router_verdict_add (verdict, &failure);
    memset (text, 0, sizeof text);
    memset (headers, 0, sizeof headers);
    const router_failure_t *word = router_verdict_word (verdict);
    assert_string_equal (word->text, "slow down");
    assert_memory_equal (word->headers.data,
                         "retry-after\0"
                         "7",
                         sizeof headers);
    router_verdict_destroy (&verdict);
    router_verdict_destroy (&verdict);
}

//  What the word says of when to come back, after failures that say so many ms each.
static void
s_when (br_failure_t failure, unsigned status, const char *told, uint64_t first_ms,
        uint64_t second_ms, const char *expected)
{
    router_verdict_t *verdict = router_verdict_new ();
    br_buf_t headers;
    br_buf_init (&headers, BR_PAIRS_MAX);
    br_pairs_add (&headers, "x-other", "1");
    if (told)
        br_pairs_add (&headers, "Retry-After", told);
    router_failure_t one = { .code = BR_EUPLIMIT, .failure = failure, .status = status };
    one.headers = (br_bytes_t) { headers.data, headers.size };
    one.retry_after_ms = first_ms;
    router_verdict_add (verdict, &one);
    one.retry_after_ms = second_ms;
    router_verdict_add (verdict, &one);
    const router_failure_t *word = router_verdict_word (verdict);
    const char *seconds = br_pairs_get (word->headers, "retry-after");
    assert_string_equal (seconds ? seconds : "", expected);
    assert_string_equal (br_pairs_get (word->headers, "x-other"), "1");
    router_verdict_destroy (&verdict);
    br_buf_free (&headers);
}

static void
the_last_word_says_when_to_come_back (void **state)
{
    (void) state;
    //  all at a limit: who is free first
    s_when (BR_FAILURE_RATE, 429, "7", 2001, 7000, "3");
    s_when (BR_FAILURE_RATE, 429, "7", 0, 7000, "7");
    s_when (BR_FAILURE_RATE, 429, "Wed, 21 Oct 2026 07:28:00 GMT", 9000, 7000,
            "Wed, 21 Oct 2026 07:28:00 GMT");
    s_when (BR_FAILURE_LIMITED, 0, NULL, 30, 50, "1");
    s_when (BR_FAILURE_RATE, 429, NULL, 0, 0, "");
    //  else: what the last one says
    s_when (BR_FAILURE_OVERLOADED, 503, "7", 2000, 7000, "7");
    s_when (BR_FAILURE_OVERLOADED, 503, NULL, 2000, 7000, "7");
    s_when (BR_FAILURE_OVERLOADED, 503, NULL, 2000, 0, "");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_last_word_fits_the_failures),
        cmocka_unit_test (the_last_word_says_when_to_come_back),
        cmocka_unit_test (what_it_borrows_is_copied),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
