//  ingress_models: rows of JSON, prepared.

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_abilities.h"
#include "actors/ingress/ingress_model_shape.h"
#include "actors/ingress/ingress_models.h"
#include "actors/ingress/ingress_request.h"
#include "broker/core/alloc.h"

#define LIST_MAX (64u << 20) //  bytes
#define VALUE_MAX 1024       //  bytes of a filter, or of a place
#define PAGE_MAX 1000        //  models of a page

typedef struct _model_t {
    char *id;
    char *providers;               //  "\nopenai\nanthropic\n"
    char *json[BR_PROTOCOL_COUNT]; //  its object, by ingress_model_shape_of; else NULL
    ingress_abilities_t *abilities;
} model_t;

struct _ingress_models_t {
    model_t *rows; //  sorted by id
    size_t count;
    size_t room;
    br_blob_t *all[BR_PROTOCOL_COUNT]; //  the whole list, likewise
};

static void
s_add_row (ingress_models_t *self, cJSON *object, char *providers)
{
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 64;
        self->rows = br_realloc (self->rows, self->room * sizeof *self->rows);
    }
    model_t *row = &self->rows[self->count++];
    *row = (model_t) { .id = NULL };
    row->id = br_strdup (cJSON_GetObjectItemCaseSensitive (object, "id")->valuestring);
    row->providers = providers;
    row->abilities = ingress_abilities_new (object);
    for (unsigned wire = 0; wire < BR_PROTOCOL_COUNT; wire++)
        if (ingress_model_shape_of (wire) == wire)
            row->json[wire] = ingress_model_shape (wire, object);
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

//  ---- lists

//  What a query asks for. Texts are "" when it does not say.
typedef struct _wish_t {
    char provider[VALUE_MAX]; //  "\nopenai\n"
    char id[VALUE_MAX];
    char limit[VALUE_MAX];
    char after[VALUE_MAX]; //  id of the model in front of the page
    char before[VALUE_MAX];
    const char *query; //  that asks for abilities; else NULL
} wish_t;

static const char *
s_param (const char *query, const char *name, char value[VALUE_MAX])
{
    bool found = name && ingress_request_param (query, name, value, VALUE_MAX - 2);
    if (!found)
        value[0] = 0;
    return value;
}

static bool
s_read_wish (const char *query, br_protocol_t wire, wish_t *wish)
{
    static const char *const names[BR_PROTOCOL_COUNT][3] = {
        [BR_PROTOCOL_MESSAGES] = { "limit", "after_id", "before_id" },
        [BR_PROTOCOL_GOOGLE] = { "pageSize", "pageToken", NULL },
    };
    char provider[VALUE_MAX - 4];
    wish->provider[0] = 0;
    bool any = ingress_request_param (query, "provider", provider, sizeof provider);
    if (any)
        snprintf (wish->provider, VALUE_MAX, "\n%s\n", provider);
    any |= *s_param (query, "id", wish->id) != 0;
    any |= *s_param (query, names[wire][0], wish->limit) != 0;
    any |= *s_param (query, names[wire][1], wish->after) != 0;
    any |= *s_param (query, names[wire][2], wish->before) != 0;
    return any;
}

//  Rows by number, those that are wanted.
static size_t
s_filter (const ingress_models_t *self, const wish_t *wish, size_t *ret_rows)
{
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++) {
        const model_t *row = &self->rows[i];
        if (strstr (row->providers, wish->provider) && strcasestr (row->id, wish->id)
            && ingress_abilities_fit (row->abilities, wish->query))
            ret_rows[count++] = i;
    }
    return count;
}

//  Takes out of some rows what is not shown.
static size_t
s_hide (const ingress_models_t *self, ingress_models_fn *shows, void *arg, size_t *rows,
        size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (shows (arg, self->rows[rows[i]].id))
            rows[kept++] = rows[i];
    return kept;
}

//  The place of an id in the list. -1 when it is not there.
static int
s_place (const ingress_models_t *self, const size_t *rows, size_t count, const char *id,
         size_t *ret_place, br_error_t *reterr)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp (self->rows[rows[i]].id, id) == 0) {
            *ret_place = i;
            return 0;
        }
    return br_error_set (reterr, BR_EINVALID, "there is no model '%.200s' to go on from",
                         id);
}

//  Cuts the list down to the page that is wanted.
static int
s_cut (const ingress_models_t *self, const wish_t *wish, const size_t *rows, size_t *from,
       size_t *to, bool *ret_more, br_error_t *reterr)
{
    size_t count = *to;
    size_t place = 0;
    *ret_more = false;
    if (*wish->after && s_place (self, rows, count, wish->after, &place, reterr))
        return -1;
    *from = *wish->after ? place + 1 : 0;
    if (*wish->before && s_place (self, rows, count, wish->before, to, reterr))
        return -1;
    if (!*wish->limit || *to <= *from)
        return 0;
    char *end = NULL;
    unsigned long limit = strtoul (wish->limit, &end, 10);
    if (*end || *wish->limit == '-' || limit == 0)
        return br_error_set (reterr, BR_EINVALID, "a page has 1 to %d models", PAGE_MAX);
    limit = limit < PAGE_MAX ? limit : PAGE_MAX;
    *ret_more = *to - *from > limit;
    if (*ret_more && *wish->before)
        *from = *to - limit;
    else if (*ret_more)
        *to = *from + limit;
    return 0;
}

//  Writes the rows of a page.
static br_blob_t *
s_write (const ingress_models_t *self, br_protocol_t wire, const size_t *rows,
         size_t count, bool more)
{
    const char **texts = br_alloc (count + 1, sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = self->rows[rows[i]].json[ingress_model_shape_of (wire)];
    ingress_model_page_t page = { .rows = texts, .count = count, .more = more };
    if (count) {
        page.first = self->rows[rows[0]].id;
        page.last = self->rows[rows[count - 1]].id;
    }
    br_buf_t buf;
    br_buf_init (&buf, LIST_MAX);
    ingress_model_shape_list (wire, &page, &buf);
    free (texts);
    size_t size;
    uint8_t *data = br_buf_take (&buf, &size);
    return br_blob_take (data, size);
}

br_blob_t *
ingress_models_list (const ingress_models_t *self, br_protocol_t wire, const char *query,
                     ingress_models_fn *shows, void *arg, br_error_t *reterr)
{
    wish_t wish;
    bool any = s_read_wish (query, wire, &wish);
    int asked = ingress_abilities_asked (query, reterr);
    if (asked < 0)
        return NULL;
    wish.query = asked ? query : NULL;
    br_protocol_t shape = ingress_model_shape_of (wire);
    if (!any && !asked && !shows && self->all[shape])
        return br_blob_ref (self->all[shape]);
    size_t *rows = br_alloc (self->count + 1, sizeof *rows);
    size_t from = 0;
    size_t to = s_filter (self, &wish, rows);
    if (shows)
        to = s_hide (self, shows, arg, rows, to);
    bool more = false;
    br_blob_t *list = NULL;
    int rc = s_cut (self, &wish, rows, &from, &to, &more, reterr);
    if (rc == 0)
        list = s_write (self, wire, rows + from, to > from ? to - from : 0, more);
    free (rows);
    return list;
}

//  ---- one model

static bool
s_is_bare (const char *id, const char *name)
{
    const char *colon = strchr (id, ':');
    return colon && strcmp (colon + 1, name) == 0;
}

//  provider/model for provider:model.
static bool
s_is_slashed (const char *id, const char *name)
{
    size_t cut = strcspn (id, ":");
    return id[cut] && strncmp (id, name, cut) == 0 && name[cut] == '/'
           && strcmp (id + cut + 1, name + cut + 1) == 0;
}

static bool
s_is_same (const char *id, const char *name)
{
    return strcmp (id, name) == 0;
}

br_blob_t *
ingress_models_one (const ingress_models_t *self, br_protocol_t wire, const char *name,
                    ingress_models_fn *shows, void *arg)
{
    static bool (*const ways[]) (
        const char *id, const char *name) = { s_is_same, s_is_slashed, s_is_bare };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (size_t k = 0; k < self->count; k++)
            if (ways[i](self->rows[k].id, name)
                && (!shows || shows (arg, self->rows[k].id))) {
                const char *json = self->rows[k].json[ingress_model_shape_of (wire)];
                return br_blob_new (json, strlen (json));
            }
    return NULL;
}

//  ---- life

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
    for (unsigned wire = 0; wire < BR_PROTOCOL_COUNT; wire++)
        if (ingress_model_shape_of (wire) == wire)
            self->all[wire] = ingress_models_list (self, wire, NULL, NULL, NULL, NULL);
    return self;
}

void
ingress_models_destroy (ingress_models_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_models_t *self = *self_p;
    for (unsigned wire = 0; wire < BR_PROTOCOL_COUNT; wire++)
        br_blob_destroy (&self->all[wire]);
    for (size_t i = 0; i < self->count; i++) {
        free (self->rows[i].id);
        free (self->rows[i].providers);
        ingress_abilities_destroy (&self->rows[i].abilities);
        for (unsigned wire = 0; wire < BR_PROTOCOL_COUNT; wire++)
            free (self->rows[i].json[wire]);
    }
    free (self->rows);
    free (self);
    *self_p = NULL;
}
