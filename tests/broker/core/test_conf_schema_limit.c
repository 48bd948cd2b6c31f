//  conf_schema_limit: each row at its bounds and beyond them.

#include "tests/broker/core/conf_fixture.h"

typedef struct {
    const char *path;    //  sections and a key
    const char *least;   //  that is taken
    const char *most;    //
    const char *below;   //  that is refused, or NULL
    const char *above;   //
    const char *expects; //  what the error asks for
} bound_t;

static const bound_t s_bounds[] = {
    { "upstream.retries", "0", "10", "-1", "11", "from 0 to 10" },
    { "upstream.backoff.base_ms", "0", "8000", "-1", "300001", "from 0 to 300000" },
    { "upstream.backoff.max_ms", "250", "300000", "x", "300001", "from 0 to 300000" },
    { "upstream.backoff.retry_after_max_secs", "0", "3600", "-0.1", "3600.1",
      "from 0 to 3600" },
    { "upstream.breaker.failures", "0", "1000000", "-1", "1000001", "from 0 to 1000000" },
    { "upstream.breaker.window_secs", "0.1", "3600", "0.09", "3601", "from 0.1 to 3600" },
    { "upstream.breaker.window_min", "1", "1000000", "0", "1000001",
      "from 1 to 1000000" },
    { "upstream.breaker.error_percent", "0", "100", "-1", "101", "from 0 to 100" },
    { "upstream.breaker.open_secs", "0.01", "300", "0.009", "3601", "from 0.01 to 3600" },
    { "upstream.breaker.open_max_secs", "15", "86400", "0", "86401",
      "from 0.01 to 86400" },
    { "upstream.timeout_cap_secs", "0.001", "604800", "0", "604801",
      "from 0.001 to 604800" },
    { "server.calls_max", "1", "65536", "0", "65537", "from 1 to 65536" },
    { "server.drain_secs", "0", "86400", "-1", "86401", "from 0 to 86400" },
    { "server.drain_notice_secs", "0", "30", "-1", "3601", "from 0 to 3600" },
    { "limits.callers.requests_per_minute", "0", "1000000000", "-1", "1000000001",
      "from 0 to 1000000000" },
    { "limits.callers.tokens_per_minute", "0", "1000000000", "1.5", "1000000001",
      "from 0 to 1000000000" },
    { "limits.callers.concurrency", "0", "1000000", "many", "1000001",
      "from 0 to 1000000" },
    { "limits.models.gpt-*.requests_per_minute", "0", "1000000000", "-1", "1000000001",
      "from 0 to 1000000000" },
    { "limits.models.gpt-*.tokens_per_minute", "0", "1000000000", "-1", "1000000001",
      "from 0 to 1000000000" },
    { "limits.models.gpt-*.concurrency", "0", "1000000", "-1", "1000001",
      "from 0 to 1000000" },
    { "providers.xai.rate_limits.*.requests_per_minute", "0", "1000000000", "-1",
      "1000000001", "from 0 to 1000000000" },
    { "providers.xai.rate_limits.*.concurrency", "0", "1000000", "-1", "1000001",
      "from 0 to 1000000" },
    { "idempotency.window_secs", "1", "2592000", "0.999", "2592001",
      "from 1 to 2592000" },
    { "idempotency.bytes_max", "4194304", "2147483648", "-1", "2147483649",
      "from 0 to 2147483648" },
    { "idempotency.answer_max", "0", "67108864", "-1", "67108865", "from 0 to 67108864" },
};

//  "a: {\"b\": {c: 1}}" of "a.b.c" and 1. "caller frees"
static char *
s_text (const char *path, const char *value)
{
    char *text = br_strdup ("");
    size_t depth = 0;
    while (*path) {
        size_t size = strcspn (path, ".");
        char *longer = br_strf ("%s%s\"%.*s\": ", text, depth ? "{" : "", (int) size,
                                path);
        free (text);
        text = longer;
        path += size + (path[size] == '.');
        depth++;
    }
    char *whole = br_strf ("%s%s%.*s", text, value, (int) depth - 1, "}}}}}}");
    free (text);
    return whole;
}

static void
s_takes (const char *path, const char *value)
{
    char *text = s_text (path, value);
    br_conf_t *conf = fixture_conf (text, NULL);
    assert_null (br_conf_warning (conf, 0));
    br_conf_destroy (&conf);
    free (text);
}

//  Given a number beyond its bound, then they are told; given none, that one is wanted.
static void
s_refuses (const bound_t *row, const char *value)
{
    char *text = s_text (row->path, value);
    br_error_t error = { BR_OK, "" };
    assert_null (br_conf_parse ("t.yaml", text, strlen (text), NULL, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, row->path));
    bool is_whole = strspn (value, "0123456789") == strlen (value);
    if (is_whole && !strstr (error.text, row->expects))
        fail_msg ("%s: %s", text, error.text);
    assert_non_null (strstr (error.text, "expected "));
    free (text);
}

static void
test_each_row_has_its_bounds (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_bounds / sizeof *s_bounds; i++) {
        const bound_t *row = &s_bounds[i];
        s_takes (row->path, row->least);
        s_takes (row->path, row->most);
        s_refuses (row, row->below);
        s_refuses (row, row->above);
        s_refuses (row, "[1]");
    }
}

static void
test_switches_are_yes_or_no (void **state)
{
    (void) state;
    s_takes ("upstream.affinity", "no");
    s_takes ("upstream.finish_unattended", "true");
    fixture_refused ("upstream: {affinity: often}\n",
                     "t.yaml:1:22: upstream.affinity: expected true or false");
    fixture_refused ("upstream: {finish_unattended: 2}\n",
                     "t.yaml:1:31: upstream.finish_unattended: expected true or false");
}

static void
test_unknown_keys_are_warned_of (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("limits: {callers: {request_per_minute: 1}}\n"
                                    "upstream: {breaker: {failure: 1}, retrys: 1}\n"
                                    "idempotency: {window: 5}\n",
                                    NULL);
    assert_true (fixture_warns (conf, "did you mean \"requests_per_minute\"?"));
    assert_true (fixture_warns (conf, "did you mean \"failures\"?"));
    assert_true (fixture_warns (conf, "did you mean \"retries\"?"));
    assert_true (fixture_warns (conf, "unknown key \"window\" in idempotency"));
    br_conf_destroy (&conf);
}

//  Given rows of a list, then each needs a glob of its own.
static void
test_rate_limits_are_a_list_or_a_map (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers: {xai: {api_key: k, rate_limits: [{id: \"grok-*\", concurrency: 2}, "
        "{\"*\": {requests_per_minute: 5}}]}}\n"
        "limits: {models: [{id: \"*\", concurrency: 1}]}\n",
        NULL);
    cJSON *slice = fixture_slice (conf, "limits");
    fixture_is (slice, "providers>0>glob", "\"grok-*\"");
    fixture_is (slice, "providers>0>concurrency", "2");
    fixture_is (slice, "providers>1>requests_per_minute", "5");
    fixture_is (slice, "models>0>concurrency", "1");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    fixture_refused ("providers: {a: {rate_limits: [{concurrency: 2, "
                     "tokens_per_minute: 1}]}}\n",
                     "t.yaml:1:30: providers.a.rate_limits: expected every entry to have "
                     "an \"id\" of its own");
    fixture_refused ("providers: {a: {rate_limits: {requests_per_minute: 1}}}\n",
                     "t.yaml:1:52: providers.a.rate_limits: expected a glob over names "
                     "of models as the key, such as \"*\": {requests_per_minute: ...}; "
                     "\"requests_per_minute\" is a field of it");
}

//  Given all of it, then it is shown, and what is shown loads again.
static void
test_all_rows_are_shown (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_bounds / sizeof *s_bounds; i++) {
        char *text = s_text (s_bounds[i].path, s_bounds[i].most);
        br_conf_t *conf = fixture_conf (text, NULL);
        char *shown = br_conf_show (conf);
        const char *key = strrchr (s_bounds[i].path, '.') + 1;
        char *line = br_strf ("%s: %s\n", key, s_bounds[i].most);
        assert_non_null (strstr (shown, line));
        br_conf_t *again = fixture_conf (shown, NULL);
        assert_null (br_conf_warning (again, 0));
        br_conf_destroy (&again);
        free (line);
        free (shown);
        br_conf_destroy (&conf);
        free (text);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_each_row_has_its_bounds),
        cmocka_unit_test (test_switches_are_yes_or_no),
        cmocka_unit_test (test_unknown_keys_are_warned_of),
        cmocka_unit_test (test_rate_limits_are_a_list_or_a_map),
        cmocka_unit_test (test_all_rows_are_shown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
