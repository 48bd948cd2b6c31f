//  form: fields of multipart bodies, in any split.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/form.h"

#define TYPE "multipart/form-data; boundary=XX"
#define FIELD(name, value)                                                               \
    "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n--XX"

typedef struct {
    form_row_t rows[2]; //  model, stream
    br_error_t error;
} world_t;

//  A walk over an exact copy, so that a read behind its end is seen.
static int
s_walk (world_t *world, const char *type, const char *body, size_t size, size_t slice)
{
    uint8_t *copy = br_alloc (size ? size : 1, 1);
    memcpy (copy, body, size);
    world->rows[0].name = "model";
    world->rows[1].name = "stream";
    form_scan_t scan;
    int rc = form_scan_begin (&scan, type, copy, size, world->rows, 2, &world->error);
    size_t steps = 0;
    if (rc == 0)
        do
            rc = form_scan_step (&scan, slice, &world->error);
        while (rc > 0 && steps++ < 10 * size + 10);
    assert_true (rc <= 0);
    free (copy);
    return rc;
}

static void
s_is (const char *body, const char *model, size_t count)
{
    for (size_t slice = 1; slice < strlen (body) + 2; slice++) {
        world_t world;
        assert_int_equal (s_walk (&world, TYPE, body, strlen (body), slice), 0);
        assert_int_equal (world.rows[0].count, count);
        if (!count)
            continue;
        assert_int_equal (world.rows[0].size, strlen (model));
        assert_memory_equal (body + world.rows[0].offset, model, strlen (model));
    }
}

static void
fields_are_found_in_any_split (void **state)
{
    (void) state;
    s_is ("--XX\r\n" FIELD ("model", "whisper-1") "--\r\n", "whisper-1", 1);
    s_is ("--XX\r\n" FIELD ("a", "b") "\r\n" FIELD ("model", "m") "\r\n" FIELD ("c",
                                                                                "") "--",
          "m", 1);
    s_is ("preamble\r\n--XX  \r\n" FIELD ("model", "m") "--\r\nepilogue", "m", 1);
    s_is ("--XX\r\n" FIELD ("model", "") "--", "", 1);
    s_is ("--XX--", NULL, 0);
}

static void
other_parts_are_not_looked_at (void **state)
{
    (void) state;
    s_is ("--XX\r\nContent-Type: text/plain\r\n"
          "content-disposition: form-data; filename=\"model\"; name=\"file\"\r\n\r\n"
          "name=\"model\"\r\n\r\n--X\r\n--XXY\r\nno\r\n--XX\r\n" FIELD ("model",
                                                                        "m") "--\r\n",
          "m", 1);
    s_is ("--XX\r\nContent-Disposition: form-data; name=model; x=y\r\n\r\nm\r\n--XX--",
          "m", 1);
    s_is ("--XX\r\n" FIELD ("models", "m") "\r\n" FIELD ("mode", "m") "--", NULL, 0);
    s_is ("--XX\r\n\r\nno header lines\r\n--XX--", NULL, 0);
}

static void
a_field_that_stands_twice_is_counted (void **state)
{
    (void) state;
    s_is ("--XX\r\n" FIELD ("model", "a") "\r\n" FIELD ("model", "b") "--\r\n", "b", 2);
}

static void
bytes_of_a_file_may_be_anything (void **state)
{
    (void) state;
    static const char body[] = "--XX\r\n"
                               "Content-Disposition: form-data; name=\"file\"; "
                               "filename=\"a;b\\\"c.wav\"\r\n\r\n"
                               "\0\r\n\r\n--\0XX\r\n--XX\r\n" FIELD ("model", "m") "--";
    for (size_t slice = 1; slice < sizeof body; slice++) {
        world_t world;
        assert_int_equal (s_walk (&world, TYPE, body, sizeof body - 1, slice), 0);
        assert_int_equal (world.rows[0].count, 1);
    }
}

static void
types_are_told_apart (void **state)
{
    (void) state;
    assert_true (form_is ("multipart/form-data; boundary=x"));
    assert_true (form_is ("Multipart/Form-Data;boundary=x"));
    assert_true (form_is ("multipart/form-data"));
    assert_false (form_is ("multipart/form-data2"));
    assert_false (form_is ("application/json"));
    assert_false (form_is (NULL));
}

static void
boundaries_are_read (void **state)
{
    (void) state;
    static const char body[] = "--a;b\r\n--a;b--";
    world_t world;
    const char *good = "multipart/form-data; charset=utf-8; Boundary=\"a;b\"";
    assert_int_equal (s_walk (&world, good, "--a;b--", 7, 100), 0);
    assert_int_equal (s_walk (&world, good, body, sizeof body - 1, 100), -1);
    char longest[200] = "multipart/form-data; boundary=";
    memset (longest + strlen (longest), 'a', FORM_BOUNDARY_MAX + 1);
    const char *bad[] = { "multipart/form-data",
                          "multipart/form-data; boundary=",
                          "multipart/form-data; boundary",
                          "multipart/form-data;",
                          "multipart/form-data; boundary=\"\"",
                          longest };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal (s_walk (&world, bad[i], "--a--", 5, 100), -1);
        assert_int_equal (world.error.code, BR_EINVALID);
    }
}

static void
broken_bodies_are_refused (void **state)
{
    (void) state;
    static const char *const bad[] = {
        "",
        "{}",
        "--XX",
        "--XX\r\n",
        "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n",
        "--XX\r\n" FIELD ("model", "m"),
        "--XX\r\n" FIELD ("model", "m") "-",
        "--XX\r\n" FIELD ("model", "m") "\r\n\r\nx",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (size_t slice = 1; slice < strlen (bad[i]) + 2; slice++) {
            world_t world;
            assert_int_equal (s_walk (&world, TYPE, bad[i], strlen (bad[i]), slice), -1);
            assert_int_equal (world.error.code, BR_EINVALID);
        }
}

static void
parts_and_header_lines_are_bounded (void **state)
{
    (void) state;
    size_t size = (FORM_PARTS_MAX + 2) * 16;
    char *body = br_alloc (size + 10, 1);
    strcpy (body, "--XX");
    for (size_t i = 0; i <= FORM_PARTS_MAX; i++)
        strcat (body, "\r\n\r\n\r\n--XX");
    world_t world;
    assert_int_equal (s_walk (&world, TYPE, body, strlen (body), SIZE_MAX), -1);
    assert_non_null (strstr (world.error.text, "too many parts"));
    free (body);
    char *head = br_alloc (FORM_HEAD_MAX + 100, 1);
    strcpy (head, "--XX\r\n");
    memset (head + strlen (head), 'a', FORM_HEAD_MAX);
    strcat (head, "\r\n\r\n--XX--");
    assert_int_equal (s_walk (&world, TYPE, head, strlen (head), SIZE_MAX), -1);
    free (head);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (fields_are_found_in_any_split),
        cmocka_unit_test (other_parts_are_not_looked_at),
        cmocka_unit_test (a_field_that_stands_twice_is_counted),
        cmocka_unit_test (bytes_of_a_file_may_be_anything),
        cmocka_unit_test (types_are_told_apart),
        cmocka_unit_test (boundaries_are_read),
        cmocka_unit_test (broken_bodies_are_refused),
        cmocka_unit_test (parts_and_header_lines_are_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
