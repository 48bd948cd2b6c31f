//  conf_default: the example says what holds where the file is silent.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/buf.h"

//  The settings of the example, which are comments of one #. "caller frees"
static char *
s_settings (void)
{
    char *text = fixture_file ("../../../conf/bitrouter.yaml");
    br_buf_t out;
    br_buf_init (&out, BR_CONF_TEXT_MAX);
    for (const char *line = text; *line;) {
        size_t size = strcspn (line, "\n");
        size += line[size] == '\n';
        bool is_setting = line[0] == '#' && line[1] != '#';
        assert_true (is_setting || *line == '#' || *line == '\n');
        if (is_setting)
            br_buf_add (&out, line + 1, size - 1);
        line += size;
    }
    char *settings = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    free (text);
    return settings;
}

static void
s_same (const br_conf_t *one, const br_conf_t *two, const char *slice, const char *path)
{
    cJSON *a = fixture_slice (one, slice);
    cJSON *b = fixture_slice (two, slice);
    char *expected = cJSON_PrintUnformatted (fixture_at (a, path));
    fixture_is (b, path, expected);
    free (expected);
    cJSON_Delete (b);
    cJSON_Delete (a);
}

//  Given the example without its comment signs, then nothing changes but the examples.
static void
test_example_says_the_defaults (void **state)
{
    (void) state;
    static const struct {
        const char *slice;
        const char *path;
    } rows[] = {
        { "breaker", "" },
        { "idempotency", "" },
        { "limits", "callers" },
        { "router", "attempts_max" },
        { "router", "retries" },
        { "router", "backoff" },
        { "router", "affinity" },
        { "router", "limited_providers" },
        { "ingress", "listen" },
        { "ingress", "calls_max" },
        { "ingress", "body_max" },
        { "ingress", "header_max" },
        { "ingress", "timeout_cap_ms" },
        { "ingress", "finish_unattended" },
        { "ingress", "drain_notice_ms" },
        { "ingress", "limits" },
        { "ingress", "auth" },
        { "auth", "" },
        { "metrics", "labels_max" },
        { "guard", "" },
        { "ingress", "guard" },
    };
    const char *const environ_v[] = { "OPENAI_API_KEY=k", NULL };
    char *settings = s_settings ();
    br_conf_t *silent = fixture_conf ("", environ_v);
    br_conf_t *example = fixture_conf (settings, environ_v);
    assert_null (br_conf_warning (example, 0));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s_same (silent, example, rows[i].slice, rows[i].path);
    assert_true (br_conf_drain_ms (silent) == br_conf_drain_ms (example));
    br_conf_destroy (&example);
    br_conf_destroy (&silent);
    free (settings);
}

//  Given the example as it is, then it is an empty file.
static void
test_example_is_silent (void **state)
{
    (void) state;
    char *text = fixture_file ("../../../conf/bitrouter.yaml");
    br_conf_t *conf = fixture_conf (text, NULL);
    assert_false (br_conf_listen_is_given (conf));
    br_conf_destroy (&conf);
    free (text);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_example_says_the_defaults),
        cmocka_unit_test (test_example_is_silent),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
