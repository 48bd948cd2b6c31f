//  ingress_request: an allow list of headers, ids, queries.

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actors/ingress/ingress_request.h"
#include "broker/core/pairs.h"

#define NAME_MAX_BYTES 32 //  of a parameter that is looked for

#define MESSAGES (1u << BR_PROTOCOL_MESSAGES)
#define GOOGLE (1u << BR_PROTOCOL_GOOGLE)
#define OPENAI (~(MESSAGES | GOOGLE))
#define ANY (OPENAI | MESSAGES | GOOGLE)

//  Credentials, cookies, hop-by-hop fields and the client's own numbers stay here; the
//  type and length of the body are upstream's to say.
static const struct {
    const char *name; //  '-' at its end: all names that begin so
    unsigned wires;   //  bits, of the protocols it belongs to
} s_passed[] = {
    { "accept-language", ANY },
    { "anthropic-beta", MESSAGES },
    { "anthropic-dangerous-direct-browser-access", MESSAGES },
    { "anthropic-version", MESSAGES },
    { "idempotency-key", ANY },
    { "openai-beta", OPENAI },
    { "openai-organization", OPENAI },
    { "openai-project", OPENAI },
    { "traceparent", ANY },
    { "tracestate", ANY },
    { "user-agent", ANY },
    { "x-client-request-id", ANY },
    { "x-goog-api-client", GOOGLE },
    { "x-stainless-", ANY },
};

//  Names that never go on, whatever the configuration says.
static const char *const s_kept[] = {
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "expect",
    "accept-encoding",
};

//  Parameters of a query that carry a credential.
static const char *const s_secrets[] = { "key", "api_key", "api-key", "access_token",
                                         "oauth_token" };

typedef struct _once_t {
    const http_call_t *call;
    const char *twice; //  name, or NULL
} once_t;

//  Is it the one that a look by name finds?
static void
s_look_once (void *arg, const char *name, const char *value)
{
    once_t *once = arg;
    bool is_ours = strncasecmp (name, "x-bitrouter-", 12) == 0
                   || strcasecmp (name, "idempotency-key") == 0;
    if (once->twice || !is_ours)
        return;
    const char *found = http_call_header (once->call, name);
    if (found && found != value)
        once->twice = name;
}

int
ingress_request_once (const http_call_t *call, br_error_t *reterr)
{
    once_t once = { .call = call };
    http_call_each_header (call, s_look_once, &once);
    if (!once.twice)
        return 0;
    return br_error_set (reterr, BR_EINVALID, "%.*s may be there only once",
                         INGRESS_ID_MAX, once.twice);
}

int
ingress_request_id (const char *given, br_id_t call, char ret_id[INGRESS_ID_MAX + 1],
                    br_error_t *reterr)
{
    if (!given) {
        br_id_text (call, ret_id);
        return 0;
    }
    size_t size = strlen (given);
    bool sound = size > 0 && size <= INGRESS_ID_MAX;
    for (size_t i = 0; sound && i < size; i++)
        sound = (uint8_t) given[i] >= 0x20 && (uint8_t) given[i] < 0x7f;
    if (sound) {
        memcpy (ret_id, given, size + 1);
        return 0;
    }
    br_id_text (call, ret_id);
    return br_error_set (reterr, BR_EINVALID,
                         "x-bitrouter-request-id must be 1 to %d visible characters",
                         INGRESS_ID_MAX);
}

int
ingress_request_hops (const char *given, unsigned *ret_hops, br_error_t *reterr)
{
    *ret_hops = 0;
    if (!given)
        return 0;
    size_t size = strlen (given);
    if (size == 0 || size > 2 || strspn (given, "0123456789") != size)
        return br_error_set (reterr, BR_EINVALID,
                             BR_HOPS_HEADER " must be a number from 0 to 99");
    unsigned hops = (unsigned) strtoul (given, NULL, 10);
    if (hops >= BR_HOPS_MAX)
        return br_error_set (reterr, BR_EINVALID,
                             "this call came through bitrouter %u times: the api_base of "
                             "a provider leads back to it",
                             hops);
    *ret_hops = hops;
    return 0;
}

static bool
s_is_one_of (const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((name[0] | 0x20) == names[i][0] && strcasecmp (name, names[i]) == 0)
            return true;
    return false;
}

static bool
s_is_passed (br_protocol_t wire, const char *name)
{
    for (size_t i = 0; i < sizeof s_passed / sizeof *s_passed; i++) {
        const char *row = s_passed[i].name;
        if ((name[0] | 0x20) != row[0] || !(s_passed[i].wires >> wire & 1))
            continue;
        size_t size = strlen (row);
        bool all = row[size - 1] == '-';
        if (all ? strncasecmp (name, row, size) == 0 : strcasecmp (name, row) == 0)
            return true;
    }
    return false;
}

bool
ingress_request_passes (br_protocol_t wire, const char *name, char *const *more)
{
    if (s_is_passed (wire, name))
        return true;
    if (strncasecmp (name, "x-bitrouter-", 12) == 0)
        return false; //  said to us
    for (; *more; more++)
        if (strcasecmp (name, *more) == 0)
            return !s_is_one_of (name, s_kept, sizeof s_kept / sizeof *s_kept);
    return false;
}

typedef struct _passing_t {
    br_protocol_t wire;
    char *const *more;
    br_buf_t *pairs;
} passing_t;

static void
s_pass (void *arg, const char *name, const char *value)
{
    passing_t *passing = arg;
    if (ingress_request_passes (passing->wire, name, passing->more))
        br_pairs_add (passing->pairs, name, value);
}

void
ingress_request_headers (const http_call_t *call, br_protocol_t wire, char *const *more,
                         br_buf_t *pairs)
{
    passing_t passing = { wire, more, pairs };
    br_buf_clear (pairs);
    http_call_each_header (call, s_pass, &passing);
}

static int
s_hex (char c)
{
    if (!isxdigit ((unsigned char) c))
        return -1;
    return isdigit ((unsigned char) c) ? c - '0' : tolower ((unsigned char) c) - 'a' + 10;
}

//  One character of a value; *at moves behind it.
static char
s_char (const char **at)
{
    char c = *(*at)++;
    if (c == '+')
        return ' ';
    if (c != '%' || s_hex ((*at)[0]) < 0 || s_hex ((*at)[1]) < 0)
        return c;
    c = (char) (s_hex ((*at)[0]) * 16 + s_hex ((*at)[1]));
    *at += 2;
    return c;
}

//  A parameter's name without escapes; "" for one that is longer than all we look for.
static void
s_read_name (const char *at, size_t size, char name[NAME_MAX_BYTES])
{
    const char *end = at + size;
    size_t i = 0;
    while (at < end && i + 1 < NAME_MAX_BYTES)
        name[i++] = s_char (&at);
    name[at < end ? 0 : i] = 0;
}

static void
s_add_param (br_buf_t *text, const char *at, size_t size)
{
    if (text->size)
        br_buf_addc (text, '&');
    br_buf_add (text, at, size);
}

void
ingress_request_query (const char *query, const char *alt, br_buf_t *text)
{
    br_buf_clear (text);
    while (query && *query) {
        size_t size = strcspn (query, "&");
        char name[NAME_MAX_BYTES];
        s_read_name (query, strcspn (query, "=&"), name);
        bool drop = s_is_one_of (name, s_secrets, sizeof s_secrets / sizeof *s_secrets)
                    || (alt && (strcmp (name, "alt") == 0 || strcmp (name, "$alt") == 0));
        if (!drop && size)
            s_add_param (text, query, size);
        query += size + (query[size] == '&');
    }
    if (alt) {
        s_add_param (text, "alt=", 4);
        br_buf_adds (text, alt);
    }
}

bool
ingress_request_param (const char *query, const char *name, char *ret_value, size_t room)
{
    size_t name_size = strlen (name);
    for (const char *at = query; at && *at; at = strchr (at, '&')) {
        at += *at == '&';
        if (strncmp (at, name, name_size) != 0 || at[name_size] != '=')
            continue;
        at += name_size + 1;
        size_t size = 0;
        while (*at && *at != '&' && size < room)
            ret_value[size++] = s_char (&at);
        if (size == room)
            return false;
        ret_value[size] = 0;
        return true;
    }
    return false;
}
