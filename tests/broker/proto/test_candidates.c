//  candidates: the rows of a route cross a message in order.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"

static const br_candidate_t s_first = { .provider = "openai",
                                        .actor = "upstream/openai",
                                        .model = "gpt-4o",
                                        .endpoint = "",
                                        .weight = 3,
                                        .lacks = BR_NEED_TOOLS | BR_NEED_FILES,
                                        .pool = 2,
                                        .context = 128000,
                                        .price_nusd = UINT64_MAX };
static const br_candidate_t s_second = {
    .provider = "echo", .actor = "echo", .model = "m", .endpoint = "m#1"
};

static br_bytes_t
s_bytes (const br_buf_t *buf)
{
    return (br_bytes_t) { buf->data, buf->size };
}

static void
test_rows_come_back_in_order (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, BR_PAIRS_MAX);
    assert_int_equal (br_candidates_add (&buf, &s_first), 0);
    assert_int_equal (br_candidates_add (&buf, &s_second), 0);
    br_candidate_t rows[BR_CANDIDATES_MAX];
    assert_int_equal (br_candidates_read (s_bytes (&buf), rows, BR_CANDIDATES_MAX), 2);
    assert_string_equal (rows[0].provider, "openai");
    assert_string_equal (rows[0].actor, "upstream/openai");
    assert_string_equal (rows[0].model, "gpt-4o");
    assert_string_equal (rows[0].endpoint, "");
    assert_int_equal (rows[0].weight, 3);
    assert_int_equal (rows[0].lacks, BR_NEED_TOOLS | BR_NEED_FILES);
    assert_int_equal (rows[0].pool, 2);
    assert_int_equal (rows[0].context, 128000);
    assert_true (rows[0].price_nusd == UINT64_MAX);
    assert_string_equal (rows[1].provider, "echo");
    assert_string_equal (rows[1].endpoint, "m#1");
    assert_int_equal (rows[1].weight, 1); //  at least
    assert_int_equal (rows[1].lacks, 0);
    assert_int_equal (rows[1].context, 0);
    br_buf_free (&buf);
}

static void
test_no_more_than_asked_for_are_read (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, BR_PAIRS_MAX);
    for (int i = 0; i < BR_CANDIDATES_MAX + 5; i++)
        assert_int_equal (br_candidates_add (&buf, &s_first), 0);
    br_candidate_t rows[BR_CANDIDATES_MAX];
    assert_int_equal (br_candidates_read (s_bytes (&buf), rows, BR_CANDIDATES_MAX),
                      BR_CANDIDATES_MAX);
    assert_int_equal (br_candidates_read (s_bytes (&buf), rows, 1), 1);
    assert_int_equal (br_candidates_read ((br_bytes_t) { NULL, 0 }, rows, 1), 0);
    br_buf_free (&buf);
}

//  Every truncation is malformed, but those between two rows.
static void
test_cut_rows_are_malformed (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, BR_PAIRS_MAX);
    br_candidates_add (&buf, &s_first);
    size_t row = buf.size;
    br_candidates_add (&buf, &s_first);
    for (size_t size = 0; size <= buf.size; size++) {
        uint8_t *copy = malloc (size ? size : 1);
        memcpy (copy, buf.data, size);
        br_candidate_t rows[4];
        int count = br_candidates_read ((br_bytes_t) { copy, size }, rows, 4);
        assert_int_equal (count, size % row ? -1 : (int) (size / row));
        free (copy);
    }
    br_buf_free (&buf);
}

static void
test_numbers_that_are_none_are_malformed (void **state)
{
    (void) state;
    static const struct {
        const char *numbers;
        int count;
    } rows[] = {
        { "0 0 0 0 0", 1 }, { "", -1 }, { "1", -1 }, { "1 2 3 4", -1 }, { "heavy", -1 }
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_buf_t buf;
        br_buf_init (&buf, BR_PAIRS_MAX);
        br_pairs_add (&buf, "p", "a");
        br_pairs_add (&buf, "m", "e");
        br_pairs_add (&buf, "", rows[i].numbers);
        br_candidate_t row;
        assert_int_equal (br_candidates_read (s_bytes (&buf), &row, 1), rows[i].count);
        if (rows[i].count == 1)
            assert_int_equal (row.weight, 1);
        br_buf_free (&buf);
    }
}

static void
test_a_row_that_does_not_fit_leaves_nothing (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 100);
    assert_int_equal (br_candidates_add (&buf, &s_first), 0);
    size_t before = buf.size;
    assert_int_equal (br_candidates_add (&buf, &s_first), -1);
    assert_int_equal (buf.size, before);
    br_buf_free (&buf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_rows_come_back_in_order),
        cmocka_unit_test (test_no_more_than_asked_for_are_read),
        cmocka_unit_test (test_cut_rows_are_malformed),
        cmocka_unit_test (test_numbers_that_are_none_are_malformed),
        cmocka_unit_test (test_a_row_that_does_not_fit_leaves_nothing),
    };
    return cmocka_run_group_tests_name ("candidates", tests, NULL, NULL);
}
