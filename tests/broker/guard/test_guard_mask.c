//  guard_mask: what may be told of a finding.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/guard/guard_text.h"

static const struct {
    const char *bytes;
    const char *masked;
} s_rows[] = {
    { "AKIA0123456789ABCDEF", "AKIA\xe2\x80\xa6(16)" },
    { "abc", "\xe2\x80\xa6(3)" },
    { "abcdefgh", "ab\xe2\x80\xa6(6)" },
    { "\n\t\x01\x7f"
      "abcdefghijkl",
      "????\xe2\x80\xa6(12)" },
    { "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
      "456789012345",
      "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x80\xa6(12)" },
    { "\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8b", "?\xe2\x80\xa6(3)" },
    { "\xff\xfe\xfd\xe2", "?\xe2\x80\xa6(3)" },
    { "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
      "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
      "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
      "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
      "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xe2\x80\xa6("
      "12)" },
    { "", "\xe2\x80\xa6(0)" },
};

static void
at_most_four_characters_and_a_quarter_are_told (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++) {
        guard_finding_t finding = { .bytes = s_rows[i].bytes,
                                    .size = strlen (s_rows[i].bytes) };
        char masked[GUARD_MASKED_MAX];
        guard_text_mask (&finding, masked);
        assert_string_equal (masked, s_rows[i].masked);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (at_most_four_characters_and_a_quarter_are_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
