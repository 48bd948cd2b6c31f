//  upstream_mask: secrets in bytes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "actors/upstream/upstream_mask.h"

static void
s_expect (const upstream_mask_t *mask, const char *text, const char *wanted)
{
    char bytes[256];
    snprintf (bytes, sizeof bytes, "%s", text);
    upstream_mask_hide (mask, (uint8_t *) bytes, strlen (bytes));
    assert_string_equal (bytes, wanted);
}

static size_t
s_begun (const upstream_mask_t *mask, const char *text)
{
    return upstream_mask_begun (mask, (const uint8_t *) text, strlen (text));
}

static void
each_occurrence_is_hidden (void **state)
{
    (void) state;
    upstream_mask_t *mask = upstream_mask_new ();
    upstream_mask_add (mask, "sk-12345");
    upstream_mask_add (mask, "sk-12345-long");
    s_expect (mask, "sk-12345", "********");
    s_expect (mask, "a sk-12345sk-12345 sk-1234", "a **************** sk-1234");
    s_expect (mask, "ssk-12345-long.sk-12345-lon", "s*************.********-lon");
    s_expect (mask, "", "");
    upstream_mask_hide (mask, NULL, 0);
    upstream_mask_destroy (&mask);
    upstream_mask_destroy (&mask);
}

static void
it_is_found_at_each_place (void **state)
{
    (void) state;
    static const char front[] = "cabcabdabcabcaacabcabdabcabcaacabcabdabcabcaa";
    upstream_mask_t *mask = upstream_mask_new ();
    upstream_mask_add (mask, "abcabcab-");
    for (int at = 0; at < 40; at++) {
        char text[64];
        char wanted[64];
        snprintf (text, sizeof text, "%.*sabcabcab-%.*s", at, front, at % 5, front);
        snprintf (wanted, sizeof wanted, "%.*s*********%.*s", at, front, at % 5, front);
        s_expect (mask, text, wanted);
    }
    upstream_mask_destroy (&mask);
}

static void
it_is_hidden_as_json_writes_it_too (void **state)
{
    (void) state;
    upstream_mask_t *mask = upstream_mask_new ();
    upstream_mask_add (mask, "ab/cd\"ef+gh");
    s_expect (mask, "ab/cd\"ef+gh", "***********");
    s_expect (mask, "\"ab/cd\\\"ef+gh\"", "\"************\"");
    s_expect (mask, "\"ab\\/cd\\\"ef+gh\"", "\"*************\"");
    upstream_mask_destroy (&mask);
}

static void
what_may_go_on_is_told (void **state)
{
    (void) state;
    upstream_mask_t *mask = upstream_mask_new ();
    assert_int_equal (s_begun (mask, "sk"), 0);
    upstream_mask_add (mask, "sk-sk-12345");
    upstream_mask_add (mask, "5-other-key");
    assert_int_equal (s_begun (mask, ""), 0);
    assert_int_equal (s_begun (mask, "}\n\n"), 0);
    assert_int_equal (s_begun (mask, "a task"), 2);
    assert_int_equal (s_begun (mask, "sk"), 2);
    assert_int_equal (s_begun (mask, "x sk-sk-"), 6);
    assert_int_equal (s_begun (mask, "x sk-sk-1234"), 10);
    assert_int_equal (s_begun (mask, "sk-sk-12345"), 1);
    assert_int_equal (s_begun (mask, "x 5-other-ke"), 10);
    upstream_mask_destroy (&mask);
}

static void
there_is_an_end_to_them (void **state)
{
    (void) state;
    upstream_mask_t *mask = upstream_mask_new ();
    for (unsigned i = 0; i < 2 * UPSTREAM_SECRETS_MAX; i++) {
        char text[32];
        snprintf (text, sizeof text, "secret-%04u", i);
        upstream_mask_add (mask, text);
    }
    s_expect (mask, "secret-0000 secret-0031 secret-0032",
              "*********** *********** secret-0032");
    upstream_mask_destroy (&mask);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (each_occurrence_is_hidden),
        cmocka_unit_test (it_is_found_at_each_place),
        cmocka_unit_test (it_is_hidden_as_json_writes_it_too),
        cmocka_unit_test (what_may_go_on_is_told),
        cmocka_unit_test (there_is_an_end_to_them),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
