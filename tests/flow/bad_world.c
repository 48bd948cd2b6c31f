//  bad_world: see bad_world.h.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "broker/core/alloc.h"
#include "tests/flow/bad_world.h"
#include "tests/flow/liar.h"
#include "tests/place/site.h"

#define LOOK_US 5000
#define LOOKS_MAX 12000

//  ---- processes

char *
bad_world_file (const world_t *world, const char *name)
{
    char *path = br_strf ("%s/%s", world->folder, name);
    FILE *file = fopen (path, "re");
    br_buf_t text;
    br_buf_init (&text, RAW_ANSWER_MAX);
    char part[4096];
    for (size_t size = 1; file && size;) {
        size = fread (part, 1, sizeof part, file);
        br_buf_add (&text, part, size);
    }
    if (file)
        fclose (file);
    free (path);
    br_buf_addc (&text, 0);
    size_t size;
    return (char *) br_buf_take (&text, &size);
}

void
bad_world_write (const world_t *world, const char *name, const char *text)
{
    char *path = br_strf ("%s/%s", world->folder, name);
    FILE *file = fopen (path, "we");
    assert_non_null (file);
    assert_int_equal (fputs (text, file) >= 0, 1);
    fclose (file);
    free (path);
}

pid_t
bad_world_serve (const world_t *world, const char *output)
{
    const char *given = getenv ("BITROUTER");
    const char *build = getenv ("BR_BUILD_DIR");
    char *program = given ? br_strdup (given)
                          : br_strf ("%s/bitrouter", build ? build : ".");
    char *path = br_strf ("%s/%s", world->folder, output);
    const char *argv[] = { program, "--home-dir", world->folder, "serve", NULL };
    pid_t pid = site_spawn (argv, world->folder, path);
    free (path);
    free (program);
    return pid;
}

static void
s_configure (const world_t *world)
{
    char *text = br_strf (
        "server: { listen: \"127.0.0.1:%u\", header_max: 16384 }\n"
        "inherit_defaults: false\n"
        "upstream: { retries: 0 }\n"
        "providers:\n"
        "  echo: { api_protocol: echo, models: { echo: {} } }\n"
        "  mock:\n"
        "    api_protocol: openai\n"
        "    api_base: http://127.0.0.1:%u/v1\n"
        "    models: { mock: {} }\n"
        "  hasty:\n"
        "    api_protocol: openai\n"
        "    api_base: http://127.0.0.1:%u/v1\n"
        "    timeouts: { first_byte_secs: 0.3, idle_secs: 0.3 }\n"
        "  sleepy:\n"
        "    api_protocol: openai\n"
        "    api_base: http://127.0.0.1:%u/v1\n"
        "    timeouts: { first_byte_secs: 30, idle_secs: 1 }\n"
        "  liar: { api_protocol: openai, api_base: \"http://127.0.0.1:%u/v1\" }\n"
        "models:\n"
        "  smart: { endpoints: [ { provider: mock, service_id: mock } ] }\n",
        world->port, world->mock_port, world->mock_port, world->mock_port,
        world->liar_port);
    bad_world_write (world, "bitrouter.yaml", text);
    free (text);
}

static bool
s_is_ready (unsigned port)
{
    static const char ask[] = "GET /ready HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
    raw_t raw;
    bool ready = raw_open (&raw, port) == 0;
    if (ready) {
        raw_send (&raw, ask, sizeof ask - 1);
        raw_read (&raw, SIZE_MAX);
        ready = raw_status (&raw) == 200;
    }
    raw_close (&raw);
    return ready;
}

int
bad_world_begin (void **state)
{
    world_t *world = BR_NEW (world_t);
    *state = world;
    world->folder = site_folder_new ();
    world->port = site_free_port ();
    world->mock_port = site_mock_start (world->folder, &world->mock);
    world->liar_port = liar_start (&world->liar);
    s_configure (world);
    world->server = bad_world_serve (world, "serve.out");
    for (unsigned i = 0; i < LOOKS_MAX && !s_is_ready (world->port); i++)
        site_pause_us (LOOK_US);
    return world->mock_port && world->liar_port && s_is_ready (world->port) ? 0 : -1;
}

int
bad_world_end (void **state)
{
    world_t *world = *state;
    int status = -1;
    kill (world->server, SIGTERM);
    waitpid (world->server, &status, 0);
    kill (world->mock, SIGTERM);
    kill (world->liar, SIGKILL);
    waitpid (world->mock, NULL, 0);
    waitpid (world->liar, NULL, 0);
    if (status) {
        char *output = bad_world_file (world, "serve.out");
        fprintf (stderr, "the server ended with %#x:\n%s", (unsigned) status, output);
        free (output);
    }
    site_folder_destroy (&world->folder);
    free (world);
    return status;
}

//  ---- what every answer must be

void
bad_world_check_well (const world_t *world, const char *after)
{
    raw_t raw;
    assert_int_equal (raw_open (&raw, world->port), 0);
    raw_ask (&raw, BAD_WORLD_GOOD);
    bool read = raw_read (&raw, SIZE_MAX);
    if (!read || raw_status (&raw) != 200)
        fail_msg ("after %s a good call got %u: %s", after, raw_status (&raw),
                  raw_body (&raw));
    assert_non_null (strstr (raw_body (&raw), "\"hi\""));
    raw_close (&raw);
}

//  The error of an answer in OpenAI's shape; code and words may be NULL.
void
bad_world_check_error (const raw_t *raw, const char *what, unsigned status,
                       const char *code, const char *words)
{
    if (raw_status (raw) != status)
        fail_msg ("%s: status %u, not %u: %s", what, raw_status (raw), status,
                  raw_body (raw));
    char *id = raw_header (raw, "x-bitrouter-request-id");
    char *type = raw_header (raw, "content-type");
    if (!id || !*id || !type || strcmp (type, "application/json") != 0)
        fail_msg ("%s: request id %s, content type %s", what, id, type);
    free (id);
    free (type);
    cJSON *body = cJSON_Parse (raw_body (raw));
    const cJSON *error = cJSON_GetObjectItem (body, "error");
    const char *message = cJSON_GetStringValue (cJSON_GetObjectItem (error, "message"));
    const char *kind = cJSON_GetStringValue (cJSON_GetObjectItem (error, "type"));
    const char *said = cJSON_GetStringValue (cJSON_GetObjectItem (error, "code"));
    if (!message || !*message || !kind || !said)
        fail_msg ("%s: not an error: %s", what, raw_body (raw));
    if (code && strcmp (said, code) != 0)
        fail_msg ("%s: code %s, not %s: %s", what, said, code, message);
    if (words && !strstr (message, words))
        fail_msg ("%s: no '%s' in: %s", what, words, message);
    cJSON_Delete (body);
}

void
bad_world_check_answer (const world_t *world, const char *body, unsigned status,
                        const char *code, const char *words)
{
    raw_t raw;
    assert_int_equal (raw_open (&raw, world->port), 0);
    raw_ask (&raw, body);
    if (!raw_read (&raw, SIZE_MAX))
        fail_msg ("%.60s: no answer", body);
    bad_world_check_error (&raw, body, status, code, words);
    raw_close (&raw);
    bad_world_check_well (world, body);
}

void
bad_world_check_asked (const world_t *world, const char *model)
{
    static const char question[] = "GET /mock/last HTTP/1.1\r\nhost: mock\r\n\r\n";
    char *name = br_strf ("\"model\":\"%s\"", model);
    bool found = false;
    for (unsigned i = 0; i < LOOKS_MAX && !found; i++) {
        raw_t raw;
        assert_int_equal (raw_open (&raw, world->mock_port), 0);
        raw_send (&raw, question, strlen (question));
        found = raw_read (&raw, SIZE_MAX) && strstr (raw_body (&raw), name);
        raw_close (&raw);
        if (!found)
            site_pause_us (LOOK_US);
    }
    if (!found)
        fail_msg ("the provider got no request for %s", model);
    free (name);
}

//  Waits until the mock provider tells how its request for a model has ended.
void
bad_world_check_ended (const world_t *world, const char *model, const char *how)
{
    char *name = br_strf ("\"model\":\"%s\"", model);
    char *wanted = br_strf ("{\"ended\":\"%s\"", how);
    bool found = false;
    for (unsigned i = 0; i < LOOKS_MAX && !found; i++) {
        char *log = bad_world_file (world, "mock.log");
        char *rest = log;
        for (char *line = strsep (&rest, "\n"); line; line = strsep (&rest, "\n"))
            if (strstr (line, name) && strncmp (line, wanted, strlen (wanted)) == 0)
                found = true;
        free (log);
        if (!found)
            site_pause_us (LOOK_US);
    }
    if (!found)
        fail_msg ("the provider's request for %s did not end as %s", model, how);
    free (wanted);
    free (name);
}
