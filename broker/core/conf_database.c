//  conf_database: the address of the database.

#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_database.h"

#define MASK "****"
#define MASKED_MAX 65536 //  bytes of an address for people

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

//  ---- for people

//  Adds a query, or what follows a path, with the values of passwords masked.
static void
s_add_query (br_buf_t *out, const char *query)
{
    static const char *const s_secrets[] = { "password=", "sslpassword=", "passwd=",
                                             "pwd=" };
    while (*query) {
        size_t size = 1 + strcspn (query + 1, "&?;# ");
        size_t shown = size;
        for (size_t i = 0; i < sizeof s_secrets / sizeof *s_secrets; i++)
            if (strncasecmp (query + 1, s_secrets[i], strlen (s_secrets[i])) == 0)
                shown = 1 + strlen (s_secrets[i]);
        br_buf_add (out, query, shown);
        if (shown < size)
            br_buf_adds (out, MASK);
        query += size;
    }
}

//  The last @ before the query. A password may hold any byte but that and ?: one that was
//  not escaped must not be shown either.
static const char *
s_user_end (const char *user)
{
    size_t size = strcspn (user, "?");
    return memrchr (user, '@', size);
}

char *
br_conf_database_masked (const char *url)
{
    const char *user = strstr (url, "://");
    if (!user || s_sqlite_path (url))
        return br_strdup (url);
    user += 3;
    const char *at = s_user_end (user);
    const char *colon = at ? memchr (user, ':', (size_t) (at - user)) : NULL;
    br_buf_t out;
    br_buf_init (&out, MASKED_MAX);
    br_buf_add (&out, url, (size_t) ((colon ? colon + 1 : user) - url));
    if (colon)
        br_buf_adds (&out, MASK);
    const char *rest = colon ? at : user;
    size_t plain = strcspn (rest, "?");
    br_buf_add (&out, rest, plain);
    s_add_query (&out, rest + plain);
    char *masked = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return masked;
}
