//  guard_members: members of an object, with any budget, as json_iter tells them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_members.h"

//  The same items with every budget, and the same end.
static void
s_check (const char *text)
{
    size_t size = strlen (text);
    for (size_t budget = 1; budget <= size + 2; budget++) {
        json_iter_t iter;
        json_item_t wanted = { 0 }, got = { 0 };
        guard_members_t members;
        br_error_t error = { BR_OK, "" };
        int rc = json_iter_begin (&iter, text, size, NULL);
        assert_int_equal (guard_members_begin (&members, text, size, &error), rc);
        while (rc == 0) {
            guard_members_rc_t step = GUARD_MEMBERS_MORE;
            while (step == GUARD_MEMBERS_MORE) {
                size_t left = budget;
                step = guard_members_step (&members, &left, &got, &error);
            }
            int next = json_iter_next (&iter, &wanted, NULL);
            assert_int_equal (step, next);
            if (next != 1) {
                size_t left = budget;
                assert_int_equal (guard_members_step (&members, &left, &got, NULL), next);
                assert_int_equal (error.code, next ? BR_EINVALID : BR_OK);
                break;
            }
            assert_memory_equal (&got, &wanted, sizeof got);
        }
    }
}

static void
given_objects_when_walked_then_items_are_as_of_json_iter (void **state)
{
    (void) state;
    s_check ("{}");
    s_check (" { } ");
    s_check ("{\"a\":1}");
    s_check (" { \"a\" : 12.5 , \"b\" :[1,{\"c\":\"}\"}] , \"\\u0061\": null } \n");
    s_check ("{\"a\":{\"a\":[[[]]]},\"h\\u00e9\":\"\xC3\xA9\",\"\":true}");
}

static void
given_what_is_broken_when_walked_then_it_is_told (void **state)
{
    (void) state;
    s_check ("{\"a\":1");
    s_check ("{\"a\":1,}");
    s_check ("{\"a\":1 \"b\":2}");
    s_check ("{\"a\" 1}");
    s_check ("{1:1}");
    s_check ("{\"a\":1} x");
    s_check ("{\"a\":1]");
    s_check ("{,\"a\":1}");
    s_check ("{");
    s_check ("");
    guard_members_t members;
    assert_int_equal (guard_members_begin (&members, "[1]", 3, NULL), -1);
    json_item_t item;
    size_t left = 1;
    assert_int_equal (guard_members_step (&members, &left, &item, NULL),
                      GUARD_MEMBERS_BROKEN);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_objects_when_walked_then_items_are_as_of_json_iter),
        cmocka_unit_test (given_what_is_broken_when_walked_then_it_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
