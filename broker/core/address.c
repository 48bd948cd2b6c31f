//  address: whether an address to listen on is free.

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/address.h"
#include "broker/core/port_holder.h"

#define HOST_MAX 256  //  bytes
#define WHO_BYTES 128 //  of the words on who holds a port

//  Takes "HOST:PORT" or "[HOST]:PORT" apart; NULL when it is neither, else the port.
static const char *
s_split (const char *address, char host[HOST_MAX])
{
    const char *colon = strrchr (address, ':');
    size_t size = colon ? (size_t) (colon - address) : 0;
    if (size >= 2 && address[0] == '[' && address[size - 1] == ']') {
        address++;
        size -= 2;
    }
    if (!size || size >= HOST_MAX)
        return NULL;
    memcpy (host, address, size);
    host[size] = 0;
    return colon + 1;
}

static int
s_probe (const struct addrinfo *info)
{
    int fd = socket (info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    const int one = 1;
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (info->ai_family == AF_INET6)
        setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    int rc = bind (fd, info->ai_addr, info->ai_addrlen);
    int held = rc && errno == EADDRINUSE;
    close (fd);
    return held ? -1 : 0;
}

static int
s_refuse (const char *address, const char *port, br_error_t *reterr)
{
    char who[WHO_BYTES];
    br_port_holder_say ((uint16_t) strtoul (port, NULL, 10), who, sizeof who);
    return br_error_set (reterr, BR_ECONFIG,
                         "listen on %s: Address already in use; %s; stop what holds it, "
                         "or name another address",
                         address, who);
}

int
br_address_probe (const char *address, br_error_t *reterr)
{
    char host[HOST_MAX];
    const char *port = s_split (address, host);
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    hints.ai_flags = strcmp (host, "localhost") == 0 ? 0 : AI_NUMERICHOST;
    struct addrinfo *infos = NULL;
    if (!port || strcmp (port, "0") == 0 || getaddrinfo (host, port, &hints, &infos))
        return 0;
    int rc = 0;
    for (const struct addrinfo *info = infos; info && rc == 0; info = info->ai_next)
        rc = s_probe (info);
    freeaddrinfo (infos);
    return rc ? s_refuse (address, port, reterr) : 0;
}
