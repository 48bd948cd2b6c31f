//  ingress_models: rows of JSON, prepared.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_models.h"
#include "actors/ingress/ingress_request.h"
#include "broker/core/alloc.h"

#define LIST_MAX (64u << 20) //  bytes
#define VALUE_MAX 256        //  bytes of a filter

typedef struct _model_t {
    char *id;
    char *providers; //  "\nopenai\nanthropic\n"
    char *json;      //  its object
} model_t;

struct _ingress_models_t {
    model_t *rows; //  sorted by id
    size_t count;
    size_t room;
    br_blob_t *all;
};

static void
s_add_row (ingress_models_t *self, cJSON *object, char *providers)
{
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 64;
        self->rows = br_realloc (self->rows, self->room * sizeof *self->rows);
    }
    char *json = cJSON_PrintUnformatted (object);
    self->rows[self->count++] = (model_t) {
        .id = br_strdup (cJSON_GetObjectItemCaseSensitive (object, "id")->valuestring),
        .providers = providers,
        .json = br_strdup (json),
    };
    cJSON_free (json);
}

static cJSON *
s_object (const char *id, uint64_t created, const char *owner)
{
    cJSON *object = cJSON_CreateObject ();
    cJSON_AddStringToObject (object, "id", id);
    cJSON_AddStringToObject (object, "object", "model");
    cJSON_AddNumberToObject (object, "created", (double) created);
    cJSON_AddStringToObject (object, "owned_by", owner);
    return object;
}

//  What the catalogue says of a model, after our own members.
static void
s_add_facts (cJSON *object, const cJSON *facts)
{
    const cJSON *fact;
    cJSON_ArrayForEach (
        fact, facts) if (fact->string
                         && !cJSON_GetObjectItemCaseSensitive (object, fact->string))
        cJSON_AddItemToObject (object, fact->string, cJSON_Duplicate (fact, true));
}

static void
s_add_provider (ingress_models_t *self, const cJSON *provider, uint64_t created)
{
    if (cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (provider, "routes_only")))
        return;
    const cJSON *model;
    cJSON_ArrayForEach (model, cJSON_GetObjectItemCaseSensitive (provider, "models"))
    {
        char *id = br_strf ("%s:%s", provider->string,
                            model->string ? model->string : "");
        cJSON *object = s_object (id, created, provider->string);
        cJSON *names = cJSON_AddArrayToObject (object, "providers");
        cJSON_AddItemToArray (names, cJSON_CreateString (provider->string));
        s_add_facts (object, model);
        s_add_row (self, object, br_strf ("\n%s\n", provider->string));
        cJSON_Delete (object);
        free (id);
    }
}

//  A route: its providers, each once. Without an endpoint nobody could call it.
static void
s_add_route (ingress_models_t *self, const cJSON *route, uint64_t created)
{
    const cJSON *endpoints = cJSON_GetObjectItemCaseSensitive (route, "endpoints");
    if (!cJSON_GetArraySize (endpoints))
        return;
    cJSON *object = s_object (route->string, created, "bitrouter");
    cJSON *names = cJSON_AddArrayToObject (object, "providers");
    char *providers = br_strdup ("\n");
    const cJSON *endpoint;
    cJSON_ArrayForEach (endpoint, endpoints)
    {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive (endpoint, "provider");
        if (!cJSON_IsString (name))
            continue;
        char *line = br_strf ("\n%s\n", name->valuestring);
        if (!strstr (providers, line)) {
            char *longer = br_strf ("%s%s", providers, line + 1);
            free (providers);
            providers = longer;
            cJSON_AddItemToArray (names, cJSON_CreateString (name->valuestring));
        }
        free (line);
    }
    cJSON *facts = cJSON_Duplicate (route, true);
    cJSON_DeleteItemFromObjectCaseSensitive (facts, "endpoints");
    cJSON_DeleteItemFromObjectCaseSensitive (facts, "strategy");
    s_add_facts (object, facts);
    cJSON_Delete (facts);
    s_add_row (self, object, providers);
    cJSON_Delete (object);
}

static int
s_compare (const void *a, const void *b)
{
    return strcmp (((const model_t *) a)->id, ((const model_t *) b)->id);
}

static br_blob_t *
s_list (const ingress_models_t *self, const char *provider, const char *id)
{
    br_buf_t buf;
    br_buf_init (&buf, LIST_MAX);
    br_buf_adds (&buf, "{\"object\":\"list\",\"data\":[");
    bool first = true;
    for (size_t i = 0; i < self->count; i++) {
        const model_t *row = &self->rows[i];
        if ((provider && !strstr (row->providers, provider))
            || (id && !strcasestr (row->id, id)))
            continue;
        if (!first)
            br_buf_addc (&buf, ',');
        first = false;
        br_buf_adds (&buf, row->json);
    }
    br_buf_adds (&buf, "]}");
    size_t size;
    uint8_t *data = br_buf_take (&buf, &size);
    return br_blob_take (data, size);
}

ingress_models_t *
ingress_models_new (const char *slice, uint64_t created, br_error_t *reterr)
{
    cJSON *root = cJSON_Parse (slice);
    if (!cJSON_IsObject (root)) {
        cJSON_Delete (root);
        br_error_set (reterr, BR_ECONFIG, "ingress: the slice is no JSON object");
        return NULL;
    }
    ingress_models_t *self = BR_NEW (ingress_models_t);
    const cJSON *node;
    cJSON_ArrayForEach (
        node, cJSON_GetObjectItemCaseSensitive (root, "models")) if (node->string)
        s_add_route (self, node, created);
    cJSON_ArrayForEach (
        node, cJSON_GetObjectItemCaseSensitive (root, "providers")) if (node->string)
        s_add_provider (self, node, created);
    cJSON_Delete (root);
    if (self->count)
        qsort (self->rows, self->count, sizeof *self->rows, s_compare);
    self->all = s_list (self, NULL, NULL);
    return self;
}

void
ingress_models_destroy (ingress_models_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_models_t *self = *self_p;
    br_blob_destroy (&self->all);
    for (size_t i = 0; i < self->count; i++) {
        free (self->rows[i].id);
        free (self->rows[i].providers);
        free (self->rows[i].json);
    }
    free (self->rows);
    free (self);
    *self_p = NULL;
}

br_blob_t *
ingress_models_list (const ingress_models_t *self, const char *query)
{
    char provider[VALUE_MAX];
    char id[VALUE_MAX];
    bool by_provider = ingress_request_param (query, "provider", provider + 1,
                                              VALUE_MAX - 2);
    bool by_id = ingress_request_param (query, "id", id, VALUE_MAX);
    if (!by_provider && !by_id)
        return br_blob_ref (self->all);
    provider[0] = '\n';
    if (by_provider)
        strcat (provider, "\n");
    return s_list (self, by_provider ? provider : NULL, by_id ? id : NULL);
}
