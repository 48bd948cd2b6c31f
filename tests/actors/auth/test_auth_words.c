//  auth_words: sentences for callers, rows for the operator.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/auth/auth_words.h"

static auth_budget_t s_budget;

static int
s_setup (void **state)
{
    (void) state;
    s_budget = (auth_budget_t) { .owner = "k1", .account = "acc", .limit_nusd = 500 };
    auth_spend_init (&s_budget.spend, 0);
    auth_spend_asked (&s_budget.spend, 0);
    assert_true (auth_spend_told (&s_budget.spend, 1, 1000000400, 3));
    s_budget.held_nusd = 50;
    s_budget.held_count = 1;
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    auth_spend_free (&s_budget.spend);
    return 0;
}

static void
a_refusal_tells_the_amounts (void **state)
{
    (void) state;
    auth_want_t want = { .limit_nusd = 1000000500, .fixed_nusd = 101 };
    br_error_t error;
    auth_words_refuse (&s_budget, &want, 0, 1, &error);
    assert_int_equal (error.code, BR_EBUDGET);
    assert_string_equal (error.text,
                         "budget exhausted: session has spent $1.000000400 of "
                         "$1.000000500, calls under way hold $0.000000050, and this one "
                         "may cost $0.000000101; it does not reset");
    auth_words_refuse (&s_budget, &want, 70, 1, &error);
    assert_non_null (strstr (error.text, "other calls have not settled in 70 ms"));
}

static void
a_refusal_tells_the_rounds (void **state)
{
    (void) state;
    auth_want_t want = { .limit_nusd = 2000000000, .limit_rounds = 4 };
    br_error_t error;
    s_budget.range = BR_BUDGET_ROUNDS;
    auth_words_refuse (&s_budget, &want, 0, 1, &error);
    assert_string_equal (error.text,
                         "budget exhausted: session has made 3 of 4 rounds, 1 "
                         "are under way; it does not reset");
}

static void
a_refusal_tells_when_there_is_room_again (void **state)
{
    (void) state;
    auth_spend_t *spend = &s_budget.spend;
    auth_spend_init (spend, 10000);
    auth_spend_asked (spend, 0);
    assert_true (auth_spend_told (spend, 1, 0, 0));
    auth_spend_add (spend, 2, 500, 0, 1000);
    auth_want_t want = { .limit_nusd = 500, .fixed_nusd = 1 };
    br_error_t error;
    s_budget.range = BR_BUDGET_DURATION;
    auth_words_refuse (&s_budget, &want, 0, 2500, &error);
    assert_non_null (strstr (error.text, "; there is room again in 9 s"));
}

static void
the_operator_sees_all_of_a_budget (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 4096);
    json_writer_t out = json_writer (&buf);
    auth_words_show (&s_budget, 1, &out);
    assert_string_equal (
        br_buf_text (&buf),
        "{\"account\":\"acc\",\"key\":\"k1\",\"scope\":\"session\",\"range\":\"all\","
        "\"seconds\":0,\"known\":true,\"limit_nusd\":500,\"spent_nusd\":1000000400,"
        "\"held_nusd\":50,\"left_nusd\":0,\"limit_rounds\":0,\"rounds\":3,\"held\":1,"
        "\"waiting\":0,\"reset_ms\":0}");
    br_buf_free (&buf);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_refusal_tells_the_amounts),
        TEST (a_refusal_tells_the_rounds),
        TEST (a_refusal_tells_when_there_is_room_again),
        TEST (the_operator_sees_all_of_a_budget),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
