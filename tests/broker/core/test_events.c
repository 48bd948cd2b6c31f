//  events: the catalogue is whole, and every event is one line of JSON.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <string.h>

#include "broker/core/events.h"

static void
test_every_event_has_a_name_of_its_own (void **state)
{
    (void) state;
    for (unsigned i = 0; i < BR_EVENT_COUNT; i++) {
        assert_true (*br_event_name (i) && *br_event_about (i));
        assert_null (strpbrk (br_event_name (i), " \"\\"));
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal (br_event_name (i), br_event_name (k));
    }
    assert_string_equal (br_event_name (BR_EVENT_CALL_ENDED), "call.ended");
    assert_string_equal (br_event_name (BR_EVENT_COUNT), "?");
    assert_string_equal (br_event_about (BR_EVENT_COUNT), "?");
}

static void
test_fields_are_those_of_the_struct (void **state)
{
    (void) state;
    size_t count;
    const br_field_row_t *row = br_event_fields (BR_EVENT_QUEUE_FILLING, &count);
    assert_int_equal (count, 2);
    assert_string_equal (row[0].name, "queue");
    assert_int_equal (row[0].type, BR_TYPE_text);
    assert_int_equal (row[0].offset, offsetof (struct br_event_queue_filling, queue));
    assert_string_equal (row[1].name, "bytes");
    assert_int_equal (row[1].offset, offsetof (struct br_event_queue_filling, bytes));
    for (unsigned i = 0; i < BR_EVENT_COUNT; i++) {
        row = br_event_fields (i, &count);
        assert_true (count > 0);
        for (size_t k = 0; k < count; k++)
            assert_true (row[k].type == BR_TYPE_num || row[k].type == BR_TYPE_text);
    }
}

static void
test_a_line_has_its_stamp_and_its_fields (void **state)
{
    (void) state;
    struct br_event_queue_filling fields = { .queue = "shard-1", .bytes = 7 };
    br_buf_t buf;
    br_buf_init (&buf, 4096);
    br_event_write (BR_EVENT_QUEUE_FILLING, &fields, "shard-2", 41, 1700000000123ull,
                    &buf);
    assert_string_equal (br_buf_text (&buf),
                         "{\"event\":\"queue.filling\",\"host\":\"shard-2\",\"seq\":41,"
                         "\"time\":1700000000123,\"queue\":\"shard-1\",\"bytes\":7}\n");
    br_buf_free (&buf);
}

//  Texts that are missing, with quotes, line ends or control characters.
static void
test_every_event_is_one_line_of_json (void **state)
{
    (void) state;
    for (unsigned event = 0; event < BR_EVENT_COUNT; event++) {
        size_t count;
        const br_field_row_t *row = br_event_fields (event, &count);
        uint8_t fields[512] = { 0 };
        for (size_t i = 0; i < count; i++)
            if (row[i].type == BR_TYPE_text)
                *(const char **) (fields + row[i].offset) = i % 2 ? NULL : "a\"\\\n\x01";
            else
                *(uint64_t *) (fields + row[i].offset) = i;
        br_buf_t buf;
        br_buf_init (&buf, 1u << 16);
        br_event_write (event, fields, "h\n", 1, 2, &buf);
        const char *text = br_buf_text (&buf);
        assert_ptr_equal (strchr (text, '\n'), text + buf.size - 1);
        cJSON *json = cJSON_Parse (text);
        assert_string_equal (cJSON_GetObjectItem (json, "event")->valuestring,
                             br_event_name (event));
        for (size_t i = 0; i < count; i++) {
            const cJSON *item = cJSON_GetObjectItemCaseSensitive (json, row[i].name);
            if (row[i].type == BR_TYPE_num)
                assert_true (item->valuedouble == (double) i);
            else
                assert_string_equal (item->valuestring, i % 2 ? "" : "a\"\\\n\x01");
        }
        cJSON_Delete (json);
        br_buf_free (&buf);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_every_event_has_a_name_of_its_own),
        cmocka_unit_test (test_fields_are_those_of_the_struct),
        cmocka_unit_test (test_a_line_has_its_stamp_and_its_fields),
        cmocka_unit_test (test_every_event_is_one_line_of_json),
    };
    return cmocka_run_group_tests_name ("events", tests, NULL, NULL);
}
