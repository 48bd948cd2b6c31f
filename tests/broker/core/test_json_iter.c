//  The items of objects and arrays.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/json_iter.h"

//  Writes the items as "key=value;" in a row; returns what ended them.
static int
s_items (const char *text, char *out)
{
    json_iter_t iter;
    json_item_t item;
    out[0] = 0;
    int rc = json_iter_begin (&iter, text, strlen (text), NULL);
    if (rc)
        return -1;
    while ((rc = json_iter_next (&iter, &item, NULL)) == 1) {
        strncat (out, text + item.key_offset, item.key_size);
        strcat (out, "=");
        strncat (out, text + item.offset, item.size);
        strcat (out, ";");
    }
    assert_int_equal (json_iter_next (&iter, &item, NULL), rc);
    return rc;
}

static void
items_come_in_order_with_their_ranges (void **state)
{
    (void) state;
    char out[200];
    assert_int_equal (s_items (" { \"a\" : 1 ,\"b\":[2,{}] , \"c\":\"x\" } ", out), 0);
    assert_string_equal (out, "\"a\"=1;\"b\"=[2,{}];\"c\"=\"x\";");
    assert_int_equal (s_items ("[1,null, {\"a\":2},[]]", out), 0);
    assert_string_equal (out, "=1;=null;={\"a\":2};=[];");
    assert_int_equal (s_items ("[]", out), 0);
    assert_string_equal (out, "");
    assert_int_equal (s_items ("{ }", out), 0);
}

static void
types_are_told (void **state)
{
    (void) state;
    json_iter_t iter;
    json_item_t item;
    assert_int_equal (json_iter_begin (&iter, "[1,\"\",{}]", 9, NULL), 0);
    static const json_type_t types[] = { JSON_NUMBER, JSON_STRING, JSON_OBJECT };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal (json_iter_next (&iter, &item, NULL), 1);
        assert_int_equal (item.type, types[i]);
    }
}

static void
broken_lists_are_refused (void **state)
{
    (void) state;
    static const char *const bad[] = {
        "",      "1",      "\"a\"",   "[",          "[1",      "[1,",        "[1,]",
        "[,]",   "[1 2]",  "{\"a\"}", "{\"a\":1,}", "{1:2}",   "{\"a\" 1}",  "[1]]",
        "{} {}", "[[1,]]", "[1}",     "{\"a\":1]",  "{\"a\":", "[\"\x01\"]", "[tru]",
    };
    char out[100];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (s_items (bad[i], out) != -1)
            fail_msg ("%s was taken", bad[i]);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (items_come_in_order_with_their_ranges),
        cmocka_unit_test (types_are_told),
        cmocka_unit_test (broken_lists_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
