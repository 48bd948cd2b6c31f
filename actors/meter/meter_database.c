//  meter_database: the address of the ledger's database, and an open connection to it.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/meter/meter_database.h"

#define FILE_MODE 0600
#define MEMORY ":memory:"
#define MAGIC "SQLite format 3" //  a database begins with it and a zero byte

//  The rest of text behind a prefix, or NULL.
static const char *
s_behind (const char *text, const char *prefix)
{
    size_t size = strlen (prefix);
    return strncmp (text, prefix, size) == 0 ? text + size : NULL;
}

static const struct {
    const char *prefix;
    const char *product;
} s_others[] = {
    { "postgres:", "PostgreSQL" },
    { "postgresql:", "PostgreSQL" },
    { "mysql:", "MySQL" },
};

//  The path and what follows it, or NULL.
static const char *
s_behind_scheme (const char *url, br_error_t *reterr)
{
    for (size_t i = 0; i < sizeof s_others / sizeof *s_others; i++)
        if (s_behind (url, s_others[i].prefix)) {
            br_error_set (
                reterr, BR_ECONFIG,
                "database: %s is not supported yet, give sqlite://PATH?mode=rwc",
                s_others[i].product);
            return NULL;
        }
    const char *path = s_behind (url, "sqlite://");
    if (!path)
        path = s_behind (url, "sqlite:");
    if (!path)
        br_error_set (reterr, BR_ECONFIG,
                      "database: the address must be sqlite://PATH?mode=rwc");
    return path;
}

//  What follows the question mark; NULL for nothing.
static int
s_read_options (const char *options, meter_database_t *database, br_error_t *reterr)
{
    database->create = true;
    if (!options || !*options || strcmp (options, "mode=rwc") == 0)
        return 0;
    if (strcmp (options, "mode=rw") == 0) {
        database->create = false;
        return 0;
    }
    if (strcmp (options, "mode=ro") == 0)
        return br_error_set (
            reterr, BR_ECONFIG,
            "database: the ledger is written, give mode=rwc, not mode=ro");
    return br_error_set (
        reterr, BR_ECONFIG,
        "database: unknown option '%.64s', there are mode=rwc and mode=rw", options);
}

int
meter_database_parse (const char *url, meter_database_t *ret_database, br_error_t *reterr)
{
    meter_database_t database = { .create = false };
    const char *path = s_behind_scheme (url, reterr);
    if (!path)
        return -1;
    size_t size = strcspn (path, "?");
    if (size == 0)
        return br_error_set (reterr, BR_ECONFIG, "database: the address names no file");
    if (size >= sizeof database.path)
        return br_error_set (reterr, BR_ECONFIG, "database: the path is over %zu bytes",
                             sizeof database.path - 1);
    memcpy (database.path, path, size);
    database.in_memory = strcmp (database.path, MEMORY) == 0;
    if (s_read_options (path[size] ? path + size + 1 : NULL, &database, reterr))
        return -1;
    *ret_database = database;
    return 0;
}

//  ---- opening

static int
s_refuse (const meter_database_t *self, const char *why, br_error_t *reterr)
{
    return br_error_set (reterr, BR_ECONFIG, "database %.256s: %s", self->path, why);
}

//  Whether a file is a database, or empty.
static bool
s_is_database (const char *path)
{
    char head[sizeof MAGIC];
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t size = read (fd, head, sizeof head);
    close (fd);
    return size == 0 || (size == sizeof head && memcmp (head, MAGIC, sizeof head) == 0);
}

//  Takes others' access away. To open and close the file here would drop the locks that
//  SQLite may hold on it; but what SQLite has open for us is private already.
static int
s_make_private (const meter_database_t *self, br_error_t *reterr)
{
    struct stat info;
    if (stat (self->path, &info))
        return s_refuse (self, strerror (errno), reterr);
    if (!S_ISREG (info.st_mode))
        return s_refuse (self, "it is no file", reterr);
    if ((info.st_mode & 07777) == FILE_MODE)
        return 0;
    if (!s_is_database (self->path))
        return s_refuse (self, "file is not a database", reterr);
    if (chmod (self->path, FILE_MODE))
        return s_refuse (self, "others may read it, and its mode cannot be set to 0600",
                         reterr);
    return 0;
}

//  Makes the file when it is missing.
static int
s_prepare_file (const meter_database_t *self, br_error_t *reterr)
{
    int fd = -1;
    if (self->create)
        fd = open (self->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd >= 0)
        close (fd);
    else if (self->create && errno != EEXIST)
        return s_refuse (self, strerror (errno), reterr);
    return s_make_private (self, reterr);
}

static int
s_set_up (const meter_database_t *self, sqlite3 *db, br_error_t *reterr)
{
    if (sqlite3_db_readonly (db, "main") == 1)
        return s_refuse (self, "it can be read, but not written", reterr);
    sqlite3_busy_timeout (db, METER_BUSY_MS);
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2 (db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step (stmt);
    const char *want = self->in_memory ? "memory" : "wal";
    bool got = false;
    if (rc == SQLITE_ROW)
        got = strcmp ((const char *) sqlite3_column_text (stmt, 0), want) == 0;
    sqlite3_finalize (stmt);
    if (rc != SQLITE_ROW)
        return s_refuse (self, sqlite3_errmsg (db), reterr);
    if (!got)
        return s_refuse (self, "its file system cannot hold a write-ahead log", reterr);
    rc = sqlite3_exec (db,
                       "PRAGMA synchronous = FULL;"
                       "PRAGMA journal_size_limit = 67108864;",
                       NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : s_refuse (self, sqlite3_errmsg (db), reterr);
}

sqlite3 *
meter_database_open (const meter_database_t *self, br_error_t *reterr)
{
    if (!self->in_memory && s_prepare_file (self, reterr))
        return NULL;
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2 (self->path, &db,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        s_refuse (self, db ? sqlite3_errmsg (db) : "no memory", reterr);
    else
        rc = s_set_up (self, db, reterr);
    if (rc == SQLITE_OK)
        return db;
    sqlite3_close (db);
    return NULL;
}
