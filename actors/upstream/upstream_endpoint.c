//  upstream_endpoint: one address of a provider with one credential, made ready.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/proto/surface.h"
#include "actors/upstream/upstream_endpoint.h"

#define LINES_MAX 32        //  header lines of an endpoint
#define LINE_MAX 8192       //  bytes of one line, and of a URL
#define VALUE_SECRET_MIN 16 //  bytes of a configured header's or query's value

//  What is sent for one surface.
typedef struct {
    char *url; //  NULL = the surface is not asked of providers
    char *lines[LINES_MAX];
    size_t lines_size;
} form_t;

struct _upstream_endpoint_t {
    char *name;
    char *protocol; //  NULL = not given
    char *refusal;  //  NULL = nothing is missing
    form_t forms[BR_SURFACE_COUNT];
    upstream_mask_t *secrets;
};

//  How a protocol wants its key, when nothing is said; all others as OpenAI.
static const struct {
    const char *protocol;
    const char *header;
    const char *prefix;
} s_proofs[] = {
    { "messages", "x-api-key", "" },
    { "generate_content", "x-goog-api-key", "" },
};

static const char *
s_text (const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (object, key);
    return cJSON_IsString (item) ? item->valuestring : NULL;
}

//  ---- what may be sent

static bool
s_is_name (const char *name)
{
    static const char
        *const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789-_.!#$%&'*+^`|~";
    return *name && name[strspn (name, allowed)] == 0;
}

static bool
s_is_value (const char *value)
{
    size_t size = strlen (value);
    for (size_t i = 0; i < size; i++)
        if ((uint8_t) value[i] < 0x20 || value[i] == 0x7f)
            return false;
    return size < LINE_MAX;
}

static int
s_refuse_conf (const upstream_endpoint_t *self, const char *what, br_error_t *reterr)
{
    return br_error_set (reterr, BR_ECONFIG, "endpoint '%s': %s", self->name, what);
}

//  ---- secrets

static void
s_add_secret (upstream_endpoint_t *self, const char *secret, size_t least)
{
    if (secret && strlen (secret) >= least)
        upstream_mask_add (self->secrets, secret);
}

void
upstream_endpoint_mask (const upstream_endpoint_t *self, uint8_t *bytes, size_t size)
{
    upstream_mask_hide (self->secrets, bytes, size);
}

const upstream_mask_t *
upstream_endpoint_secrets (const upstream_endpoint_t *self)
{
    return self->secrets;
}

//  ---- header lines

static int
s_add_line (upstream_endpoint_t *self, form_t *form, const char *name, const char *prefix,
            const char *value, br_error_t *reterr)
{
    if (!s_is_name (name))
        return s_refuse_conf (self, "a header's name is malformed", reterr);
    if (!s_is_value (value))
        return s_refuse_conf (self,
                              "a header's value or key has control characters or is "
                              "too long",
                              reterr);
    if (form->lines_size == LINES_MAX)
        return s_refuse_conf (self, "it has too many default_headers", reterr);
    form->lines[form->lines_size++] = br_strf ("%s: %s%s", name, prefix, value);
    return 0;
}

static bool
s_has_line (const form_t *form, const char *name)
{
    size_t size = strlen (name);
    for (size_t i = 0; i < form->lines_size; i++)
        if (strncasecmp (form->lines[i], name, size) == 0 && form->lines[i][size] == ':')
            return true;
    return false;
}

//  A provider without a key is asked without one, unless only some of its routes are to
//  be used: those have keys of their own.
static void
s_note_missing_key (upstream_endpoint_t *self, const cJSON *slice)
{
    if (cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (slice, "routes_only"))
        && !self->refusal)
        self->refusal = br_strdup ("there is no api_key; nothing was sent");
}

//  The line of the credential.
static int
s_add_proof (upstream_endpoint_t *self, form_t *form, const char *protocol,
             const cJSON *slice, const char *key, br_error_t *reterr)
{
    const cJSON *auth = cJSON_GetObjectItemCaseSensitive (slice, "auth");
    const char *type = s_text (auth, "type");
    if (type && strcmp (type, "none") == 0)
        return 0;
    if (!key || !*key) {
        s_note_missing_key (self, slice);
        return 0;
    }
    if (type && strcmp (type, "bearer") == 0)
        return s_add_line (self, form, "Authorization", "Bearer ", key, reterr);
    if (type && strcmp (type, "header") == 0) {
        const char *name = s_text (auth, "header_name");
        if (!name)
            return s_refuse_conf (self, "auth of the type header needs header_name",
                                  reterr);
        return s_add_line (self, form, name, "", key, reterr);
    }
    for (size_t i = 0; i < sizeof s_proofs / sizeof *s_proofs; i++)
        if (strcmp (s_proofs[i].protocol, protocol) == 0)
            return s_add_line (self, form, s_proofs[i].header, s_proofs[i].prefix, key,
                               reterr);
    return s_add_line (self, form, "Authorization", "Bearer ", key, reterr);
}

static int
s_add_defaults (upstream_endpoint_t *self, form_t *form, const cJSON *slice,
                br_error_t *reterr)
{
    const cJSON *headers = cJSON_GetObjectItemCaseSensitive (slice, "default_headers");
    const cJSON *item;
    cJSON_ArrayForEach (item, headers)
    {
        if (!cJSON_IsString (item) || s_has_line (form, item->string))
            continue;
        int rc = s_add_line (self, form, item->string, "", item->valuestring, reterr);
        if (rc)
            return rc;
        s_add_secret (self, item->valuestring, VALUE_SECRET_MIN);
    }
    return 0;
}

//  ---- URLs

static void
s_add_escaped (br_buf_t *url, const char *text)
{
    static const char
        *const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                       "0123456789-_.~";
    for (; *text; text++) {
        if (strchr (plain, *text))
            br_buf_addc (url, *text);
        else
            br_buf_addf (url, "%%%02X", (unsigned) (uint8_t) *text);
    }
}

static void
s_add_query (upstream_endpoint_t *self, br_buf_t *url, const char *own,
             const cJSON *slice)
{
    char mark = '?';
    if (own && *own) {
        br_buf_addc (url, '?');
        br_buf_add (url, own, strcspn (own, "#"));
        mark = '&';
    }
    const cJSON *query = cJSON_GetObjectItemCaseSensitive (slice, "default_query");
    const cJSON *item;
    cJSON_ArrayForEach (item, query)
    {
        if (!cJSON_IsString (item))
            continue;
        br_buf_addc (url, mark);
        s_add_escaped (url, item->string);
        br_buf_addc (url, '=');
        s_add_escaped (url, item->valuestring);
        s_add_secret (self, item->valuestring, VALUE_SECRET_MIN);
        mark = '&';
    }
}

//  The first segment of a path, with its slash, in bytes.
static size_t
s_segment (const char *path)
{
    return 1 + strcspn (path + 1, "/?#");
}

static bool
s_is_version (const char *segment)
{
    return segment[1] == 'v' && segment[2] >= '0' && segment[2] <= '9';
}

//  What of the path is not in the base yet: nothing, or all but its first segment. One
//  version stands for another: Google's base may end with /v1.
//  in:   base, without slashes at its end; size, bytes of it
static const char *
s_rest (const char *base, size_t size, const char *path)
{
    size_t path_size = strlen (path);
    if (size > path_size && memcmp (base + size - path_size, path, path_size) == 0)
        return "";
    const char *host = memmem (base, size, "://", 3) ? strstr (base, "://") + 3 : base;
    const char *last = memrchr (host, '/', size - (size_t) (host - base));
    if (!last)
        return path;
    size_t first_size = s_segment (path);
    size_t last_size = size - (size_t) (last - base);
    bool same = last_size == first_size && memcmp (last, path, first_size) == 0;
    bool versions = last_size > 2 && s_is_version (last) && s_is_version (path);
    return same || versions ? path + first_size : path;
}

//  The base, without slashes at its end, and what it lacks of the path; a query of the
//  base stays at the end, a fragment is left out.
static int
s_set_url (upstream_endpoint_t *self, form_t *form, const char *base, const char *path,
           const cJSON *slice, br_error_t *reterr)
{
    if (!base)
        return 0;
    if (strncasecmp (base, "http://", 7) && strncasecmp (base, "https://", 8))
        return s_refuse_conf (self, "api_base must begin with http:// or https://",
                              reterr);
    size_t size = strcspn (base, "?#");
    const char *own = base[size] == '?' ? base + size + 1 : NULL;
    while (size && base[size - 1] == '/')
        size--;
    br_buf_t url;
    br_buf_init (&url, LINE_MAX);
    br_buf_add (&url, base, size);
    br_buf_adds (&url, s_rest (base, size, path));
    s_add_query (self, &url, own, slice);
    bool good = !url.overflow && s_is_value (base) && !strchr (base, ' ');
    if (good)
        form->url = br_strdup (br_buf_text (&url));
    br_buf_free (&url);
    return good ? 0 : s_refuse_conf (self, "api_base is malformed or too long", reterr);
}

//  ---- life

//  Its own base, that of the protocol, or the provider's.
static const char *
s_base (const cJSON *slice, const cJSON *own, const char *protocol)
{
    const char *base = s_text (own, "api_base");
    if (!base)
        base = s_text (cJSON_GetObjectItemCaseSensitive (slice, "protocol_endpoints"),
                       protocol);
    return base ? base : s_text (slice, "api_base");
}

//  Modes that are not built yet: they load, but nothing is ever sent without a
//  credential.
static void
s_check_mode (upstream_endpoint_t *self, const cJSON *slice)
{
    static const char *const known[] = { "protocol", "bearer", "header", "none" };
    const char *type = s_text (cJSON_GetObjectItemCaseSensitive (slice, "auth"), "type");
    for (size_t i = 0; type && i < sizeof known / sizeof *known; i++)
        if (strcmp (type, known[i]) == 0)
            return;
    if (type)
        self->refusal = br_strf ("auth of the type '%.40s' is not supported yet; nothing "
                                 "was sent",
                                 type);
}

static int
s_set_forms (upstream_endpoint_t *self, const cJSON *slice, const cJSON *own,
             br_error_t *reterr)
{
    const cJSON *auth = cJSON_GetObjectItemCaseSensitive (slice, "auth");
    const char *key = s_text (own, "api_key");
    if (!key)
        key = s_text (auth, "api_key");
    s_add_secret (self, key, UPSTREAM_SECRET_MIN);
    s_check_mode (self, slice);
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < BR_SURFACE_COUNT; i++) {
        const br_surface_row_t *row = br_surface_row (i);
        if (!row || !row->upstream)
            continue;
        form_t *form = &self->forms[i];
        rc = s_set_url (self, form, s_base (slice, own, row->protocol), row->upstream,
                        slice, reterr);
        if (rc == 0)
            rc = s_add_proof (self, form, row->protocol, slice, key, reterr);
        if (rc == 0)
            rc = s_add_defaults (self, form, slice, reterr);
    }
    return rc;
}

upstream_endpoint_t *
upstream_endpoint_new (const char *name, const cJSON *slice, const cJSON *own,
                       br_error_t *reterr)
{
    upstream_endpoint_t *self = BR_NEW (upstream_endpoint_t);
    self->name = br_strdup (name);
    self->secrets = upstream_mask_new ();
    self->protocol = br_strdup (s_text (own, "protocol"));
    int rc = s_set_forms (self, slice, own, reterr);
    if (rc)
        upstream_endpoint_destroy (&self);
    return self;
}

//  Memory that held a secret is overwritten before it goes.
static void
s_free_secret (char *text)
{
    if (text)
        explicit_bzero (text, strlen (text));
    free (text);
}

void
upstream_endpoint_destroy (upstream_endpoint_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    upstream_endpoint_t *self = *self_p;
    for (size_t i = 0; i < BR_SURFACE_COUNT; i++) {
        for (size_t k = 0; k < self->forms[i].lines_size; k++)
            s_free_secret (self->forms[i].lines[k]);
        s_free_secret (self->forms[i].url);
    }
    upstream_mask_destroy (&self->secrets);
    free (self->refusal);
    free (self->protocol);
    free (self->name);
    free (self);
    *self_p = NULL;
}

//  ---- getters

const char *
upstream_endpoint_name (const upstream_endpoint_t *self)
{
    return self->name;
}

const char *
upstream_endpoint_protocol (const upstream_endpoint_t *self)
{
    return self->protocol;
}

const char *
upstream_endpoint_refusal (const upstream_endpoint_t *self)
{
    return self->refusal;
}

const char *
upstream_endpoint_url (const upstream_endpoint_t *self, unsigned surface)
{
    return surface < BR_SURFACE_COUNT ? self->forms[surface].url : NULL;
}

const char *const *
upstream_endpoint_lines (const upstream_endpoint_t *self, unsigned surface,
                         size_t *ret_count)
{
    *ret_count = self->forms[surface].lines_size;
    return (const char *const *) self->forms[surface].lines;
}

bool
upstream_endpoint_has_line (const upstream_endpoint_t *self, unsigned surface,
                            const char *name)
{
    return s_has_line (&self->forms[surface], name);
}
