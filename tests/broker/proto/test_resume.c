//  test_resume: what is noted of an answer that was told, and what it is read back from.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/resume.h"

#define ID "0123456789abcdefABCDEF01"

static br_resume_t *
s_new (void)
{
    return br_resume_new (BR_PROTOCOL_MESSAGES, ID, 1700000000);
}

static void
s_start (br_resume_t *resume)
{
    br_resume_add (resume, &(br_delta_t) { .kind = BR_DELTA_START,
                                           .id = BR_TEXT ("msg_1"),
                                           .model = BR_TEXT ("theirs"),
                                           .created = 7 });
}

static void
s_add (br_resume_t *resume, br_delta_kind_t kind, unsigned block, const char *text)
{
    br_resume_add (
        resume, &(br_delta_t) { .kind = kind, .block = block, .text = br_text (text) });
}

//  What is played, in short.
static void
s_note (void *arg, const br_delta_t *delta)
{
    br_buf_t *out = arg;
    if (delta->kind == BR_DELTA_START)
        br_buf_addf (out, "start(%.*s %.*s %d) ", (int) delta->id.size, delta->id.at,
                     (int) delta->model.size, delta->model.at, (int) delta->created);
    else
        br_buf_addf (
            out, "%s%u%s%s%.*s(%.*s) ", delta->kind == BR_DELTA_TEXT ? "text" : "think",
            delta->block, delta->summary ? "s" : "", delta->first_of_part ? "p" : "",
            (int) delta->item_id.size, delta->item_id.size ? delta->item_id.at : "",
            (int) delta->text.size, delta->text.at);
}

static void
s_plays (const br_resume_t *resume, const char *wanted)
{
    br_buf_t out;
    br_buf_init (&out, 1 << 16);
    br_resume_play (resume, s_note, &out);
    assert_string_equal (br_buf_text (&out), wanted);
    br_buf_free (&out);
}

static br_resume_t *
s_read_back (const br_resume_t *resume)
{
    br_buf_t out;
    br_error_t error = { .text = "" };
    br_buf_init (&out, BR_RESUME_BYTES_MAX);
    assert_int_equal (br_resume_write (resume, &out), 0);
    br_resume_t *back = br_resume_read (out.data, out.size, &error);
    if (!back)
        fail_msg ("%s: %s", error.text, br_buf_text (&out));
    br_buf_free (&out);
    return back;
}

static br_resume_t *
s_full (void)
{
    br_resume_t *resume = s_new ();
    s_start (resume);
    br_delta_t think = { .kind = BR_DELTA_REASONING,
                         .summary = true,
                         .first_of_part = true,
                         .item_id = BR_TEXT ("rs_1"),
                         .text = BR_TEXT ("a") };
    br_resume_add (resume, &think);
    think.first_of_part = false;
    think.text = BR_TEXT ("b");
    br_resume_add (resume, &think);
    think.first_of_part = true;
    br_resume_add (resume, &think);
    s_add (resume, BR_DELTA_USAGE, 0, NULL);
    s_add (resume, BR_DELTA_PING, 0, NULL);
    s_add (resume, BR_DELTA_TEXT, 1, "");
    s_add (resume, BR_DELTA_TEXT, 1, "Hel");
    s_add (resume, BR_DELTA_TEXT, 1, "lo \"\xc3\xa9\"\n");
    return resume;
}

#define FULL                                                                             \
    "start(msg_1 theirs 7) think0sprs_1(ab) think0sprs_1(b) text1(Hello "                \
    "\"\xc3\xa9\"\n) "

static void
given_deltas_when_written_and_read_then_the_same_is_played (void **state)
{
    (void) state;
    br_resume_t *resume = s_full ();
    static const char events[] = "event: a\r\ndata: {}\r\n\r\n: ping\ndata: {\"a\":"
                                 "\"data:\"}\n\n";
    br_resume_add_bytes (resume, (const uint8_t *) events, sizeof events - 1);
    br_resume_add_bytes (resume, NULL, 0);
    s_plays (resume, FULL);
    br_resume_t *back = s_read_back (resume);
    s_plays (back, FULL);
    assert_int_equal (br_resume_events (back), 2);
    assert_int_equal (br_resume_now (back), 1700000000);
    assert_string_equal (br_resume_id (back), ID);
    assert_int_equal (br_resume_client (back), BR_PROTOCOL_MESSAGES);
    assert_true (br_resume_has_text (back) && !br_resume_is_empty (back));
    assert_int_equal (br_resume_blocks (back), 2);
    assert_true (br_text_is (br_resume_text (back), "Hello \"\xc3\xa9\"\n"));
    br_resume_t *copy = br_resume_copy (back);
    br_resume_destroy (&back);
    br_resume_destroy (&back);
    s_add (copy, BR_DELTA_TEXT, 1, "!");
    assert_int_equal (br_resume_events (copy), 2);
    assert_true (br_text_ends (br_resume_text (copy), "\n!"));
    br_resume_destroy (&copy);
    br_resume_destroy (&resume);
}

static void
given_nothing_or_a_start_when_read_then_there_is_no_text (void **state)
{
    (void) state;
    br_resume_t *resume = s_new ();
    br_resume_t *back = s_read_back (resume);
    assert_true (br_resume_is_empty (back) && !br_resume_has_text (back));
    assert_int_equal (br_resume_blocks (back), 0);
    br_resume_destroy (&back);
    s_start (resume);
    back = s_read_back (resume);
    assert_false (br_resume_is_empty (back));
    assert_int_equal (br_resume_text (back).size, 0);
    br_resume_destroy (&back);
    br_resume_destroy (&resume);
}

typedef struct {
    br_delta_kind_t kind;
    unsigned choice, block;
} spoiler_t;

//  Behind a block 1 of text.
static const spoiler_t s_spoilers[] = {
    { BR_DELTA_START, 0, 0 },     { BR_DELTA_TEXT, 1, 1 },   { BR_DELTA_TEXT, 0, 2 },
    { BR_DELTA_TEXT, 0, 0 },      { BR_DELTA_CALL, 0, 2 },   { BR_DELTA_ARGS, 0, 2 },
    { BR_DELTA_REFUSAL, 0, 1 },   { BR_DELTA_OPAQUE, 0, 1 }, { BR_DELTA_CITATION, 0, 1 },
    { BR_DELTA_MEDIA, 0, 2 },     { BR_DELTA_HOSTED, 0, 2 }, { BR_DELTA_LOGPROBS, 0, 0 },
    { BR_DELTA_REASONING, 0, 2 }, { BR_DELTA_FINISH, 0, 0 }, { BR_DELTA_ERROR, 0, 0 },
    { BR_DELTA_END, 0, 0 },
};

static void
given_what_cannot_be_gone_on_with_when_added_then_it_is_spoilt (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_spoilers / sizeof s_spoilers[0]; i++) {
        br_resume_t *resume = s_full ();
        const spoiler_t *row = &s_spoilers[i];
        assert_false (br_resume_is_spoilt (resume));
        br_resume_add (resume, &(br_delta_t) { .kind = row->kind,
                                               .choice = row->choice,
                                               .block = row->block,
                                               .text = BR_TEXT ("x") });
        if (!br_resume_is_spoilt (resume))
            fail_msg ("row %zu", i);
        s_add (resume, BR_DELTA_TEXT, 1, "x");
        br_buf_t out;
        br_buf_init (&out, 1 << 16);
        assert_int_equal (br_resume_write (resume, &out), -1);
        br_buf_free (&out);
        br_resume_destroy (&resume);
    }
}

static void
given_too_much_when_added_then_it_is_spoilt (void **state)
{
    (void) state;
    char *text = br_alloc (BR_RESUME_TEXT_MAX + 1, 1);
    memset (text, '\x01', BR_RESUME_TEXT_MAX);
    br_resume_t *resume = s_new ();
    s_add (resume, BR_DELTA_TEXT, 0, text);
    br_resume_t *back = s_read_back (resume);
    assert_int_equal (br_resume_text (back).size, BR_RESUME_TEXT_MAX);
    br_resume_destroy (&back);
    s_add (resume, BR_DELTA_TEXT, 0, "x");
    assert_true (br_resume_is_spoilt (resume));
    br_resume_destroy (&resume);
    resume = s_new ();
    br_resume_add (resume,
                   &(br_delta_t) { .kind = BR_DELTA_START, .id = { text, 1000 } });
    assert_true (br_resume_is_spoilt (resume));
    br_resume_destroy (&resume);
    resume = s_new ();
    for (unsigned i = 0; i < 1000; i++)
        s_add (resume, BR_DELTA_REASONING, i, "x");
    assert_true (br_resume_is_spoilt (resume));
    br_resume_destroy (&resume);
    free (text);
}

//  ---- bytes of strangers

#define HEAD                                                                             \
    "{\"version\":1,\"client\":\"messages\",\"id\":\"" ID "\",\"now\":1,\"events\":1,"
#define PIECE(kind, block) "{\"kind\":\"" kind "\",\"block\":" block ",\"text\":\"x\"}"

static const char *const s_bad[] = {
    "",
    "[]",
    "{}",
    "null",
    HEAD "\"pieces\":[]",
    HEAD "\"pieces\":{}}",
    HEAD "\"pieces\":[7]}",
    HEAD "\"pieces\":[" PIECE ("call", "0") "]}",
    HEAD "\"pieces\":[" PIECE ("text", "-1") "]}",
    HEAD "\"pieces\":[" PIECE ("text", "4294967296") "]}",
    HEAD "\"pieces\":[" PIECE ("text", "1.5") "]}",
    HEAD "\"pieces\":[" PIECE ("text", "0") "," PIECE ("text", "1") "]}",
    HEAD "\"pieces\":[" PIECE ("text", "0") "," PIECE ("reasoning", "1") "]}",
    HEAD "\"pieces\":[" PIECE ("reasoning", "1") "," PIECE ("text", "0") "]}",
    HEAD "\"pieces\":[{\"kind\":\"text\",\"block\":0}]}",
    HEAD "\"pieces\":[{\"kind\":\"text\",\"block\":0,\"text\":\"\xff\"}]}",
    HEAD "\"pieces\":[{\"kind\":\"text\",\"block\":0,\"text\":\"\\ud800\"}]}",
    HEAD "\"start\":{\"created\":-1},\"pieces\":[]}",
    HEAD "\"start\":7,\"pieces\":[]}",
    "{\"version\":2,\"client\":\"messages\",\"id\":\"" ID "\",\"now\":1,\"events\":1,"
    "\"pieces\":[]}",
    "{\"version\":1,\"client\":\"what\",\"id\":\"" ID "\",\"now\":1,\"events\":1,"
    "\"pieces\":[]}",
    "{\"version\":1,\"client\":\"messages\",\"id\":\"short\",\"now\":1,\"events\":1,"
    "\"pieces\":[]}",
    "{\"version\":1,\"client\":\"messages\",\"id\":\"0123456789abcdef\\n\\\"345678\","
    "\"now\":"
    "1,\"events\":1,\"pieces\":[]}",
    "{\"version\":1,\"client\":\"messages\",\"id\":\"" ID "\",\"now\":1,\"events\":1e99,"
    "\"pieces\":[]}",
    "{\"version\":1,\"client\":\"messages\",\"id\":\"" ID "\",\"now\":-1,\"events\":1,"
    "\"pieces\":[]}",
};

static void
given_bytes_that_make_no_sense_when_read_then_they_are_refused (void **state)
{
    (void) state;
    static const char good[] = HEAD "\"start\":{\"created\":0},\"pieces\":[" PIECE (
        "reasoning", "0") "," PIECE ("text", "1") "]}";
    br_resume_t *resume = br_resume_read (good, sizeof good - 1, NULL);
    assert_non_null (resume);
    br_resume_destroy (&resume);
    for (size_t i = 0; i < sizeof s_bad / sizeof s_bad[0]; i++) {
        br_error_t error = { .code = BR_OK };
        if (br_resume_read (s_bad[i], strlen (s_bad[i]), &error))
            fail_msg ("read: %s", s_bad[i]);
        assert_int_equal (error.code, BR_EINVALID);
    }
    char *big = br_alloc (BR_RESUME_BYTES_MAX + 1, 1);
    assert_null (br_resume_read (big, BR_RESUME_BYTES_MAX + 1, NULL));
    free (big);
}

static void
given_good_bytes_when_damaged_then_they_are_refused_or_read_safely (void **state)
{
    (void) state;
    br_resume_t *resume = s_full ();
    br_buf_t out;
    br_buf_init (&out, 1 << 16);
    assert_int_equal (br_resume_write (resume, &out), 0);
    for (size_t size = 0; size < out.size; size++)
        assert_null (br_resume_read (out.data, size, NULL));
    for (size_t i = 0; i < out.size; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            out.data[i] ^= (uint8_t) (1u << bit);
            br_resume_t *back = br_resume_read (out.data, out.size, NULL);
            if (back)
                assert_false (br_resume_is_spoilt (back));
            br_resume_destroy (&back);
            out.data[i] ^= (uint8_t) (1u << bit);
        }
    br_buf_free (&out);
    br_resume_destroy (&resume);
}

static void
given_no_room_when_written_then_it_fails (void **state)
{
    (void) state;
    br_resume_t *resume = s_full ();
    br_buf_t out;
    br_buf_init (&out, 100);
    assert_int_equal (br_resume_write (resume, &out), -1);
    br_buf_free (&out);
    br_resume_destroy (&resume);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_deltas_when_written_and_read_then_the_same_is_played),
        cmocka_unit_test (given_nothing_or_a_start_when_read_then_there_is_no_text),
        cmocka_unit_test (given_what_cannot_be_gone_on_with_when_added_then_it_is_spoilt),
        cmocka_unit_test (given_too_much_when_added_then_it_is_spoilt),
        cmocka_unit_test (given_bytes_that_make_no_sense_when_read_then_they_are_refused),
        cmocka_unit_test (
            given_good_bytes_when_damaged_then_they_are_refused_or_read_safely),
        cmocka_unit_test (given_no_room_when_written_then_it_fails),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
