//  surface: methods and paths are known, and names are read from paths.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
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
        { "POST", "/v1/completions", BR_SURFACE_COMPLETIONS, true },
        { "POST", "/completions", BR_SURFACE_COMPLETIONS, true },
        { "GET", "/v1/models", BR_SURFACE_MODELS, true },
        { "GET", "/models", BR_SURFACE_MODELS, true },
        { "HEAD", "/models/", BR_SURFACE_MODELS, true },
        { "GET", "/health", BR_SURFACE_HEALTH, true },
        { "HEAD", "/ready", BR_SURFACE_READY, true },
        { "POST", "/v1/quote", BR_SURFACE_QUOTE, true },
        { "POST", "/quote", BR_SURFACE_QUOTE, true },
        { "GET", "/v1/quote", BR_SURFACE_NONE, true },
        { "GET", "/admin/metrics", BR_SURFACE_ADMIN_METRICS, true },
        { "GET", "/v1/metrics", BR_SURFACE_METRICS, true },
        { "GET", "/metrics", BR_SURFACE_METRICS_TEXT, true },
        { "GET", "/openapi.json", BR_SURFACE_OPENAPI, true },
        { "GET", "/v1/openapi.json", BR_SURFACE_NONE, false },
        { "GET", "/v1/routes", BR_SURFACE_ROUTES, true },
        { "GET", "/routes", BR_SURFACE_ROUTES, true },
        { "GET", "/v1/tools", BR_SURFACE_TOOLS, true },
        { "GET", "/tools", BR_SURFACE_TOOLS, true },
        { "GET", "/admin/tools", BR_SURFACE_ADMIN_TOOLS, true },
        { "GET", "/admin/tools/upstreams", BR_SURFACE_ADMIN_TOOL_SOURCES, true },
        { "GET", "/admin/agents", BR_SURFACE_ADMIN_AGENTS, true },
        { "GET", "/admin/mcp/tools", BR_SURFACE_ADMIN_MCP_TOOLS, true },
        { "GET", "/admin/mcp/servers", BR_SURFACE_ADMIN_MCP_SERVERS, true },
        { "PUT", "/admin/mcp/servers/gh/filter", BR_SURFACE_ADMIN_MCP_FILTER, true },
        { "PUT", "/admin/mcp/servers/gh/params", BR_SURFACE_ADMIN_MCP_PARAMS, true },
        { "GET", "/admin/mcp/servers/gh/params", BR_SURFACE_NONE, true },
        { "PUT", "/admin/mcp/servers//filter", BR_SURFACE_NONE, false },
        { "POST", "/admin/tools", BR_SURFACE_NONE, true },
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
test_all_protocols_have_surfaces (void **state)
{
    (void) state;
    static const struct {
        const char *method;
        const char *path;
        br_surface_t surface;
        bool known;
    } rows[] = {
        { "POST", "/v1/responses", BR_SURFACE_RESPONSES, true },
        { "POST", "/responses/", BR_SURFACE_RESPONSES, true },
        { "POST", "/v1/responses/input_tokens", BR_SURFACE_RESPONSES_TOKENS, true },
        { "POST", "/v1/responses/compact", BR_SURFACE_RESPONSES_COMPACT, true },
        { "GET", "/v1/responses/resp_1", BR_SURFACE_RESPONSE, true },
        { "HEAD", "/v1/responses/resp_1", BR_SURFACE_NONE, true },
        { "DELETE", "/responses/resp_1", BR_SURFACE_RESPONSE_DELETE, true },
        { "POST", "/v1/responses/resp_1/cancel", BR_SURFACE_RESPONSE_CANCEL, true },
        { "GET", "/v1/responses/resp_1/input_items", BR_SURFACE_RESPONSE_ITEMS, true },
        { "GET", "/v1/responses/compact", BR_SURFACE_NONE, true },
        { "GET", "/v1/responses/a/b", BR_SURFACE_NONE, false },
        { "GET", "/v1/responses/..", BR_SURFACE_NONE, false },
        { "GET", "/v1/responses/%2e%2E", BR_SURFACE_NONE, false },
        { "GET", "/v1/responses/a%3Fb", BR_SURFACE_NONE, false },
        { "GET", "/v1/responses/a%00", BR_SURFACE_NONE, false },
        { "POST", "/v1/messages", BR_SURFACE_MESSAGES, true },
        { "POST", "/messages", BR_SURFACE_MESSAGES, true },
        { "POST", "/v1/messages/count_tokens", BR_SURFACE_MESSAGES_TOKENS, true },
        { "POST", "/v1beta/models/g:generateContent", BR_SURFACE_GOOGLE, true },
        { "POST", "/v1/models/g:generateContent", BR_SURFACE_GOOGLE, true },
        { "POST", "/models/g:generateContent", BR_SURFACE_GOOGLE, true },
        { "POST", "/v1beta/models/g%3AgenerateContent/", BR_SURFACE_GOOGLE, true },
        { "POST", "/v1beta/models/a/b:c:streamGenerateContent", BR_SURFACE_GOOGLE_STREAM,
          true },
        { "POST", "/v1beta/models/g:countTokens", BR_SURFACE_GOOGLE_TOKENS, true },
        { "POST", "/v1beta/models/g:embedContent", BR_SURFACE_GOOGLE_EMBED, true },
        { "POST", "/v1beta/models/g:batchEmbedContents", BR_SURFACE_GOOGLE_EMBEDS, true },
        { "POST", "/v1beta/models/:generateContent", BR_SURFACE_NONE, false },
        { "POST", "/v1beta/models/g:predict", BR_SURFACE_NONE, false },
        { "GET", "/v1beta/models/g:generateContent", BR_SURFACE_GOOGLE_MODEL, true },
        { "GET", "/v1beta/models", BR_SURFACE_GOOGLE_MODELS, true },
        { "GET", "/v1beta/models/a", BR_SURFACE_GOOGLE_MODEL, true },
        { "GET", "/v1/models/openai/gpt:x", BR_SURFACE_MODEL, true },
        { "DELETE", "/v1/models/a", BR_SURFACE_NONE, true },
        { "GET", "/v1/models/%zz", BR_SURFACE_NONE, false },
        { "POST", "/v1/embeddings", BR_SURFACE_EMBEDDINGS, true },
        { "POST", "/v1/images/generations", BR_SURFACE_IMAGES, true },
        { "POST", "/images/edits", BR_SURFACE_IMAGE_EDITS, true },
        { "POST", "/v1/images/variations", BR_SURFACE_IMAGE_VARIATIONS, true },
        { "POST", "/v1/audio/speech", BR_SURFACE_SPEECH, true },
        { "POST", "/v1/audio/transcriptions", BR_SURFACE_TRANSCRIPTIONS, true },
        { "POST", "/v1/audio/translations", BR_SURFACE_TRANSLATIONS, true },
        { "POST", "/v1/moderations", BR_SURFACE_MODERATIONS, true },
        { "POST", "/v1/rerank", BR_SURFACE_RERANK, true },
        { "POST", "/v1/files", BR_SURFACE_NONE, false },
        { "POST", "/v1/messages/batches", BR_SURFACE_NONE, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool known = !rows[i].known;
        br_surface_t surface = br_surface_of (rows[i].method, rows[i].path, &known);
        if (surface != rows[i].surface || known != rows[i].known)
            fail_msg ("%s %s is %d, %d", rows[i].method, rows[i].path, surface, known);
    }
}

static void
test_a_long_path_is_no_surface (void **state)
{
    (void) state;
    char path[9000] = "/v1/models/%41";
    memset (path + strlen (path), 'a', 8000);
    bool known;
    assert_int_equal (br_surface_of ("GET", path, &known), BR_SURFACE_NONE);
}

static void
test_names_are_read_from_the_path (void **state)
{
    (void) state;
    static const struct {
        br_surface_t surface;
        const char *path;
        const char *name; //  NULL: none
    } rows[] = {
        { BR_SURFACE_GOOGLE, "/v1beta/models/gemini-2.5:generateContent", "gemini-2.5" },
        { BR_SURFACE_GOOGLE, "/models/a%2Fb%3Ac:generateContent", "a/b:c" },
        { BR_SURFACE_GOOGLE, "/v1/models/p:m:generateContent", "p:m" },
        { BR_SURFACE_GOOGLE, "/v1/models/m%3agenerateContent", "m" },
        { BR_SURFACE_MODEL, "/v1/models/p/m/", "p/m" },
        { BR_SURFACE_MODEL, "/models/caf%C3%A9", "caf\xc3\xa9" },
        { BR_SURFACE_RESPONSE_ITEMS, "/v1/responses/resp_a-1/input_items", "resp_a-1" },
        { BR_SURFACE_MODEL, "/v1/models/a-name-of-more-than-31-characters", NULL },
        { BR_SURFACE_CHAT, "/v1/chat/completions", NULL },
        { BR_SURFACE_MODEL, "/v1/other", NULL },
        { BR_SURFACE_NONE, "/v1/models/a", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[32] = "x";
        int rc = br_surface_name (rows[i].surface, rows[i].path, name, sizeof name);
        assert_int_equal (rc, rows[i].name ? 0 : -1);
        assert_string_equal (name, rows[i].name ? rows[i].name : "");
    }
}

static void
test_what_is_not_served_has_a_name (void **state)
{
    (void) state;
    assert_string_equal (br_surface_unserved ("/v1/files"), "files");
    assert_string_equal (br_surface_unserved ("/v1beta/files/x"), "files");
    assert_string_equal (br_surface_unserved ("/batches/b/cancel"), "batches");
    assert_string_equal (br_surface_unserved ("/v1/messages/batches"), "batches");
    assert_string_equal (br_surface_unserved ("/v1/realtime"), "realtime sessions");
    assert_null (br_surface_unserved ("/v1/filesystem"));
    assert_null (br_surface_unserved ("/v1/nothing"));
    assert_null (br_surface_unserved ("/v1"));
}

static void
test_a_wrong_path_is_told_in_the_protocol_it_looks_like (void **state)
{
    (void) state;
    assert_int_equal (br_surface_wire_of ("/v1beta/models/x:y"), BR_PROTOCOL_GOOGLE);
    assert_int_equal (br_surface_wire_of ("/v1/messages/x"), BR_PROTOCOL_MESSAGES);
    assert_int_equal (br_surface_wire_of ("/responses/x"), BR_PROTOCOL_RESPONSES);
    assert_int_equal (br_surface_wire_of ("/v1/messagesx"), BR_PROTOCOL_CHAT);
    assert_int_equal (br_surface_wire_of (NULL), BR_PROTOCOL_CHAT);
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
        assert_non_null (row->method);
        //  what goes to a provider has a protocol and a path there
        assert_int_equal (!row->protocol, !row->upstream);
        assert_int_equal (!row->protocol, row->kind == BR_SURFACE_OWN);
        bool known;
        if (!strchr (row->path, '{'))
            assert_int_equal (br_surface_of (row->method, row->path, &known), i);
        //  what the path names is needed in the path there
        else if (row->upstream)
            assert_non_null (strchr (row->upstream, '{'));
    }
    assert_string_equal (br_surface_row (BR_SURFACE_CHAT)->upstream, "/chat/completions");
}

static void
test_a_protocol_has_a_surface_for_each_kind (void **state)
{
    (void) state;
    static const struct {
        const char *protocol;
        br_surface_t talk, stream, tokens;
    } rows[] = {
        { "chat_completions", BR_SURFACE_CHAT, BR_SURFACE_CHAT, BR_SURFACE_CHAT },
        { "responses", BR_SURFACE_RESPONSES, BR_SURFACE_RESPONSES,
          BR_SURFACE_RESPONSES_TOKENS },
        { "messages", BR_SURFACE_MESSAGES, BR_SURFACE_MESSAGES,
          BR_SURFACE_MESSAGES_TOKENS },
        { "generate_content", BR_SURFACE_GOOGLE, BR_SURFACE_GOOGLE_STREAM,
          BR_SURFACE_GOOGLE_TOKENS },
        { "completions", BR_SURFACE_COMPLETIONS, BR_SURFACE_COMPLETIONS,
          BR_SURFACE_COMPLETIONS },
        { "mcp", BR_SURFACE_NONE, BR_SURFACE_NONE, BR_SURFACE_NONE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *protocol = rows[i].protocol;
        assert_int_equal (br_surface_for (protocol, BR_SURFACE_TALK, false),
                          rows[i].talk);
        assert_int_equal (br_surface_for (protocol, BR_SURFACE_TALK, true),
                          rows[i].stream);
        assert_int_equal (br_surface_for (protocol, BR_SURFACE_TOKENS, false),
                          rows[i].tokens);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_paths_have_surfaces),
        cmocka_unit_test (test_all_protocols_have_surfaces),
        cmocka_unit_test (test_a_long_path_is_no_surface),
        cmocka_unit_test (test_names_are_read_from_the_path),
        cmocka_unit_test (test_what_is_not_served_has_a_name),
        cmocka_unit_test (test_a_wrong_path_is_told_in_the_protocol_it_looks_like),
        cmocka_unit_test (test_rows_are_found_by_number),
        cmocka_unit_test (test_a_protocol_has_a_surface_for_each_kind),
    };
    return cmocka_run_group_tests_name ("surface", tests, NULL, NULL);
}
