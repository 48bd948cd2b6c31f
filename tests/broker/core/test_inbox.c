//  inbox: large messages are whole again whatever the order of their parts' messages, and
//  what lies about sizes or numbers is refused.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/inbox.h"

static br_msg_t *
s_msg (uint64_t call)
{
    return br_msg_new (BR_CALL_OPEN, (br_id_t) { 1, call }, 0, NULL, NULL);
}

static void
s_begin (br_inbox_t *inbox, uint32_t number, size_t size)
{
    br_msg_t *msg = s_msg (number);
    assert_int_equal (br_inbox_begin (inbox, number, &msg, size, NULL), 0);
    assert_null (msg);
}

static br_msg_t *
s_part (br_inbox_t *inbox, uint32_t number, const char *text)
{
    br_msg_t *msg = (br_msg_t *) 1;
    int rc = br_inbox_part (inbox, number, (const uint8_t *) text, strlen (text), &msg,
                            NULL);
    assert_int_equal (rc, 0);
    return msg;
}

static void
s_is (br_msg_t **msg_p, uint64_t call, const char *body)
{
    assert_non_null (*msg_p);
    assert_int_equal ((*msg_p)->call.lo, call);
    assert_int_equal (br_blob_size ((*msg_p)->body), strlen (body));
    assert_memory_equal (br_blob_data ((*msg_p)->body), body, strlen (body));
    br_msg_destroy (msg_p);
}

static void
test_interleaved_messages_come_whole (void **state)
{
    (void) state;
    br_inbox_t *inbox = br_inbox_new ();
    s_begin (inbox, 1, 6);
    s_begin (inbox, 2, 4);
    assert_null (s_part (inbox, 1, "abc"));
    assert_null (s_part (inbox, 2, "12"));
    br_msg_t *msg = s_part (inbox, 2, "34");
    s_is (&msg, 2, "1234");
    assert_null (s_part (inbox, 1, "d"));
    msg = s_part (inbox, 1, "ef");
    s_is (&msg, 1, "abcdef");
    //  the numbers are free again
    s_begin (inbox, 2, 1);
    msg = s_part (inbox, 2, "z");
    s_is (&msg, 2, "z");
    br_inbox_destroy (&inbox);
    assert_null (inbox);
    br_inbox_destroy (&inbox);
}

static void
test_the_size_counts_for_queues (void **state)
{
    (void) state;
    br_inbox_t *inbox = br_inbox_new ();
    br_msg_t *bare = s_msg (1);
    s_begin (inbox, 1, 5);
    br_msg_t *msg = s_part (inbox, 1, "12345");
    assert_int_equal (msg->bytes, bare->bytes + 5);
    br_msg_destroy (&msg);
    br_msg_destroy (&bare);
    br_inbox_destroy (&inbox);
}

static void
test_lies_are_refused (void **state)
{
    (void) state;
    br_inbox_t *inbox = br_inbox_new ();
    br_error_t error = { .code = BR_OK };
    br_msg_t *none = NULL;
    //  an unknown number
    assert_int_equal (br_inbox_part (inbox, 7, (const uint8_t *) "x", 1, &none, &error),
                      -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_null (none);
    //  a number in use: the message stays the caller's
    s_begin (inbox, 1, 4);
    br_msg_t *msg = s_msg (1);
    assert_int_equal (br_inbox_begin (inbox, 1, &msg, 4, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_non_null (msg);
    br_msg_destroy (&msg);
    //  more bytes than were told: nothing of them is kept
    assert_null (s_part (inbox, 1, "ab"));
    assert_int_equal (br_inbox_part (inbox, 1, (const uint8_t *) "cde", 3, &none, &error),
                      -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_null (none);
    msg = s_part (inbox, 1, "cd");
    s_is (&msg, 1, "abcd");
    br_inbox_destroy (&inbox);
}

//  Given a peer that says a message of 256 MB comes, and again, when nothing comes, then
//  it cost nothing; and there is a bound of such.
static void
test_unfinished_ones_are_bounded (void **state)
{
    (void) state;
    br_inbox_t *inbox = br_inbox_new ();
    for (uint32_t i = 0; i < BR_INBOX_TRANSFERS_MAX; i++)
        s_begin (inbox, i, BR_MSG_BODY_MAX);
    br_error_t error = { .code = BR_OK };
    br_msg_t *msg = s_msg (1);
    assert_int_equal (br_inbox_begin (inbox, BR_INBOX_TRANSFERS_MAX, &msg, 1, &error),
                      -1);
    assert_int_equal (error.code, BR_EINVALID);
    br_msg_destroy (&msg);
    br_inbox_destroy (&inbox); //  with all that is open
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_interleaved_messages_come_whole),
        cmocka_unit_test (test_the_size_counts_for_queues),
        cmocka_unit_test (test_lies_are_refused),
        cmocka_unit_test (test_unfinished_ones_are_bounded),
    };
    return cmocka_run_group_tests_name ("inbox", tests, NULL, NULL);
}
