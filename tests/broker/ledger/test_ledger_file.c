//  ledger_file: addresses, and how the file is made and kept.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/broker/ledger/ledger_world.h"

static void
s_refuses (const char *url, const char *word)
{
    ledger_file_t database;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (ledger_file_parse (url, &database, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    if (!strstr (error.text, word))
        fail_msg ("'%s' does not say '%s'", error.text, word);
    assert_null (strstr (error.text, "hunter2"));
}

static void
addresses_are_read (void **state)
{
    (void) state;
    ledger_file_t database;
    assert_int_equal (ledger_file_parse ("sqlite:///a/b.db?mode=rwc", &database, NULL),
                      0);
    assert_string_equal (database.path, "/a/b.db");
    assert_true (database.create && !database.in_memory);
    assert_int_equal (ledger_file_parse ("sqlite:///a/b.db", &database, NULL), 0);
    assert_true (database.create);
    assert_int_equal (ledger_file_parse ("sqlite:c.db?mode=rw", &database, NULL), 0);
    assert_string_equal (database.path, "c.db");
    assert_false (database.create);
    assert_int_equal (ledger_file_parse ("sqlite:c.db?mode=ro", &database, NULL), 0);
    assert_true (database.read_only && !database.create);
    assert_int_equal (ledger_file_parse ("sqlite://:memory:", &database, NULL), 0);
    assert_true (database.in_memory);
}

static void
others_are_refused_without_their_secrets (void **state)
{
    (void) state;
    s_refuses ("postgres://joe:hunter2@db/spend", "must be sqlite://");
    s_refuses ("postgresql://joe:hunter2@db/spend", "must be sqlite://");
    s_refuses ("mysql://joe:hunter2@db/spend", "must be sqlite://");
    s_refuses ("oracle://joe:hunter2@db/spend", "must be sqlite://");
    s_refuses ("", "must be sqlite://");
    s_refuses ("sqlite://", "names no file");
    s_refuses ("sqlite://?mode=rwc", "names no file");
    s_refuses ("sqlite:///a?cache=shared", "unknown option 'cache=shared'");
    char *url = malloc (PATH_MAX + 100);
    memset (url, 'x', PATH_MAX + 99);
    memcpy (url, "sqlite://", 9);
    url[PATH_MAX + 99] = '\0';
    s_refuses (url, "the path is over");
    free (url);
}

//  ---- opening

static sqlite3 *
s_open (const char *url, br_error_t *error)
{
    ledger_file_t database;
    assert_int_equal (ledger_file_parse (url, &database, NULL), 0);
    return ledger_file_open (&database, error);
}

static unsigned
s_mode (const char *path)
{
    struct stat info;
    assert_int_equal (stat (path, &info), 0);
    return info.st_mode & 07777;
}

static void
a_new_file_is_private_and_synced (void **state)
{
    world_t *world = *state;
    mode_t mask = umask (0);
    sqlite3 *db = s_open (world->url, NULL);
    umask (mask);
    assert_non_null (db);
    assert_int_equal (sqlite3_exec (db, "CREATE TABLE t (a)", NULL, NULL, NULL),
                      SQLITE_OK);
    assert_int_equal (s_mode (world->path), 0600);
    char path[100];
    snprintf (path, sizeof path, "%s-wal", world->path);
    assert_int_equal (s_mode (path), 0600);
    sqlite3_stmt *stmt = NULL;
    sqlite3_prepare_v2 (db, "PRAGMA synchronous", -1, &stmt, NULL);
    assert_int_equal (sqlite3_step (stmt), SQLITE_ROW);
    assert_int_equal (sqlite3_column_int (stmt, 0), 2); //  FULL
    sqlite3_finalize (stmt);
    assert_string_equal (world_text (world, "PRAGMA journal_mode"), "wal");
    sqlite3_close (db);
}

static void
an_open_file_is_made_private (void **state)
{
    world_t *world = *state;
    close (open (world->path, O_CREAT | O_WRONLY, 0644));
    chmod (world->path, 0664);
    sqlite3 *db = s_open (world->url, NULL);
    assert_non_null (db);
    assert_int_equal (s_mode (world->path), 0600);
    sqlite3_close (db);
}

static void
s_does_not_open (const char *url, const char *path, const char *why)
{
    br_error_t error = { .code = BR_OK };
    assert_null (s_open (url, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, path));
    if (!strstr (error.text, why))
        fail_msg ("'%s' does not say '%s'", error.text, why);
}

static void
what_cannot_be_opened_is_refused_with_its_reason (void **state)
{
    world_t *world = *state;
    char url[160];
    s_does_not_open ("sqlite:///no/such/folder/a.db", "/no/such/folder/a.db",
                     "No such file");
    snprintf (url, sizeof url, "sqlite://%s?mode=rw", world->path);
    s_does_not_open (url, world->path, "No such file");
    assert_int_not_equal (access (world->path, F_OK), 0);
    snprintf (url, sizeof url, "sqlite://%s", world->folder);
    s_does_not_open (url, world->folder, "it is no file");
    FILE *file = fopen (world->path, "w");
    for (int i = 0; i < 200; i++)
        fputs ("this is a letter, not a database; ", file);
    fclose (file);
    chmod (world->path, 0640);
    s_does_not_open (world->url, world->path, "not a database");
    assert_int_equal (s_mode (world->path), 0640);
    chmod (world->path, 0600);
    s_does_not_open (world->url, world->path, "not a database");
}

static void
a_reader_changes_nothing (void **state)
{
    world_t *world = *state;
    char url[160];
    snprintf (url, sizeof url, "sqlite://%s?mode=ro", world->path);
    s_does_not_open (url, world->path, "bitrouter serve makes it");
    sqlite3 *db = s_open (world->url, NULL);
    sqlite3_close (db);
    chmod (world->path, 0640);
    db = s_open (url, NULL);
    assert_non_null (db);
    assert_int_equal (s_mode (world->path), 0640);
    assert_int_not_equal (sqlite3_exec (db, "CREATE TABLE t (a)", NULL, NULL, NULL),
                          SQLITE_OK);
    sqlite3_close (db);
}

static void
memory_needs_no_file (void **state)
{
    (void) state;
    sqlite3 *db = s_open ("sqlite://:memory:", NULL);
    assert_non_null (db);
    sqlite3_close (db);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (addresses_are_read),
        cmocka_unit_test (others_are_refused_without_their_secrets),
        cmocka_unit_test_setup_teardown (a_new_file_is_private_and_synced, world_setup,
                                         world_teardown),
        cmocka_unit_test_setup_teardown (an_open_file_is_made_private, world_setup,
                                         world_teardown),
        cmocka_unit_test_setup_teardown (what_cannot_be_opened_is_refused_with_its_reason,
                                         world_setup, world_teardown),
        cmocka_unit_test_setup_teardown (a_reader_changes_nothing, world_setup,
                                         world_teardown),
        cmocka_unit_test (memory_needs_no_file),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
