//  ledger: how many rows a second the ledger's commit path takes, and how many a bare SQLite
//  takes in batches of the same size: a table of as many columns with one unique id, no
//  chain, no attempts, no other index. Both sync each commit.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_column.h"
#include "broker/ledger/ledger_sqlite.h"

#define BATCH 1000 //  rows in one transaction, as the meter has at the most

static const char s_usage[] = "usage: ledger [--seconds N] [--folder DIR]\n"
                              "  --seconds N   for each of both (1)\n"
                              "  --folder DIR  where files are made and removed (/tmp)\n";

typedef struct {
    double seconds;
    const char *folder;
} bench_t;

static double
s_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void
s_die (const char *what, const char *why)
{
    fprintf (stderr, "ledger: %s: %s\n", what, why);
    exit (1);
}

static ledger_entry_t
s_entry (uint64_t n)
{
    ledger_entry_t entry;
    ledger_entry_init (&entry);
    entry.call = (br_id_t) { 0x0191000000000000, n };
    entry.request_id = "01910000-0000-7000-8000-000000000000";
    entry.route = "fast";
    entry.provider = "openai";
    entry.model = "gpt-4o";
    entry.account = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:acct";
    entry.key = "0123456789abcdef";
    entry.session = "0191-session";
    entry.surface = "chat";
    entry.outcome = "ok";
    entry.status = 200;
    entry.stream = true;
    entry.attempts = 1;
    entry.usage = (br_usage_t) { .known = true, .input = 1000, .output = 100 };
    entry.cost_nusd = 3500000;
    entry.operator_nusd = 3500000;
    entry.price_version = "0123456789abcdef";
    entry.started_ms = 1750000000000 + n;
    entry.latency_us = 1500000;
    entry.settled_ms = 1750000001500 + n;
    entry.tries[0] = (br_try_t) { .attempt = 1, .provider = "openai", .endpoint = "" };
    entry.tries[0].model = "gpt-4o";
    entry.tries[0].usage = entry.usage;
    entry.tries_count = 1;
    return entry;
}

static sqlite3 *
s_open (const char *path)
{
    ledger_file_t file = { .create = true };
    br_error_t error;
    snprintf (file.path, sizeof file.path, "%s", path);
    sqlite3 *db = ledger_file_open (&file, &error);
    if (!db)
        s_die (path, error.text);
    return db;
}

//  ---- the two: rows a second

static double
s_run_ledger (const bench_t *bench, const char *path)
{
    ledger_file_t file = { .create = true };
    br_error_t error;
    snprintf (file.path, sizeof file.path, "%s", path);
    ledger_sqlite_t *ledger = ledger_sqlite_new (&file, &error);
    if (!ledger)
        s_die (path, error.text);
    uint64_t rows = 0;
    double begin = s_now (), now = begin;
    for (; now - begin < bench->seconds; now = s_now ()) {
        int rc = ledger_sqlite_begin (ledger, &error);
        for (int i = 0; rc == 0 && i < BATCH; i++) {
            ledger_kept_t kept;
            ledger_entry_t entry = s_entry (rows++);
            rc = ledger_sqlite_add (ledger, &entry, &kept, &error);
        }
        if (rc || ledger_sqlite_commit (ledger, &error))
            s_die (path, error.text);
    }
    ledger_sqlite_destroy (&ledger);
    return (double) rows / (now - begin);
}

static sqlite3_stmt *
s_prepare_bare (sqlite3 *db, const char *path)
{
    br_buf_t sql;
    sqlite3_stmt *stmt = NULL;
    char *names = ledger_table_names (&ledger_entries);
    br_buf_init (&sql, 16384);
    br_buf_addf (&sql, "CREATE TABLE bare (%s, UNIQUE (call_id))", names);
    int rc = sqlite3_exec (db, br_buf_text (&sql), NULL, NULL, NULL);
    br_buf_clear (&sql);
    br_buf_addf (&sql, "INSERT INTO bare VALUES (?");
    for (size_t i = 1; i < ledger_entries.columns_count; i++)
        br_buf_adds (&sql, ", ?");
    br_buf_adds (&sql, ")");
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2 (db, br_buf_text (&sql), -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        s_die (path, sqlite3_errmsg (db));
    br_buf_free (&sql);
    free (names);
    return stmt;
}

//  Numbers for numbers, and a text of a usual length for texts.
static void
s_bind_bare (sqlite3_stmt *stmt, uint64_t n)
{
    static const uint8_t hash[LEDGER_HASH];
    for (size_t i = 0; i < ledger_entries.columns_count; i++) {
        int place = (int) i + 1;
        ledger_column_type_t type = ledger_entries.columns[i].type;
        if (type == LEDGER_TEXT)
            sqlite3_bind_text (stmt, place, "0123456789", -1, SQLITE_STATIC);
        else if (type == LEDGER_HASHED)
            sqlite3_bind_blob (stmt, place, hash, sizeof hash, SQLITE_STATIC);
        else if (type == LEDGER_CALL)
            sqlite3_bind_int64 (stmt, place, (int64_t) n);
        else
            sqlite3_bind_int64 (stmt, place, 1000);
    }
}

static double
s_run_bare (const bench_t *bench, const char *path)
{
    sqlite3 *db = s_open (path);
    sqlite3_stmt *stmt = s_prepare_bare (db, path);
    uint64_t rows = 0;
    double begin = s_now (), now = begin;
    for (; now - begin < bench->seconds; now = s_now ()) {
        sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        for (int i = 0; i < BATCH; i++) {
            s_bind_bare (stmt, rows++);
            if (sqlite3_step (stmt) != SQLITE_DONE)
                s_die (path, sqlite3_errmsg (db));
            sqlite3_reset (stmt);
        }
        if (sqlite3_exec (db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
            s_die (path, sqlite3_errmsg (db));
    }
    sqlite3_finalize (stmt);
    sqlite3_close (db);
    return (double) rows / (now - begin);
}

//  ---- the program

static void
s_read_options (bench_t *bench, int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 < argc && strcmp (argv[i], "--seconds") == 0)
            bench->seconds = atof (argv[i + 1]);
        else if (i + 1 < argc && strcmp (argv[i], "--folder") == 0)
            bench->folder = argv[i + 1];
        else {
            fputs (s_usage, stderr);
            exit (2);
        }
    }
}

static void
s_remove (const char *folder)
{
    static const char *const names[] = { "ledger.db", "ledger.db-wal", "ledger.db-shm",
                                         "bare.db",   "bare.db-wal",   "bare.db-shm" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = br_strf ("%s/%s", folder, names[i]);
        unlink (path);
        free (path);
    }
    rmdir (folder);
}

int
main (int argc, char **argv)
{
    bench_t bench = { .seconds = 1, .folder = "/tmp" };
    s_read_options (&bench, argc, argv);
    char *folder = br_strf ("%s/bench-ledger-XXXXXX", bench.folder);
    if (!mkdtemp (folder))
        s_die (folder, "cannot be made");
    char *ledger = br_strf ("%s/ledger.db", folder);
    char *bare = br_strf ("%s/bare.db", folder);
    double rows = s_run_ledger (&bench, ledger);
    double bare_rows = s_run_bare (&bench, bare);
    printf ("ledger  %8.0f rows/s\nbare    %8.0f rows/s\nratio   %8.2f\n", rows,
            bare_rows, rows / bare_rows);
    s_remove (folder);
    free (bare);
    free (ledger);
    free (folder);
    return 0;
}
