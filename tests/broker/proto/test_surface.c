//  surface: methods and paths are known, and errors have their protocol's shape.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <string.h>

#include "broker/proto/surface.h"

static void
test_paths_have_surfaces (void **state)
{
    (void) state;
    static const struct {
        const char *method;
        const char *path;
        br_surface_t surface;
        bool known;
    } rows[] = {
        { "POST", "/v1/chat/completions", BR_SURFACE_CHAT, true },
        { "POST", "/chat/completions", BR_SURFACE_CHAT, true },
        { "POST", "/v1/chat/completions/", BR_SURFACE_CHAT, true },
        { "GET", "/v1/models", BR_SURFACE_MODELS, true },
        { "GET", "/models", BR_SURFACE_MODELS, true },
        { "HEAD", "/models/", BR_SURFACE_MODELS, true },
        { "GET", "/health", BR_SURFACE_HEALTH, true },
        { "HEAD", "/ready", BR_SURFACE_READY, true },
        { "GET", "/v1/chat/completions", BR_SURFACE_NONE, true },
        { "HEAD", "/v1/chat/completions", BR_SURFACE_NONE, true },
        { "post", "/v1/chat/completions", BR_SURFACE_NONE, true },
        { "POST", "/v1/models", BR_SURFACE_NONE, true },
        { "GET", "/v1/health", BR_SURFACE_NONE, false },
        { "POST", "/v1/chat/completions//", BR_SURFACE_NONE, false },
        { "POST", "/v1/v1/chat/completions", BR_SURFACE_NONE, false },
        { "POST", "/v1/chat/completion", BR_SURFACE_NONE, false },
        { "POST", "/V1/chat/completions", BR_SURFACE_NONE, false },
        { "GET", "/", BR_SURFACE_NONE, false },
        { "GET", "", BR_SURFACE_NONE, false },
        { "GET", "/v1", BR_SURFACE_NONE, false },
        { "GET", "/v1/", BR_SURFACE_NONE, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool known = !rows[i].known;
        br_surface_t surface = br_surface_of (rows[i].method, rows[i].path, &known);
        if (surface != rows[i].surface || known != rows[i].known)
            fail_msg ("%s %s", rows[i].method, rows[i].path);
    }
}

static void
test_rows_are_found_by_number (void **state)
{
    (void) state;
    assert_null (br_surface_row (BR_SURFACE_NONE));
    assert_null (br_surface_row (BR_SURFACE_COUNT));
    assert_null (br_surface_row (UINT32_MAX));
    for (unsigned i = 1; i < BR_SURFACE_COUNT; i++) {
        const br_surface_row_t *row = br_surface_row (i);
        bool known;
        assert_int_equal (br_surface_of (row->method, row->path, &known), i);
        //  what goes to a provider has a protocol and a path there
        assert_int_equal (!row->protocol, !row->upstream);
    }
    assert_string_equal (br_surface_row (BR_SURFACE_CHAT)->upstream, "/chat/completions");
}

static void
test_errors_have_the_shape_of_the_protocol (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 4096);
    br_surface_error (BR_SURFACE_CHAT, BR_ENOTFOUND, "no \"model\"\n", &buf);
    cJSON *json = cJSON_Parse (br_buf_text (&buf));
    const cJSON *error = cJSON_GetObjectItem (json, "error");
    assert_string_equal (cJSON_GetObjectItem (error, "message")->valuestring,
                         "no \"model\"\n");
    assert_string_equal (cJSON_GetObjectItem (error, "type")->valuestring,
                         "not_found_error");
    assert_string_equal (cJSON_GetObjectItem (error, "code")->valuestring, "not_found");
    assert_true (cJSON_IsNull (cJSON_GetObjectItem (error, "param")));
    cJSON_Delete (json);
    br_buf_free (&buf);
}

static void
test_errors_of_streams_are_events (void **state)
{
    (void) state;
    br_buf_t buf, plain;
    br_buf_init (&buf, 4096);
    br_buf_init (&plain, 4096);
    br_surface_stream_error (BR_SURFACE_CHAT, BR_EUPCUT, "cut\n\ndata: x", &buf);
    br_surface_error (BR_SURFACE_CHAT, BR_EUPCUT, "cut\n\ndata: x", &plain);
    const char *text = br_buf_text (&buf);
    assert_memory_equal (text, "data: ", 6);
    assert_memory_equal (text + 6, plain.data, plain.size);
    assert_string_equal (text + 6 + plain.size, "\n\n");
    assert_ptr_equal (strstr (text, "\n\n"), text + 6 + plain.size);
    br_buf_free (&buf);
    br_buf_free (&plain);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_paths_have_surfaces),
        cmocka_unit_test (test_rows_are_found_by_number),
        cmocka_unit_test (test_errors_have_the_shape_of_the_protocol),
        cmocka_unit_test (test_errors_of_streams_are_events),
    };
    return cmocka_run_group_tests_name ("surface", tests, NULL, NULL);
}
