//  The walk over a JSON text: what it finds, what it refuses, and that slices do not matter.
//  It is held against cJSON on recorded traffic, and on the cases where it is stricter.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <cjson/cJSON.h>

#include "broker/core/json.h"
#include "tests/corpus.h"

//  Any whole value, in slices of this size.
static int
s_walk (const void *bytes, size_t size, size_t slice, br_error_t *reterr)
{
    json_scan_t scan;
    json_scan_begin (&scan, bytes, size, NULL, 0);
    int rc = 1;
    while (rc == 1)
        rc = json_scan_step (&scan, slice, reterr);
    return rc;
}

static int
s_text (const char *text)
{
    return s_walk (text, strlen (text), SIZE_MAX, NULL);
}

//  ---- what it finds

static void
members_are_found_with_their_ranges (void **state)
{
    (void) state;
    const char *text = " {\"a\" : [1, {\"model\":\"in\"}] ,\"model\":\"m\\\"x\","
                       "\"stream\":true,\"n\":-1.5e3,\"z\":null} ";
    json_row_t rows[] = { { .key = "model" }, { .key = "stream" }, { .key = "a" },
                          { .key = "n" },     { .key = "z" },      { .key = "gone" } };
    assert_int_equal (json_members (text, strlen (text), rows, 6, NULL), 0);
    static const struct {
        json_type_t type;
        const char *value;
    } wanted[] = { { JSON_STRING, "\"m\\\"x\"" },
                   { JSON_BOOL, "true" },
                   { JSON_ARRAY, "[1, {\"model\":\"in\"}]" },
                   { JSON_NUMBER, "-1.5e3" },
                   { JSON_NULL, "null" } };
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal (rows[i].type, wanted[i].type);
        assert_int_equal (rows[i].count, 1);
        assert_int_equal (rows[i].size, strlen (wanted[i].value));
        assert_memory_equal (text + rows[i].offset, wanted[i].value, rows[i].size);
    }
    assert_int_equal (rows[5].type, JSON_NONE);
    assert_int_equal (rows[5].count, 0);
}

static void
keys_are_compared_unescaped_and_doubles_counted (void **state)
{
    (void) state;
    const char *text = "{\"model\":1,\"mod\\u0065l\":2,\"\\u006dodel\":33,\"Model\":4,"
                       "\"model\\u0000\":5,\"modelx\":6,\"mode\":7,\"\":8}";
    json_row_t rows[] = { { .key = "model" }, { .key = "" } };
    assert_int_equal (json_members (text, strlen (text), rows, 2, NULL), 0);
    assert_int_equal (rows[0].count, 3);
    assert_int_equal (rows[0].size, 2);
    assert_memory_equal (text + rows[0].offset, "33", 2);
    assert_int_equal (rows[1].count, 1);
}

static void
only_the_topmost_object_is_matched (void **state)
{
    (void) state;
    json_row_t row = { .key = "a" };
    const char *text = "{\"b\":{\"a\":1},\"c\":[{\"a\":2}]}";
    assert_int_equal (json_members (text, strlen (text), &row, 1, NULL), 0);
    assert_int_equal (row.count, 0);
    br_error_t error = { 0 };
    assert_int_equal (json_members ("[{\"a\":1}]", 9, &row, 1, &error), -1);
    assert_non_null (strstr (error.text, "an array"));
    assert_int_equal (row.count, 0);
}

//  ---- what it takes and refuses

static const char *const s_good[] = {
    "{}",
    "[]",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1.5E+10",
    "1e400",
    "\"\"",
    " [ ] ",
    "\t\r\n{ \"a\" : 1 , \"b\" : [ ] }\n",
    "9007199254740993",
    "\"\\ud800\"",
    "\"\x7f\xc2\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf\"",
    "{\"a\":1,\"a\":2}",
};

typedef struct {
    const char *text;
    size_t at; //  the byte that the error names
} bad_case_t;

static const bad_case_t s_bad[] = {
    { "", 0 },
    { "  ", 2 },
    { "{", 1 },
    { "[1", 2 },
    { "\"abc", 4 },
    { "{\"a\"}", 4 },
    { "{\"a\":}", 5 },
    { "{\"a\":1,}", 7 },
    { "{,}", 1 },
    { "{a:1}", 1 },
    { "{1:1}", 1 },
    { "[1,]", 3 },
    { "[,1]", 1 },
    { "[1 2]", 3 },
    { "[1}", 2 },
    { "{\"a\":1]", 6 },
    { "]", 0 },
    { "{}x", 2 },
    { "{} {}", 3 },
    { "1 2", 2 },
    { "tru", 0 },
    { "trueish", 4 },
    { "nul", 0 },
    { "True", 0 },
    { "NaN", 0 },
    { "Infinity", 0 },
    { "-", 0 },
    { "+1", 0 },
    { "01", 1 },
    { "-01", 2 },
    { ".5", 0 },
    { "1.", 0 },
    { "1.e5", 0 },
    { "1e", 0 },
    { "1e+", 0 },
    { "0x10", 1 },
    { "'a'", 0 },
    { "\"a\nb\"", 2 },
    { "\"a\tb\"", 2 },
    { "\"\\x\"", 1 },
    { "\"\\u00g0\"", 1 },
    { "\"\\u00\"", 1 },
    { "\"\\", 1 },
    { "\"0123456789abcdefghij\x01\"", 21 },
    { "\"\x80\"", 1 },
    { "\"\xc0\xaf\"", 1 },
    { "\"\xe0\x80\x80\"", 1 },
    { "\"\xe4\xbd\"", 1 },
    { "\"\xe4\xbd\xa0\xe4\x28\xa0\"", 4 },
    { "\"\xed\xa0\x80\"", 1 },
    { "\"\xf5\x80\x80\x80\"", 1 },
    { "\xef\xbb\xbf{}", 0 },
    { "[1]//x", 3 },
    { "[/**/1]", 1 },
};

static void
valid_texts_pass_in_any_slices (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_good / sizeof s_good[0]; i++)
        for (size_t slice = 1; slice < 40; slice++)
            assert_int_equal (s_walk (s_good[i], strlen (s_good[i]), slice, NULL), 0);
}

static void
broken_texts_are_refused_with_their_byte_in_any_slices (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_bad / sizeof s_bad[0]; i++) {
        char *wanted = br_strf ("at byte %zu:", s_bad[i].at);
        //  The text ends with its allocation, so that a tool sees a step too far.
        size_t size = strlen (s_bad[i].text);
        uint8_t *text = br_alloc (1, size ? size : 1);
        memcpy (text, s_bad[i].text, size);
        for (size_t slice = 1; slice < 40; slice++) {
            br_error_t error = { 0 };
            assert_int_equal (s_walk (text, size, slice, &error), -1);
            assert_int_equal (error.code, BR_EINVALID);
            if (!strstr (error.text, wanted))
                fail_msg ("case %zu, slice %zu: %s, not %s", i, slice, error.text,
                          wanted);
        }
        free (text);
        free (wanted);
    }
}

static void
a_raw_zero_byte_is_refused (void **state)
{
    (void) state;
    assert_int_equal (s_walk ("{\"a\":\"x\0y\"}", 11, SIZE_MAX, NULL), -1);
    assert_int_equal (s_walk ("{}\0", 3, SIZE_MAX, NULL), -1);
}

static void
nesting_is_bounded (void **state)
{
    (void) state;
    char text[2 * JSON_DEPTH_MAX + 3];
    for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset (text, '[', depth);
        memset (text + depth, ']', depth);
        text[2 * depth] = 0;
        assert_int_equal (s_text (text), depth == JSON_DEPTH_MAX ? 0 : -1);
    }
}

static void
mixed_nesting_is_told_apart_at_each_level (void **state)
{
    (void) state;
    char text[JSON_DEPTH_MAX * 8] = "";
    for (size_t i = 0; i < JSON_DEPTH_MAX; i++)
        strcat (text, i % 3 ? "[" : "{\"a\":");
    strcat (text, "1");
    for (size_t i = JSON_DEPTH_MAX; i > 0; i--)
        strcat (text, (i - 1) % 3 ? "]" : "}");
    assert_int_equal (s_text (text), 0);
    text[strlen (text) - 2] ^= '}' ^ ']';
    assert_int_equal (s_text (text), -1);
}

static void
numbers_are_bounded (void **state)
{
    (void) state;
    char text[JSON_NUMBER_MAX + 2];
    memset (text, '1', sizeof text);
    assert_int_equal (s_walk (text, JSON_NUMBER_MAX - 1, SIZE_MAX, NULL), 0);
    assert_int_equal (s_walk (text, JSON_NUMBER_MAX + 1, SIZE_MAX, NULL), -1);
}

static void
a_failed_walk_stays_failed (void **state)
{
    (void) state;
    json_scan_t scan;
    json_scan_begin (&scan, "[x, 1, 2, 3]", 12, NULL, 0);
    assert_int_equal (json_scan_step (&scan, 100, NULL), -1);
    assert_int_equal (json_scan_step (&scan, 100, NULL), -1);
}

//  ---- slices

static void
a_step_walks_about_its_slice (void **state)
{
    (void) state;
    size_t size = 1 << 20;
    uint8_t *text = br_alloc (1, size);
    memset (text, 'x', size);
    memcpy (text, "{\"a\":\"", 6);
    memcpy (text + size - 2, "\"}", 2);
    json_scan_t scan;
    json_scan_begin (&scan, text, size, NULL, 0);
    size_t steps = 1;
    while (json_scan_step (&scan, JSON_SLICE, NULL) == 1) {
        assert_true (scan.at <= steps * (JSON_SLICE + 16));
        steps++;
    }
    assert_int_equal (steps, size / JSON_SLICE);
    free (text);
}

//  ---- against cJSON

static void
s_compare_member (const char *file, const uint8_t *bytes, const json_row_t *row,
                  const cJSON *item)
{
    static const int types[] = { cJSON_Invalid, cJSON_NULL,  0,           cJSON_Number,
                                 cJSON_String,  cJSON_Array, cJSON_Object };
    if (!item != !row->count)
        fail_msg ("%s: %s is seen by one only", file, row->key);
    if (!item)
        return;
    if (row->type == JSON_BOOL)
        assert_true (cJSON_IsBool (item));
    else
        assert_int_equal (item->type, types[row->type]);
    cJSON *part = cJSON_ParseWithLength ((const char *) bytes + row->offset, row->size);
    assert_non_null (part);
    assert_true (cJSON_Compare (part, item, true));
    cJSON_Delete (part);
}

static void
s_compare_json (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    cJSON *tree = cJSON_ParseWithLength ((const char *) bytes, size);
    br_error_t error = { 0 };
    int rc = s_walk (bytes, size, SIZE_MAX, &error);
    if (rc != (tree ? 0 : -1))
        fail_msg ("%s: %s", file, error.text);
    assert_int_equal (s_walk (bytes, size, 7, NULL), rc);
    if (cJSON_IsObject (tree)) {
        json_row_t rows[] = { { .key = "model" }, { .key = "messages" },
                              { .key = "usage" }, { .key = "choices" },
                              { .key = "tools" }, { .key = "stream" } };
        assert_int_equal (json_members (bytes, size, rows, 6, NULL), 0);
        for (size_t i = 0; i < 6; i++)
            s_compare_member (file, bytes, &rows[i],
                              cJSON_GetObjectItemCaseSensitive (tree, rows[i].key));
    }
    cJSON_Delete (tree);
}

static void
recorded_bodies_are_seen_as_cjson_sees_them (void **state)
{
    (void) state;
    static const char *const folders[] = { "openai-chat", "openai-responses",
                                           "anthropic-messages", "google-generate" };
    size_t count = 0;
    for (size_t i = 0; i < 4; i++)
        count += corpus_each (folders[i], ".json", s_compare_json, NULL);
    if (count == 0)
        skip ();
}

//  cJSON takes these and a provider might read them otherwise.
static const char *const s_stricter[] = {
    "\xef\xbb\xbf{}", "{} x", "[01]", "\"a\nb\"", "\"\xff\"", "[1.]",
};

static void
it_is_stricter_than_cjson_where_readers_differ (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_stricter / sizeof s_stricter[0]; i++) {
        cJSON *tree = cJSON_Parse (s_stricter[i]);
        assert_non_null (tree);
        cJSON_Delete (tree);
        assert_int_equal (s_text (s_stricter[i]), -1);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (members_are_found_with_their_ranges),
        cmocka_unit_test (keys_are_compared_unescaped_and_doubles_counted),
        cmocka_unit_test (only_the_topmost_object_is_matched),
        cmocka_unit_test (valid_texts_pass_in_any_slices),
        cmocka_unit_test (broken_texts_are_refused_with_their_byte_in_any_slices),
        cmocka_unit_test (a_raw_zero_byte_is_refused),
        cmocka_unit_test (nesting_is_bounded),
        cmocka_unit_test (mixed_nesting_is_told_apart_at_each_level),
        cmocka_unit_test (numbers_are_bounded),
        cmocka_unit_test (a_failed_walk_stays_failed),
        cmocka_unit_test (a_step_walks_about_its_slice),
        cmocka_unit_test (recorded_bodies_are_seen_as_cjson_sees_them),
        cmocka_unit_test (it_is_stricter_than_cjson_where_readers_differ),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
