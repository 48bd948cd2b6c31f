//  scratch: a folder for one test's database, and a look into it from outside.

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/actors/meter/scratch.h"

void
scratch_make (scratch_t *self)
{
    strcpy (self->folder, "/tmp/br-meter-XXXXXX");
    assert_non_null (mkdtemp (self->folder));
    snprintf (self->path, sizeof self->path, "%s/bitrouter.db", self->folder);
    snprintf (self->head, sizeof self->head, "%s/ledger.head", self->folder);
    snprintf (self->key, sizeof self->key, "%s/node.key", self->folder);
    snprintf (self->url, sizeof self->url, "sqlite://%s?mode=rwc", self->path);
}

void
scratch_remove (scratch_t *self)
{
    DIR *dir = opendir (self->folder);
    struct dirent *entry = dir ? readdir (dir) : NULL;
    while (entry) {
        char path[sizeof self->folder + sizeof entry->d_name + 1];
        snprintf (path, sizeof path, "%s/%s", self->folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink (path);
        entry = readdir (dir);
    }
    if (dir)
        closedir (dir);
    rmdir (self->folder);
}

ledger_sqlite_t *
scratch_ledger (const scratch_t *self)
{
    ledger_file_t database;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (ledger_file_parse (self->url, &database, &error), 0);
    ledger_sqlite_t *ledger = ledger_sqlite_new (&database, &error);
    if (!ledger)
        fail_msg ("%s", error.text);
    return ledger;
}

const char *
scratch_text (scratch_t *self, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal (sqlite3_open (self->path, &db), SQLITE_OK);
    if (sqlite3_prepare_v2 (db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg ("%s", sqlite3_errmsg (db));
    self->text[0] = '\0';
    size_t size = 0;
    while (sqlite3_step (stmt) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count (stmt); i++) {
            const char *value = (const char *) sqlite3_column_text (stmt, i);
            const char *between = i ? "|" : size ? " " : "";
            size += (size_t) snprintf (self->text + size, sizeof self->text - size,
                                       "%s%s", between, value ? value : "NULL");
            assert_true (size < sizeof self->text);
        }
    sqlite3_finalize (stmt);
    sqlite3_close (db);
    return self->text;
}

int64_t
scratch_number (const scratch_t *self, const char *sql)
{
    scratch_t copy = *self;
    return strtoll (scratch_text (&copy, sql), NULL, 10);
}

struct br_call_settle
scratch_settle (void)
{
    return (struct br_call_settle) {
        .request_id = "req-1",
        .route = "fast",
        .provider = "openai",
        .model = "gpt-4o",
        .outcome = BR_OUTCOME_OK,
        .status = 200,
        .stream = 1,
        .attempts = 1,
        .usage_known = 1,
        .input_tokens = 1000,
        .output_tokens = 100,
        .started_ms = 1750000000000,
        .latency_us = 1500000,
        .first_us = 250000,
    };
}

struct br_call_intent
scratch_intent (void)
{
    return (struct br_call_intent) {
        .request_id = "req-1",
        .route = "fast",
        .provider = "openai",
        .model = "gpt-4o",
        .started_ms = 1750000000000,
    };
}
