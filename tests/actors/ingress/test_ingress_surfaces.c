//  Calls of every protocol through real sockets: what is opened on the bus, and in which
//  words errors come back.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"
#include "broker/proto/surface.h"
#include "tests/actors/ingress/world.h"

#define SSE "text/event-stream"
#define JSON "Content-Type: application/json\r\n"

//  Two accounts, so that it can be seen which one is meant.
static const char s_slice[] =
    "{\"listen\":[\"127.0.0.1:0\"],\"listen_given\":true,\"providers\":{\"openai\":{"
    "\"actor\":\"upstream/openai\",\"models\":{\"gpt-4o\":{}},\"accounts\":[\"openai#0\","
    "\"openai#1\"]},\"deepseek\":{\"actor\":\"upstream/"
    "deepseek\",\"models\":{\"chat\":{}}"
    "}},\"models\":{\"smart\":{\"strategy\":\"priority\",\"endpoints\":[{\"provider\":"
    "\"openai\",\"model\":\"gpt-4o\"}]}}}";

static int
s_setup (void **state)
{
    *state = world_new (s_slice);
    return 0;
}

//  A client that has sent a request. The test closes it.
static int
s_send (world_t *world, const char *line, const char *headers, const char *body)
{
    int fd = world_connect (world);
    char *text = br_strf ("%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n"
                          "Connection: close\r\n%s\r\n%s",
                          line, strlen (body), headers, body);
    world_write (world, fd, text);
    free (text);
    return fd;
}

static const struct br_call_open *
s_open (world_t *world, br_id_t *ret_id)
{
    const br_msg_t *msg = world_expect (world, BR_CALL_OPEN);
    assert_non_null (msg);
    if (ret_id)
        *ret_id = msg->call;
    return br_msg_fields (msg);
}

//  ---- what is opened

static void
googles_model_is_in_the_path_and_its_key_stays_here (void **state)
{
    world_t *world = *state;
    int fd = s_send (world,
                     "POST /v1beta/models/openai%3Agpt-4o:streamGenerateContent"
                     "?key=SECRET&alt=sse&x=1",
                     "x-goog-api-client: sdk/1\r\nx-goog-api-key: SECRET\r\n",
                     "{\"contents\":[],\"model\":\"models/other\"}");
    const struct br_call_open *open = s_open (world, NULL);
    assert_int_equal (open->surface, BR_SURFACE_GOOGLE_STREAM);
    assert_string_equal (open->model, "openai:gpt-4o");
    assert_int_equal (open->model_size, 0);
    assert_int_equal (open->stream, 1);
    assert_string_equal (open->query, "x=1&alt=sse");
    assert_string_equal (br_pairs_get (open->headers, "x-goog-api-client"), "sdk/1");
    assert_null (br_pairs_get (open->headers, "x-goog-api-key"));
    assert_string_equal (open->object, "");
    assert_string_equal (open->content_type, "");
    close (fd);
}

static void
a_form_names_where_its_model_stands (void **state)
{
    world_t *world = *state;
    static const char type[] = "multipart/form-data; boundary=b";
    static const char body[] =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n"
        "RIFF\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"
        "openai:gpt-4o\r\n--b--\r\n";
    char *headers = br_strf ("Content-Type: %s\r\n", type);
    int fd = s_send (world, "POST /v1/audio/transcriptions", headers, body);
    const struct br_call_open *open = s_open (world, NULL);
    assert_int_equal (open->surface, BR_SURFACE_TRANSCRIPTIONS);
    assert_string_equal (open->model, "openai:gpt-4o");
    assert_int_equal (open->model_bare, 1);
    assert_memory_equal (body + open->model_at, "openai:gpt-4o\r\n", 15);
    assert_int_equal (open->model_size, 13);
    assert_string_equal (open->content_type, type);
    free (headers);
    close (fd);
}

static void
other_bodies_name_their_model_as_ever (void **state)
{
    world_t *world = *state;
    static const struct {
        const char *line;
        br_surface_t surface;
    } rows[] = {
        { "POST /v1/responses", BR_SURFACE_RESPONSES },
        { "POST /v1/messages?beta=true", BR_SURFACE_MESSAGES },
        { "POST /v1/messages/count_tokens", BR_SURFACE_MESSAGES_TOKENS },
        { "POST /responses/input_tokens", BR_SURFACE_RESPONSES_TOKENS },
        { "POST /embeddings", BR_SURFACE_EMBEDDINGS },
        { "POST /v1/images/edits", BR_SURFACE_IMAGE_EDITS },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = s_send (world, rows[i].line, JSON "anthropic-version: 2023-06-01\r\n",
                         "{\"model\":\"smart\"}");
        const struct br_call_open *open = s_open (world, NULL);
        assert_int_equal (open->surface, rows[i].surface);
        assert_int_equal (open->model_at, 9);
        assert_int_equal (open->model_size, 7);
        assert_int_equal (open->model_bare, 0);
        assert_int_equal (open->stream, 0);
        bool messages = strstr (rows[i].line, "messages") != NULL;
        assert_int_equal (br_pairs_get (open->headers, "anthropic-version") != NULL,
                          messages);
        close (fd);
    }
}

//  ---- stored responses

//  Posts a response that account 1 of openai keeps as resp_1.
static void
s_make (world_t *world)
{
    br_id_t id;
    int fd = s_send (world, "POST /v1/responses", JSON, "{\"model\":\"smart\"}");
    s_open (world, &id);
    struct br_reply_head head = { .status = 200, .content_type = "application/json" };
    head.provider = "openai";
    head.endpoint = "openai#1";
    head.object = "resp_1";
    world_send (world, world_upstream, BR_REPLY_HEAD, id, 1, &head, "{}");
    world_end (world, id, 1);
    world_has (world_read_all (world, fd), "HTTP/1.1 200");
    close (fd);
}

static void
s_is_account_1 (const struct br_call_open *open)
{
    br_candidate_t rows[4];
    assert_int_equal (br_candidates_read (open->candidates, rows, 4), 1);
    assert_string_equal (rows[0].endpoint, "openai#1");
}

static void
what_is_asked_of_a_response_goes_to_its_maker (void **state)
{
    world_t *world = *state;
    s_make (world);
    static const struct {
        const char *line;
        br_surface_t surface;
        bool stream;
    } rows[] = {
        { "GET /v1/responses/resp_1", BR_SURFACE_RESPONSE, false },
        { "GET /v1/responses/resp_1?stream=true", BR_SURFACE_RESPONSE, true },
        { "DELETE /responses/resp_1", BR_SURFACE_RESPONSE_DELETE, false },
        { "POST /v1/responses/resp_1/cancel", BR_SURFACE_RESPONSE_CANCEL, false },
        { "GET /v1/responses/resp_1/input_items?limit=2", BR_SURFACE_RESPONSE_ITEMS,
          false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = s_send (world, rows[i].line, "", "");
        const struct br_call_open *open = s_open (world, NULL);
        assert_int_equal (open->surface, rows[i].surface);
        assert_string_equal (open->object, "resp_1");
        assert_int_equal (open->stream, rows[i].stream);
        assert_int_equal (open->model_size, 0);
        s_is_account_1 (open);
        close (fd);
    }
}

static void
a_response_that_nobody_knows_is_missed (void **state)
{
    world_t *world = *state;
    world->has_keys = true;
    int fd = s_send (world, "GET /v1/responses/resp_2", "", "");
    const br_msg_t *ask = world_expect (world, BR_OBJECT_ASK);
    assert_non_null (ask);
    struct br_object_told told = { .object = "resp_2" };
    world_send (world, world_keys, BR_OBJECT_TOLD, ask->call, 0, &told, NULL);
    const char *got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 404");
    world_has (got, "no response 'resp_2' is known");
    close (fd);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
}

static void
what_goes_on_from_a_response_goes_to_its_maker_alone (void **state)
{
    world_t *world = *state;
    s_make (world);
    int fd = s_send (world, "POST /v1/responses", JSON,
                     "{\"previous_response_id\":\"resp_1\",\"model\":\"gpt-4o\"}");
    s_is_account_1 (s_open (world, NULL));
    close (fd);
    fd = s_send (world, "POST /v1/responses", JSON,
                 "{\"previous_response_id\":\"resp_1\",\"model\":\"deepseek:chat\"}");
    const char *got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 400");
    world_has (got, "provider 'openai' made");
    close (fd);
    fd = s_send (world, "POST /v1/responses", JSON,
                 "{\"previous_response_id\":\"resp_9\",\"model\":\"gpt-4o\"}");
    br_candidate_t rows[4];
    assert_int_equal (br_candidates_read (s_open (world, NULL)->candidates, rows, 4), 2);
    close (fd);
}

//  ---- in the client's own words

static void
what_cannot_be_read_is_refused_in_each_protocol (void **state)
{
    world_t *world = *state;
    static const struct {
        const char *line;
        const char *error;
    } rows[] = {
        { "POST /v1/chat/completions", "{\"error\":{\"message\":" },
        { "POST /v1/responses", "{\"error\":{\"message\":" },
        { "POST /v1/messages", "{\"type\":\"error\",\"error\":{\"type\":"
                               "\"invalid_request_error\",\"message\":" },
        { "POST /v1beta/models/smart:generateContent", "{\"error\":{\"code\":400," },
    };
    static const char *const bodies[] = {
        "",
        "[]",
        "{\"model\":\"smart\"",
        "{\"model\":\"smart\",\"a\":\"\x01\"}",
        "{\"model\":\"smart\",\"a\":\"\xff\"}",
        "{\"model\":\"smart\"} x",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t k = 0; k < sizeof bodies / sizeof *bodies; k++) {
            int fd = s_send (world, rows[i].line, JSON, bodies[k]);
            const char *got = world_read_all (world, fd);
            world_has (got, "HTTP/1.1 400");
            world_has (got, rows[i].error);
            close (fd);
        }
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
}

static void
a_missing_model_is_told_in_each_protocol (void **state)
{
    world_t *world = *state;
    static const char *const rows[][3] = {
        { "POST /v1/responses", "{}", "`model` is missing" },
        { "POST /v1/messages", "{\"model\":\"\\u0000\"}", "control character" },
        { "POST /v1/messages/count_tokens", "{}", "\"type\":\"invalid_request_error\"" },
        { "POST /v1beta/models/%20:countTokens", "{}",
          "\"status\":\"INVALID_ARGUMENT\"" },
        { "POST /v1beta/models/a%0ab:countTokens", "{}", "control character" },
        { "POST /v1/embeddings", "{}", "`model` is missing" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = s_send (world, rows[i][0], JSON, rows[i][1]);
        const char *got = world_read_all (world, fd);
        world_has (got, "HTTP/1.1 400");
        world_has (got, rows[i][2]);
        close (fd);
    }
    int fd = s_send (world, "POST /v1beta/models/%00:countTokens", JSON, "{}");
    world_has (world_read_all (world, fd), "HTTP/1.1 404");
    close (fd);
    fd = s_send (world, "POST /v1/messages", JSON, "{\"model\":\"nobody\"}");
    const char *got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 404");
    world_has (got, "\"type\":\"not_found_error\"");
    close (fd);
}

static void
a_status_is_the_protocols_own (void **state)
{
    world_t *world = *state;
    world->no_router = true;
    static const char *const rows[][2] = {
        { "POST /v1/messages", "HTTP/1.1 529" },
        { "POST /v1/responses", "HTTP/1.1 503" },
        { "POST /v1beta/models/smart:generateContent", "HTTP/1.1 503" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = s_send (world, rows[i][0], JSON, "{\"model\":\"smart\"}");
        world_has (world_read_all (world, fd), rows[i][1]);
        close (fd);
    }
}

//  A stream that has begun with one event, after a silence, and then broke.
static void
s_breaks (world_t *world, const char *line, const char *alive, const char *error)
{
    br_id_t id;
    int fd = s_send (world, line, JSON, "{\"model\":\"smart\",\"stream\":true}");
    s_open (world, &id);
    world_head (world, id, SSE, "data: {}\n\n");
    world_read (world, fd, "data: {}\n\n");
    world_wait (world, 16000);
    struct br_reply_error broken = { .seq = 1, .code = BR_EUPCUT, .error = "it broke" };
    world_send (world, world_upstream, BR_REPLY_ERROR, id, 1, &broken, NULL);
    const char *got = world_read_all (world, fd);
    world_has (got, alive);
    world_has (got, error);
    world_has (got, "it broke");
    assert_null (strstr (got, "\r\n0\r\n"));
    close (fd);
}

static void
streams_are_kept_alive_and_broken_off_in_each_protocol (void **state)
{
    world_t *world = *state;
    s_breaks (world, "POST /v1/chat/completions", "\r\n: keep-alive\n\r\n",
              "data: {\"error\":{");
    s_breaks (world, "POST /v1/responses", "\r\n: keep-alive\n\r\n",
              "event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_truncated\"");
    s_breaks (
        world, "POST /v1/messages", "\r\nevent: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"");
    s_breaks (world, "POST /v1beta/models/smart:streamGenerateContent?alt=sse", "",
              "data: {\"error\":{\"code\":503,");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (googles_model_is_in_the_path_and_its_key_stays_here),
        TEST (a_form_names_where_its_model_stands),
        TEST (other_bodies_name_their_model_as_ever),
        TEST (what_is_asked_of_a_response_goes_to_its_maker),
        TEST (a_response_that_nobody_knows_is_missed),
        TEST (what_goes_on_from_a_response_goes_to_its_maker_alone),
        TEST (what_cannot_be_read_is_refused_in_each_protocol),
        TEST (a_missing_model_is_told_in_each_protocol),
        TEST (a_status_is_the_protocols_own),
        TEST (streams_are_kept_alive_and_broken_off_in_each_protocol),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
