//  router_verdict: the last word after failures in a row.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/router/router_verdict.h"

typedef struct {
    const char *name;
    router_failure_t failures[3]; //  up to one without a code
    br_code_t code;
    unsigned status;
    bool body;
} case_t;

//  a provider's failure with a body
#define HTTP(number, its_code, again)                                                    \
    {                                                                                    \
        .code = its_code, .status = number, .retry = again, .text = "t",                 \
        .headers = { (const uint8_t *) "retry-after\0"                                   \
                                       "7",                                              \
                     14 },                                                               \
    }
#define OWN(its_code, again)                                                             \
    {                                                                                    \
        .code = its_code, .retry = again, .text = "t"                                    \
    }

static const case_t s_cases[] = {
    { "all 429",
      { HTTP (429, BR_EUPLIMIT, 1), HTTP (429, BR_EUPLIMIT, 1) },
      BR_EUPLIMIT,
      429,
      true },
    { "all timeouts",
      { OWN (BR_ETIMEOUT, 1), OWN (BR_ETIMEOUT, 1) },
      BR_ETIMEOUT,
      0,
      true },
    { "mixed",
      { HTTP (429, BR_EUPLIMIT, 1), OWN (BR_ETIMEOUT, 1) },
      BR_EUNAVAILABLE,
      0,
      false },
    { "mixed, auth last",
      { HTTP (500, BR_EUPBAD, 1), HTTP (401, BR_EUPAUTH, 1) },
      BR_EUNAVAILABLE,
      0,
      false },
    { "auth", { HTTP (403, BR_EUPAUTH, 1) }, BR_EUPAUTH, 0, false },
    { "mixed, 5xx last",
      { OWN (BR_ETIMEOUT, 1), HTTP (503, BR_EUPBAD, 1) },
      BR_EUPBAD,
      503,
      true },
    { "400",
      { HTTP (500, BR_EUPBAD, 1), HTTP (400, BR_EINVALID, 0) },
      BR_EINVALID,
      400,
      true },
    { "404", { HTTP (404, BR_ENOTFOUND, 1) }, BR_ENOTFOUND, 404, true },
    { "a strange status", { HTTP (302, BR_EUPBAD, 1) }, BR_EUPBAD, 0, true },
    { "one that forbids another try",
      { OWN (BR_EUPBAD, 1), OWN (BR_ETIMEOUT, 0) },
      BR_ETIMEOUT,
      0,
      true },
    { "none", { OWN (BR_OK, 0) }, BR_EUNAVAILABLE, 0, false },
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

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_last_word_fits_the_failures),
        cmocka_unit_test (what_it_borrows_is_copied),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
