//  glob_list: lists from JSON and from flags.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/glob_list.h"
#include "broker/identity/jwt.h"

//  The list as an array of JSON; NULL when there is none. "caller frees"
static char *
s_write (char ***list_p)
{
    br_buf_t text;
    br_buf_init (&text, 4096);
    json_writer_t writer = json_writer (&text);
    br_glob_list_write (*list_p, &writer, NULL);
    char *copy = br_strdup (br_buf_text (&text));
    br_buf_free (&text);
    br_glob_list_destroy (list_p);
    assert_null (*list_p);
    return copy;
}

static void
s_read (const char *json, const char *wanted)
{
    char **list = NULL;
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, json, strlen (json), NULL);
    assert_int_equal (br_glob_list_read (tree, root, &list), wanted ? 0 : -1);
    char *text = s_write (&list);
    assert_string_equal (text, wanted ? wanted : "[]");
    free (text);
    json_tree_destroy (&tree);
}

static void
an_array_of_texts_is_a_list (void **state)
{
    (void) state;
    s_read ("[]", "[]");
    s_read ("[ \"a\" , \"b:*\" ]", "[\"a\",\"b:*\"]");
    s_read ("[\"\\u0061\\\"\"]", "[\"a\\\"\"]");
    s_read ("[1]", NULL);
    s_read ("[\"a\",null]", NULL);
    s_read ("[\"\"]", NULL);
    s_read ("[\"a\\u0000\"]", NULL);
    s_read ("[\"a\\u001b\"]", NULL);
    s_read ("{}", NULL);
    s_read ("\"a\"", NULL);
}

static void
s_split (const char *flag, const char *wanted)
{
    char **list = NULL;
    assert_int_equal (br_glob_list_split (flag, &list), wanted ? 0 : -1);
    char *text = s_write (&list);
    assert_string_equal (text, wanted ? wanted : "[]");
    free (text);
}

static void
commas_split_a_list (void **state)
{
    (void) state;
    s_split ("a", "[\"a\"]");
    s_split ("a,b", "[\"a\",\"b\"]");
    s_split (" a , b c ", "[\"a\",\"b c\"]");
    s_split ("", NULL);
    s_split ("a,", NULL);
    s_split (",a", NULL);
    s_split ("a\tb", NULL);
}

static void
bounds_hold (void **state)
{
    (void) state;
    char text[2 * BR_JWT_GLOBS_MAX + 2];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? ',' : 'a';
    char **list = NULL;
    text[2 * BR_JWT_GLOBS_MAX - 1] = 0;
    assert_int_equal (br_glob_list_split (text, &list), 0);
    assert_non_null (list[BR_JWT_GLOBS_MAX - 1]);
    assert_null (list[BR_JWT_GLOBS_MAX]);
    br_glob_list_destroy (&list);
    text[2 * BR_JWT_GLOBS_MAX - 1] = ',';
    text[2 * BR_JWT_GLOBS_MAX + 1] = 0;
    assert_int_equal (br_glob_list_split (text, &list), -1);
    char longer[BR_GLOB_MAX + 2];
    memset (longer, 'a', sizeof longer);
    longer[BR_GLOB_MAX + 1] = 0;
    assert_int_equal (br_glob_list_split (longer, &list), -1);
    longer[BR_GLOB_MAX] = 0;
    assert_int_equal (br_glob_list_split (longer, &list), 0);
    br_glob_list_destroy (&list);
}

static void
a_copy_is_its_own (void **state)
{
    (void) state;
    char *globs[] = { (char[]) { "a" }, (char[]) { "b" }, NULL };
    char **copy = br_glob_list_copy (globs);
    globs[0][0] = 'x';
    assert_string_equal (copy[0], "a");
    assert_string_equal (copy[1], "b");
    assert_null (copy[2]);
    br_glob_list_destroy (&copy);
    copy = br_glob_list_copy (NULL);
    assert_null (copy[0]);
    br_glob_list_destroy (&copy);
    br_glob_list_destroy (&copy);
    br_glob_list_destroy (NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_array_of_texts_is_a_list),
        cmocka_unit_test (commas_split_a_list),
        cmocka_unit_test (bounds_hold),
        cmocka_unit_test (a_copy_is_its_own),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
