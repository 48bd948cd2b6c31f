//  conf_database: the address of the database.

#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_database.h"

static const char *const s_schemes[] = { "postgres://", "postgresql://", "mysql://" };

//  The path of a SQLite address, or NULL for another scheme.
static const char *
s_sqlite_path (const char *url)
{
    if (strncmp (url, "sqlite://", 9) == 0)
        return url + 9;
    return strncmp (url, "sqlite:", 7) == 0 ? url + 7 : NULL;
}

char *
br_conf_database_url (const char *url, const char *home, br_error_t *reterr)
{
    const char *slash = strcmp (home, "/") == 0 ? "" : "/";
    if (!url || !*url)
        return br_strf ("sqlite://%s%sbitrouter.db?mode=rwc", home, slash);
    for (size_t i = 0; i < sizeof s_schemes / sizeof *s_schemes; i++)
        if (strncmp (url, s_schemes[i], strlen (s_schemes[i])) == 0)
            return br_strdup (url);
    const char *path = s_sqlite_path (url);
    if (!path || !*path) {
        br_error_set (reterr, BR_ECONFIG,
                      "the database address must begin with sqlite://, postgres:// or "
                      "mysql://");
        return NULL;
    }
    if (*path == '/' || *path == ':')
        return br_strf ("sqlite://%s", path);
    return br_strf ("sqlite://%s%s%s", home, slash, path);
}
