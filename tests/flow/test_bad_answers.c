//  bad_answers: providers that answer what is no answer, or none; and a configuration that
//  is wrong.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "broker/core/alloc.h"
#include "tests/flow/bad_world.h"
#include "tests/flow/liar.h"
#include "tests/place/site.h"

//  ---- providers

static void
given_a_provider_that_misbehaves_then_a_clear_error (void **state)
{
    static const struct {
        const char *model;
        unsigned status;
        const char *code;
    } rows[] = {
        { "mock:mock-html", 502, "upstream_invalid_response" },
        { "mock:mock-500-html", 500, "upstream_bad_gateway" },
        { "mock:mock-empty", 502, NULL },
        { "mock:mock-reset", 502, NULL },
        { "mock:mock-cut1", 502, "upstream_truncated" },
        { "mock:mock-error", 0, NULL },
        { "mock:mock-401", 502, "upstream_auth" },
        { "mock:mock-418", 0, NULL },
        { "hasty:mock-stall", 504, "upstream_timeout" },
    };
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof *rows); i++) {
        char *body = br_strf ("{\"model\":\"%s\",\"stream\":%s}", rows[i / 2].model,
                              i % 2 ? "true" : "false");
        raw_t raw;
        assert_int_equal (raw_open (&raw, ((world_t *) *state)->port), 0);
        raw_ask (&raw, body);
        assert_true (raw_read (&raw, SIZE_MAX));
        unsigned status = rows[i / 2].status ? rows[i / 2].status : raw_status (&raw);
        assert_in_range (status, 400, 599);
        bool is_cut_stream = i % 2 && strstr (body, "cut1");
        if (!is_cut_stream || status == raw_status (&raw))
            bad_world_check_error (&raw, body, status, rows[i / 2].code, NULL);
        raw_close (&raw);
        bad_world_check_well (*state, body);
        free (body);
    }
}

static void
given_a_provider_that_breaks_http_then_a_clear_error (void **state)
{
    for (const liar_row_t *row = liar_rows; row->model; row++) {
        char *body = br_strf ("{\"model\":\"liar:%s\"}", row->model);
        bad_world_check_answer (*state, body, row->status, row->code, "liar");
        free (body);
    }
}

static void
given_a_stream_that_breaks_off_then_its_last_event_is_an_error (void **state)
{
    const world_t *world = *state;
    static const struct {
        const char *model;
        const char *code;
    } rows[] = {
        { "mock:mock-chunks9-cut3", "upstream_truncated" },
        { "mock:mock-chunks9-cut3-reset", "upstream_" },
        { "sleepy:mock-chunks9-stallafter3", "upstream_timeout" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *body = br_strf ("{\"model\":\"%s\",\"stream\":true}", rows[i].model);
        raw_t raw;
        assert_int_equal (raw_open (&raw, world->port), 0);
        raw_ask (&raw, body);
        assert_true (raw_read (&raw, SIZE_MAX));
        assert_int_equal (raw_status (&raw), 200);
        const char *error = strstr (raw_body (&raw), "data: {\"error\":");
        if (!error || !strstr (error, rows[i].code) || strstr (error, "[DONE]"))
            fail_msg ("%s: no such error at the end: %s", rows[i].model, raw_body (&raw));
        raw_close (&raw);
        bad_world_check_well (world, rows[i].model);
        free (body);
    }
}

//  ---- configuration

static void
given_a_wrong_configuration_then_one_line_and_no_start (void **state)
{
    (void) state;
    static const struct {
        const char *yaml;
        const char *place;
        const char *words;
    } rows[] = {
        { "providers: [\n", ":2:1: ", "" },
        { "server:\n\tlisten: 7\n", ":2:1: ", "token" },
        { "server:\n  log_level: loud\n", ":2:14: ", "server.log_level" },
        { "server: { listen: \"127.0.0.1:99999\" }\n", ":1:19: ", "server.listen" },
        { "server: { body_max: many }\n", ":1:21: ", "server.body_max" },
        { "models: 7\n", ":1:9: ", "models" },
        { "models:\n  m:\n    strategy: best\n    endpoints: []\n",
          ":3:15: ", "priority" },
        { "models:\n  m:\n    endpoints:\n      - { provider: echo }\n",
          ":4:9: ", "service_id" },
        { "providers:\n  x: { api_protocol: pigeon }\n", ":2:22: ", "pigeon" },
        { "providers:\n  x: { api_base: \"ftp://x\" }\n", ":2:18: ", "http://" },
        { "server: {}\nserver: {}\n", ":2:1: ", "twice" },
        { "\377\376 bad\n", ":1:1: ", "" },
    };
    world_t world = { .folder = site_folder_new () };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = 0;
        char *output = br_strf ("out.%zu", i);
        bad_world_write (&world, "bitrouter.yaml", rows[i].yaml);
        pid_t pid = bad_world_serve (&world, output);
        assert_int_equal (waitpid (pid, &status, 0), pid);
        assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 1);
        char *said = bad_world_file (&world, output);
        char *wanted = br_strf ("Error: %s/bitrouter.yaml%s", world.folder,
                                rows[i].place);
        bool is_line = strchr (said, '\n') == said + strlen (said) - 1;
        if (!is_line || strncmp (said, wanted, strlen (wanted)) != 0
            || !strstr (said, rows[i].words))
            fail_msg ("%s\n  wanted: %s\n  got: %s", rows[i].yaml, wanted, said);
        free (wanted);
        free (said);
        free (output);
    }
    site_folder_destroy (&world.folder);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_provider_that_misbehaves_then_a_clear_error),
        cmocka_unit_test (given_a_provider_that_breaks_http_then_a_clear_error),
        cmocka_unit_test (given_a_stream_that_breaks_off_then_its_last_event_is_an_error),
        cmocka_unit_test (given_a_wrong_configuration_then_one_line_and_no_start),
    };
    return cmocka_run_group_tests_name ("bad_answers", tests, bad_world_begin,
                                        bad_world_end);
}
