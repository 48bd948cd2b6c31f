//  The load generator knows a whole answer from a cut one, and counts events, whatever
//  pieces they come in.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/rate_reply.h"

#define STREAM                                                                           \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"                             \
    "Transfer-Encoding: chunked\r\n\r\n"

static void
s_note_stamp (void *arg, uint64_t sent_ns)
{
    *(uint64_t *) arg += sent_ns;
}

//  Feeds text in pieces of a size; the last result.
static int
s_feed (rate_reply_t *reply, uint64_t *stamps, const char *text, size_t step)
{
    *stamps = 0;
    rate_reply_init (reply, s_note_stamp, stamps);
    int rc = 0;
    for (size_t at = 0, size = strlen (text); at < size && rc == 0; at += step)
        rc = rate_reply_feed (reply, (const uint8_t *) text + at,
                              size - at < step ? size - at : step);
    return rc;
}

static void
answer_with_a_length (void **state)
{
    (void) state;
    rate_reply_t reply;
    uint64_t stamps;
    for (size_t step = 1; step < 80; step++) {
        assert_int_equal (s_feed (&reply, &stamps,
                                  "HTTP/1.1 100 Continue\r\n\r\n"
                                  "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
                                  step),
                          1);
        assert_int_equal (reply.body_bytes, 5);
        assert_true (reply.keep_alive);
        assert_true (rate_reply_is_good (&reply));
    }
}

static void
stream_with_stamps (void **state)
{
    (void) state;
    rate_reply_t reply;
    uint64_t stamps;
    for (size_t step = 1; step < 120; step++) {
        assert_int_equal (s_feed (&reply, &stamps,
                                  STREAM
                                  "17\r\ndata: {\"c\":\"@0700 x\"}\n\n\r\n"
                                  "20\r\ndata: {\"c\":\"@0077\"}\n\ndata: [DONE\r\n"
                                  "3\r\n]\n\n\r\n0\r\n\r\n",
                                  step),
                          1);
        assert_int_equal (reply.events, 3);
        assert_int_equal (stamps, 777);
        assert_true (rate_reply_is_good (&reply));
    }
}

static void
stream_without_end_is_not_good (void **state)
{
    (void) state;
    rate_reply_t reply;
    uint64_t stamps;
    assert_int_equal (s_feed (&reply, &stamps, STREAM "9\r\ndata: 1\n\n\r\n0\r\n\r\n", 7),
                      1);
    assert_false (rate_reply_is_good (&reply));
    assert_int_equal (s_feed (&reply, &stamps, STREAM "9\r\ndata: 1\n\n\r\n", 7), 0);
    assert_false (rate_reply_closed (&reply));
}

static void
errors_are_not_good (void **state)
{
    (void) state;
    rate_reply_t reply;
    uint64_t stamps;
    assert_int_equal (s_feed (&reply, &stamps,
                              "HTTP/1.1 429 No\r\nconnection: close\r\n"
                              "content-length: 0\r\n\r\n",
                              9),
                      1);
    assert_false (rate_reply_is_good (&reply));
    assert_false (reply.keep_alive);
    assert_int_equal (s_feed (&reply, &stamps,
                              STREAM "14\r\ndata: {\"error\":{}}\n\n\r\n"
                                     "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n",
                              9),
                      1);
    assert_false (rate_reply_is_good (&reply));
}

static void
nonsense_is_refused (void **state)
{
    (void) state;
    rate_reply_t reply;
    uint64_t stamps;
    assert_int_equal (s_feed (&reply, &stamps, "SMTP ready\r\n", 3), -1);
    assert_int_equal (s_feed (&reply, &stamps, STREAM "zz\r\n", 3), -1);
}

static void
answer_until_the_close (void **state)
{
    (void) state;
    rate_reply_t reply;
    uint64_t stamps;
    assert_int_equal (s_feed (&reply, &stamps, "HTTP/1.0 200 OK\r\n\r\nhello", 4), 0);
    assert_true (rate_reply_closed (&reply));
    assert_int_equal (reply.body_bytes, 5);
    assert_true (rate_reply_is_good (&reply));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (answer_with_a_length),
        cmocka_unit_test (stream_with_stamps),
        cmocka_unit_test (stream_without_end_is_not_good),
        cmocka_unit_test (errors_are_not_good),
        cmocka_unit_test (nonsense_is_refused),
        cmocka_unit_test (answer_until_the_close),
    };
    return cmocka_run_group_tests_name ("rate_reply", tests, NULL, NULL);
}
