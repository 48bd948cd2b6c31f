//  ingress_answer: heads kept and dropped, bytes held and passed, errors shaped. The order
//  of things is tested with ingress_call.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_answer.h"
#include "broker/core/alloc.h"

typedef struct {
    ingress_answer_t answer;
    br_buf_t notes;
    ingress_head_t head; //  of the last reply or open
    char type[64];
} world_t;

static void
s_reply (void *arg, const ingress_head_t *head, br_blob_t *body)
{
    world_t *world = arg;
    world->head = *head;
    strncpy (world->type, head->content_type, sizeof world->type - 1);
    br_buf_add (&world->notes, br_blob_data (body), br_blob_size (body));
}

static void
s_open (void *arg, const ingress_head_t *head)
{
    s_reply (arg, head, NULL);
}

static void
s_write (void *arg, const void *bytes, size_t size)
{
    world_t *world = arg;
    br_buf_add (&world->notes, bytes, size);
}

static void
s_cut (void *arg)
{
    world_t *world = arg;
    br_buf_adds (&world->notes, "<cut>");
}

static void
s_commit (void *arg, uint32_t attempt)
{
    (void) arg;
    assert_int_equal (attempt, 3);
}

static const ingress_out_t s_out = {
    .reply = s_reply, .open = s_open, .write = s_write, .cut = s_cut, .commit = s_commit
};

static int
s_setup (void **state)
{
    static world_t world;
    memset (&world, 0, sizeof world);
    br_buf_init (&world.notes, 1u << 20);
    ingress_answer_init (&world.answer, BR_SURFACE_CHAT, &s_out, &world);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    ingress_answer_free (&world->answer);
    br_buf_free (&world->notes);
    return 0;
}

static int
s_head (world_t *world, const char *content_type, uint64_t status)
{
    char type[64]; //  gone afterwards: the answer has its copy
    strcpy (type, content_type);
    struct br_reply_head head = { .status = status, .content_type = type };
    head.provider = "p";
    head.model = "m";
    head.headers = (br_bytes_t) { (const uint8_t *) "a\0b", 4 };
    int rc = ingress_answer_head (&world->answer, 3, &head);
    memset (type, '?', sizeof type - 1);
    return rc;
}

static int
s_hold (world_t *world, const char *text)
{
    br_blob_t *body = br_blob_new (text, strlen (text));
    int rc = ingress_answer_hold (&world->answer, body, 0);
    br_blob_destroy (&body);
    return rc;
}

static void
a_reply_has_the_head_and_all_bytes (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_head (world, "application/json", 201), 0);
    assert_false (world->answer.is_sse);
    assert_int_equal (s_hold (world, "one "), 0);
    assert_int_equal (s_hold (world, ""), 0);
    assert_int_equal (s_hold (world, "two "), 0);
    assert_int_equal (s_hold (world, "three"), 0);
    ingress_answer_reply (&world->answer);
    assert_string_equal (br_buf_text (&world->notes), "one two three");
    assert_int_equal (world->head.status, 201);
    assert_int_equal (world->head.attempts, 3);
    assert_int_equal (world->head.headers.size, 4);
    assert_string_equal (world->type, "application/json");
    assert_int_equal (world->answer.status, 201);
}

static void
what_is_dropped_does_not_come_back (void **state)
{
    world_t *world = *state;
    s_head (world, "application/json", 200);
    s_hold (world, "one");
    ingress_answer_drop (&world->answer);
    assert_string_equal (world->answer.provider, "");
    s_head (world, "application/json", 200);
    s_hold (world, "two");
    ingress_answer_reply (&world->answer);
    assert_string_equal (br_buf_text (&world->notes), "two");
}

static void
too_much_to_hold_is_passed_on (void **state)
{
    world_t *world = *state;
    char *text = br_alloc (INGRESS_HOLD_MAX + 1, 1);
    memset (text, 'x', INGRESS_HOLD_MAX);
    s_head (world, "application/json", 200);
    assert_int_equal (s_hold (world, text), 0);
    assert_int_equal (s_hold (world, "y"), -1);
    br_blob_t *body = br_blob_new ("y", 1);
    ingress_answer_commit (&world->answer, body, 0);
    br_blob_destroy (&body);
    assert_int_equal (world->notes.size, INGRESS_HOLD_MAX + 1);
    free (text);
}

static void
a_stream_is_known_by_its_type (void **state)
{
    world_t *world = *state;
    s_head (world, "Text/Event-Stream;charset=utf-8", 200);
    assert_true (world->answer.is_sse);
    assert_int_equal (s_head (world, "x", 199), -1);
    assert_int_equal (s_head (world, "x", 600), -1);
}

static void
errors_have_a_status_and_a_shape_whatever_comes (void **state)
{
    world_t *world = *state;
    char *endless = br_alloc (100001, 1);
    memset (endless, '\"', 100000);
    struct br_reply_error error = { .code = 123456, .status = 200, .error = endless };
    error.content_type = "";
    ingress_answer_error (&world->answer, &error, NULL);
    assert_int_equal (world->head.status, 500);
    assert_string_equal (world->type, "application/json");
    assert_string_equal (
        br_buf_text (&world->notes),
        "{\"error\":{\"message\":\"a fault of bitrouter's own\",\"type\":"
        "\"internal_error\",\"param\":null,\"code\":\"internal_error\"}}");
    free (endless);
    assert_int_equal (ingress_answer_code (BR_OK), BR_EINTERNAL);
    assert_int_equal (ingress_answer_code (BR_EBUSY), BR_EBUSY);
}

static void
a_cut_inside_of_an_endless_event_starts_a_new_one (void **state)
{
    world_t *world = *state;
    size_t size = INGRESS_SSE_HELD_MAX + 1;
    char *text = br_alloc (size, 1);
    memset (text, 'x', size);
    s_head (world, "text/event-stream", 200);
    br_blob_t *body = br_blob_new (text, size);
    ingress_answer_commit (&world->answer, body, size);
    br_blob_destroy (&body);
    ingress_answer_keep (&world->answer);
    assert_int_equal (world->notes.size, size);
    ingress_answer_cut (&world->answer, BR_EUPCUT, "");
    const char *end = br_buf_text (&world->notes) + size;
    assert_memory_equal (end, "\n\ndata: {\"error\"", 16);
    assert_non_null (strstr (end, "ended too early"));
    assert_non_null (strstr (end, "}}\n\n<cut>"));
    free (text);
}

static const ingress_out_t s_array_out = { .reply = s_reply,
                                           .open = s_open,
                                           .write = s_write,
                                           .end = s_cut,
                                           .cut = s_cut,
                                           .commit = s_commit };

//  A stream of Google's that is to come as an array.
static void
s_begin_array (world_t *world, const char *text)
{
    ingress_answer_free (&world->answer);
    ingress_answer_init (&world->answer, BR_SURFACE_GOOGLE_STREAM, &s_array_out, world);
    ingress_answer_as_array (&world->answer);
    s_head (world, "text/event-stream", 200);
    br_blob_t *body = br_blob_new (text, strlen (text));
    ingress_answer_commit (&world->answer, body, strlen (text));
    br_blob_destroy (&body);
    assert_string_equal (world->type, "application/json; charset=UTF-8");
}

static void
s_pass (world_t *world, const char *text)
{
    br_blob_t *body = br_blob_new (text, strlen (text));
    ingress_answer_pass (&world->answer, body, 0);
    br_blob_destroy (&body);
}

static void
events_may_come_as_one_array (void **state)
{
    world_t *world = *state;
    s_begin_array (world, "data: {\"a\":1}\r\n\r\ndata: {\"b\"");
    assert_string_equal (br_buf_text (&world->notes), "[{\"a\":1}");
    ingress_answer_keep (&world->answer);
    s_pass (world, ":2}\r\n\r\ndata: {}");
    ingress_answer_end (&world->answer);
    assert_string_equal (br_buf_text (&world->notes),
                         "[{\"a\":1}\n,\n{\"b\":2}\n,\n{}\n]<cut>");
}

static void
an_array_that_breaks_ends_with_the_error (void **state)
{
    world_t *world = *state;
    s_begin_array (world, "data: {\"a\":1}\r\n\r\ndata: {\"b\"");
    ingress_answer_cut (&world->answer, BR_EUPCUT, "cut");
    assert_string_equal (
        br_buf_text (&world->notes),
        "[{\"a\":1}\n,\n{\"error\":{\"code\":503,\"message\":\"cut\",\"status\":"
        "\"UNAVAILABLE\"}}\n]<cut>");
}

static void
what_is_no_stream_is_no_array (void **state)
{
    world_t *world = *state;
    ingress_answer_as_array (&world->answer);
    s_head (world, "application/json", 200);
    s_hold (world, "{}");
    ingress_answer_reply (&world->answer);
    assert_string_equal (br_buf_text (&world->notes), "{}");
    assert_string_equal (world->type, "application/json");
}

static void
s_fill_head (struct br_reply_head *head, const char *type, const char *provider)
{
    *head = (struct br_reply_head) { .status = 200, .content_type = type };
    head->provider = provider;
    head->model = "m";
}

static void
who_goes_on_is_told_in_a_comment (void **state)
{
    world_t *world = *state;
    struct br_reply_head head;
    s_fill_head (&head, "text/event-stream", "one");
    assert_int_equal (ingress_answer_head (&world->answer, 3, &head), 0);
    br_blob_t *body = br_blob_new ("data: 1\n\n", 9);
    ingress_answer_commit (&world->answer, body, 9);
    s_fill_head (&head, "text/event-stream", "two\nlines");
    assert_int_equal (ingress_answer_go_on (&world->answer, 4, &head), 0);
    assert_string_equal (world->answer.provider, "two\nlines");
    assert_int_equal (world->answer.attempt, 4);
    assert_non_null (strstr (br_buf_text (&world->notes),
                             "data: 1\n\n: bitrouter continued two?lines\n"));
    br_blob_destroy (&body);
}

static void
nobody_goes_on_inside_of_an_event (void **state)
{
    world_t *world = *state;
    struct br_reply_head head;
    s_fill_head (&head, "text/event-stream", "one");
    assert_int_equal (ingress_answer_head (&world->answer, 3, &head), 0);
    br_blob_t *body = br_blob_new ("data: 1", 7);
    ingress_answer_commit (&world->answer, body, 7);
    assert_int_equal (ingress_answer_go_on (&world->answer, 4, &head), -1);
    br_blob_destroy (&body);
}

static void
who_goes_on_has_the_same_status_and_type (void **state)
{
    world_t *world = *state;
    struct br_reply_head head;
    s_fill_head (&head, "text/event-stream", "one");
    assert_int_equal (ingress_answer_head (&world->answer, 3, &head), 0);
    br_blob_t *body = br_blob_new ("data: 1\n\n", 9);
    ingress_answer_commit (&world->answer, body, 9);
    head.status = 201;
    assert_int_equal (ingress_answer_go_on (&world->answer, 4, &head), -1);
    s_fill_head (&head, "text/plain", "one");
    assert_int_equal (ingress_answer_go_on (&world->answer, 4, &head), -1);
    br_blob_destroy (&body);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (a_reply_has_the_head_and_all_bytes),
        TEST (what_is_dropped_does_not_come_back),
        TEST (too_much_to_hold_is_passed_on),
        TEST (a_stream_is_known_by_its_type),
        TEST (errors_have_a_status_and_a_shape_whatever_comes),
        TEST (a_cut_inside_of_an_endless_event_starts_a_new_one),
        TEST (events_may_come_as_one_array),
        TEST (an_array_that_breaks_ends_with_the_error),
        TEST (what_is_no_stream_is_no_array),
        TEST (who_goes_on_is_told_in_a_comment),
        TEST (nobody_goes_on_inside_of_an_event),
        TEST (who_goes_on_has_the_same_status_and_type),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
