//  Members, texts and kinds of one frame.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "broker/proto/tap_frame.h"

static const char s_json[] = "{\"a\":{\"b\":{\"c\":\"x\\u0041\"},\"n\":12},\"e\":{},"
                             "\"t\":\"text\",\"l\":[]}";
static const uint8_t *const s_bytes = (const uint8_t *) s_json;

static void
members_of_members_are_found_where_they_lie (void **state)
{
    (void) state;
    json_row_t object = tap_object (sizeof s_json - 1);
    json_row_t a, b, c;
    assert_int_equal (tap_member (s_bytes, &object, "a", &a), JSON_OBJECT);
    assert_int_equal (tap_member (s_bytes, &a, "b", &b), JSON_OBJECT);
    assert_int_equal (tap_member (s_bytes, &b, "c", &c), JSON_STRING);
    assert_memory_equal (s_bytes + c.offset, "\"x\\u0041\"", c.size);
    //  nothing lies in what is no object
    assert_int_equal (tap_member (s_bytes, &c, "d", &a), JSON_NONE);
    assert_int_equal (tap_member (s_bytes, &a, "d", &b), JSON_NONE);
    assert_int_equal (tap_members (s_bytes, &(json_row_t) { .type = JSON_ARRAY }, &a, 1),
                      0);
    assert_int_equal (a.type, JSON_NONE);
    json_row_t half = tap_object (sizeof s_json - 2);
    assert_int_equal (tap_members (s_bytes, &half, &a, 1), -1);
    assert_int_equal (tap_member (s_bytes, &half, "a", &a), JSON_NONE);
}

static void
the_first_text_that_fits_holds (void **state)
{
    (void) state;
    json_row_t object = tap_object (sizeof s_json - 1);
    json_row_t a;
    char out[4] = "";
    tap_first_member (s_bytes, &object, "t", out, sizeof out);
    assert_string_equal (out, "");
    (void) tap_member (s_bytes, &object, "a", &a);
    tap_first_member (s_bytes, &a, "n", out, sizeof out);
    assert_string_equal (out, "12");
    tap_first_member (s_bytes, &a, "b", out, sizeof out);
    assert_string_equal (out, "12");
    char small[2] = "";
    tap_first_member (s_bytes, &a, "n", small, sizeof small);
    assert_string_equal (small, "");
}

static void
an_error_is_an_object_or_text_that_is_not_empty (void **state)
{
    (void) state;
    static const struct {
        const char *key;
        bool is_error;
    } cases[] = {
        { "a", true }, { "t", true }, { "e", false }, { "l", false }, { "x", false }
    };
    json_row_t object = tap_object (sizeof s_json - 1);
    json_row_t row;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void) tap_member (s_bytes, &object, cases[i].key, &row);
        assert_int_equal (tap_is_error (&row), cases[i].is_error);
    }
}

static tap_first_t
s_read (tap_result_t *result, const uint8_t *data, size_t size)
{
    (void) data;
    (void) size;
    result->done = true;
    return TAP_ERROR;
}

static const tap_kind_t s_kinds[] = {
    { .name = "nothing", .first = TAP_NOTHING },
    { .name = "read", .read = s_read },
    { .first = TAP_DATA },
};

typedef struct {
    const char *name;
    const char *data;
    tap_first_t first;
    bool unknown;
} kind_case_t;

static const kind_case_t s_events[] = {
    { "nothing", "{}", TAP_NOTHING, false },
    { "read", "{}", TAP_ERROR, false },
    { "", "{\"type\":\"read\"}", TAP_ERROR, false },
    { "message", "{ \"a\":1, \"type\" : \"re\\u0061d\" }", TAP_ERROR, false },
    { "", "{\"type\":\"readx\"}", TAP_DATA, false },
    { "", "{\"type\":1}", TAP_DATA, false },
    { "", "{}", TAP_DATA, false },
    { "", "{\"type\":\"read", TAP_DATA, true },
    { "", "x", TAP_DATA, true },
    { "read", "[DONE]", TAP_NOTHING, false },
};

static void
events_are_known_by_name_or_type (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_events / sizeof s_events[0]; i++) {
        const kind_case_t *row = &s_events[i];
        tap_result_t result = { 0 };
        tap_first_t first = tap_read_event (
            s_kinds, &result, row->name, (const uint8_t *) row->data, strlen (row->data));
        assert_int_equal (first, row->first);
        assert_int_equal (result.unknown, row->unknown);
        assert_int_equal (result.done, row->first == TAP_ERROR);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (members_of_members_are_found_where_they_lie),
        cmocka_unit_test (the_first_text_that_fits_holds),
        cmocka_unit_test (an_error_is_an_object_or_text_that_is_not_empty),
        cmocka_unit_test (events_are_known_by_name_or_type),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
