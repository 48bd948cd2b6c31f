//  ingress_roster: a line of JSON for each route.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_roster.h"
#include "broker/core/alloc.h"
#include "broker/core/buf.h"

#define ROSTER_MAX (16u << 20) //  bytes

typedef struct _row_t {
    const char *name; //  in the slice, as are those below
    const char *provider;
    const char *protocol;
} row_t;

//  ---- reading

static const char *
s_text (const cJSON *node, const char *key)
{
    return cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (node, key));
}

//  The first of a list of protocols, or NULL.
static const char *
s_first (const cJSON *node)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive (node, "protocols");
    return cJSON_GetStringValue (cJSON_GetArrayItem (list, 0));
}

//  The model as a provider calls it.
static const cJSON *
s_model (const cJSON *provider, const char *id)
{
    const cJSON *model;
    cJSON_ArrayForEach (model, cJSON_GetObjectItemCaseSensitive (provider, "models"))
    {
        const char *theirs = s_text (model, "provider_model_id");
        if (strcmp (theirs ? theirs : model->string, id) == 0)
            return model;
    }
    return NULL;
}

//  The endpoint's own protocol, else the model's, else the provider's.
static const char *
s_protocol (const cJSON *slice, const cJSON *endpoint, const char *name)
{
    const char *own = s_text (endpoint, "protocol");
    if (own)
        return own;
    const cJSON *providers = cJSON_GetObjectItemCaseSensitive (slice, "providers");
    const cJSON *provider = cJSON_GetObjectItemCaseSensitive (providers, name);
    const char *id = s_text (endpoint, "model");
    const char *models = s_first (id ? s_model (provider, id) : NULL);
    const char *usual = models ? models : s_first (provider);
    return usual ? usual : "";
}

static int
s_compare (const void *a, const void *b)
{
    return strcmp (((const row_t *) a)->name, ((const row_t *) b)->name);
}

//  Reads what is shown. rows: room for as many as there are routes; returns their count.
static size_t
s_read (const cJSON *slice, ingress_roster_fn *shows, void *arg, row_t *rows)
{
    size_t count = 0;
    const cJSON *route;
    cJSON_ArrayForEach (route, cJSON_GetObjectItemCaseSensitive (slice, "models"))
    {
        const cJSON *endpoint = cJSON_GetArrayItem (
            cJSON_GetObjectItemCaseSensitive (route, "endpoints"), 0);
        const char *provider = s_text (endpoint, "provider");
        if (!route->string || !provider || (shows && !shows (arg, route->string)))
            continue;
        const char *protocol = s_protocol (slice, endpoint, provider);
        rows[count++] = (row_t) { route->string, provider, protocol };
    }
    qsort (rows, count, sizeof *rows, s_compare);
    return count;
}

//  ---- showing

static void
s_add (br_buf_t *buf, const char *member, const char *text)
{
    br_buf_adds (buf, member);
    br_buf_add_json (buf, text, strlen (text));
}

br_blob_t *
ingress_roster_print (const cJSON *slice, ingress_roster_fn *shows, void *arg)
{
    const cJSON *routes = cJSON_GetObjectItemCaseSensitive (slice, "models");
    row_t *rows = br_alloc ((size_t) cJSON_GetArraySize (routes) + 1, sizeof *rows);
    size_t count = s_read (slice, shows, arg, rows);
    br_buf_t buf;
    br_buf_init (&buf, ROSTER_MAX);
    br_buf_adds (&buf, "{\"routes\":[");
    for (size_t i = 0; i < count; i++) {
        s_add (&buf, i ? ",{\"name\":" : "{\"name\":", rows[i].name);
        s_add (&buf, ",\"provider\":", rows[i].provider);
        s_add (&buf, ",\"protocol\":", rows[i].protocol);
        br_buf_addc (&buf, '}');
    }
    br_buf_adds (&buf, "]}");
    free (rows);
    size_t size;
    uint8_t *data = br_buf_take (&buf, &size);
    return br_blob_take (data, size);
}
