//  ingress_gate: who comes in, seen by a client. The last tests have the real owner of
//  identities beside them, with keys on disk.

#include <sys/stat.h>

#include "actors/ingress/ingress_credential.h"
#include "actors/ingress/ingress_identities.h"
#include "tests/actors/ingress/callers.h"
#include "tests/broker/identity/vectors.h"

#define REQUIRED "\"auth\":{\"required\":true},\"header_max\":2097152,"
#define JWT "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.AAAA"
#define TRUSTED                                                                          \
    "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:"                                           \
    "9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj"

static int
s_setup (void **state)
{
    *state = callers_world (WORLD_SLICE (REQUIRED));
    return 0;
}

static int
s_setup_open (void **state)
{
    *state = callers_world (WORLD_SLICE (""));
    return 0;
}

//  A GET of the list of models with these headers; the test closes it.
static int
s_get (world_t *world, const char *path, const char *headers)
{
    int fd = world_connect (world);
    char *text = br_strf ("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                          "%s\r\n",
                          path, headers);
    world_write (world, fd, text);
    free (text);
    return fd;
}

//  The answer to a request that waits for nobody.
static const char *
s_ask (world_t *world, const char *path, const char *headers)
{
    int fd = s_get (world, path, headers);
    const char *got = world_read_all (world, fd);
    close (fd);
    return got;
}

//  ---- what is demanded

static void
without_a_credential_the_protocol_is_told_what_is_missing (void **state)
{
    world_t *world = *state;
    static const char *const rows[][3] = {
        { "/v1/models", "", "missing bearer token" },
        { "/v1/models", "Authorization: Basic abc\r\n", "missing bearer token" },
        { "/v1/models", "Authorization: Bearer\r\n", "missing bearer token" },
        { "/v1/models", "anthropic-version: 1\r\n", "missing x-api-key" },
        { "/v1beta/models", "", "missing authentication credentials" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = s_ask (world, rows[i][0], rows[i][1]);
        world_has (got, "HTTP/1.1 401");
        world_has (got, "www-authenticate: Bearer realm=\"bitrouter\"");
        world_has (got, rows[i][2]);
    }
    world_has (s_ask (world, "/health", ""), "HTTP/1.1 200");
    world_has (s_ask (world, "/ready", ""), "HTTP/1.1 200");
    assert_int_equal (world_count (world, BR_AUTH_ASK), 0);
}

static void
a_known_caller_comes_in_and_is_asked_about_once (void **state)
{
    world_t *world = *state;
    static const char *const headers[] = { BEARER, "x-api-key: " KEY "\r\n",
                                           "x-goog-api-key: " KEY "\r\n",
                                           "Authorization: " KEY "\r\n" };
    struct br_auth_told told = callers_told ();
    int fd = s_get (world, "/v1/models", headers[0]);
    callers_tell (world, &told);
    world_has (world_read_all (world, fd), "HTTP/1.1 200");
    close (fd);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        world_has (s_ask (world, "/v1/models", headers[i]), "HTTP/1.1 200");
    world_has (s_ask (world, "/v1beta/models?key=" KEY, ""), "HTTP/1.1 200");
    assert_int_equal (world_count (world, BR_AUTH_ASK), 1);
}

static void
a_bearer_counts_before_a_key (void **state)
{
    world_t *world = *state;
    int fd = s_get (world, "/v1/models",
                    "x-api-key: " KEY "\r\nAuthorization: Bearer brvk_other\r\n");
    const struct br_auth_ask *ask = br_msg_fields (world_expect (world, BR_AUTH_ASK));
    assert_string_equal (ask->credential, "brvk_other");
    world->seen = 0;
    callers_refuse (world, "unknown API key");
    const char *got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 401");
    world_has (got, "unknown API key");
    close (fd);
}

static void
what_no_owner_could_know_is_refused_without_work (void **state)
{
    world_t *world = *state;
    static const size_t sizes[] = { INGRESS_CREDENTIAL_MAX + 1, 1u << 20 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *token = br_alloc (sizes[i] + 1, 1);
        memset (token, 'a', sizes[i]);
        memcpy (token, "eyJhbGciOiJub25lIn0.", 20);
        token[sizes[i] - 10] = '.';
        char *headers = br_strf ("Authorization: Bearer %s\r\n", token);
        const char *got = s_ask (world, "/v1/models", headers);
        world_has (got, "HTTP/1.1 401");
        world_has (got, "too long");
        free (headers);
        free (token);
    }
    assert_int_equal (world_count (world, BR_AUTH_ASK), 0);
}

static void
without_an_owner_of_identities_it_is_503 (void **state)
{
    world_t *world = *state;
    world->has_auth = false;
    const char *got = s_ask (world, "/v1/models", BEARER);
    world_has (got, "HTTP/1.1 503");
    world_has (got, "retry-after: 1");
    //  then: one that does not answer
    world->has_auth = true;
    int fd = s_get (world, "/v1/models", BEARER);
    assert_non_null (world_expect (world, BR_AUTH_ASK));
    world_wait (world, INGRESS_ASKED_MS);
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    close (fd);
    //  then: one whose host goes
    fd = s_get (world, "/v1/models", BEARER);
    assert_non_null (world_expect (world, BR_AUTH_ASK));
    callers_lose_auth (world);
    world_has (world_read_all (world, fd), "HTTP/1.1 503");
    close (fd);
}

static void
who_leaves_before_it_is_known_is_forgotten (void **state)
{
    world_t *world = *state;
    int fd = callers_post (world, BEARER, BODY);
    const br_msg_t *msg = world_expect (world, BR_AUTH_ASK);
    close (fd);
    world_turn (world);
    world->seen = 0;
    struct br_auth_told told = callers_told ();
    assert_non_null (msg);
    callers_tell (world, &told);
    world_turn (world);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
}

static void
a_change_of_identities_makes_it_ask_again (void **state)
{
    world_t *world = *state;
    struct br_auth_told told = callers_told ();
    int fd = s_get (world, "/v1/models", BEARER);
    callers_tell (world, &told);
    world_has (world_read_all (world, fd), "HTTP/1.1 200");
    close (fd);
    world_send (world, world_auth, BR_AUTH_CHANGED, NO_CALL, 0, NULL, NULL);
    fd = s_get (world, "/v1/models", BEARER);
    callers_refuse (world, "API key has been revoked");
    world_has (world_read_all (world, fd), "API key has been revoked");
    close (fd);
}

static void
a_stop_waits_for_who_waits_to_be_known (void **state)
{
    world_t *world = *state;
    int fd = s_get (world, "/v1/models", BEARER);
    assert_non_null (world_expect (world, BR_AUTH_ASK));
    struct br_sys_stop stop = { .drain_ms = 10000 };
    world_send (world, world_broker, BR_SYS_STOP, NO_CALL, 0, &stop, NULL);
    assert_int_equal (world_count (world, BR_SYS_STOPPED), 0);
    world->seen = 0;
    struct br_auth_told told = callers_told ();
    callers_tell (world, &told);
    world_has (world_read_all (world, fd), "HTTP/1.1 200");
    assert_int_equal (world_count (world, BR_SYS_STOPPED), 1);
    close (fd);
}

//  ---- what the caller may

static void
figures_are_for_administrators (void **state)
{
    world_t *world = *state;
    struct br_auth_told told = callers_told ();
    int fd = s_get (world, "/metrics", BEARER);
    callers_tell (world, &told);
    const char *got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 403");
    world_has (got, "scope is admin");
    close (fd);
    world_has (s_ask (world, "/admin/metrics", BEARER), "HTTP/1.1 403");
    world_send (world, world_auth, BR_AUTH_CHANGED, NO_CALL, 0, NULL, NULL);
    told.scope = BR_SCOPE_ADMIN;
    fd = s_get (world, "/metrics", BEARER);
    callers_tell (world, &told);
    world_has (world_read_all (world, fd), "HTTP/1.1 503"); //  there are none, but it may
    close (fd);
}

static void
models_are_those_that_the_caller_may_use (void **state)
{
    world_t *world = *state;
    struct br_auth_told told = callers_told ();
    told.models = "[\"smart\"]";
    int fd = s_get (world, "/v1/models", BEARER);
    callers_tell (world, &told);
    const char *got = world_read_all (world, fd);
    world_has (got, "\"id\":\"smart\"");
    assert_null (strstr (got, "\"id\":\"openai:gpt-4o\""));
    close (fd);
    world_has (s_ask (world, "/v1/models/smart", BEARER), "HTTP/1.1 200");
    world_has (s_ask (world, "/v1/models/openai:gpt-4o", BEARER), "HTTP/1.1 404");
    fd = callers_post (world, BEARER "Connection: close\r\n",
                       "{\"model\":\"openai:gpt-4o\",\"messages\":[]}");
    got = world_read_all (world, fd);
    world_has (got, "HTTP/1.1 403");
    world_has (got, "\"code\":\"permission_denied\"");
    close (fd);
    fd = callers_post (world, BEARER, BODY);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    close (fd);
}

//  ---- the open gate

static void
junk_means_nothing_on_loopback (void **state)
{
    world_t *world = *state;
    static const char *const headers[] = {
        "",
        "Authorization: Bearer sk-ant-api03-abc\r\n",
        "Authorization: Bearer a.b.c\r\n",
        "Authorization: junk, and, more junk\r\n",
        "Authorization: Basic dXNlcjpwYXNz\r\nx-api-key: none\r\n",
        "x-goog-api-key: \r\n",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        world_has (s_ask (world, "/v1/models", headers[i]), "HTTP/1.1 200");
    char *large = br_alloc (30000, 1);
    memset (large, 'a', 29999);
    char *header = br_strf ("Authorization: Bearer %s\r\n", large);
    world_has (s_ask (world, "/v1/models", header), "HTTP/1.1 200");
    free (header);
    free (large);
    assert_int_equal (world_count (world, BR_AUTH_ASK), 0);
}

static void
a_credential_of_ours_counts_on_loopback_too (void **state)
{
    world_t *world = *state;
    static const char *const headers[] = { BEARER, "x-api-key: " KEY "\r\n",
                                           "Authorization: Bearer " JWT "\r\n",
                                           "Authorization: Bearer sk-1\r\n"
                                           "x-api-key: " KEY "\r\n" };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        int fd = s_get (world, "/v1/models", headers[i]);
        callers_refuse (world, "API key has expired");
        const char *got = world_read_all (world, fd);
        world_has (got, "HTTP/1.1 401");
        world_has (got, "API key has expired");
        close (fd);
        world_send (world, world_auth, BR_AUTH_CHANGED, NO_CALL, 0, NULL, NULL);
    }
    //  then: figures need no administrator where nobody is asked, but a caller is one
    world_has (s_ask (world, "/metrics", ""), "HTTP/1.1 503");
    struct br_auth_told told = callers_told ();
    int fd = s_get (world, "/metrics", BEARER);
    callers_tell (world, &told);
    world_has (world_read_all (world, fd), "HTTP/1.1 403");
    close (fd);
}

static void
no_credential_goes_on_to_a_provider (void **state)
{
    world_t *world = *state;
    struct br_auth_told told = callers_told ();
    int fd = world_connect (world);
    world_write (world, fd,
                 "POST /v1/chat/completions?key=" KEY "&a=b HTTP/1.1\r\n"
                 "Host: 127.0.0.1\r\n" BEARER "x-api-key: " KEY "\r\n"
                 "x-goog-api-key: " KEY "\r\nContent-Length: 31\r\n\r\n"
                 "{\"model\":\"smart\",\"messages\":[]}");
    callers_tell (world, &told);
    const br_msg_t *msg = world_expect (world, BR_CALL_OPEN);
    assert_non_null (msg);
    const struct br_call_open *open = br_msg_fields (msg);
    assert_string_equal (open->query, "a=b");
    assert_null (memmem (open->headers.data, open->headers.size, "brvk_", 5));
    assert_null (memmem (open->who.data, open->who.size, KEY, sizeof KEY - 1));
    close (fd);
}

//  ---- with the real owner

static char *
s_start_auth (world_t *world, char folder[32])
{
    strcpy (folder, "/tmp/br-gate-XXXXXX");
    assert_non_null (mkdtemp (folder));
    char *slice = br_strf ("{\"keys\":\"%s\",\"trusted_issuers\":[\"" TRUSTED "\"]}",
                           folder);
    world_start_auth (world, slice);
    return slice;
}

static const char *
s_bear (world_t *world, const char *token)
{
    char *headers = br_strf ("Authorization: Bearer %s\r\n", token);
    const char *got = s_ask (world, "/v1/models", headers);
    free (headers);
    return got;
}

static void
every_malformed_token_is_refused_with_a_reason (void **state)
{
    world_t *world = *state;
    char folder[32];
    free (s_start_auth (world, folder));
    cJSON *json = vectors_read ("web3_jwt");
    const cJSON *row;
    cJSON_ArrayForEach (row, vectors_get (json, "must_reject"))
    {
        const char *token = vectors_text (row, "token");
        const char *got = s_bear (world, token);
        world_has (got, "HTTP/1.1 401");
        world_has (got, "www-authenticate: Bearer");
        assert_null (strstr (got, token));
    }
    static const char *const tokens[] = { JWT,     ".",     "..", "...",
                                          "a.b.c", "brvk_", KEY,  "eyJhbGciOiJub25lIn0..",
                                          "%00",   "null" };
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        world_has (s_bear (world, tokens[i]), "HTTP/1.1 401");
    cJSON_Delete (json);
    rmdir (folder);
}

static void
a_trusted_token_comes_in (void **state)
{
    world_t *world = *state;
    char folder[32];
    free (s_start_auth (world, folder));
    cJSON *json = vectors_read ("web3_jwt");
    const cJSON *first = vectors_get (json, "valid")->child; //  which never expires
    world_has (s_bear (world, vectors_text (first, "token")), "HTTP/1.1 200");
    cJSON_Delete (json);
    rmdir (folder);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
#define OPEN(name) cmocka_unit_test_setup_teardown (name, s_setup_open, world_teardown)
        TEST (without_a_credential_the_protocol_is_told_what_is_missing),
        TEST (a_known_caller_comes_in_and_is_asked_about_once),
        TEST (a_bearer_counts_before_a_key),
        TEST (what_no_owner_could_know_is_refused_without_work),
        TEST (without_an_owner_of_identities_it_is_503),
        TEST (who_leaves_before_it_is_known_is_forgotten),
        TEST (a_change_of_identities_makes_it_ask_again),
        TEST (a_stop_waits_for_who_waits_to_be_known),
        TEST (figures_are_for_administrators),
        TEST (models_are_those_that_the_caller_may_use),
        OPEN (junk_means_nothing_on_loopback),
        OPEN (a_credential_of_ours_counts_on_loopback_too),
        OPEN (no_credential_goes_on_to_a_provider),
        TEST (every_malformed_token_is_refused_with_a_reason),
        TEST (a_trusted_token_comes_in),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
