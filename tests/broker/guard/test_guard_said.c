//  guard_said: what a client is told of the guardrails.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_said.h"

static void
s_says (uint64_t said, const char *words)
{
    br_buf_t out;
    br_buf_init (&out, 256);
    guard_said_write (said, &out);
    assert_string_equal (br_buf_text (&out), words);
    br_buf_free (&out);
}

static void
given_bits_when_they_are_written_then_each_has_its_word (void **state)
{
    (void) state;
    s_says (0, "");
    s_says (GUARD_SAID_REQUEST_REDACTED, "request-redacted");
    s_says (GUARD_SAID_UNCHECKED, "unchecked");
    s_says (GUARD_SAID_ANSWER_REDACTED, "answer-redacted");
    s_says (GUARD_SAID_ANSWER_UNCHECKED, "answer-unchecked");
}

static void
given_several_bits_when_they_are_written_then_it_is_a_list (void **state)
{
    (void) state;
    s_says (GUARD_SAID_UNCHECKED | GUARD_SAID_REQUEST_REDACTED,
            "request-redacted, unchecked");
    s_says (GUARD_SAID_ANSWER_REDACTED | GUARD_SAID_ANSWER_UNCHECKED,
            "answer-redacted, answer-unchecked");
}

static void
given_a_bit_that_nobody_knows_when_it_is_written_then_it_is_left_out (void **state)
{
    (void) state;
    s_says ((uint64_t) 1 << 40, "");
    s_says (((uint64_t) 1 << 40) | GUARD_SAID_UNCHECKED, "unchecked");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_bits_when_they_are_written_then_each_has_its_word),
        cmocka_unit_test (given_several_bits_when_they_are_written_then_it_is_a_list),
        cmocka_unit_test (
            given_a_bit_that_nobody_knows_when_it_is_written_then_it_is_left_out),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
