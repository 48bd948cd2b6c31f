//  upstream_endpoint: URLs, header lines, refusals, masks.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/surface.h"
#include "actors/upstream/upstream_endpoint.h"

static upstream_endpoint_t *
s_endpoint (const char *slice, const char *own, br_error_t *reterr)
{
    cJSON *json = cJSON_Parse (slice);
    assert_non_null (json);
    cJSON *own_json = own ? cJSON_Parse (own) : NULL;
    upstream_endpoint_t *endpoint = upstream_endpoint_new (own ? "r#0" : "", json,
                                                           own_json, reterr);
    cJSON_Delete (json);
    cJSON_Delete (own_json);
    return endpoint;
}

static void
s_url_is (const char *slice, const char *own, const char *expected)
{
    upstream_endpoint_t *endpoint = s_endpoint (slice, own, NULL);
    assert_string_equal (upstream_endpoint_url (endpoint, BR_SURFACE_CHAT), expected);
    upstream_endpoint_destroy (&endpoint);
}

static void
the_path_is_joined_to_the_base_once (void **state)
{
    (void) state;
    s_url_is ("{\"api_base\":\"https://a/v1\"}", NULL, "https://a/v1/chat/completions");
    s_url_is ("{\"api_base\":\"https://a/v1//\"}", NULL, "https://a/v1/chat/completions");
    s_url_is ("{\"api_base\":\"https://a/v1/chat/completions\"}", NULL,
              "https://a/v1/chat/completions");
    s_url_is ("{\"api_base\":\"https://a/v1?v=2#x\"}", NULL,
              "https://a/v1/chat/completions?v=2");
    s_url_is ("{\"api_base\":\"https://a\",\"default_query\":{\"api-version\":\"1 2\","
              "\"b\":\"c\"}}",
              NULL, "https://a/chat/completions?api-version=1%202&b=c");
    s_url_is ("{\"api_base\":\"https://a\",\"protocol_endpoints\":{\"chat_completions\":"
              "\"https://b/v9\"}}",
              NULL, "https://b/v9/chat/completions");
    s_url_is ("{\"api_base\":\"https://a\"}", "{\"api_base\":\"http://own/v1\"}",
              "http://own/v1/chat/completions");
}

static void
s_url_of_surface_is (const char *base, unsigned surface, const char *expected)
{
    char slice[256] = "{\"api_base\":\"";
    strcat (slice, base);
    strcat (slice, "\"}");
    upstream_endpoint_t *endpoint = s_endpoint (slice, NULL, NULL);
    assert_string_equal (upstream_endpoint_url (endpoint, surface), expected);
    upstream_endpoint_destroy (&endpoint);
}

static void
a_base_that_ends_with_the_first_segment_has_it_already (void **state)
{
    (void) state;
    s_url_of_surface_is ("https://a", BR_SURFACE_MESSAGES, "https://a/v1/messages");
    s_url_of_surface_is ("https://a/v1/", BR_SURFACE_MESSAGES, "https://a/v1/messages");
    s_url_of_surface_is ("https://a/x/v1/messages", BR_SURFACE_MESSAGES,
                         "https://a/x/v1/messages");
    s_url_of_surface_is ("https://a/anthropic", BR_SURFACE_MESSAGES_TOKENS,
                         "https://a/anthropic/v1/messages/count_tokens");
    s_url_of_surface_is ("https://a/v1beta", BR_SURFACE_GOOGLE,
                         "https://a/v1beta/models/{model}:generateContent");
    //  given: the other version of Google's
    s_url_of_surface_is ("https://a/v1", BR_SURFACE_GOOGLE_STREAM,
                         "https://a/v1/models/{model}:streamGenerateContent");
    s_url_of_surface_is ("https://a/v1", BR_SURFACE_RESPONSE_CANCEL,
                         "https://a/v1/responses/{id}/cancel");
    s_url_of_surface_is ("https://a/responses", BR_SURFACE_RESPONSE,
                         "https://a/responses/{id}");
    //  given: a host that is called as the segment is
    s_url_of_surface_is ("https://chat", BR_SURFACE_CHAT,
                         "https://chat/chat/completions");
    s_url_of_surface_is ("https://v1", BR_SURFACE_MESSAGES, "https://v1/v1/messages");
}

static void
each_protocol_has_its_own_credential (void **state)
{
    (void) state;
    static const struct {
        unsigned surface;
        const char *line;
    } rows[] = {
        { BR_SURFACE_RESPONSES, "Authorization: Bearer k" },
        { BR_SURFACE_EMBEDDINGS, "Authorization: Bearer k" },
        { BR_SURFACE_MESSAGES, "x-api-key: k" },
        { BR_SURFACE_MESSAGES_TOKENS, "x-api-key: k" },
        { BR_SURFACE_GOOGLE, "x-goog-api-key: k" },
    };
    upstream_endpoint_t *endpoint = s_endpoint (
        "{\"api_base\":\"https://a\",\"auth\":{\"type\":\"protocol\",\"api_key\":\"k\"}}",
        NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t count;
        const char *const *lines = upstream_endpoint_lines (endpoint, rows[i].surface,
                                                            &count);
        assert_int_equal (count, 1);
        assert_string_equal (lines[0], rows[i].line);
    }
    upstream_endpoint_destroy (&endpoint);
}

static void
only_surfaces_of_providers_have_a_url (void **state)
{
    (void) state;
    upstream_endpoint_t *endpoint = s_endpoint ("{\"api_base\":\"https://a\"}", NULL,
                                                NULL);
    assert_null (upstream_endpoint_url (endpoint, BR_SURFACE_MODELS));
    assert_null (upstream_endpoint_url (endpoint, 999));
    upstream_endpoint_destroy (&endpoint);
    endpoint = s_endpoint ("{}", NULL, NULL);
    assert_null (upstream_endpoint_url (endpoint, BR_SURFACE_CHAT));
    upstream_endpoint_destroy (&endpoint);
    upstream_endpoint_destroy (NULL);
}

//  All header lines, joined with '|'.
static void
s_lines_are (const char *members, const char *own, const char *expected)
{
    char slice[1024] = "{\"api_base\":\"https://a\"";
    strcat (slice, members);
    strcat (slice, "}");
    upstream_endpoint_t *endpoint = s_endpoint (slice, own, NULL);
    assert_non_null (endpoint);
    size_t count;
    const char *const *lines = upstream_endpoint_lines (endpoint, BR_SURFACE_CHAT,
                                                        &count);
    char joined[1024] = "";
    for (size_t i = 0; i < count; i++) {
        strcat (joined, lines[i]);
        strcat (joined, "|");
    }
    assert_string_equal (joined, expected);
    upstream_endpoint_destroy (&endpoint);
}

static void
the_credential_becomes_a_line (void **state)
{
    (void) state;
    s_lines_are (",\"auth\":{\"type\":\"protocol\",\"api_key\":\"k\"}", NULL,
                 "Authorization: Bearer k|");
    s_lines_are (",\"auth\":{\"type\":\"bearer\",\"api_key\":\"k\"}", NULL,
                 "Authorization: Bearer k|");
    s_lines_are (",\"auth\":{\"type\":\"header\",\"header_name\":\"api-key\","
                 "\"api_key\":\"k\"}",
                 NULL, "api-key: k|");
    s_lines_are (",\"auth\":{\"type\":\"none\",\"api_key\":\"k\"}", NULL, "");
    s_lines_are (",\"auth\":{\"type\":\"protocol\"}", NULL, "");
    s_lines_are (",\"auth\":{\"type\":\"protocol\",\"api_key\":\"k\"}",
                 "{\"api_key\":\"own\"}", "Authorization: Bearer own|");
}

static void
default_headers_never_replace_the_credential (void **state)
{
    (void) state;
    s_lines_are (",\"auth\":{\"type\":\"bearer\",\"api_key\":\"k\"},\"default_headers\":"
                 "{\"authorization\":\"mine\",\"x-a\":\"b\",\"Content-Type\":\"text/x\"}",
                 NULL, "Authorization: Bearer k|x-a: b|Content-Type: text/x|");
}

static void
nothing_is_sent_in_a_mode_that_is_not_built (void **state)
{
    (void) state;
    static const char *const modes[] = { "custom", "mpp", "x402", "wallet", "oauth" };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        char slice[128] = "{\"api_base\":\"https://a\",\"auth\":{\"type\":\"";
        strcat (slice, modes[i]);
        strcat (slice, "\"}}");
        upstream_endpoint_t *endpoint = s_endpoint (slice, NULL, NULL);
        assert_non_null (strstr (upstream_endpoint_refusal (endpoint), modes[i]));
        upstream_endpoint_destroy (&endpoint);
    }
}

static void
a_provider_for_routes_only_needs_their_keys (void **state)
{
    (void) state;
    const char *slice = "{\"api_base\":\"https://a\",\"auth\":{\"type\":\"protocol\"},"
                        "\"routes_only\":true}";
    upstream_endpoint_t *endpoint = s_endpoint (slice, NULL, NULL);
    assert_non_null (upstream_endpoint_refusal (endpoint));
    upstream_endpoint_destroy (&endpoint);
    endpoint = s_endpoint (slice, "{\"api_key\":\"k\",\"protocol\":\"messages\"}", NULL);
    assert_null (upstream_endpoint_refusal (endpoint));
    assert_string_equal (upstream_endpoint_protocol (endpoint), "messages");
    assert_string_equal (upstream_endpoint_name (endpoint), "r#0");
    upstream_endpoint_destroy (&endpoint);
}

static void
what_cannot_be_sent_is_refused_without_its_value (void **state)
{
    (void) state;
    static const char *const bad[] = {
        "{\"api_base\":\"ftp://sec-ret\"}",
        "{\"api_base\":\"http://a b\"}",
        "{\"api_base\":\"http://"
        "a\",\"auth\":{\"type\":\"bearer\",\"api_key\":\"sec-ret\\n\"}}",
        "{\"api_base\":\"http://"
        "a\",\"auth\":{\"type\":\"header\",\"api_key\":\"sec-ret\"}}",
        "{\"api_base\":\"http://a\",\"auth\":{\"type\":\"header\",\"header_name\":\"a "
        "b\","
        "\"api_key\":\"sec-ret\"}}",
        "{\"api_base\":\"http://a\",\"default_headers\":{\"x\":\"sec-ret\\r\"}}",
        "{\"api_base\":\"http://a\",\"default_headers\":{\"\":\"sec-ret\"}}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (s_endpoint (bad[i], NULL, &error));
        assert_int_equal (error.code, BR_ECONFIG);
        assert_null (strstr (error.text, "sec-ret"));
    }
}

static void
secrets_are_masked (void **state)
{
    (void) state;
    upstream_endpoint_t *endpoint = s_endpoint (
        "{\"api_base\":\"https://"
        "a\",\"auth\":{\"type\":\"bearer\",\"api_key\":\"sk-12345\"},"
        "\"default_headers\":{\"x-org\":\"organisation-0001\",\"x-short\":\"abc\"}}",
        NULL, NULL);
    char text[] = "sk-12345sk-12345 abc organisation-0001 sk-1234";
    upstream_endpoint_mask (endpoint, (uint8_t *) text, strlen (text));
    assert_string_equal (text, "**************** abc ***************** sk-1234");
    upstream_endpoint_mask (endpoint, NULL, 0);
    assert_true (upstream_endpoint_has_line (endpoint, BR_SURFACE_CHAT, "X-ORG"));
    assert_false (upstream_endpoint_has_line (endpoint, BR_SURFACE_CHAT, "x"));
    upstream_endpoint_destroy (&endpoint);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_path_is_joined_to_the_base_once),
        cmocka_unit_test (a_base_that_ends_with_the_first_segment_has_it_already),
        cmocka_unit_test (each_protocol_has_its_own_credential),
        cmocka_unit_test (only_surfaces_of_providers_have_a_url),
        cmocka_unit_test (the_credential_becomes_a_line),
        cmocka_unit_test (default_headers_never_replace_the_credential),
        cmocka_unit_test (nothing_is_sent_in_a_mode_that_is_not_built),
        cmocka_unit_test (a_provider_for_routes_only_needs_their_keys),
        cmocka_unit_test (what_cannot_be_sent_is_refused_without_its_value),
        cmocka_unit_test (secrets_are_masked),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
