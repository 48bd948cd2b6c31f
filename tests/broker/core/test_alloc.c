//  alloc: blocks are zeroed, strings are copies, and no memory means no process.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/core/alloc.h"

static void
test_block_is_zeroed (void **state)
{
    (void) state;
    uint8_t *block = br_alloc (100, 3);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal (block[i], 0);
    free (block);
}

static void
test_empty_block_is_no_null (void **state)
{
    (void) state;
    void *none = br_alloc (0, 8);
    assert_non_null (none);
    void *empty = br_alloc (8, 0);
    assert_non_null (empty);
    empty = br_realloc (empty, 0);
    assert_non_null (empty);
    free (none);
    free (empty);
}

static void
test_new_gives_a_zeroed_struct (void **state)
{
    (void) state;
    typedef struct {
        int number;
        void *pointer;
    } pair_t;
    pair_t *pair = BR_NEW (pair_t);
    assert_int_equal (pair->number, 0);
    assert_null (pair->pointer);
    free (pair);
}

static void
test_realloc_keeps_the_content (void **state)
{
    (void) state;
    char *block = br_realloc (NULL, 4);
    memcpy (block, "abc", 4);
    block = br_realloc (block, 100000);
    assert_string_equal (block, "abc");
    free (block);
}

static void
test_strings_are_copies (void **state)
{
    (void) state;
    char text[] = "router";
    char *copy = br_strdup (text);
    char *part = br_strndup (text, 3);
    char *whole = br_strndup (text, 100);
    text[0] = 'X';
    assert_string_equal (copy, "router");
    assert_string_equal (part, "rou");
    assert_string_equal (whole, "router");
    assert_null (br_strdup (NULL));
    free (copy);
    free (part);
    free (whole);
}

static void
test_format_has_no_bound (void **state)
{
    (void) state;
    char *text = br_strf ("%s-%04d", "call", 7);
    assert_string_equal (text, "call-0007");
    free (text);
    text = br_strf ("%5000d", 1);
    assert_int_equal (strlen (text), 5000);
    free (text);
}

static void
test_no_memory_ends_the_process (void **state)
{
    (void) state;
    //  Given a child that asks for more than any machine has
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0) {
        if (!freopen ("/dev/null", "w", stderr))
            _exit (0);
        volatile size_t much = SIZE_MAX / 4;
        void *block = br_alloc (much, 3);
        free (block);
        _exit (0);
    }
    //  Then it does not come back from the call
    int status = 0;
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_false (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_block_is_zeroed),
        cmocka_unit_test (test_empty_block_is_no_null),
        cmocka_unit_test (test_new_gives_a_zeroed_struct),
        cmocka_unit_test (test_realloc_keeps_the_content),
        cmocka_unit_test (test_strings_are_copies),
        cmocka_unit_test (test_format_has_no_bound),
        cmocka_unit_test (test_no_memory_ends_the_process),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
