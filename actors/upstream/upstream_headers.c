//  upstream_headers: which of a provider's response headers go down to the client.

#include <string.h>
#include <strings.h>

#include "broker/core/pairs.h"
#include "actors/upstream/upstream_headers.h"

//  A name that ends with '-' stands for all that begin with it.
static const char *const s_allowed[] = {
    "x-request-id",   "request-id", "retry-after",  "retry-after-ms",
    "x-should-retry", "openai-",    "x-ratelimit-", "anthropic-ratelimit-",
};

bool
upstream_headers_allow (const char *name)
{
    for (size_t i = 0; i < sizeof s_allowed / sizeof *s_allowed; i++) {
        size_t size = strlen (s_allowed[i]);
        bool is_prefix = s_allowed[i][size - 1] == '-';
        if (strncasecmp (name, s_allowed[i], size) == 0 && (is_prefix || name[size] == 0))
            return true;
    }
    return false;
}

static void
s_collect (void *arg, const char *name, const char *value)
{
    if (upstream_headers_allow (name))
        (void) br_pairs_add (arg, name, value);
}

void
upstream_headers_collect (const http_transfer_t *transfer, br_buf_t *pairs)
{
    http_transfer_each_header (transfer, s_collect, pairs);
}
