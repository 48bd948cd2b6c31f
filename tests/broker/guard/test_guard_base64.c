//  guard_base64: strings in any cut.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_base64.h"

#define ROOM (1u << 20)

//  Reads a string's inside in pieces of every size, and writes what it says again.
//  in:   written, NULL when it is not to be compared
static void
s_check (const char *inside, const char *says, bool is_good, const char *written)
{
    size_t size = strlen (inside);
    guard_base64_t base64;
    guard_base64_init (&base64);
    for (size_t most = 1; most <= size + 1; most++) {
        br_buf_t out, again;
        br_buf_init (&out, ROOM);
        br_buf_init (&again, ROOM);
        guard_base64_reset (&base64);
        for (size_t at = 0; at < size; at += most) {
            size_t some = size - at < most ? size - at : most;
            assert_int_equal (guard_base64_push (&base64, inside + at, some, &out), 0);
        }
        assert_int_equal (guard_base64_end (&base64, &out), 0);
        assert_string_equal (br_buf_text (&out), says);
        assert_int_equal (guard_base64_is_good (&base64), is_good);
        assert_int_equal (guard_base64_write (&base64, out.data, out.size, &again), 0);
        if (written)
            assert_string_equal (br_buf_text (&again), written);
        br_buf_free (&again);
        br_buf_free (&out);
    }
    guard_base64_free (&base64);
}

static void
given_good_base64_when_read_and_written_then_it_is_the_same (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        { "", "" },           { "Zg==", "f" },
        { "Zm8=", "fo" },     { "Zm9v", "foo" },
        { "Pz8/", "???" },    { "Pj4+", ">>>" },
        { "Pz8_", "???" },    { "Pj4-Zg==", ">>>f" },
        { "Pj4-Zg", ">>>f" }, { "Pj4-Zm8", ">>>fo" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s_check (rows[i][0], rows[i][1], true, rows[i][0]);
}

static void
given_other_spellings_when_read_then_they_say_the_same (void **state)
{
    (void) state;
    s_check ("Pz8\\/", "???", true, "Pz8/");
    s_check ("\\u005am9v", "foo", true, "Zm9v");
    s_check ("Zm9v\\r\\nZm9v\\n", "foofoo", true, "Zm9vZm9v");
    s_check ("Zm8", "fo", true, "Zm8=");
    s_check ("Zg=", "f", true, "Zg==");
}

static void
given_what_is_no_base64_when_read_then_it_says_what_it_can (void **state)
{
    (void) state;
    s_check ("Zm9v!", "foo", false, "Zm9v");
    s_check ("Z.m9,v", "foo", false, "Zm9v");
    s_check ("Zm9vZ", "foo", false, "Zm9v");
    s_check ("=Zm9v", "foo", false, NULL);
    s_check ("Zm8=Zm9v", "fofoo", false, "Zm9mb28=");
    s_check ("Zg===", "f", false, "Zg==");
    s_check ("Pj4+Pz8_", ">>>???", false, "Pj4+Pz8/");
    s_check ("\\ud800Zm9v", "foo", false, "Zm9v");
}

static void
given_a_small_room_when_read_then_it_is_told (void **state)
{
    (void) state;
    guard_base64_t base64;
    br_buf_t out;
    guard_base64_init (&base64);
    br_buf_init (&out, 4);
    assert_int_equal (guard_base64_push (&base64, "Zm9vZm9v", 8, &out), -1);
    assert_int_equal (guard_base64_write (&base64, "foofoo", 6, &out), -1);
    br_buf_free (&out);
    guard_base64_free (&base64);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_good_base64_when_read_and_written_then_it_is_the_same),
        cmocka_unit_test (given_other_spellings_when_read_then_they_say_the_same),
        cmocka_unit_test (given_what_is_no_base64_when_read_then_it_says_what_it_can),
        cmocka_unit_test (given_a_small_room_when_read_then_it_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
