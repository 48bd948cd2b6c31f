//  metrics_requests: a line for each call, and its files.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cJSON.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/metrics/metrics_requests.h"
#include "broker/core/buf.h"
#include "broker/proto/attribution.h"
#include "tests/actors/metrics/calls.h"

typedef struct {
    char folder[64];
    char path[96];
    char text[65536];
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .folder = "/tmp/requests.XXXXXX" };
    assert_non_null (mkdtemp (world.folder));
    snprintf (world.path, sizeof world.path, "%s/logs/requests.jsonl", world.folder);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    char command[96];
    snprintf (command, sizeof command, "rm -rf '%s'", world->folder);
    return system (command);
}

static metrics_requests_t *
s_open (const world_t *world, uint64_t bytes_max, unsigned keep)
{
    br_error_t error;
    metrics_requests_t *requests = metrics_requests_new (world->path, bytes_max, keep,
                                                         &error);
    assert_non_null (requests);
    return requests;
}

static void
s_add (metrics_requests_t *requests, struct br_call_metered call)
{
    br_error_t error;
    assert_int_equal (metrics_requests_add (requests, &call, 1000, &error), 0);
}

static void
s_add_named (metrics_requests_t *requests, const char *id)
{
    struct br_call_metered call = calls_good ();
    call.request_id = id;
    s_add (requests, call);
}

//  What is in the file, or in an older one; "" when it is not there.
static const char *
s_text (world_t *world, const char *suffix)
{
    char path[128];
    snprintf (path, sizeof path, "%s%s", world->path, suffix);
    FILE *file = fopen (path, "re");
    size_t size = file ? fread (world->text, 1, sizeof world->text - 1, file) : 0;
    world->text[size] = 0;
    if (file)
        fclose (file);
    return world->text;
}

static void
given_a_call_then_its_line_says_what_became_of_it (void **state)
{
    world_t *world = *state;
    metrics_requests_t *requests = s_open (world, 1u << 20, 1);
    br_buf_t bytes;
    br_attribution_t who;
    br_buf_init (&bytes, BR_ATTRIBUTION_MAX);
    br_attribution_init (&who);
    who.account = "acme";
    who.key = "0123456789abcdef";
    who.run = "run \"7\"\n";
    br_attribution_write (&who, &bytes);
    struct br_call_metered call = calls_good ();
    call.who = (br_bytes_t) { bytes.data, bytes.size };
    s_add (requests, call);
    br_buf_free (&bytes);
    assert_string_equal (
        s_text (world, ""),
        "{\"time_ms\":1750000000000,\"request_id\":\"req-1\",\"route\":\"smart\","
        "\"provider\":\"openai\",\"model\":\"gpt-4o\",\"outcome\":\"ok\",\"status\":200,"
        "\"error\":\"\",\"stream\":false,\"attempts\":1,\"input_tokens\":10,"
        "\"output_tokens\":6,\"usage_known\":true,\"cost_usd\":\"0.0000015\","
        "\"latency_ms\":100,\"first_ms\":95,\"account\":\"acme\",\"session\":\"\","
        "\"run\":\"run \\\"7\\\"\\n\",\"agent\":\"\",\"step\":\"\"}\n");
    metrics_requests_destroy (&requests);
    metrics_requests_destroy (&requests);
}

static void
given_a_failure_then_its_line_names_it (void **state)
{
    world_t *world = *state;
    metrics_requests_t *requests = s_open (world, 1u << 20, 1);
    struct br_call_metered call = calls_failed ();
    call.cost_known = 0;
    s_add (requests, call);
    cJSON *line = cJSON_Parse (s_text (world, ""));
    assert_string_equal (cJSON_GetObjectItem (line, "outcome")->valuestring, "failed");
    assert_string_equal (cJSON_GetObjectItem (line, "error")->valuestring,
                         br_code_label (BR_ETIMEOUT));
    assert_true (cJSON_IsNull (cJSON_GetObjectItem (line, "cost_usd")));
    assert_true (cJSON_IsTrue (cJSON_GetObjectItem (line, "stream")));
    cJSON_Delete (line);
    metrics_requests_destroy (&requests);
}

static void
given_a_file_that_is_there_then_lines_are_appended_and_only_its_owner_reads_it (
    void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 2; i++) {
        metrics_requests_t *requests = s_open (world, 1u << 20, 1);
        s_add (requests, calls_good ());
        metrics_requests_destroy (&requests);
    }
    const char *text = s_text (world, "");
    assert_int_equal (strlen (text), 2 * (strchr (text, '\n') + 1 - text));
    struct stat is;
    assert_int_equal (stat (world->path, &is), 0);
    assert_int_equal (is.st_mode & 0777, 0600);
}

static void
given_more_than_a_file_takes_then_the_newest_ones_are_kept (void **state)
{
    world_t *world = *state;
    metrics_requests_t *requests = s_open (world, 1, 2); //  a line each
    static const char *const ids[] = { "a", "b", "c", "d", "e" };
    for (size_t i = 0; i < 5; i++)
        s_add_named (requests, ids[i]);
    assert_non_null (strstr (s_text (world, ""), "\"request_id\":\"e\""));
    assert_non_null (strstr (s_text (world, ".1"), "\"request_id\":\"d\""));
    assert_non_null (strstr (s_text (world, ".2"), "\"request_id\":\"c\""));
    assert_string_equal (s_text (world, ".3"), "");
    metrics_requests_destroy (&requests);
}

static void
given_no_older_ones_then_the_file_begins_anew (void **state)
{
    world_t *world = *state;
    metrics_requests_t *requests = s_open (world, 1, 0);
    s_add_named (requests, "a");
    s_add_named (requests, "b");
    assert_null (strstr (s_text (world, ""), "\"request_id\":\"a\""));
    assert_non_null (strstr (s_text (world, ""), "\"request_id\":\"b\""));
    assert_string_equal (s_text (world, ".1"), "");
    metrics_requests_destroy (&requests);
}

static void
given_a_file_that_somebody_renames_then_it_is_made_anew (void **state)
{
    world_t *world = *state;
    char old[128];
    metrics_requests_t *requests = s_open (world, 1u << 20, 1);
    s_add_named (requests, "a");
    snprintf (old, sizeof old, "%s.old", world->path);
    assert_int_equal (rename (world->path, old), 0);
    s_add_named (requests, "b");
    assert_non_null (strstr (s_text (world, ""), "\"request_id\":\"b\""));
    assert_null (strstr (s_text (world, ".old"), "\"request_id\":\"b\""));
    metrics_requests_destroy (&requests);
}

static void
given_a_file_that_cannot_be_written_then_it_is_told_once_a_minute (void **state)
{
    world_t *world = *state;
    br_error_t error = { .code = BR_OK };
    struct br_call_metered call = calls_good ();
    metrics_requests_t *requests = s_open (world, 1u << 20, 1);
    unlink (world->path);
    assert_int_equal (mkdir (world->path, 0700), 0);
    assert_int_equal (metrics_requests_add (requests, &call, 5000, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, world->path));
    assert_int_equal (metrics_requests_add (requests, &call, 64999, &error), 0);
    assert_int_equal (metrics_requests_add (requests, &call, 65000, &error), -1);
    assert_int_equal (rmdir (world->path), 0);
    assert_int_equal (metrics_requests_add (requests, &call, 65001, &error), 0);
    assert_string_not_equal (s_text (world, ""), "");
    metrics_requests_destroy (&requests);
}

static void
given_a_path_that_cannot_be_then_it_is_refused (void **state)
{
    (void) state;
    static const char *const paths[] = { "/nowhere/at/all", "/tmp", "/dev/null" };
    for (size_t i = 0; i < 3; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (metrics_requests_new (paths[i], 1, 1, &error));
        assert_int_equal (error.code, BR_ECONFIG);
        assert_non_null (strstr (error.text, paths[i]));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_a_call_then_its_line_says_what_became_of_it),
        TEST (given_a_failure_then_its_line_names_it),
        TEST (
            given_a_file_that_is_there_then_lines_are_appended_and_only_its_owner_reads_it),
        TEST (given_more_than_a_file_takes_then_the_newest_ones_are_kept),
        TEST (given_no_older_ones_then_the_file_begins_anew),
        TEST (given_a_file_that_somebody_renames_then_it_is_made_anew),
        TEST (given_a_file_that_cannot_be_written_then_it_is_told_once_a_minute),
        TEST (given_a_path_that_cannot_be_then_it_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
