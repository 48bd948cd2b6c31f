//  idempotency_answer: recorded in pieces, sealed, shared.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/idempotency/idempotency_answer.h"

static void
s_head (idempotency_answer_t *answer, uint64_t status)
{
    struct br_idem_head head = { .status = status, .content_type = "text/event-stream" };
    head.provider = "openai";
    head.model = "gpt-4o";
    head.guard_rules = "abc";
    head.guard_said = 5;
    head.headers = (br_bytes_t) { (const uint8_t *) "a\0b", 4 };
    idempotency_answer_head (answer, &head);
}

static void
s_part (idempotency_answer_t *answer, const char *text)
{
    br_blob_t *blob = br_blob_new (text, strlen (text));
    idempotency_answer_part (answer, blob);
    br_blob_destroy (&blob);
}

static void
pieces_become_one_answer (void **state)
{
    (void) state;
    idempotency_answer_t *answer = idempotency_answer_new (100);
    s_head (answer, 201);
    s_part (answer, "data: 1\n\n");
    idempotency_answer_part (answer, NULL);
    s_part (answer, "data: 2\n\n");
    assert_true (idempotency_answer_seal (answer));
    struct br_reply_head head = { .seq = 9 };
    idempotency_answer_show (answer, &head);
    assert_int_equal (head.status, 201);
    assert_string_equal (head.content_type, "text/event-stream");
    assert_string_equal (head.provider, "openai");
    assert_string_equal (head.model, "gpt-4o");
    assert_string_equal (head.guard_rules, "abc");
    assert_int_equal (head.guard_said, 5);
    assert_int_equal (head.headers.size, 4);
    assert_memory_equal (head.headers.data, "a\0b", 4);
    br_blob_t *body = idempotency_answer_body (answer);
    assert_int_equal (br_blob_size (body), 18);
    assert_memory_equal (br_blob_data (body), "data: 1\n\ndata: 2\n\n", 18);
    assert_int_equal (idempotency_answer_bytes (answer), 18 + 18 + 7 + 7 + 4 + 4);
    idempotency_answer_destroy (&answer);
    assert_null (answer);
}

static void
an_answer_without_a_body_is_one_too (void **state)
{
    (void) state;
    idempotency_answer_t *answer = idempotency_answer_new (0);
    s_head (answer, 204);
    assert_true (idempotency_answer_seal (answer));
    assert_null (idempotency_answer_body (answer));
    idempotency_answer_destroy (&answer);
}

static void
what_is_no_success_cannot_be_sealed (void **state)
{
    (void) state;
    static const uint64_t statuses[] = { 0, 199, 300, 404, 500, UINT64_MAX };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        idempotency_answer_t *answer = idempotency_answer_new (100);
        s_head (answer, statuses[i]);
        assert_false (idempotency_answer_seal (answer));
        idempotency_answer_destroy (&answer);
    }
    idempotency_answer_t *headless = idempotency_answer_new (100);
    s_part (headless, "x");
    assert_false (idempotency_answer_seal (headless));
    idempotency_answer_destroy (&headless);
}

static void
one_byte_too_many_spoils_it_for_good (void **state)
{
    (void) state;
    idempotency_answer_t *answer = idempotency_answer_new (4);
    s_head (answer, 200);
    s_part (answer, "1234");
    s_part (answer, "5");
    s_part (answer, "6");
    s_head (answer, 200);
    assert_int_equal (idempotency_answer_bytes (answer), 0);
    assert_false (idempotency_answer_seal (answer));
    idempotency_answer_destroy (&answer);
}

static void
the_last_one_to_let_go_frees_it (void **state)
{
    (void) state;
    idempotency_answer_t *answer = idempotency_answer_new (4);
    idempotency_answer_t *other = idempotency_answer_ref (answer);
    idempotency_answer_destroy (&answer);
    s_head (other, 200);
    assert_true (idempotency_answer_seal (other));
    idempotency_answer_destroy (&other);
    idempotency_answer_destroy (&other);
    idempotency_answer_destroy (NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (pieces_become_one_answer),
        cmocka_unit_test (an_answer_without_a_body_is_one_too),
        cmocka_unit_test (what_is_no_success_cannot_be_sealed),
        cmocka_unit_test (one_byte_too_many_spoils_it_for_good),
        cmocka_unit_test (the_last_one_to_let_go_frees_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
