//  A body in pieces: read at any pace, from any place, the same bytes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/net/http_body.h"

//  Reads all of it, room bytes at a time, into text.
static const char *
s_read_all (http_body_t *body, size_t room, char text[256])
{
    size_t size = 0;
    for (;;) {
        size_t got = http_body_read (body, text + size, room);
        assert_in_range (got, 0, room);
        size += got;
        if (!got)
            break;
    }
    text[size] = 0;
    return text;
}

static void
test_empty_body_reads_nothing (void **state)
{
    (void) state;
    http_body_t body = { .size = 0 };
    char text[256];
    assert_string_equal (s_read_all (&body, 8, text), "");
    http_piece_t nothing = { .text = NULL, .size = 0 };
    http_body_set (&body, &nothing, 1);
    assert_int_equal (body.size, 0);
    assert_string_equal (s_read_all (&body, 8, text), "");
    http_body_clear (&body);
}

static void
test_small_pieces_are_joined (void **state)
{
    (void) state;
    br_blob_t *blob = br_blob_new ("..middle..", 10);
    http_piece_t pieces[] = { { .text = "front ", .size = 6 },
                              { .blob = blob, .offset = 2, .size = 6 },
                              { .text = " back", .size = 5 } };
    http_body_t body = { .size = 0 };
    http_body_set (&body, pieces, 3);
    br_blob_destroy (&blob);
    assert_int_equal (body.size, 17);
    assert_memory_equal (body.flat, "front middle back", 17);
    char text[256];
    assert_string_equal (s_read_all (&body, 5, text), "front middle back");
    http_body_clear (&body);
    assert_int_equal (body.size, 0);
}

static void
test_one_blob_is_not_copied (void **state)
{
    (void) state;
    br_blob_t *blob = br_blob_new ("0123456789", 10);
    http_piece_t piece = { .blob = blob, .offset = 3, .size = 4 };
    http_body_t body = { .size = 0 };
    http_body_set (&body, &piece, 1);
    assert_ptr_equal (body.flat, br_blob_data (blob) + 3);
    br_blob_destroy (&blob); //  the body holds its own reference
    assert_memory_equal (body.flat, "3456", 4);
    http_body_clear (&body);
}

static void
test_large_pieces_stay_apart_and_seek_finds_each_byte (void **state)
{
    (void) state;
    enum {
        EACH = HTTP_BODY_JOIN_MAX
    };
    uint8_t *bytes = malloc (3 * EACH);
    for (size_t i = 0; i < 3 * EACH; i++)
        bytes[i] = (uint8_t) (i * 13 + (i >> 8));
    br_blob_t *blob = br_blob_new (bytes, 3 * EACH);
    http_piece_t pieces[] = { { .blob = blob, .size = EACH },
                              { .text = (char *) bytes + EACH, .size = EACH },
                              { .blob = blob, .size = 0 },
                              { .blob = blob, .offset = 2 * EACH, .size = EACH } };
    http_body_t body = { .size = 0 };
    http_body_set (&body, pieces, 4);
    br_blob_destroy (&blob);
    assert_null (body.flat);
    char *seen = malloc (3 * EACH);
    static const size_t starts[] = { 0, 1, EACH - 1, EACH, 2 * EACH, 3 * EACH - 1, 0 };
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        assert_int_equal (http_body_seek (&body, starts[i]), 0);
        size_t size = 0;
        for (size_t got = 1; got; size += got)
            got = http_body_read (&body, seen + size, 7001);
        assert_int_equal (size, 3 * EACH - starts[i]);
        assert_memory_equal (seen, bytes + starts[i], size);
    }
    assert_int_equal (http_body_seek (&body, 3 * EACH), 0);
    assert_int_equal (http_body_read (&body, seen, 1), 0);
    assert_int_equal (http_body_seek (&body, 3 * EACH + 1), -1);
    http_body_clear (&body);
    free (seen);
    free (bytes);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_empty_body_reads_nothing),
        cmocka_unit_test (test_small_pieces_are_joined),
        cmocka_unit_test (test_one_blob_is_not_copied),
        cmocka_unit_test (test_large_pieces_stay_apart_and_seek_finds_each_byte),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
