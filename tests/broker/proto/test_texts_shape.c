//  texts_shape: how a key finds its row.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/texts_shape.h"

static const texts_row_t s_inner_rows[] = { { .key = "fileData" },
                                            { .key = "id" },
                                            { 0 } };
static const texts_row_t s_outer_rows[] = { { .key = "fileData" },
                                            { .key = "more" },
                                            { 0 } };
static const texts_shape_t s_outer = { .rows = s_outer_rows };
static const texts_shape_t s_shape = { .rows = s_inner_rows, .outer = &s_outer };

static texts_found_t
s_find (const texts_shape_t *shape, const char *key, bool snake)
{
    return texts_shape_find (shape, (const uint8_t *) key, strlen (key), snake);
}

static void
given_keys_when_sought_then_the_inner_row_comes_first (void **state)
{
    (void) state;
    assert_ptr_equal (s_find (&s_shape, "\"fileData\"", false).row, &s_inner_rows[0]);
    assert_ptr_equal (s_find (&s_shape, "\"id\"", false).row, &s_inner_rows[1]);
    assert_ptr_equal (s_find (&s_shape, "\"more\"", false).row, &s_outer_rows[1]);
    assert_null (s_find (&s_shape, "\"fileDat\"", false).row);
    assert_null (s_find (&s_shape, "\"fileDatas\"", false).row);
    assert_null (s_find (&s_shape, "\"\"", false).row);
    assert_int_equal (s_find (&s_shape, "\"role\"", false).row->mode, TEXTS_OPAQUE);
}

static void
given_keys_of_one_object_when_found_then_their_bits_differ (void **state)
{
    (void) state;
    uint64_t id = s_find (&s_shape, "\"id\"", false).bit;
    uint64_t file = s_find (&s_shape, "\"fileData\"", false).bit;
    uint64_t more = s_find (&s_shape, "\"more\"", false).bit;
    assert_true (id && file && more);
    assert_int_equal (id & file, 0);
    assert_int_equal ((id | file) & more, 0);
    assert_int_equal (s_find (&s_shape, "\"role\"", false).bit, 0);
}

static void
given_other_spellings_when_sought_then_the_row_is_the_same (void **state)
{
    (void) state;
    assert_ptr_equal (s_find (&s_shape, "\"file\\u0044ata\"", false).row,
                      &s_inner_rows[0]);
    assert_null (s_find (&s_shape, "\"file_data\"", false).row);
    assert_ptr_equal (s_find (&s_shape, "\"file_data\"", true).row, &s_inner_rows[0]);
    assert_ptr_equal (s_find (&s_shape, "\"file\\u005fdata\"", true).row,
                      &s_inner_rows[0]);
    assert_null (s_find (&s_shape, "\"\\u0000\"", false).row);
}

static void
given_keys_in_another_case_when_sought_then_rows_that_tell_are_found (void **state)
{
    (void) state;
    static const texts_row_t rows[] = {
        { .key = "tasks" },
        { .key = "size", .mode = TEXTS_OPAQUE },
        { .key = "tool", .mode = TEXTS_OPAQUE, .call = TEXTS_CALL_NAME },
        { 0 }
    };
    static const texts_shape_t shape = { .rows = rows,
                                         .outer = &s_shape,
                                         .looks = { "index" } };
    assert_ptr_equal (s_find (&shape, "\"Tasks\"", false).row, &rows[0]);
    assert_ptr_equal (s_find (&shape, "\"ta\xC5\xBF\xE2\x84\xAAs\"", false).row,
                      &rows[0]);
    assert_ptr_equal (s_find (&shape, "\"TOOL\"", false).row, &rows[2]);
    assert_ptr_equal (s_find (&shape, "\"filedata\"", false).row, &s_inner_rows[0]);
    assert_int_equal (s_find (&shape, "\"Tasks\"", false).bit,
                      s_find (&shape, "\"tasks\"", false).bit);
    assert_null (s_find (&shape, "\"Size\"", false).row);
    assert_null (s_find (&shape, "\"Task\"", false).row);
    assert_null (s_find (&shape, "\"Role\"", false).row);
    assert_true (s_find (&shape, "\"Index\"", false).near_look);
    assert_false (s_find (&shape, "\"index\"", false).near_look);
    assert_false (s_find (&shape, "\"tasks\"", false).near_look);
}

static void
given_an_object_of_the_user_when_sought_then_names_are_nothing_special (void **state)
{
    (void) state;
    assert_null (s_find (&texts_free, "\"id\"", false).row);
    assert_null (s_find (&texts_free, "\"type\"", false).row);
    assert_null (s_find (&texts_free, "\"cache_control\"", false).row);
    assert_int_equal (s_find (&texts_free, "\"signature\"", false).row->mode,
                      TEXTS_OPAQUE);
    assert_int_equal (s_find (&texts_free, "\"url\"", false).row->mode, TEXTS_URL);
}

static void
given_names_when_hashed_then_their_kind_is_of_the_others (void **state)
{
    (void) state;
    static const char *const names[] = { "", "a", "response.new", "response.newer" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unsigned kind = texts_kind_of (texts_hash (names[i], strlen (names[i])));
        assert_true (kind >= TEXTS_KIND_OTHER && kind < TEXTS_KIND_AROUND);
    }
    assert_int_not_equal (texts_hash ("a", 1), texts_hash ("b", 1));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_keys_when_sought_then_the_inner_row_comes_first),
        cmocka_unit_test (given_keys_of_one_object_when_found_then_their_bits_differ),
        cmocka_unit_test (given_other_spellings_when_sought_then_the_row_is_the_same),
        cmocka_unit_test (
            given_keys_in_another_case_when_sought_then_rows_that_tell_are_found),
        cmocka_unit_test (
            given_an_object_of_the_user_when_sought_then_names_are_nothing_special),
        cmocka_unit_test (given_names_when_hashed_then_their_kind_is_of_the_others),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
