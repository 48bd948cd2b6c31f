//  ledger_file: the address of a ledger's SQLite file, and an open connection to it.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/ledger/ledger_file.h"

#define FILE_MODE 0600
#define READER_BUSY_MS 5000 //  for those who only read
#define MEMORY ":memory:"
#define MAGIC "SQLite format 3" //  a database begins with it and a zero byte

//  The rest of text behind a prefix, or NULL.
static const char *
s_behind (const char *text, const char *prefix)
{
    size_t size = strlen (prefix);
    return strncmp (text, prefix, size) == 0 ? text + size : NULL;
}

//  The path and what follows it, or NULL.
static const char *
s_behind_scheme (const char *url, br_error_t *reterr)
{
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
s_read_options (const char *options, ledger_file_t *database, br_error_t *reterr)
{
    database->create = true;
    if (!options || !*options || strcmp (options, "mode=rwc") == 0)
        return 0;
    if (strcmp (options, "mode=rw") == 0) {
        database->create = false;
        return 0;
    }
    if (strcmp (options, "mode=ro") == 0) {
        database->create = false;
        database->read_only = true;
        return 0;
    }
    return br_error_set (
        reterr, BR_ECONFIG,
        "database: unknown option '%.64s', there are mode=rwc, rw and ro", options);
}

int
ledger_file_parse (const char *url, ledger_file_t *ret_file, br_error_t *reterr)
{
    ledger_file_t database = { .create = false };
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
    *ret_file = database;
    return 0;
}

//  ---- opening

static int
s_refuse (const ledger_file_t *self, const char *why, br_error_t *reterr)
{
    //  what SQLite says of a file that somebody else has written to
    bool foreign = strcmp (why, "file is not a database") == 0
                   || strcmp (why, "database disk image is malformed") == 0;
    return br_error_set (reterr, BR_ECONFIG, "database %.256s: %s%s", self->path, why,
                         foreign ? "; put a backup in its place, or move it away: a new "
                                   "one is made then"
                                 : "");
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
s_make_private (const ledger_file_t *self, br_error_t *reterr)
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
s_prepare_file (const ledger_file_t *self, br_error_t *reterr)
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
s_set_up (const ledger_file_t *self, sqlite3 *db, br_error_t *reterr)
{
    if (sqlite3_db_readonly (db, "main") == 1)
        return s_refuse (self, "it can be read, but not written", reterr);
    sqlite3_busy_timeout (db, LEDGER_BUSY_MS);
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

static int
s_set_up_reader (const ledger_file_t *self, sqlite3 *db, br_error_t *reterr)
{
    sqlite3_busy_timeout (db, READER_BUSY_MS);
    int rc = sqlite3_exec (db, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : s_refuse (self, sqlite3_errmsg (db), reterr);
}

sqlite3 *
ledger_file_open (const ledger_file_t *self, br_error_t *reterr)
{
    bool is_reader = self->read_only;
    if (is_reader && !self->in_memory && access (self->path, F_OK) && errno == ENOENT) {
        s_refuse (self, "it is not there: bitrouter serve makes it", reterr);
        return NULL;
    }
    if (!self->in_memory && !is_reader && s_prepare_file (self, reterr))
        return NULL;
    sqlite3 *db = NULL;
    int mode = is_reader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int rc = sqlite3_open_v2 (self->path, &db, mode | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        s_refuse (self, db ? sqlite3_errmsg (db) : "no memory", reterr);
    else
        rc = is_reader ? s_set_up_reader (self, db, reterr) : s_set_up (self, db, reterr);
    if (rc == SQLITE_OK)
        return db;
    sqlite3_close (db);
    return NULL;
}
