//  ingress_held: what is held is a copy.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_held.h"

static void
all_that_was_borrowed_is_copied (void **state)
{
    (void) state;
    char type[] = "text/plain", provider[] = "openai", model[] = "gpt-4o";
    uint8_t headers[] = "a\0b", notes[] = "cd\0e";
    ingress_head_t head = { .status = 429, .attempts = 3, .elsewhere_us = 7 };
    head.content_type = type;
    head.provider = provider;
    head.model = model;
    head.headers = (br_bytes_t) { headers, sizeof headers };
    br_blob_t *body = br_blob_new ("body", 4);
    ingress_held_t *held = ingress_held_new (&head, (br_bytes_t) { notes, sizeof notes },
                                             body);
    br_blob_destroy (&body);
    memset (type, 'x', 4);
    memset (provider, 'x', 4);
    memset (model, 'x', 4);
    memset (headers, 'x', sizeof headers);
    memset (notes, 'x', sizeof notes);
    assert_int_equal (held->head.status, 429);
    assert_int_equal (held->head.attempts, 3);
    assert_int_equal (held->head.elsewhere_us, 7);
    assert_string_equal (held->head.content_type, "text/plain");
    assert_string_equal (held->head.provider, "openai");
    assert_string_equal (held->head.model, "gpt-4o");
    assert_int_equal (held->head.headers.size, 4);
    assert_memory_equal (held->head.headers.data, "a\0b", 4);
    assert_int_equal (held->notes.size, 5);
    assert_memory_equal (held->notes.data, "cd\0e", 5);
    assert_memory_equal (br_blob_data (held->body), "body", 4);
    ingress_held_destroy (&held);
    assert_null (held);
    ingress_held_destroy (&held);
}

static void
an_answer_may_have_nothing_in_it (void **state)
{
    (void) state;
    ingress_head_t head = { .status = 204, .content_type = "", .provider = "" };
    head.model = "";
    ingress_held_t *held = ingress_held_new (&head, (br_bytes_t) { NULL, 0 }, NULL);
    assert_null (held->body);
    assert_string_equal (held->head.content_type, "");
    assert_int_equal (held->notes.size, 0);
    ingress_held_destroy (&held);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (all_that_was_borrowed_is_copied),
        cmocka_unit_test (an_answer_may_have_nothing_in_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
