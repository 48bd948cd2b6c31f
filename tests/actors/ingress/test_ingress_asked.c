//  ingress_asked: heads of requests, with a request in memory in the place of HTTP's.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <strings.h>

#include "actors/ingress/ingress_asked.h"

struct _http_call_t {
    const char *path;
    const char *query;
    const char *content_type;
};

const char *
http_call_path (const http_call_t *call)
{
    return call->path;
}

const char *
http_call_query (const http_call_t *call)
{
    return call->query;
}

const char *
http_call_header (const http_call_t *call, const char *name)
{
    return strcasecmp (name, "content-type") == 0 ? call->content_type : NULL;
}

void
http_call_each_header (const http_call_t *call, http_header_fn *fn, void *arg)
{
    (void) call;
    (void) fn;
    (void) arg;
}

static void
the_model_of_a_path_is_known (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        { "/v1beta/models/gemini:generateContent", "gemini" },
        { "/v1beta/models/models/gemini:generateContent", "gemini" },
        { "/v1beta/models/models%2fgemini:generateContent", "gemini" },
        { "/models/google%3Agemini:generateContent", "google:gemini" },
        { "/v1/models/models/:generateContent", "models/" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        http_call_t http = { .path = rows[i][0] };
        ingress_asked_t asked;
        assert_int_equal (ingress_asked_read (&asked, BR_SURFACE_GOOGLE, &http, NULL), 0);
        assert_string_equal (asked.known.model, rows[i][1]);
        assert_int_equal (asked.known.place, REQUEST_PATH);
        assert_false (asked.known.stream);
        assert_null (asked.alt);
    }
}

static void
googles_streams_come_in_two_ways (void **state)
{
    (void) state;
    static const struct {
        const char *query;
        bool as_array;
    } rows[] = {
        { "alt=sse", false },   { "key=1&alt=sse", false },
        { "%24alt=sse", true }, { "$alt=sse", false },
        { NULL, true },         { "alt=json", true },
        { "malt=sse", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        http_call_t http = { "/v1beta/models/g:streamGenerateContent", rows[i].query,
                             NULL };
        ingress_asked_t asked;
        assert_int_equal (
            ingress_asked_read (&asked, BR_SURFACE_GOOGLE_STREAM, &http, NULL), 0);
        assert_true (asked.known.stream);
        assert_string_equal (asked.alt, "sse");
        assert_int_equal (asked.as_array, rows[i].as_array);
    }
}

static void
a_form_is_told_from_json (void **state)
{
    (void) state;
    http_call_t http = { "/v1/images/edits", NULL, "multipart/form-data; boundary=x" };
    ingress_asked_t asked;
    ingress_asked_read (&asked, BR_SURFACE_IMAGE_EDITS, &http, NULL);
    assert_int_equal (asked.known.place, REQUEST_FORM);
    assert_string_equal (asked.known.content_type, http.content_type);
    http.content_type = "application/json";
    ingress_asked_read (&asked, BR_SURFACE_IMAGE_EDITS, &http, NULL);
    assert_int_equal (asked.known.place, REQUEST_BODY);
    http.content_type = NULL;
    ingress_asked_read (&asked, BR_SURFACE_IMAGE_EDITS, &http, NULL);
    assert_int_equal (asked.known.place, REQUEST_BODY);
}

static void
a_stored_response_may_be_streamed (void **state)
{
    (void) state;
    http_call_t http = { "/v1/responses/resp_1", "stream=true&starting_after=2", NULL };
    ingress_asked_t asked;
    ingress_asked_read (&asked, BR_SURFACE_RESPONSE, &http, NULL);
    assert_string_equal (asked.name, "resp_1");
    assert_int_equal (asked.known.place, REQUEST_NOWHERE);
    assert_true (asked.known.stream);
    http.query = "stream=false";
    ingress_asked_read (&asked, BR_SURFACE_RESPONSE, &http, NULL);
    assert_false (asked.known.stream);
}

static void
a_name_that_is_endless_is_refused (void **state)
{
    (void) state;
    char path[INGRESS_ASKED_NAME_MAX + 100] = "/v1beta/models/";
    memset (path + strlen (path), 'a', INGRESS_ASKED_NAME_MAX);
    strcat (path, ":countTokens");
    http_call_t http = { .path = path };
    ingress_asked_t asked;
    br_error_t error;
    assert_int_equal (
        ingress_asked_read (&asked, BR_SURFACE_GOOGLE_TOKENS, &http, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_model_of_a_path_is_known),
        cmocka_unit_test (googles_streams_come_in_two_ways),
        cmocka_unit_test (a_form_is_told_from_json),
        cmocka_unit_test (a_stored_response_may_be_streamed),
        cmocka_unit_test (a_name_that_is_endless_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
