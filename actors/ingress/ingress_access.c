//  ingress_access: Host and Origin.

#include <string.h>
#include <strings.h>

#include "actors/ingress/ingress_access.h"

//  Bytes of the name in "name:port", "[::1]:port" or "name".
static size_t
s_name_size (const char *address)
{
    if (*address == '[') {
        const char *end = strchr (address, ']');
        return end ? (size_t) (end - address) + 1 : strlen (address);
    }
    return strcspn (address, ":");
}

static bool
s_is (const char *name, size_t size, const char *other)
{
    return strlen (other) == size && strncasecmp (name, other, size) == 0;
}

//  127.0.0.0/8 in its usual spelling: digits and dots alone.
static bool
s_is_127 (const char *name, size_t size)
{
    return size >= 7 && strncmp (name, "127.", 4) == 0
           && strspn (name, "0123456789.") >= size;
}

bool
ingress_access_is_loopback (const char *address)
{
    size_t size = s_name_size (address);
    return s_is (address, size, "localhost") || s_is (address, size, "[::1]")
           || s_is_127 (address, size);
}

static bool
s_is_our_name (const ingress_settings_t *settings, const char *host)
{
    if (ingress_access_is_loopback (host))
        return true;
    size_t size = s_name_size (host);
    for (char **listen = settings->listen; *listen; listen++)
        if (size && s_name_size (*listen) == size
            && strncasecmp (*listen, host, size) == 0)
            return true;
    for (char **name = settings->hosts; *name; name++)
        if (s_is (host, size, *name) || strcasecmp (host, *name) == 0)
            return true;
    return false;
}

//  By its own name; "*" is nobody's.
static bool
s_is_named (const ingress_settings_t *settings, const char *origin)
{
    for (char **listed = settings->cors_origins; *listed; listed++)
        if (strcmp (*listed, "*") != 0 && strcasecmp (*listed, origin) == 0)
            return true;
    return false;
}

bool
ingress_access_is_listed (const ingress_settings_t *settings, const char *origin)
{
    for (char **listed = settings->cors_origins; *listed; listed++)
        if (strcmp (*listed, "*") == 0)
            return true;
    return s_is_named (settings, origin);
}

//  A page that we serve ourselves, or that stands behind the same name.
static bool
s_is_own_page (const char *origin, const char *host)
{
    const char *name = strstr (origin, "://");
    return host && name && strcasecmp (name + 3, host) == 0;
}

int
ingress_access_check (const ingress_settings_t *settings,
                      const ingress_visitor_t *visitor, br_error_t *reterr)
{
    if (visitor->loopback && visitor->host && !s_is_our_name (settings, visitor->host))
        return br_error_set (reterr, BR_EFORBIDDEN,
                             "this host name is not ours: call 127.0.0.1 or localhost");
    if (!visitor->origin || s_is_own_page (visitor->origin, visitor->host)
        || ingress_access_is_listed (settings, visitor->origin))
        return 0;
    return br_error_set (reterr, BR_EFORBIDDEN,
                         "pages of this origin may not call: add it to "
                         "server.cors.origins");
}

int
ingress_access_check_operator (const ingress_settings_t *settings,
                               const ingress_visitor_t *visitor, const char *fetch_site,
                               br_error_t *reterr)
{
    const char *origin = visitor->origin;
    bool is_own = !fetch_site || strcasecmp (fetch_site, "none") == 0
                  || strcasecmp (fetch_site, "same-origin") == 0;
    if (origin)
        is_own = s_is_own_page (origin, visitor->host) || s_is_named (settings, origin);
    if (is_own)
        return 0;
    return br_error_set (reterr, BR_EFORBIDDEN,
                         "a page needs a credential whose scope is admin for this, or "
                         "its origin by name in server.cors.origins");
}
