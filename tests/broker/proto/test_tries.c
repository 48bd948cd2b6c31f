//  tries: the attempts of a call cross a message in order.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "broker/proto/tries.h"

static const br_try_t s_first = { .attempt = 1,
                                  .provider = "openai",
                                  .endpoint = "eu",
                                  .model = "gpt-4o",
                                  .outcome = BR_OUTCOME_FAILED,
                                  .code = 7,
                                  .status = 503,
                                  .after_us = 10,
                                  .latency_us = 2000,
                                  .first_us = 1500,
                                  .usage = { .known = true,
                                             .input = 100,
                                             .cache_read = 20,
                                             .cache_write = 30,
                                             .output = UINT64_MAX,
                                             .reasoning = 5,
                                             .cache_write_1h = 6,
                                             .audio_input = 7,
                                             .audio_output = 8 } };
static const br_try_t s_second = {
    .attempt = 2, .provider = "echo", .endpoint = "", .model = "m"
};

static br_bytes_t
s_bytes (const br_buf_t *buf)
{
    return (br_bytes_t) { buf->data, buf->size };
}

static void
test_given_two_attempts_when_read_then_they_are_the_same (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, BR_PAIRS_MAX);
    assert_int_equal (br_tries_add (&buf, &s_first), 0);
    assert_int_equal (br_tries_add (&buf, &s_second), 0);
    br_try_t rows[BR_TRIES_MAX];
    assert_int_equal (br_tries_read (s_bytes (&buf), rows, BR_TRIES_MAX), 2);
    assert_int_equal (rows[0].attempt, 1);
    assert_string_equal (rows[0].provider, "openai");
    assert_string_equal (rows[0].endpoint, "eu");
    assert_string_equal (rows[0].model, "gpt-4o");
    assert_int_equal (rows[0].outcome, BR_OUTCOME_FAILED);
    assert_int_equal (rows[0].code, 7);
    assert_int_equal (rows[0].status, 503);
    assert_int_equal (rows[0].after_us, 10);
    assert_int_equal (rows[0].latency_us, 2000);
    assert_int_equal (rows[0].first_us, 1500);
    assert_true (rows[0].usage.known);
    assert_int_equal (rows[0].usage.input, 100);
    assert_int_equal (rows[0].usage.cache_read, 20);
    assert_int_equal (rows[0].usage.cache_write, 30);
    assert_true (rows[0].usage.output == UINT64_MAX);
    assert_int_equal (rows[0].usage.reasoning, 5);
    assert_int_equal (rows[0].usage.cache_write_1h, 6);
    assert_int_equal (rows[0].usage.audio_input, 7);
    assert_int_equal (rows[0].usage.audio_output, 8);
    assert_int_equal (rows[1].attempt, 2);
    assert_string_equal (rows[1].endpoint, "");
    assert_false (rows[1].usage.known);
    assert_int_equal (rows[1].usage.input, 0);
    br_buf_free (&buf);
}

static void
test_given_many_attempts_when_read_then_no_more_than_asked_for (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, BR_PAIRS_MAX);
    for (int i = 0; i < 3; i++)
        assert_int_equal (br_tries_add (&buf, &s_first), 0);
    br_try_t rows[2];
    assert_int_equal (br_tries_read (s_bytes (&buf), rows, 2), 2);
    assert_int_equal (br_tries_read ((br_bytes_t) { NULL, 0 }, rows, 2), 0);
    br_buf_free (&buf);
}

//  Every truncation is malformed, but those between two rows.
static void
test_given_cut_rows_when_read_then_they_are_malformed (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, BR_PAIRS_MAX);
    br_tries_add (&buf, &s_first);
    size_t row = buf.size;
    br_tries_add (&buf, &s_first);
    for (size_t size = 0; size <= buf.size; size++) {
        uint8_t *copy = malloc (size ? size : 1);
        memcpy (copy, buf.data, size);
        br_try_t rows[4];
        int count = br_tries_read ((br_bytes_t) { copy, size }, rows, 4);
        assert_int_equal (count, size % row ? -1 : (int) (size / row));
        free (copy);
    }
    br_buf_free (&buf);
}

static void
test_given_numbers_that_are_none_when_read_then_they_are_malformed (void **state)
{
    (void) state;
    static const struct {
        const char *numbers;
        int count;
    } rows[] = {
        { "1 2 3 4 5 6 7 1 9 10 11 12 13 14 15 16", 1 },
        { "", -1 },
        { "1 2 3", -1 },
        { "1 2 3 4 5 6 7 1 9 10 11 12 13 14 15", -1 },
        { "1 2 3 4 5 6 7 1 9 10 11 12 13 14 15 16 17", -1 },
        { "1 2 3 4 5 6 7 1 9 10 11 12 13 14 15 -16", -1 },
        { "1 2 3 4 5 6 7 1 9 10 11 12 13 14 15 99999999999999999999", -1 },
        { "4294967296 2 3 4 5 6 7 1 9 10 11 12 13 14 15 16", -1 },
        { "+1 2 3 4 5 6 7 1 9 10 11 12 13 14 15 16", -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_buf_t buf;
        br_buf_init (&buf, BR_PAIRS_MAX);
        br_pairs_add (&buf, "p", "e");
        br_pairs_add (&buf, "m", rows[i].numbers);
        br_try_t row;
        assert_int_equal (br_tries_read (s_bytes (&buf), &row, 1), rows[i].count);
        br_buf_free (&buf);
    }
}

static void
test_given_no_room_when_added_then_nothing_is_left (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 150);
    assert_int_equal (br_tries_add (&buf, &s_first), 0);
    size_t before = buf.size;
    assert_int_equal (br_tries_add (&buf, &s_first), -1);
    assert_int_equal (buf.size, before);
    br_buf_free (&buf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_two_attempts_when_read_then_they_are_the_same),
        cmocka_unit_test (test_given_many_attempts_when_read_then_no_more_than_asked_for),
        cmocka_unit_test (test_given_cut_rows_when_read_then_they_are_malformed),
        cmocka_unit_test (
            test_given_numbers_that_are_none_when_read_then_they_are_malformed),
        cmocka_unit_test (test_given_no_room_when_added_then_nothing_is_left),
    };
    return cmocka_run_group_tests_name ("tries", tests, NULL, NULL);
}
