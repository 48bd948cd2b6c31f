//  upstream_near: the host of a URL against a table.

#include <string.h>
#include <strings.h>

#include "actors/upstream/upstream_near.h"

//  How addresses begin that are not routed through the world.
static const char *const s_starts[] = {
    "127.",    "10.",     "192.168.", "169.254.", "172.16.", "172.17.",
    "172.18.", "172.19.", "172.20.",  "172.21.",  "172.22.", "172.23.",
    "172.24.", "172.25.", "172.26.",  "172.27.",  "172.28.", "172.29.",
    "172.30.", "172.31.", "[::1]",    "[fc",      "[fd",     "[fe8",
};

bool
upstream_near (const char *url)
{
    const char *scheme = strstr (url, "://");
    const char *host = scheme ? scheme + 3 : url;
    const char *user = memchr (host, '@', strcspn (host, "/?#"));
    host = user ? user + 1 : host;
    size_t size = *host == '[' ? strcspn (host, "/?#") : strcspn (host, ":/?#");
    bool is_number = *host == '[' || strspn (host, "0123456789.") >= size;
    for (size_t i = 0; is_number && i < sizeof s_starts / sizeof *s_starts; i++)
        if (strncasecmp (host, s_starts[i], strlen (s_starts[i])) == 0)
            return true;
    return !is_number && size > 0 && !memchr (host, '.', size);
}
