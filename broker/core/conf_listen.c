//  conf_listen: addresses to listen on.

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_listen.h"

#define HOST_MAX 256 //  bytes of a host, with its end

//  Reads a port, up to the end of the text. Returns -1 when it is none.
static long
s_port (const char *text)
{
    size_t size = strspn (text, "0123456789");
    if (size == 0 || size > 5 || text[size])
        return -1;
    long port = strtol (text, NULL, 10);
    return port <= 65535 ? port : -1;
}

static bool
s_is_host (const char *host)
{
    for (; *host; host++)
        if (!isalnum ((unsigned char) *host) && !strchr (".-_", *host))
            return false;
    return true;
}

static bool
s_is_v6 (const char *host)
{
    size_t size = strlen (host);
    if (size < 4 || host[0] != '[' || host[size - 1] != ']')
        return false;
    return strspn (host + 1, "0123456789abcdefABCDEF:.%") == size - 2;
}

static void
s_add (br_conf_words_t *addresses, const char *host, long port)
{
    char *text = br_strf ("%s:%ld", host, port);
    br_conf_words_add_new (addresses, text);
    free (text);
}

int
br_conf_listen_add (br_conf_words_t *addresses, const char *text)
{
    const char *colon = strrchr (text, ':');
    long port = s_port (colon ? colon + 1 : text);
    size_t size = colon ? (size_t) (colon - text) : 0;
    if (port < 0 || size >= HOST_MAX)
        return -1;
    char host[HOST_MAX];
    memcpy (host, text, size);
    host[size] = 0;
    if (!colon)
        strcpy (host, "127.0.0.1");
    if (strcmp (host, "localhost") == 0) {
        s_add (addresses, "127.0.0.1", port);
        s_add (addresses, "[::1]", port);
        return 0;
    }
    if (!*host || strcmp (host, "*") == 0)
        strcpy (host, "0.0.0.0");
    if (!s_is_host (host) && !s_is_v6 (host))
        return -1;
    s_add (addresses, host, port);
    return 0;
}
