//  The parser of server-sent events: the same events from any split.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/net/sse.h"
#include "tests/corpus.h"

//  What came out, as text: E name|data; or C comment;
typedef struct {
    br_buf_t out;
    const uint8_t *low; //  the bytes of the push under way
    const uint8_t *high;
    size_t in_place; //  events whose data lay in them
} seen_t;

static void
s_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    seen_t *self = arg;
    br_buf_addf (&self->out, "E %s|", name);
    br_buf_add (&self->out, data, size);
    br_buf_addc (&self->out, ';');
    self->in_place += data >= self->low && data + size <= self->high;
}

static void
s_comment (void *arg, const uint8_t *text, size_t size)
{
    seen_t *self = arg;
    br_buf_adds (&self->out, "C ");
    br_buf_add (&self->out, text, size);
    br_buf_addc (&self->out, ';');
}

static const sse_handler_t s_handler = { .event = s_event, .comment = s_comment };

//  Pushes a copy, so that nobody can keep a pointer into it.
static int
s_push (sse_t *sse, seen_t *seen, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = br_alloc (1, size ? size : 1);
    memcpy (copy, bytes, size);
    seen->low = copy;
    seen->high = copy + size;
    int rc = sse_push (sse, copy, size, NULL);
    free (copy);
    return rc;
}

static void
s_begin (seen_t *seen)
{
    *seen = (seen_t) { 0 };
    br_buf_init (&seen->out, 16u << 20);
}

//  The whole stream in two pieces.
static void
s_parse_split (const uint8_t *bytes, size_t size, size_t at, seen_t *seen)
{
    s_begin (seen);
    sse_t *sse = sse_new (&s_handler, seen, SSE_EVENT_MAX);
    assert_int_equal (s_push (sse, seen, bytes, at), 0);
    assert_int_equal (s_push (sse, seen, bytes + at, size - at), 0);
    assert_int_equal (sse_end (sse, NULL), 0);
    sse_destroy (&sse);
}

//  The whole stream in pieces of 1 to most bytes.
static void
s_parse_pieces (const uint8_t *bytes, size_t size, size_t most, seen_t *seen)
{
    uint32_t seed = 12345;
    s_begin (seen);
    sse_t *sse = sse_new (&s_handler, seen, SSE_EVENT_MAX);
    while (size) {
        seed = seed * 1664525 + 1013904223;
        size_t piece = 1 + (seed >> 8) % most;
        if (piece > size)
            piece = size;
        assert_int_equal (s_push (sse, seen, bytes, piece), 0);
        bytes += piece;
        size -= piece;
    }
    assert_int_equal (sse_end (sse, NULL), 0);
    sse_destroy (&sse);
}

static void
s_assert_same (seen_t *seen, seen_t *wanted)
{
    assert_int_equal (seen->out.size, wanted->out.size);
    assert_memory_equal (br_buf_text (&seen->out), br_buf_text (&wanted->out),
                         wanted->out.size);
    br_buf_free (&seen->out);
}

typedef struct {
    const char *stream;
    const char *events;
} case_t;

static const case_t s_cases[] = {
    { "data: one\n\ndata: two\n\n", "E |one;E |two;" },
    { "data: one\r\n\r\ndata: two\r\n\r\n", "E |one;E |two;" },
    { "data: one\r\rdata: two\r\r", "E |one;E |two;" },
    { "data: a\ndata: b\n\n", "E |a\nb;" },
    { "data: a\r\ndata\r\ndata:\rdata: d\n\n", "E |a\n\n\nd;" },
    { "data:tight\n\ndata:  wide\n\n", "E |tight;E | wide;" },
    { "event: ping\ndata: {}\n\ndata: x\n\n", "E ping|{};E |x;" },
    { "data: x\nevent: late\n\n", "E late|x;" },
    { "event: a\nevent: b\ndata: x\n\n", "E b|x;" },
    { "event: nothing\n\ndata: x\n\n", "E |x;" },
    { ": hi\n\n:there\n:\ndata: x\n\n", "C hi;C there;C ;E |x;" },
    { "data: a\n: between\ndata: b\n\n", "C between;E |a\nb;" },
    { "id: 7\nretry: 10\nother: 1\nnocolon\ndata: x\n\n", "E |x;" },
    { "data\n\n", "E |;" },
    { "data: \n\n", "E |;" },
    { "\n\n\r\n\r\n", "" },
    { "\xef\xbb\xbf"
      "data: x\n\n\xef\xbb\xbf"
      "data: y\n\n",
      "E |x;" },
    { "\xef\xbb\xbf\ndata: x\n\n", "E |x;" },
    { "data: a:b\n\n", "E |a:b;" },
    { "Data: x\n\n", "" },
    { "data: cut", "E |cut;" },
    { "data: [DONE]\n", "E |[DONE];" },
    { "data: a\r", "E |a;" },
    { "", "" },
};

static void
events_are_the_same_at_every_split (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_cases / sizeof s_cases[0]; i++) {
        const uint8_t *bytes = (const uint8_t *) s_cases[i].stream;
        size_t size = strlen (s_cases[i].stream);
        seen_t seen;
        for (size_t at = 0; at <= size; at++) {
            s_parse_split (bytes, size, at, &seen);
            assert_string_equal (br_buf_text (&seen.out), s_cases[i].events);
            br_buf_free (&seen.out);
        }
        for (size_t most = 1; most < 5; most++) {
            s_parse_pieces (bytes, size, most, &seen);
            assert_string_equal (br_buf_text (&seen.out), s_cases[i].events);
            br_buf_free (&seen.out);
        }
    }
}

static void
an_event_of_one_push_is_handed_on_in_place (void **state)
{
    (void) state;
    const char *stream = "data: one\n\ndata: two\n\ndata: a\ndata: b\n\n";
    seen_t seen;
    s_parse_split ((const uint8_t *) stream, strlen (stream), 0, &seen);
    assert_int_equal (seen.in_place, 2);
    br_buf_free (&seen.out);
}

static void
an_event_comes_as_soon_as_its_blank_line (void **state)
{
    (void) state;
    seen_t seen;
    s_begin (&seen);
    sse_t *sse = sse_new (&s_handler, &seen, SSE_EVENT_MAX);
    s_push (sse, &seen, (const uint8_t *) "data: x\r\n\r", 10);
    assert_string_equal (br_buf_text (&seen.out), "E |x;");
    sse_destroy (&sse);
    br_buf_free (&seen.out);
}

static void
a_long_name_is_cut (void **state)
{
    (void) state;
    char stream[400];
    snprintf (stream, sizeof stream, "event: %0300d\ndata: x\n\n", 0);
    seen_t seen;
    s_parse_split ((const uint8_t *) stream, strlen (stream), 5, &seen);
    assert_int_equal (seen.out.size, strlen ("E |x;") + SSE_NAME_MAX - 1);
    br_buf_free (&seen.out);
}

//  ret: what the last push returned
static int
s_push_bounded (const char *stream, size_t most, size_t event_max)
{
    seen_t seen;
    s_begin (&seen);
    sse_t *sse = sse_new (&s_handler, &seen, event_max);
    int rc = 0;
    for (size_t at = 0; at < strlen (stream); at += most) {
        size_t left = strlen (stream) - at;
        rc = s_push (sse, &seen, (const uint8_t *) stream + at,
                     left < most ? left : most);
    }
    br_error_t error = { 0 };
    assert_int_equal (sse_end (sse, &error), rc);
    if (rc)
        assert_int_equal (error.code, BR_EUPINVALID);
    sse_destroy (&sse);
    br_buf_free (&seen.out);
    return rc;
}

static void
an_event_over_the_bound_fails_at_any_split (void **state)
{
    (void) state;
    for (size_t most = 1; most < 60; most++) {
        assert_int_equal (s_push_bounded ("data: 0123456789\n\n", most, 10), 0);
        assert_int_equal (s_push_bounded ("data: 0123456789a\n\n", most, 10), -1);
        assert_int_equal (s_push_bounded ("data: 01234\ndata: 6789\n\n", most, 10), 0);
        assert_int_equal (s_push_bounded ("data: 01234\ndata: 6789a\n\n", most, 10), -1);
        assert_int_equal (s_push_bounded (": 0123456789012345678901234567\n", most, 10),
                          -1);
        assert_int_equal (s_push_bounded ("data: 0123456789\n\ndata: 0\n\n", most, 10),
                          0);
    }
}

static void
many_cr_lines_do_not_take_long (void **state)
{
    (void) state;
    size_t size = 4u << 20;
    uint8_t *bytes = br_alloc (1, size);
    memset (bytes, '\r', size);
    seen_t seen;
    s_parse_split (bytes, size, 0, &seen);
    assert_int_equal (seen.out.size, 0);
    br_buf_free (&seen.out);
    free (bytes);
}

//  ---- recorded streams

//  The events that a reader of whole LF lines sees, for streams without odd cases.
static void
s_parse_simply (const uint8_t *bytes, size_t size, br_buf_t *out)
{
    size_t at = 0;
    while (at < size) {
        const uint8_t *stop = memchr (bytes + at, '\n', size - at);
        size_t length = stop ? (size_t) (stop - bytes) - at : size - at;
        size_t text = length && bytes[at + length - 1] == '\r' ? length - 1 : length;
        if (text > 6 && memcmp (bytes + at, "data: ", 6) == 0) {
            br_buf_add (out, bytes + at + 6, text - 6);
            br_buf_addc (out, '\n');
        }
        at += length + 1;
    }
}

static void
s_data_only (void *arg, const char *name, const uint8_t *data, size_t size)
{
    (void) name;
    br_buf_add (arg, data, size);
    br_buf_addc (arg, '\n');
}

static void
s_check_stream (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    (void) file;
    seen_t wanted;
    seen_t seen;
    s_parse_split (bytes, size, 0, &wanted);
    assert_true (wanted.out.size > 0);
    //  Every byte of a small one; of a large one, every byte of its ends.
    for (size_t at = 1; at < size; at++) {
        if (at == 3000 && size > 6000)
            at = size - 3000;
        s_parse_split (bytes, size, at, &seen);
        s_assert_same (&seen, &wanted);
    }
    static const size_t mosts[] = { 1, 2, 7, 100, 1500 };
    for (size_t i = 0; i < sizeof mosts / sizeof mosts[0]; i++) {
        s_parse_pieces (bytes, size, mosts[i], &seen);
        s_assert_same (&seen, &wanted);
    }
    br_buf_free (&wanted.out);

    static const sse_handler_t data_only = { .event = s_data_only };
    br_buf_t mine, simple;
    br_buf_init (&mine, 16u << 20);
    br_buf_init (&simple, 16u << 20);
    sse_t *sse = sse_new (&data_only, &mine, SSE_EVENT_MAX);
    assert_int_equal (sse_push (sse, bytes, size, NULL), 0);
    assert_int_equal (sse_end (sse, NULL), 0);
    sse_destroy (&sse);
    s_parse_simply (bytes, size, &simple);
    assert_string_equal (br_buf_text (&mine), br_buf_text (&simple));
    br_buf_free (&mine);
    br_buf_free (&simple);
}

static void
recorded_streams_are_the_same_at_every_split (void **state)
{
    (void) state;
    size_t count = corpus_each ("openai-chat", ".sse", s_check_stream, NULL);
    if (count == 0)
        skip ();
}

//  ---- writing

static void
what_is_written_reads_back (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, 1000);
    assert_int_equal (sse_write_data (&out, NULL, "{}", 2), 0);
    assert_int_equal (sse_write_comment (&out, "keep-alive"), 0);
    assert_int_equal (sse_write_data (&out, "error", "a\nb\r\nc\rd\n", 9), 0);
    assert_int_equal (sse_write_data (&out, NULL, "", 0), 0);
    assert_string_equal (br_buf_text (&out),
                         "data: {}\n\n: keep-alive\nevent: error\ndata: a\ndata: b\n"
                         "data: c\ndata: d\ndata: \n\ndata: \n\n");
    seen_t seen;
    s_parse_split (out.data, out.size, 0, &seen);
    assert_string_equal (br_buf_text (&seen.out),
                         "E |{};C keep-alive;E error|a\nb\nc\nd\n;E |;");
    br_buf_free (&seen.out);
    br_buf_free (&out);
}

static void
a_full_buffer_is_told (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, 5);
    assert_int_equal (sse_write_data (&out, NULL, "x", 1), -1);
    assert_int_equal (sse_write_comment (&out, "x"), -1);
    br_buf_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (events_are_the_same_at_every_split),
        cmocka_unit_test (an_event_of_one_push_is_handed_on_in_place),
        cmocka_unit_test (an_event_comes_as_soon_as_its_blank_line),
        cmocka_unit_test (a_long_name_is_cut),
        cmocka_unit_test (an_event_over_the_bound_fails_at_any_split),
        cmocka_unit_test (many_cr_lines_do_not_take_long),
        cmocka_unit_test (recorded_streams_are_the_same_at_every_split),
        cmocka_unit_test (what_is_written_reads_back),
        cmocka_unit_test (a_full_buffer_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
