//  ledger_world: a folder for one test's ledger.

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

#include "tests/broker/ledger/ledger_world.h"

int
world_setup (void **state)
{
    world_t *self = calloc (1, sizeof *self);
    strcpy (self->folder, "/tmp/br-ledger-XXXXXX");
    assert_non_null (mkdtemp (self->folder));
    snprintf (self->path, sizeof self->path, "%s/ledger.db", self->folder);
    snprintf (self->url, sizeof self->url, "sqlite://%s?mode=rwc", self->path);
    snprintf (self->head, sizeof self->head, "%s/ledger.head", self->folder);
    snprintf (self->key, sizeof self->key, "%s/node.key", self->folder);
    *state = self;
    return 0;
}

int
world_teardown (void **state)
{
    world_t *self = *state;
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
    free (self);
    return 0;
}

ledger_sqlite_t *
world_ledger (const world_t *self)
{
    ledger_file_t file;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (ledger_file_parse (self->url, &file, &error), 0);
    ledger_sqlite_t *ledger = ledger_sqlite_new (&file, &error);
    if (!ledger)
        fail_msg ("%s", error.text);
    return ledger;
}

const char *
world_text (world_t *self, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal (sqlite3_open (self->path, &db), SQLITE_OK);
    sqlite3_exec (db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    if (sqlite3_prepare_v2 (db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg ("%s", sqlite3_errmsg (db));
    self->text[0] = '\0';
    size_t size = 0;
    int rc = sqlite3_step (stmt);
    for (; rc == SQLITE_ROW; rc = sqlite3_step (stmt))
        for (int i = 0; i < sqlite3_column_count (stmt); i++) {
            const char *value = (const char *) sqlite3_column_text (stmt, i);
            const char *between = i ? "|" : size ? " " : "";
            size += (size_t) snprintf (self->text + size, sizeof self->text - size,
                                       "%s%s", between, value ? value : "NULL");
            assert_true (size < sizeof self->text);
        }
    if (rc != SQLITE_DONE)
        fail_msg ("%s: %s", sql, sqlite3_errmsg (db));
    sqlite3_finalize (stmt);
    sqlite3_close (db);
    return self->text;
}

int64_t
world_number (world_t *self, const char *sql)
{
    return strtoll (world_text (self, sql), NULL, 10);
}

static br_try_t
s_try (uint32_t attempt, const char *provider)
{
    return (br_try_t) { .attempt = attempt,
                        .provider = provider,
                        .endpoint = "west",
                        .model = "gpt-4o",
                        .outcome = BR_OUTCOME_OK,
                        .status = 200,
                        .after_us = 1000,
                        .latency_us = 2000,
                        .first_us = 500,
                        .usage = { .known = true, .input = 10, .output = 5 } };
}

ledger_entry_t
world_entry (uint64_t n)
{
    ledger_entry_t entry;
    memset (&entry, 0, sizeof entry);
    ledger_entry_init (&entry);
    entry.call = (br_id_t) { 1, n };
    entry.request_id = "req-1";
    entry.route = "fast";
    entry.provider = "openai";
    entry.model = "gpt-4o";
    entry.account = "acme";
    entry.key = "key-1";
    entry.session = "talk-1";
    entry.run = "run-1";
    entry.agent = "coder";
    entry.step = "3";
    entry.trace = "0af7651916cd43dd8448eb211c80319c";
    entry.surface = "chat";
    entry.outcome = "ok";
    entry.status = 200;
    entry.stream = true;
    entry.attempts = 2;
    entry.usage = (br_usage_t) { .known = true,
                                 .input = 1000,
                                 .cache_read = 30,
                                 .cache_write = 20,
                                 .cache_write_1h = 7,
                                 .audio_input = 3,
                                 .output = 100,
                                 .reasoning = 10,
                                 .audio_output = 4 };
    entry.cost_nusd = 42;
    entry.operator_nusd = 43;
    entry.price_version = "0123456789abcdef";
    entry.started_ms = 1750000000000;
    entry.latency_us = 1500000;
    entry.first_us = 250000;
    entry.elsewhere_us = 1400000;
    entry.settled_ms = 1750000002000 + n;
    entry.tries[0] = s_try (1, "azure");
    entry.tries[1] = s_try (2, "openai");
    entry.tries_count = 2;
    return entry;
}

void
world_add (ledger_sqlite_t *ledger, uint64_t n, uint64_t count)
{
    br_error_t error = { .code = BR_OK };
    assert_int_equal (ledger_sqlite_begin (ledger, &error), 0);
    for (uint64_t i = n; i < n + count; i++) {
        ledger_entry_t entry = world_entry (i);
        ledger_kept_t kept;
        if (ledger_sqlite_add (ledger, &entry, &kept, &error))
            fail_msg ("%s", error.text);
        assert_true (kept.is_first);
    }
    assert_int_equal (ledger_sqlite_commit (ledger, &error), 0);
}
