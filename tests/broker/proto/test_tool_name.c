//  Ids of calls and names of tools, as each target takes them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "broker/proto/dialect.h"

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static int
s_setup (void **state)
{
    *state = br_arena_new ();
    return 0;
}

static int
s_teardown (void **state)
{
    br_arena_destroy ((br_arena_t **) state);
    return 0;
}

static br_text_t
s_id (br_arena_t *arena, br_ids_t ids, const char *id, const char *name, unsigned place)
{
    const br_dialect_t dialect = { .ids = ids };
    return br_tool_id (br_text (id), br_text (name), place, &dialect, arena);
}

static void
s_assert_text (br_text_t text, const char *expected)
{
    assert_int_equal (text.size, strlen (expected));
    assert_memory_equal (text.at, expected, text.size);
}

static void
s_assert_all_in (br_text_t text, const char *set)
{
    for (size_t i = 0; i < text.size; i++)
        assert_non_null (memchr (set, text.at[i], strlen (set)));
}

#define ALNUM "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static void
p29_an_id_over_64_bytes_keeps_40_of_them (void **state)
{
    const char *id = "call_" SIXTY;
    br_text_t cut = s_id (*state, BR_IDS_ANY, id, "add", 0);
    assert_int_equal (cut.size, 40 + 1 + 16);
    assert_memory_equal (cut.at, id, 40);
    assert_int_equal (cut.at[40], '_');
    //  sha256 of the whole id
    s_assert_text (cut, "call_01234567890123456789012345678901234_"
                        "7fc066fa21edda05");
    assert_true (br_text_equal (cut, s_id (*state, BR_IDS_WORD, id, "add", 7)));
    assert_false (
        br_text_equal (cut, s_id (*state, BR_IDS_ANY, "call_" SIXTY "x", "add", 0)));
    s_assert_text (s_id (*state, BR_IDS_ANY, SIXTY "abcd", "add", 0), SIXTY "abcd");
}

static void
p27_an_id_for_anthropic_has_word_characters_only (void **state)
{
    br_text_t id = s_id (*state, BR_IDS_WORD, "functions.add:0", "add", 0);
    assert_int_equal (id.size, strlen ("functions_add_0_") + 10);
    assert_memory_equal (id.at, "functions_add_0_", 16);
    s_assert_all_in (id, ALNUM "_-");
    br_text_t other = s_id (*state, BR_IDS_WORD, "functions_add.0", "add", 0);
    assert_false (br_text_equal (id, other));
    s_assert_text (s_id (*state, BR_IDS_WORD, "toolu_01-a", "add", 0), "toolu_01-a");
    //  changed and then too long
    br_text_t cut = s_id (*state, BR_IDS_WORD, "a.b" SIXTY, "add", 0);
    assert_int_equal (cut.size, 57);
    s_assert_all_in (cut, ALNUM "_-");
}

static void
p28_an_id_of_kimi_goes_back_to_kimi_as_it_came (void **state)
{
    s_assert_text (s_id (*state, BR_IDS_FUNCTIONS, "functions.add:3", "sub", 0),
                   "functions.add:3");
    static const char *const foreign[] = { "toolu_1",      "functions.add:",
                                           "functions.:1", "functions.add:x",
                                           "functions.",   "functions1" };
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        s_assert_text (s_id (*state, BR_IDS_FUNCTIONS, foreign[i], "add", 12),
                       "functions.add:12");
    s_assert_text (s_id (*state, BR_IDS_FUNCTIONS, NULL, "add", 1), "functions.add:1");
}

static void
p30_an_id_for_mistral_has_nine_letters_and_digits (void **state)
{
    s_assert_text (s_id (*state, BR_IDS_NINE, "gEoi3Vj0z", "add", 0), "gEoi3Vj0z");
    static const char *const foreign[] = { "call_abc", "gEoi3Vj0-", "", "gEoi3Vj0zz" };
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        br_text_t id = s_id (*state, BR_IDS_NINE, foreign[i], "add", 4);
        assert_int_equal (id.size, 9);
        s_assert_all_in (id, ALNUM);
        assert_true (
            br_text_equal (id, s_id (*state, BR_IDS_NINE, foreign[i], "add", 4)));
    }
}

static void
calls_without_an_id_get_one_by_their_place (void **state)
{
    br_text_t first = s_id (*state, BR_IDS_ANY, NULL, "add", 0);
    br_text_t second = s_id (*state, BR_IDS_ANY, "", "add", 1);
    assert_true (br_text_starts (first, "call_"));
    assert_int_equal (first.size, 21);
    assert_false (br_text_equal (first, second));
    assert_true (br_text_equal (first, s_id (*state, BR_IDS_WORD, NULL, "add", 0)));
    assert_int_equal (s_id (*state, BR_IDS_ANY, NULL, NULL, 0).size, 21);
}

static void
an_older_google_gets_no_ids (void **state)
{
    assert_null (s_id (*state, BR_IDS_OMIT, "call_1", "add", 0).at);
}

static void
s_assert_name (br_arena_t *arena, br_protocol_t protocol, const char *name,
               const char *begin, size_t size)
{
    br_text_t wire = br_tool_name (br_text (name), protocol, arena);
    assert_int_equal (wire.size, size);
    assert_true (br_text_starts (wire, begin));
    assert_true (br_text_equal (wire, br_tool_name (br_text (name), protocol, arena)));
}

static void
p31_a_name_with_dots_is_changed_but_for_google (void **state)
{
    br_arena_t *arena = *state;
    const char *name = "fs.read/file";
    s_assert_name (arena, BR_PROTOCOL_CHAT, name, "fs_read_file_", 12 + 9);
    s_assert_name (arena, BR_PROTOCOL_RESPONSES, name, "fs_read_file_", 12 + 9);
    s_assert_name (arena, BR_PROTOCOL_MESSAGES, name, "fs_read_file_", 12 + 9);
    s_assert_name (arena, BR_PROTOCOL_GOOGLE, name, "fs.read_file_", 12 + 9);
    br_text_t fine = br_text ("fs.read:file");
    assert_ptr_equal (br_tool_name (fine, BR_PROTOCOL_GOOGLE, arena).at, fine.at);
    br_text_t one = br_tool_name (br_text ("a.b"), BR_PROTOCOL_CHAT, arena);
    br_text_t two = br_tool_name (br_text ("a/b"), BR_PROTOCOL_CHAT, arena);
    assert_false (br_text_equal (one, two));
}

static void
p31_a_long_name_is_cut_to_what_the_protocol_takes (void **state)
{
    br_arena_t *arena = *state;
    s_assert_name (arena, BR_PROTOCOL_CHAT, "a" SIXTY "bcd", "a" SIXTY "bcd", 64);
    s_assert_name (arena, BR_PROTOCOL_CHAT, "a" SIXTY "bcde", "a" TEN TEN, 63);
    s_assert_name (arena, BR_PROTOCOL_MESSAGES, "a" SIXTY SIXTY "bcd", "a" SIXTY, 124);
    s_assert_name (arena, BR_PROTOCOL_MESSAGES, "a" SIXTY SIXTY TEN, "a" SIXTY, 127);
    s_assert_name (arena, BR_PROTOCOL_GOOGLE, "a" SIXTY SIXTY TEN, "a" SIXTY, 127);
}

static void
a_name_for_google_begins_with_a_letter (void **state)
{
    s_assert_name (*state, BR_PROTOCOL_GOOGLE, "9lives", "_9lives_", 1 + 6 + 9);
    s_assert_name (*state, BR_PROTOCOL_GOOGLE, "_9lives", "_9lives", 7);
    s_assert_name (*state, BR_PROTOCOL_GOOGLE, "9" SIXTY SIXTY TEN, "_9" SIXTY, 128);
    s_assert_name (*state, BR_PROTOCOL_CHAT, "9lives", "9lives", 6);
}

static void
an_empty_name_becomes_one (void **state)
{
    for (br_protocol_t protocol = 0; protocol < BR_PROTOCOL_COUNT; protocol++) {
        s_assert_name (*state, protocol, "", "__", 10);
        s_assert_name (*state, protocol, NULL, "__", 10);
    }
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        TEST (p29_an_id_over_64_bytes_keeps_40_of_them),
        TEST (p27_an_id_for_anthropic_has_word_characters_only),
        TEST (p28_an_id_of_kimi_goes_back_to_kimi_as_it_came),
        TEST (p30_an_id_for_mistral_has_nine_letters_and_digits),
        TEST (calls_without_an_id_get_one_by_their_place),
        TEST (an_older_google_gets_no_ids),
        TEST (p31_a_name_with_dots_is_changed_but_for_google),
        TEST (p31_a_long_name_is_cut_to_what_the_protocol_takes),
        TEST (a_name_for_google_begins_with_a_letter),
        TEST (an_empty_name_becomes_one),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
