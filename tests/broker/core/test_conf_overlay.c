//  conf_overlay: routes of now over those of the file.

#include <stdlib.h>
#include <string.h>

#include "tests/broker/core/conf_fixture.h"

#include "broker/core/alloc.h"
#include "broker/core/conf_overlay.h"

static void
given_requests_that_are_wrong_then_each_says_why (void **state)
{
    (void) state;
#define EP "[{\"provider\":\"p\",\"service_id\":\"m\"}]"
    static const struct {
        const char *json;
        const char *words;
    } rows[] = {
        { "", "name must be" },
        { "[]", "name must be" },
        { "{\"name\":1}", "name must be" },
        { "{\"name\":\"\"}", "name must be" },
        { "{\"name\":\"a b\",\"endpoints\":" EP "}", "name must be" },
        { "{\"name\":\"a\tb\",\"endpoints\":" EP "}", "name must be" },
        { "{\"name\":\"a\\u009b31m\",\"endpoints\":" EP "}", "name must be" },
        { "{\"name\":\"a\\u202eb\",\"endpoints\":" EP "}", "name must be" },
        { "{\"name\":\"a\xff\",\"endpoints\":" EP "}", "name must be" },
        { "{\"name\":\"a\",\"endpoints\":[{\"provider\":\"p\",\"service_id\":"
          "\"m\\r\\nx\"}]}",
          "service_id has over 512 bytes, or control characters" },
        { "{\"name\":\"a\"}", "at least one endpoint" },
        { "{\"name\":\"a\",\"endpoints\":[]}", "at least one endpoint" },
        { "{\"name\":\"a\",\"endpoints\":{}}", "at least one endpoint" },
        { "{\"name\":\"a\",\"endpoints\":[1]}", "an endpoint is an object" },
        { "{\"name\":\"a\",\"endpoints\":[{\"provider\":\"p\"}]}", "has provider and" },
        { "{\"name\":\"a\",\"endpoints\":[{\"provider\":{},\"service_id\":\"m\"}]}",
          "provider must be a string" },
        { "{\"name\":\"a\",\"kind\":\"tool\",\"endpoints\":" EP "}",
          "of kind \"model\"" },
        { "{\"name\":\"a\",\"stratgy\":\"x\",\"endpoints\":" EP "}",
          "no member \"stratgy\"" },
        { "{\"name\":\"a\",\"strategy\":\"x\",\"endpoints\":" EP "}", "strategy" },
    };
    br_conf_overlay_t *overlay = br_conf_overlay_new ();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *name = NULL;
        br_error_t error = { .code = BR_OK };
        if (br_conf_overlay_add (overlay, rows[i].json, &name, &error) == 0)
            fail_msg ("%s was taken", rows[i].json);
        assert_int_equal (error.code, BR_EINVALID);
        if (!strstr (error.text, rows[i].words))
            fail_msg ("%s: %s", rows[i].json, error.text);
        assert_null (name);
    }
    br_conf_overlay_destroy (&overlay);
}

//  A route's texts are bounded, so that all of them together are.
static void
given_texts_of_their_bounds_then_one_byte_more_is_refused (void **state)
{
    (void) state;
    static const struct {
        int name_size, id_size; //  bytes
        int rc;
    } rows[] = {
        { BR_CONF_OVERLAY_NAME_MAX, BR_CONF_OVERLAY_TEXT_MAX, 0 },
        { BR_CONF_OVERLAY_NAME_MAX + 1, 1, -1 },
        { 1, BR_CONF_OVERLAY_TEXT_MAX + 1, -1 },
    };
    br_conf_overlay_t *overlay = br_conf_overlay_new ();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *name = NULL;
        char *json = br_strf ("{\"name\":\"%0*d\",\"endpoints\":[{\"provider\":\"p\","
                              "\"service_id\":\"%0*d\"}]}",
                              rows[i].name_size, 0, rows[i].id_size, 0);
        assert_int_equal (br_conf_overlay_add (overlay, json, &name, NULL), rows[i].rc);
        free (json);
        free (name);
    }
    br_conf_overlay_destroy (&overlay);
}

//  Letters of any script are names.
static void
given_a_name_in_another_script_then_it_is_taken (void **state)
{
    (void) state;
    br_conf_overlay_t *overlay = br_conf_overlay_new ();
    char *name = NULL;
    assert_int_equal (
        br_conf_overlay_add (overlay, "{\"name\":\"模型/é:ü%2f\",\"endpoints\":" EP "}",
                             &name, NULL),
        0);
    assert_string_equal (name, "模型/é:ü%2f");
    free (name);
    br_conf_overlay_destroy (&overlay);
}

//  A configuration with routes over it. "caller destroys"
static br_conf_t *
s_load (const br_conf_overlay_t *overlay, const char *home)
{
    br_error_t error = { .code = BR_OK };
    const char *const environ_v[] = { "OPENAI_API_KEY=sk-x", NULL };
    br_conf_flags_t flags = { .home_dir = home, .environ_v = environ_v };
    flags.overlay = overlay;
    br_conf_t *conf = br_conf_load (&flags, &error);
    if (!conf)
        fail_msg ("%s", error.text);
    return conf;
}

static void
given_a_route_of_the_files_name_then_it_takes_its_place (void **state)
{
    (void) state;
    char *home = fixture_folder ();
    fixture_write (home, "bitrouter.yaml",
                   "models: {smart: {endpoints: [{provider: openai, model_id: o1}]}}\n");
    br_conf_overlay_t *overlay = br_conf_overlay_new ();
    char *name = NULL;
    assert_int_equal (br_conf_overlay_add (
                          overlay,
                          "{\"model\":\"smart\",\"strategy\":\"balance\",\"endpoints\":"
                          "[{\"provider\":\"openai\",\"model_id\":\"o3\"}]}",
                          &name, NULL),
                      0);
    assert_string_equal (name, "smart");
    free (name);
    br_conf_t *conf = s_load (overlay, home);
    assert_int_equal (br_conf_route_check (conf, "smart", NULL), 0);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "models>smart>dynamic", "true");
    fixture_is (slice, "models>smart>strategy", "\"load_balance\"");
    fixture_is (slice, "models>smart>endpoints>0>model", "\"o3\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);

    assert_int_equal (
        br_conf_overlay_remove (overlay, "{\"name\":\"smart\"}", &name, NULL), 0);
    free (name);
    conf = s_load (overlay, home);
    slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "models>smart>endpoints>0>model", "\"o1\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    br_conf_overlay_destroy (&overlay);
    fixture_remove (home);
}

static void
given_providers_that_nobody_can_ask_then_the_check_says_what_to_do (void **state)
{
    (void) state;
    static const struct {
        const char *provider;
        const char *words;
    } rows[] = {
        { "opnai", "no provider \"opnai\"; did you mean \"openai\"?" },
        { "anthropic", "ANTHROPIC_API_KEY" },
    };
    char *home = fixture_folder ();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_conf_overlay_t *overlay = br_conf_overlay_new ();
        char json[200];
        snprintf (json, sizeof json,
                  "{\"name\":\"r\",\"endpoints\":[{\"provider\":\"%s\",\"service_id\":"
                  "\"m\"}]}",
                  rows[i].provider);
        char *name = NULL;
        assert_int_equal (br_conf_overlay_add (overlay, json, &name, NULL), 0);
        free (name);
        br_conf_t *conf = s_load (overlay, home);
        br_error_t error;
        assert_int_equal (br_conf_route_check (conf, "r", &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
        if (!strstr (error.text, rows[i].words))
            fail_msg ("%s", error.text);
        br_conf_destroy (&conf);
        br_conf_overlay_destroy (&overlay);
    }
    fixture_remove (home);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_requests_that_are_wrong_then_each_says_why),
        cmocka_unit_test (given_texts_of_their_bounds_then_one_byte_more_is_refused),
        cmocka_unit_test (given_a_name_in_another_script_then_it_is_taken),
        cmocka_unit_test (given_a_route_of_the_files_name_then_it_takes_its_place),
        cmocka_unit_test (
            given_providers_that_nobody_can_ask_then_the_check_says_what_to_do),
    };
    return cmocka_run_group_tests_name ("conf_overlay", tests, NULL, NULL);
}
