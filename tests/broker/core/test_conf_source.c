//  conf_source: the texts of real files.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/conf_source.h"

typedef struct {
    char folder[64];
    char file[96], env[96];
    br_conf_home_t home; //  borrows the above
    br_conf_source_t source;
    br_error_t error;
} world_t;

static void
s_write (const char *path, const char *text)
{
    FILE *file = fopen (path, "we");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
}

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .folder = "/tmp/conf_source.XXXXXX" };
    assert_non_null (mkdtemp (world.folder));
    snprintf (world.file, sizeof world.file, "%s/bitrouter.yaml", world.folder);
    snprintf (world.env, sizeof world.env, "%s/.env", world.folder);
    world.home = (br_conf_home_t) { .config_file = world.file, .env_file = world.env };
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    br_conf_source_clear (&world->source);
    br_conf_source_clear (&world->source);
    unlink (world->file);
    unlink (world->env);
    return rmdir (world->folder);
}

static int
s_read (world_t *world)
{
    world->home.has_config = access (world->file, F_OK) == 0;
    return br_conf_source_read (&world->source, &world->home, &world->error);
}

static void
given_no_files_then_there_is_no_text (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_read (world), 0);
    assert_null (world->source.text);
    assert_null (world->source.env);
    assert_false (br_conf_source_has_text (&world->source));
}

static void
given_both_files_then_a_copy_outlives_them (void **state)
{
    world_t *world = *state;
    s_write (world->file, "models: {}\n");
    s_write (world->env, "A=1\n");
    assert_int_equal (s_read (world), 0);
    br_conf_source_t copy;
    br_conf_source_copy (&copy, &world->source);
    br_conf_source_clear (&world->source);
    assert_string_equal (copy.text, "models: {}\n");
    assert_int_equal (copy.text_size, 11);
    assert_string_equal (copy.env, "A=1\n");
    assert_int_equal (copy.env_size, 4);
    assert_true (br_conf_source_has_text (&copy));
    br_conf_source_clear (&copy);
}

static void
given_a_file_without_a_byte_then_it_has_no_text (void **state)
{
    world_t *world = *state;
    s_write (world->file, "");
    assert_int_equal (s_read (world), 0);
    assert_non_null (world->source.text);
    assert_false (br_conf_source_has_text (&world->source));
}

static void
given_a_file_that_was_named_when_it_is_missing_then_it_is_an_error (void **state)
{
    world_t *world = *state;
    world->home.env_is_own = true;
    assert_int_equal (s_read (world), -1);
    assert_int_equal (world->error.code, BR_ECONFIG);
    assert_non_null (strstr (world->error.text, "/.env: cannot be read"));
    world->home.env_is_own = false;
    world->home.config_is_own = true;
    assert_int_equal (s_read (world), -1);
    assert_non_null (strstr (world->error.text, "bitrouter.yaml: cannot be read"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_no_files_then_there_is_no_text),
        TEST (given_both_files_then_a_copy_outlives_them),
        TEST (given_a_file_without_a_byte_then_it_has_no_text),
        TEST (given_a_file_that_was_named_when_it_is_missing_then_it_is_an_error),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
