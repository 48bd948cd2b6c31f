//  The items of a stream that is written: ids, order and bounds.

#include "tests/broker/proto/responses/fixture.h"

#define MEGABYTE (1u << 20)

static void
an_item_has_one_id_from_its_first_event_to_its_last (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    writing_add_text (&w, BR_DELTA_TEXT, 0, "a");
    writing_add_text (&w, BR_DELTA_TEXT, 0, "b");
    writing_add_text (&w, BR_DELTA_TEXT, 1, "c");
    writing_add_text (&w, BR_DELTA_REFUSAL, 2, "no");
    writing_finish (&w, BR_FINISH_STOP);
    //  the validator compares the ids of each event
    writing_has (&w, "'item_id':'msg_abcdefghijklmnopqrstuvwx0000'");
    writing_has (&w, "'item_id':'msg_abcdefghijklmnopqrstuvwx0001'");
    writing_has (&w, "'item_id':'msg_abcdefghijklmnopqrstuvwx0002'");
    writing_end (&w);
}

static void
a_block_that_ends_is_closed_before_the_next (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    writing_add_text (&w, BR_DELTA_TEXT, 0, "ab");
    writing_add_text (&w, BR_DELTA_REASONING, 1, "hm");
    writing_add_text (&w, BR_DELTA_TEXT, 2, "cd");
    writing_finish (&w, BR_FINISH_STOP);
    writing_has (&w, "'text':'ab'}],'role':'assistant'},{'id':'rs_"
                     "abcdefghijklmnopqrstuvwx0001'");
    writing_end (&w);
}

static void
empty_pieces_open_nothing (void **state)
{
    (void) state;
    writing_t w;
    writing_begin (&w);
    writing_add_text (&w, BR_DELTA_TEXT, 0, "");
    writing_add_text (&w, BR_DELTA_REASONING, 1, "");
    writing_add_text (&w, BR_DELTA_ARGS, 2, "lost");
    writing_finish (&w, BR_FINISH_STOP);
    writing_has (&w, "'output':[]");
    writing_lacks (&w, "output_item");
    writing_end (&w);
}

static void
an_answer_that_is_too_long_fails_and_is_over (void **state)
{
    (void) state;
    writing_t w;
    char *text = br_alloc (1, MEGABYTE);
    memset (text, 'x', MEGABYTE - 1);
    writing_begin (&w);
    br_buf_free (&w.out);
    br_buf_init (&w.out, 4 * MEGABYTE);
    size_t count = 0;
    while (!strstr (br_buf_text (&w.out), "response.failed") && count < 100) {
        br_buf_clear (&w.out);
        writing_add_text (&w, BR_DELTA_TEXT, 0, text);
        count++;
    }
    assert_int_equal (count, BR_REPLY_BYTES_MAX / MEGABYTE + 1);
    br_buf_clear (&w.out);
    writing_finish (&w, BR_FINISH_STOP);
    assert_int_equal (w.out.size, 0);
    writing_end (&w);
    free (text);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_item_has_one_id_from_its_first_event_to_its_last),
        cmocka_unit_test (a_block_that_ends_is_closed_before_the_next),
        cmocka_unit_test (empty_pieces_open_nothing),
        cmocka_unit_test (an_answer_that_is_too_long_fails_and_is_over),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
