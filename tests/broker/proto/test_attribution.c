//  attribution: whose call it is crosses a message.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "broker/proto/attribution.h"

static br_bytes_t
s_bytes (const br_buf_t *buf)
{
    return (br_bytes_t) { buf->data, buf->size };
}

static void
test_given_all_texts_when_read_then_they_are_the_same (void **state)
{
    (void) state;
    const br_attribution_t told = { .account = "eip155:1:0xabc",
                                    .key = "k1",
                                    .session = "a session",
                                    .run = "run",
                                    .agent = "agent",
                                    .step = "step",
                                    .trace = "4bf92f3577b34da6a3ce929d0e0e4736",
                                    .parent = "00f067aa0ba902b7",
                                    .span = "53995c3f42cd8ad8",
                                    .sampled = false };
    br_buf_t buf;
    br_buf_init (&buf, BR_ATTRIBUTION_MAX);
    assert_int_equal (br_attribution_write (&told, &buf), 0);
    br_attribution_t read;
    br_attribution_read (&read, s_bytes (&buf));
    assert_string_equal (read.account, told.account);
    assert_string_equal (read.key, told.key);
    assert_string_equal (read.session, told.session);
    assert_string_equal (read.run, told.run);
    assert_string_equal (read.agent, told.agent);
    assert_string_equal (read.step, told.step);
    assert_string_equal (read.trace, told.trace);
    assert_string_equal (read.parent, told.parent);
    assert_string_equal (read.span, told.span);
    assert_false (read.sampled);
    br_buf_free (&buf);
}

static void
test_given_nothing_when_read_then_all_is_unknown_and_sampled (void **state)
{
    (void) state;
    br_attribution_t nobody;
    br_attribution_init (&nobody);
    br_buf_t buf;
    br_buf_init (&buf, BR_ATTRIBUTION_MAX);
    assert_int_equal (br_attribution_write (&nobody, &buf), 0);
    assert_int_equal (buf.size, 0);
    br_attribution_t read;
    br_attribution_read (&read, (br_bytes_t) { NULL, 0 });
    assert_string_equal (read.account, "");
    assert_string_equal (read.span, "");
    assert_true (read.sampled);
    br_buf_free (&buf);
}

static void
test_given_a_name_that_is_unknown_when_read_then_it_is_ignored (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, BR_ATTRIBUTION_MAX);
    br_pairs_add (&buf, "tenant", "x");
    br_pairs_add (&buf, "run", "r");
    br_attribution_t read;
    br_attribution_read (&read, s_bytes (&buf));
    assert_string_equal (read.run, "r");
    assert_string_equal (read.account, "");
    br_buf_free (&buf);
}

//  A two-byte character that begins on the last byte goes as a whole.
static void
test_given_a_long_text_when_written_then_it_is_cut_at_a_character (void **state)
{
    (void) state;
    char text[400];
    memset (text, 'a', sizeof text);
    memcpy (text + BR_ATTRIBUTION_TEXT - 1, "\xc3\xa4", 2);
    text[sizeof text - 1] = 0;
    br_attribution_t told;
    br_attribution_init (&told);
    told.agent = text;
    br_buf_t buf;
    br_buf_init (&buf, BR_ATTRIBUTION_MAX);
    assert_int_equal (br_attribution_write (&told, &buf), 0);
    br_attribution_t read;
    br_attribution_read (&read, s_bytes (&buf));
    assert_int_equal (strlen (read.agent), BR_ATTRIBUTION_TEXT - 1);
    text[BR_ATTRIBUTION_TEXT] = 0;
    memset (text, 'b', BR_ATTRIBUTION_TEXT);
    br_buf_clear (&buf);
    assert_int_equal (br_attribution_write (&told, &buf), 0);
    br_attribution_read (&read, s_bytes (&buf));
    assert_string_equal (read.agent, text);
    br_buf_free (&buf);
}

static void
test_given_the_longest_texts_when_written_then_they_fit (void **state)
{
    (void) state;
    char text[BR_ATTRIBUTION_TEXT + 1];
    memset (text, 'a', sizeof text);
    text[BR_ATTRIBUTION_TEXT] = 0;
    const br_attribution_t told = { text, text, text, text, text,
                                    text, text, text, text, false };
    br_buf_t buf;
    br_buf_init (&buf, BR_ATTRIBUTION_MAX);
    assert_int_equal (br_attribution_write (&told, &buf), 0);
    br_buf_free (&buf);
    br_buf_init (&buf, 600);
    assert_int_equal (br_attribution_write (&told, &buf), -1);
    assert_int_equal (buf.size, 0);
    br_buf_free (&buf);
}

//  Bytes that are cut anywhere are read up to the last whole pair, and not past their end.
static void
test_given_cut_bytes_when_read_then_the_whole_pairs_count (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, BR_ATTRIBUTION_MAX);
    br_pairs_add (&buf, "account", "a");
    size_t first = buf.size;
    br_pairs_add (&buf, "run", "r");
    for (size_t size = 0; size <= buf.size; size++) {
        uint8_t *copy = malloc (size ? size : 1);
        memcpy (copy, buf.data, size);
        br_attribution_t read;
        br_attribution_read (&read, (br_bytes_t) { copy, size });
        assert_string_equal (read.account, size >= first ? "a" : "");
        assert_string_equal (read.run, size == buf.size ? "r" : "");
        free (copy);
    }
    br_buf_free (&buf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_all_texts_when_read_then_they_are_the_same),
        cmocka_unit_test (test_given_nothing_when_read_then_all_is_unknown_and_sampled),
        cmocka_unit_test (test_given_a_name_that_is_unknown_when_read_then_it_is_ignored),
        cmocka_unit_test (
            test_given_a_long_text_when_written_then_it_is_cut_at_a_character),
        cmocka_unit_test (test_given_the_longest_texts_when_written_then_they_fit),
        cmocka_unit_test (test_given_cut_bytes_when_read_then_the_whole_pairs_count),
    };
    return cmocka_run_group_tests_name ("attribution", tests, NULL, NULL);
}
