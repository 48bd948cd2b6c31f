//  The elements of an array that comes in pieces.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/proto/tap_array.h"

#define ELEMENT_MAX 32

//  Elements with a "|" behind each.
static void
s_collect (void *arg, const uint8_t *element, size_t size)
{
    br_buf_add (arg, element, size);
    br_buf_addc (arg, '|');
}

typedef struct {
    const char *text;
    const char *elements;
    bool closed;
    bool broken;
} case_t;

static const case_t s_cases[] = {
    { "[]", "", true, false },
    { " [ ] tail", "", true, false },
    { "[{}]", "{}|", true, false },
    { "[{\"a\":[1,{}]}\n,\r\n{\"b\":2}\n]", "{\"a\":[1,{}]}|{\"b\":2}|", true, false },
    { "[{\"a\":\"]},\\\"[\"},[2]]", "{\"a\":\"]},\\\"[\"}|[2]|", true, false },
    { "[1,\"a,]\\\\\", true ]", "1|\"a,]\\\\\"|true|", true, false },
    { "[{},{\"a\":1", "{}|", false, false },
    { "[{}", "{}|", false, false },
    { "[1", "", false, false },
    { "", "", false, false },
    { "{}", "", false, true },
    { "[}", "", false, true },
    { "[\"0123456789012345678901234567890\"]", "", false, true },
};

static void
s_check (const case_t *row, size_t piece)
{
    size_t size = strlen (row->text);
    br_buf_t out;
    br_buf_init (&out, 4096);
    tap_array_t *array = tap_array_new (s_collect, &out, ELEMENT_MAX);
    int rc = 0;
    for (size_t at = 0; at < size; at += piece) {
        //  An exact allocation, so that a step over its end is seen.
        size_t some = size - at < piece ? size - at : piece;
        uint8_t *bytes = br_alloc (1, some);
        memcpy (bytes, row->text + at, some);
        rc = tap_array_push (array, bytes, some);
        free (bytes);
    }
    assert_int_equal (rc, row->broken ? -1 : 0);
    assert_int_equal (tap_array_is_closed (array), row->closed);
    assert_string_equal (br_buf_text (&out), row->elements);
    tap_array_destroy (&array);
    assert_null (array);
    br_buf_free (&out);
}

static void
elements_come_the_same_in_every_split (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_cases / sizeof s_cases[0] - 1; i++)
        for (size_t piece = 1; piece < 40; piece++)
            s_check (&s_cases[i], piece);
}

static void
an_element_that_waits_has_a_maximum (void **state)
{
    (void) state;
    const case_t *row = &s_cases[sizeof s_cases / sizeof s_cases[0] - 1];
    for (size_t piece = 1; piece < 30; piece++)
        s_check (row, piece);
    tap_array_destroy (NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (elements_come_the_same_in_every_split),
        cmocka_unit_test (an_element_that_waits_has_a_maximum),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
