//  msg: messages own what they hold, cross a wire unchanged, and what is no message is
//  refused whatever its bytes are.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/msg.h"

#define STRUCT_MAX 512
#define MUTATIONS 200000
#define VERB_AT 2 //  of an encoded message
#define BODY_SIZE_AT 48
#define FIELDS_AT 56

//  Fills each field of a verb with something of its own.
static void
s_fill (br_verb_t verb, uint8_t *fields)
{
    static const char *const texts[] = { "", "one", "a longer text, \xc3\xa9\x01" };
    size_t count;
    const br_field_row_t *row = br_verb_fields (verb, &count);
    memset (fields, 0, STRUCT_MAX);
    for (size_t i = 0; i < count; i++, row++) {
        void *at = fields + row->offset;
        if (row->type == BR_TYPE_num)
            *(uint64_t *) at = 0x0102030405060708ull * (i + 1);
        else if (row->type == BR_TYPE_text)
            *(const char **) at = texts[i % 3];
        else if (row->type == BR_TYPE_bytes)
            *(br_bytes_t *) at = (br_bytes_t) { (const uint8_t *) "\0\xff\0z", i % 5 };
        else
            *(br_addr_t *) at = (br_addr_t) { 7, 0xffffffff, (uint32_t) i };
    }
}

static br_msg_t *
s_msg (br_verb_t verb, br_blob_t *body)
{
    uint8_t fields[STRUCT_MAX];
    s_fill (verb, fields);
    br_id_t call = { 0x1122334455667788ull, 0x99aabbccddeeff00ull };
    br_msg_t *msg = br_msg_new (verb, call, 3, fields, body);
    msg->from = (br_addr_t) { 1, 2, 3 };
    msg->to = (br_addr_t) { 4, 5, 6 };
    return msg;
}

static br_buf_t
s_encoded (const br_msg_t *msg)
{
    br_buf_t buf;
    br_buf_init (&buf, BR_MSG_FIELDS_MAX);
    br_msg_encode (msg, &buf);
    assert_false (buf.overflow);
    return buf;
}

static void
s_same_fields (br_verb_t verb, const uint8_t *a, const uint8_t *b)
{
    size_t count;
    const br_field_row_t *row = br_verb_fields (verb, &count);
    for (size_t i = 0; i < count; i++, row++) {
        const void *left = a + row->offset;
        const void *right = b + row->offset;
        if (row->type == BR_TYPE_num)
            assert_true (*(const uint64_t *) left == *(const uint64_t *) right);
        else if (row->type == BR_TYPE_text)
            assert_string_equal (*(const char *const *) left,
                                 *(const char *const *) right);
        else if (row->type == BR_TYPE_addr)
            assert_memory_equal (left, right, sizeof (br_addr_t));
        else {
            const br_bytes_t *bytes = left;
            assert_int_equal (bytes->size, ((const br_bytes_t *) right)->size);
            assert_memory_equal (bytes->data, ((const br_bytes_t *) right)->data,
                                 bytes->size);
        }
    }
}

//  What was accepted is written again as the same bytes.
static void
s_is_written_again (br_msg_t *msg, size_t body_size, const uint8_t *bytes, size_t size)
{
    static uint8_t nothing[1];
    msg->body = body_size ? br_blob_wrap (nothing, body_size, NULL, NULL) : NULL;
    br_buf_t again = s_encoded (msg);
    assert_int_equal (again.size, size);
    assert_memory_equal (again.data, bytes, size);
    br_buf_free (&again);
}

static void
test_every_verb_crosses_the_wire (void **state)
{
    (void) state;
    for (unsigned verb = 0; verb < BR_VERB_COUNT; verb++) {
        br_blob_t *body = br_blob_new ("12345", verb % 2 ? 5 : 0);
        br_msg_t *msg = s_msg (verb, body);
        br_buf_t buf = s_encoded (msg);
        size_t body_size = 99;
        br_msg_t *read = br_msg_decode (buf.data, buf.size, &body_size, NULL);
        assert_non_null (read);
        assert_int_equal (read->verb, verb);
        assert_true (br_addr_is (read->from, msg->from)
                     && br_addr_is (read->to, msg->to));
        assert_true (br_id_is (read->call, msg->call));
        assert_int_equal (read->attempt, 3);
        assert_int_equal (body_size, br_blob_size (body));
        assert_null (read->body);
        s_same_fields (verb, br_msg_fields (msg), br_msg_fields (read));
        s_is_written_again (read, body_size, buf.data, buf.size);
        br_msg_destroy (&read);
        br_msg_destroy (&msg);
        br_blob_destroy (&body);
        br_buf_free (&buf);
    }
}

//  The bytes are copied to a block of their own size, so that a tool sees any look beyond.
static br_msg_t *
s_decode_exact (const uint8_t *bytes, size_t size, size_t *ret_body_size)
{
    uint8_t *copy = malloc (size ? size : 1);
    memcpy (copy, bytes, size);
    br_error_t error = { .code = BR_OK };
    br_msg_t *msg = br_msg_decode (copy, size, ret_body_size, &error);
    assert_true (msg || (error.code == BR_EINVALID && *error.text));
    free (copy);
    return msg;
}

static void
test_no_truncation_and_nothing_behind_is_accepted (void **state)
{
    (void) state;
    for (unsigned verb = 0; verb < BR_VERB_COUNT; verb++) {
        br_msg_t *msg = s_msg (verb, NULL);
        br_buf_t buf = s_encoded (msg);
        for (size_t size = 0; size < buf.size; size++)
            assert_null (s_decode_exact (buf.data, size, NULL));
        br_buf_addc (&buf, 0);
        assert_null (s_decode_exact (buf.data, buf.size, NULL));
        br_msg_destroy (&msg);
        br_buf_free (&buf);
    }
}

static uint32_t
s_random (uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t) (*state >> 33);
}

static void
test_mutated_bytes_are_refused_or_written_again_alike (void **state)
{
    (void) state;
    uint64_t seed = 1;
    size_t accepted = 0;
    br_buf_t bufs[BR_VERB_COUNT];
    for (unsigned verb = 0; verb < BR_VERB_COUNT; verb++) {
        br_msg_t *msg = s_msg (verb, NULL);
        bufs[verb] = s_encoded (msg);
        br_msg_destroy (&msg);
    }
    for (int i = 0; i < MUTATIONS; i++) {
        const br_buf_t *buf = &bufs[s_random (&seed) % BR_VERB_COUNT];
        uint8_t bytes[1024];
        assert_true (buf->size <= sizeof bytes);
        memcpy (bytes, buf->data, buf->size);
        for (uint32_t n = s_random (&seed) % 3 + 1; n > 0; n--)
            bytes[s_random (&seed) % buf->size] = (uint8_t) s_random (&seed);
        size_t size = s_random (&seed) % 4 ? buf->size : s_random (&seed) % buf->size;
        size_t body_size;
        br_msg_t *msg = s_decode_exact (bytes, size, &body_size);
        if (!msg)
            continue;
        accepted++;
        s_is_written_again (msg, body_size, bytes, size);
        br_msg_destroy (&msg);
    }
    assert_true (accepted > MUTATIONS / 10);
    for (unsigned verb = 0; verb < BR_VERB_COUNT; verb++)
        br_buf_free (&bufs[verb]);
}

//  Given one good message, when a byte of it is another, then it is none.
static void
s_refused_with (size_t at, uint8_t byte)
{
    struct br_call_cancel cancel = { .reason = "abc" };
    br_msg_t *msg = br_msg_new (BR_CALL_CANCEL, (br_id_t) { 1, 1 }, 0, &cancel, NULL);
    br_buf_t buf = s_encoded (msg);
    buf.data[at] = byte;
    assert_null (s_decode_exact (buf.data, buf.size, NULL));
    br_buf_free (&buf);
    br_msg_destroy (&msg);
}

static void
test_what_lies_is_refused (void **state)
{
    (void) state;
    s_refused_with (0, BR_MSG_VERSION + 1);
    s_refused_with (1, 1); //  always zero on the wire
    s_refused_with (VERB_AT, 0xff);
    s_refused_with (VERB_AT + 1, BR_VERB_COUNT);
    s_refused_with (BODY_SIZE_AT, 1);  //  a body of 2^56 bytes
    s_refused_with (FIELDS_AT, 0xff);  //  a text longer than the message
    s_refused_with (FIELDS_AT + 3, 4); //  by one
    s_refused_with (FIELDS_AT + 4, 0); //  a text with a zero in it
    br_buf_t huge;
    br_buf_init (&huge, 2 * BR_MSG_FIELDS_MAX);
    for (size_t i = 0; i <= BR_MSG_FIELDS_MAX + FIELDS_AT; i++)
        br_buf_addc (&huge, 0);
    assert_null (s_decode_exact (huge.data, huge.size, NULL));
    br_buf_free (&huge);
}

static void
test_the_body_bound_is_exact (void **state)
{
    (void) state;
    br_msg_t *msg = br_msg_new (BR_CALL_FENCE, (br_id_t) { 1, 1 }, 0, NULL, NULL);
    br_buf_t buf = s_encoded (msg);
    const uint64_t max = BR_MSG_BODY_MAX;
    for (int i = 0; i < 8; i++)
        buf.data[BODY_SIZE_AT + i] = (uint8_t) (max >> (8 * (7 - i)));
    size_t body_size;
    br_msg_t *read = s_decode_exact (buf.data, buf.size, &body_size);
    assert_non_null (read);
    assert_int_equal (body_size, BR_MSG_BODY_MAX);
    br_msg_destroy (&read);
    buf.data[BODY_SIZE_AT + 7]++;
    assert_null (s_decode_exact (buf.data, buf.size, &body_size));
    br_buf_free (&buf);
    br_msg_destroy (&msg);
}

static void
test_fields_are_copied (void **state)
{
    (void) state;
    char name[] = "router";
    struct br_sys_start start = { .name = name };
    br_msg_t *msg = br_msg_new (BR_SYS_START, (br_id_t) { 0, 0 }, 0, &start, NULL);
    name[0] = 'X';
    assert_string_equal (((const struct br_sys_start *) br_msg_fields (msg))->name,
                         "router");
    br_msg_destroy (&msg);
    assert_null (msg);
    br_msg_destroy (&msg);
    br_msg_destroy (NULL);
}

static void
test_no_fields_are_zeros_and_empty_texts (void **state)
{
    (void) state;
    for (unsigned verb = 0; verb < BR_VERB_COUNT; verb++) {
        br_msg_t *msg = br_msg_new (verb, (br_id_t) { 0, 0 }, 0, NULL, NULL);
        size_t count;
        const br_field_row_t *row = br_verb_fields (verb, &count);
        for (size_t i = 0; i < count; i++) {
            const uint8_t *fields = br_msg_fields (msg);
            if (row[i].type == BR_TYPE_text)
                assert_string_equal (*(const char *const *) (fields + row[i].offset), "");
        }
        br_msg_destroy (&msg);
    }
}

static void
s_let_go (void *data, void *hint)
{
    (void) data;
    ++*(int *) hint;
}

static void
test_a_body_is_shared_and_counted (void **state)
{
    (void) state;
    int let_go = 0;
    char bytes[1000] = "";
    br_blob_t *body = br_blob_wrap (bytes, sizeof bytes, s_let_go, &let_go);
    br_msg_t *msg = br_msg_new (BR_REPLY_DELTA, (br_id_t) { 1, 1 }, 1, NULL, body);
    br_msg_t *bare = br_msg_new (BR_REPLY_DELTA, (br_id_t) { 1, 1 }, 1, NULL, NULL);
    assert_int_equal (msg->bytes, bare->bytes + sizeof bytes);
    assert_ptr_equal (br_blob_data (msg->body), bytes);
    br_blob_destroy (&body);
    assert_int_equal (let_go, 0);
    br_msg_destroy (&msg);
    assert_int_equal (let_go, 1);
    br_msg_destroy (&bare);
}

static void
test_print_tells_sizes_and_no_slice (void **state)
{
    (void) state;
    struct br_call_open open = { .model = "gpt-4o", .stream = 1 };
    open.headers = (br_bytes_t) { (const uint8_t *) "authorization", 13 };
    br_blob_t *body = br_blob_new ("hello", 5);
    br_msg_t *msg = br_msg_new (BR_CALL_OPEN, (br_id_t) { 1, 1 }, 2, &open, body);
    br_buf_t buf;
    br_buf_init (&buf, 4096);
    br_msg_print (msg, &buf);
    const char *text = br_buf_text (&buf);
    assert_ptr_equal (strstr (text, "call.open attempt=2 "), text);
    assert_non_null (strstr (text, " stream=1"));
    assert_non_null (strstr (text, " model=gpt-4o"));
    assert_non_null (strstr (text, " headers=(13)"));
    assert_non_null (strstr (text, " body=5"));
    assert_null (strstr (text, "authorization"));
    br_msg_destroy (&msg);
    br_blob_destroy (&body);

    struct br_conf_try slice = { .generation = 2, .slice = "sk-secret" };
    msg = br_msg_new (BR_CONF_TRY, (br_id_t) { 0, 0 }, 0, &slice, NULL);
    br_buf_clear (&buf);
    br_msg_print (msg, &buf);
    assert_string_equal (br_buf_text (&buf), "conf.try generation=2 slice=(9)");
    br_msg_destroy (&msg);

    struct br_sys_started started = { .name = "n", .addr = { 1, 2, 3 } };
    msg = br_msg_new (BR_SYS_STARTED, (br_id_t) { 0, 0 }, 0, &started, NULL);
    br_buf_clear (&buf);
    br_msg_print (msg, &buf);
    assert_string_equal (br_buf_text (&buf), "sys.started name=n addr=1.2.3 error=");
    br_msg_destroy (&msg);
    br_buf_free (&buf);
}

static void
test_ids_and_addresses (void **state)
{
    (void) state;
    char text[BR_ID_TEXT];
    br_id_t id = { 0x0123456789abcdefull, 0xfedcba9876543210ull };
    assert_string_equal (br_id_text (id, text), "01234567-89ab-cdef-fedc-ba9876543210");
    assert_true (br_id_is (id, id));
    assert_false (br_id_is (id, (br_id_t) { id.hi, 0 }));
    assert_false (br_id_is (id, (br_id_t) { 0, id.lo }));
    assert_false (br_id_is_set ((br_id_t) { 0, 0 }));
    assert_true (br_id_is_set ((br_id_t) { 0, 1 }) && br_id_is_set ((br_id_t) { 1, 0 }));
    br_addr_t addr = { 1, 2, 3 };
    assert_true (br_addr_is (addr, addr));
    assert_false (br_addr_is (addr, (br_addr_t) { 1, 2, 4 }));
    assert_false (br_addr_is (addr, (br_addr_t) { 1, 3, 3 }));
    assert_false (br_addr_is (addr, (br_addr_t) { 2, 2, 3 }));
    assert_true (br_addr_is_set (addr));
    assert_false (br_addr_is_set ((br_addr_t) { 0, 2, 3 }));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_every_verb_crosses_the_wire),
        cmocka_unit_test (test_no_truncation_and_nothing_behind_is_accepted),
        cmocka_unit_test (test_mutated_bytes_are_refused_or_written_again_alike),
        cmocka_unit_test (test_what_lies_is_refused),
        cmocka_unit_test (test_the_body_bound_is_exact),
        cmocka_unit_test (test_fields_are_copied),
        cmocka_unit_test (test_no_fields_are_zeros_and_empty_texts),
        cmocka_unit_test (test_a_body_is_shared_and_counted),
        cmocka_unit_test (test_print_tells_sizes_and_no_slice),
        cmocka_unit_test (test_ids_and_addresses),
    };
    return cmocka_run_group_tests_name ("msg", tests, NULL, NULL);
}
