//  arena: memory that stays where it is until all of it goes.

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/arena.h"

static void
test_what_is_taken_is_zeroed_aligned_and_apart (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    uint8_t *taken[300];
    for (size_t i = 0; i < 300; i++) {
        size_t size = i * 7 + 1;
        taken[i] = br_arena_take (arena, size);
        assert_int_equal ((uintptr_t) taken[i] % alignof (max_align_t), 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal (taken[i][k], 0);
        memset (taken[i], (int) (i % 255) + 1, size);
    }
    for (size_t i = 0; i < 300; i++) {
        assert_int_equal (taken[i][0], i % 255 + 1);
        assert_int_equal (taken[i][i * 7], i % 255 + 1);
    }
    br_arena_destroy (&arena);
    assert_null (arena);
    br_arena_destroy (&arena);
}

static void
test_a_large_piece_has_a_place_too (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    assert_int_equal (br_arena_bytes (arena), 0);
    char *large = br_arena_take (arena, 5u << 20);
    large[(5u << 20) - 1] = 'x';
    assert_true (br_arena_bytes (arena) >= 5u << 20);
    assert_true (br_arena_bytes (arena) < 6u << 20);
    br_arena_destroy (&arena);
}

static void
test_texts_are_copied (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    char room[] = "abc";
    br_text_t copy = br_arena_text (arena, br_text (room));
    room[0] = 'x';
    assert_string_equal (copy.at, "abc"); //  it has an end mark behind it
    assert_null (br_arena_text (arena, BR_TEXT_NONE).at);
    assert_non_null (br_arena_text (arena, BR_TEXT ("")).at);
    br_text_t made = br_arena_textf (arena, "%s[%d]", "messages", 12);
    assert_true (br_text_is (made, "messages[12]"));
    br_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_what_is_taken_is_zeroed_aligned_and_apart),
        cmocka_unit_test (test_a_large_piece_has_a_place_too),
        cmocka_unit_test (test_texts_are_copied),
    };
    return cmocka_run_group_tests_name ("arena", tests, NULL, NULL);
}
