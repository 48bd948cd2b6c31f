//  texts_plain: which bytes are words, however they come.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/proto/texts_plain.h"

//  The last answer, of the bytes as they come one by one, behind the end of each a wall.
static texts_plain_t
s_plain (const void *bytes, size_t size)
{
    texts_plain_t all = texts_plain_of (bytes, size, true);
    texts_plain_t now = TEXTS_PLAIN_OPEN;
    for (size_t i = 1; i <= size; i++) {
        char *exact = malloc (i);
        memcpy (exact, bytes, i);
        texts_plain_t next = texts_plain_of (exact, i, i == size);
        assert_true (now == TEXTS_PLAIN_OPEN || next == now);
        now = next;
        free (exact);
    }
    assert_true (size == 0 || now == all);
    return all;
}

static void
given_words_in_any_language_then_they_are_words (void **state)
{
    (void) state;
    static const char *const rows[] = {
        "",
        "hello",
        "\xef\xbb\xbfWEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\n\thi",
        "1\n00:00:01,000 --> 00:00:02,000\nh\xc3\xa9 \xe4\xbd\xa0 \xf0\x9f\x98\x80\n",
        "cut \xf0\x9f\x98",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (s_plain (rows[i], strlen (rows[i])) != TEXTS_PLAIN_WORDS)
            fail_msg ("%s", rows[i]);
}

static void
given_sound_and_its_like_then_it_is_something_else (void **state)
{
    (void) state;
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        { "ID3\x04\0\0", 6 }, { "\xff\xfb\x90", 3 }, { "RIFF\x24\0", 6 }, { "OggS\0", 5 },
        { "a\xff", 2 },       { "a\xc0\x80", 3 },    { "a\xe4 b", 4 },    { "a\x80", 2 },
        { "h\0i\0", 4 },      { "\1\2\3", 3 },       { "words \x1b", 7 }, { "x\x7f", 2 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (s_plain (rows[i].bytes, rows[i].size) != TEXTS_PLAIN_OTHER)
            fail_msg ("%zu", i);
}

//  What is behind the first bytes changes nothing, nor where a character is cut there.
static void
given_a_long_text_then_its_first_bytes_tell (void **state)
{
    (void) state;
    char bytes[TEXTS_PLAIN_LOOK + 8];
    memset (bytes, 'a', sizeof bytes);
    bytes[TEXTS_PLAIN_LOOK - 1] = '\xc3';
    bytes[TEXTS_PLAIN_LOOK] = 0;
    assert_int_equal (texts_plain_of (bytes, TEXTS_PLAIN_LOOK - 1, false),
                      TEXTS_PLAIN_OPEN);
    assert_int_equal (s_plain (bytes, sizeof bytes), TEXTS_PLAIN_WORDS);
    memset (bytes, 1, TEXTS_PLAIN_LOOK / 64);
    assert_int_equal (s_plain (bytes, sizeof bytes), TEXTS_PLAIN_WORDS);
    bytes[TEXTS_PLAIN_LOOK / 64] = 1;
    assert_int_equal (s_plain (bytes, sizeof bytes), TEXTS_PLAIN_OTHER);
    assert_int_equal (texts_plain_of (NULL, 0, false), TEXTS_PLAIN_OPEN);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_words_in_any_language_then_they_are_words),
        cmocka_unit_test (given_sound_and_its_like_then_it_is_something_else),
        cmocka_unit_test (given_a_long_text_then_its_first_bytes_tell),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
