//  guard_prefilter: hints in texts, against a search for each by itself.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/guard/guard_prefilter.h"

//  Whether an exact digit of the hint is as good as any: where it has '\d' in what is read.
static bool
s_is_loose (const char *hint)
{
    for (size_t i = 0; *hint && i < GUARD_HINT_BYTES; i++, hint++) {
        if (*hint == '\\')
            hint++;
        if (*hint == 'd' && hint[-1] == '\\')
            return true;
    }
    return false;
}

//  Bytes of the start of a text that the first part of a hint is about; 0 = it is not there.
static size_t
s_size_at (const char *hint, const char *text, size_t text_size, bool caseless)
{
    bool loose = s_is_loose (hint);
    size_t i = 0;
    for (; *hint && i < GUARD_HINT_BYTES; i++, hint++) {
        int c = i < text_size ? (unsigned char) text[i] : -1;
        bool is = c == (unsigned char) *hint
                  || (caseless && c >= 0 && isalpha (c)
                      && tolower (c) == tolower ((unsigned char) *hint))
                  || (loose && isdigit ((unsigned char) *hint) && c >= 0 && isdigit (c));
        if (*hint == '\\') {
            hint++;
            is = *hint == 'd'   ? c >= 0 && isdigit (c)
                 : *hint == 'w' ? c >= 0 && (isalnum (c) || c == '_')
                                : c == '\\';
        }
        if (!is)
            return 0;
    }
    return i;
}

typedef struct {
    const char *hint;
    bool caseless;
} row_t;

static guard_prefilter_t *
s_build (const row_t *rows, size_t count)
{
    guard_prefilter_t *prefilter = guard_prefilter_new ();
    for (unsigned i = 0; i < count; i++)
        assert_int_equal (
            guard_prefilter_add (prefilter, i, rows[i].hint, rows[i].caseless, NULL), 0);
    guard_prefilter_build (prefilter);
    return prefilter;
}

static unsigned
s_random (unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

static void
s_make_text (unsigned *seed, const char *letters, char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        text[i] = letters[s_random (seed) % strlen (letters)];
}

//  How often each pattern's hint was told to begin at each place; and by how much states
//  became fewer at the most, from one hint to the next.
static size_t
s_find (guard_prefilter_t *prefilter, size_t patterns, const char *text, size_t size,
        size_t piece, unsigned char *found)
{
    uint32_t state = 0;
    size_t count = 0, before = 0, most = 0;
    for (size_t at = 0; at < size;) {
        const guard_hint_t *hints = NULL;
        size_t end = at - at % piece + piece < size ? at - at % piece + piece : size;
        at += guard_prefilter_run (prefilter, &state, (const uint8_t *) text + at,
                                   end - at, &hints, &count);
        for (size_t k = 0; k < count; k++)
            found[(at - hints[k].size) * patterns + hints[k].pattern]++;
        size_t states = guard_prefilter_states (prefilter);
        if (before > states && before - states > most)
            most = before - states;
        before = states;
    }
    return most;
}

//  ret: as s_find
static size_t
s_compare (guard_prefilter_t *prefilter, const row_t *rows, size_t count,
           const char *text, size_t size, size_t piece)
{
    unsigned char *found = calloc (size, count);
    assert_non_null (found);
    size_t most = s_find (prefilter, count, text, size, piece, found);
    for (size_t at = 0; at < size; at++)
        for (size_t i = 0; i < count; i++) {
            size_t is = s_size_at (rows[i].hint, text + at, size - at, rows[i].caseless);
            if (found[at * count + i] != (is > 0))
                fail_msg ("'%s' at %zu of '%.*s'", rows[i].hint, at,
                          (int) (size < 100 ? size : 100), text);
        }
    free (found);
    return most;
}

static void
each_hint_is_found_where_it_is_and_nowhere_else (void **state)
{
    (void) state;
    static const row_t rows[] = { { "ab", false },       { "abc", false },
                                  { "bca", false },      { "\\d\\d-", false },
                                  { "\\d\\d", false },   { "AB", true },
                                  { "\\wa\\w", false },  { "\\\\a", false },
                                  { "\xe2\x80", false }, { "a\\d\\dz", true } };
    size_t count = sizeof rows / sizeof *rows;
    guard_prefilter_t *prefilter = s_build (rows, count);
    for (unsigned seed = 1; seed < 60; seed++) {
        unsigned number = seed;
        char text[100];
        s_make_text (&number, "aabbcdzAB019-_\\ \xe2\x80", text, sizeof text);
        s_compare (prefilter, rows, count, text, sizeof text, seed % 7 + 1);
    }
    guard_prefilter_destroy (&prefilter);
}

#define HINTS 12
#define HINT_PARTS 20 //  more than are looked for

static void
hints_at_random_are_found_as_by_a_search_for_each (void **state)
{
    (void) state;
    static const char *const parts[] = { "a", "b", "1", "2", "-", "\\d", "\\w", "\\\\" };
    for (unsigned round = 1; round < 300; round++) {
        unsigned seed = round;
        char hints[HINTS][HINT_PARTS * 2 + 1];
        row_t rows[HINTS];
        for (size_t i = 0; i < HINTS; i++) {
            size_t most = i % 4 ? 4 : HINT_PARTS, size = 1 + s_random (&seed) % most;
            hints[i][0] = '\0';
            for (size_t k = 0; k < size; k++)
                strcat (hints[i], parts[s_random (&seed) % 8]);
            rows[i] = (row_t) { hints[i], s_random (&seed) % 2 };
        }
        char text[300];
        s_make_text (&seed, "aaabAB112-_\\", text, sizeof text);
        guard_prefilter_t *prefilter = s_build (rows, HINTS);
        s_compare (prefilter, rows, HINTS, text, sizeof text, round % 40 + 1);
        guard_prefilter_destroy (&prefilter);
    }
}

#define MANY 200
#define LONG_BYTES 40000

//  Hints of which each few letters make another state.
static guard_prefilter_t *
s_build_many (row_t rows[MANY])
{
    static char hints[MANY][32];
    for (int i = 0; i < MANY; i++) {
        snprintf (hints[i], sizeof hints[i], "%c\\w\\w\\w\\w%c\\w\\w%c", 'a' + i % 26,
                  'a' + i % 7, 'a' + i % 3);
        rows[i] = (row_t) { hints[i], i % 2 };
    }
    return s_build (rows, MANY);
}

//  Given such hints, then states are forgotten in the middle of the text, and all hints are
//  found all the same.
static void
what_is_kept_is_bounded_and_nothing_is_lost (void **state)
{
    (void) state;
    row_t rows[MANY];
    guard_prefilter_t *prefilter = s_build_many (rows);
    static char text[LONG_BYTES];
    unsigned seed = 1;
    s_make_text (&seed, "abcdefghijklmnopqrstuvwxyzABC_ ", text, sizeof text);
    size_t most = s_compare (prefilter, rows, MANY, text, sizeof text, 1000);
    assert_true (most > 1000);
    assert_true (guard_prefilter_states (prefilter) <= GUARD_STATES_MAX);
    assert_true (guard_prefilter_bytes (prefilter) < GUARD_STATES_BYTES_MAX * 2);
    guard_prefilter_destroy (&prefilter);
}

//  ---- a whole piece

#define PLACES_MAX 200000

typedef struct {
    size_t count;
    uint32_t places[PLACES_MAX]; //  offset and pattern
} places_t;

static void
s_put (void *arg, unsigned pattern, size_t at)
{
    places_t *places = arg;
    assert_true (places->count < PLACES_MAX);
    places->places[places->count++] = (uint32_t) (at << 8 | pattern);
}

static int
s_order (const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;
    return (x > y) - (x < y);
}

//  A scan finds what reading from hint to hint does, and its state has the same under way.
static void
s_scan_and_read (guard_prefilter_t *prefilter, const char *text, size_t size)
{
    static places_t scanned, read;
    scanned.count = read.count = 0;
    const uint8_t *bytes = (const uint8_t *) text;
    uint32_t behind = guard_prefilter_scan (prefilter, bytes, size, s_put, &scanned);
    size_t under_way = 0, expected = 0, count = 0;
    guard_prefilter_under_way (prefilter, behind, &under_way);
    uint32_t now = 0;
    const guard_hint_t *hints = NULL;
    for (size_t at = 0; at < size;) {
        at += guard_prefilter_run (prefilter, &now, bytes + at, size - at, &hints,
                                   &count);
        for (size_t i = 0; i < count; i++)
            s_put (&read, hints[i].pattern, at - hints[i].size);
    }
    guard_prefilter_under_way (prefilter, now, &expected);
    assert_int_equal (under_way, expected);
    qsort (scanned.places, scanned.count, sizeof *scanned.places, s_order);
    qsort (read.places, read.count, sizeof *read.places, s_order);
    assert_int_equal (scanned.count, read.count);
    assert_memory_equal (scanned.places, read.places, read.count * sizeof *read.places);
}

static void
a_scan_finds_what_reading_does_whatever_the_size (void **state)
{
    (void) state;
    static const row_t rows[] = { { "ab", false },
                                  { "abcdefghijklmnop", false }, //  as long as may be
                                  { "\\w\\wc", false },
                                  { "\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d\\d",
                                    false },
                                  { "BC", true } };
    guard_prefilter_t *prefilter = s_build (rows, sizeof rows / sizeof *rows);
    for (unsigned seed = 1; seed < 200; seed++) {
        unsigned number = seed;
        static char text[LONG_BYTES];
        size_t size = s_random (&number) % (seed % 10 ? 700 : sizeof text);
        s_make_text (&number, "aabbcd01 ", text, size);
        for (size_t at = seed % 40; at + 16 <= size; at += 91)
            memcpy (text + at, at % 2 ? "abcdefghijklmnop" : "0123456789012345", 16);
        s_scan_and_read (prefilter, text, size);
    }
    guard_prefilter_destroy (&prefilter);
}

//  Given a text in which hints end at each byte, more than a lane keeps, then none is lost.
static void
a_scan_finds_more_than_a_lane_keeps (void **state)
{
    (void) state;
    static const row_t rows[] = { { "a", false }, { "aa", false }, { "aaa", false } };
    guard_prefilter_t *prefilter = s_build (rows, 3);
    static char text[LONG_BYTES];
    memset (text, 'a', sizeof text);
    s_scan_and_read (prefilter, text, sizeof text);
    guard_prefilter_destroy (&prefilter);
}

//  Given more states than are kept, so that a lane loses its own in the middle, then a scan
//  finds the same.
static void
a_scan_finds_the_same_when_states_are_forgotten (void **state)
{
    (void) state;
    row_t rows[MANY];
    guard_prefilter_t *prefilter = s_build_many (rows);
    static char text[LONG_BYTES];
    unsigned seed = 1;
    size_t before = 0, fewer = 0;
    for (int i = 0; i < 4; i++) {
        s_make_text (&seed, "abcdefghijklmnopqrstuvwxyzABC_ ", text, sizeof text);
        s_scan_and_read (prefilter, text, sizeof text);
        fewer += guard_prefilter_states (prefilter) < before;
        before = guard_prefilter_states (prefilter);
    }
    assert_true (fewer > 0);
    assert_true (before <= GUARD_STATES_MAX);
    guard_prefilter_destroy (&prefilter);
}

static void
states_are_made_when_a_text_needs_them (void **state)
{
    (void) state;
    static const row_t rows[] = { { "abc", false }, { "xyz", false } };
    guard_prefilter_t *prefilter = s_build (rows, 2);
    assert_int_equal (guard_prefilter_states (prefilter), 1);
    s_compare (prefilter, rows, 2, "--ab-abc", 8, 8);
    assert_int_equal (guard_prefilter_states (prefilter), 4);
    s_compare (prefilter, rows, 2, "--ab-abc", 8, 8);
    assert_int_equal (guard_prefilter_states (prefilter), 4);
    guard_prefilter_destroy (&prefilter);
}

static void
what_is_under_way_is_told_with_its_length (void **state)
{
    (void) state;
    guard_prefilter_t *prefilter = guard_prefilter_new ();
    guard_prefilter_add (prefilter, 7, "yzab", false, NULL);
    guard_prefilter_add (prefilter, 7, "xyz", false, NULL);
    guard_prefilter_add (prefilter, 8, "q", false, NULL);
    guard_prefilter_build (prefilter);
    uint32_t now = 0;
    size_t count = 1;
    const guard_hint_t *hints = NULL;
    assert_null (guard_prefilter_under_way (prefilter, now, &count));
    assert_int_equal (count, 0);
    assert_int_equal (guard_prefilter_run (prefilter, &now, (const uint8_t *) "  xy", 4,
                                           &hints, &count),
                      4);
    assert_int_equal (count, 0);
    for (int i = 0; i < 2; i++) {
        hints = guard_prefilter_under_way (prefilter, now, &count);
        assert_int_equal (count, 1);
        assert_int_equal (hints[0].pattern, 7);
        assert_int_equal (hints[0].size, 2);
    }
    guard_prefilter_destroy (&prefilter);
    guard_prefilter_destroy (&prefilter);
}

static void
no_hints_are_never_found (void **state)
{
    (void) state;
    guard_prefilter_t *prefilter = s_build (NULL, 0);
    uint32_t now = 0;
    size_t count = 1;
    const guard_hint_t *hints = NULL;
    assert_int_equal (
        guard_prefilter_run (prefilter, &now, (const uint8_t *) "abc", 3, &hints, &count),
        3);
    assert_int_equal (count, 0);
    guard_prefilter_destroy (&prefilter);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (each_hint_is_found_where_it_is_and_nowhere_else),
        cmocka_unit_test (hints_at_random_are_found_as_by_a_search_for_each),
        cmocka_unit_test (what_is_kept_is_bounded_and_nothing_is_lost),
        cmocka_unit_test (a_scan_finds_what_reading_does_whatever_the_size),
        cmocka_unit_test (a_scan_finds_more_than_a_lane_keeps),
        cmocka_unit_test (a_scan_finds_the_same_when_states_are_forgotten),
        cmocka_unit_test (states_are_made_when_a_text_needs_them),
        cmocka_unit_test (what_is_under_way_is_told_with_its_length),
        cmocka_unit_test (no_hints_are_never_found),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
