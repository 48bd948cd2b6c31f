//  conf_overlay: routes that were added while bitrouter runs, kept as nodes that the schema
//  has seen already.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_check.h"
#include "broker/core/conf_overlay.h"
#include "broker/core/conf_words.h"
#include "broker/core/json_value.h"

#define SHOWN_MAX 60 //  bytes of a stranger's word in an error

static const char s_file[] = "route"; //  what messages of the schema call the text

struct _br_conf_overlay_t {
    br_conf_node_t *models; //  owned; map of routes
};

//  ---- life

br_conf_overlay_t *
br_conf_overlay_new (void)
{
    br_conf_overlay_t *self = BR_NEW (br_conf_overlay_t);
    self->models = br_conf_node_new (BR_CONF_MAP, s_file);
    return self;
}

br_conf_overlay_t *
br_conf_overlay_dup (const br_conf_overlay_t *self)
{
    br_conf_overlay_t *copy = BR_NEW (br_conf_overlay_t);
    copy->models = br_conf_node_dup (self->models);
    return copy;
}

void
br_conf_overlay_destroy (br_conf_overlay_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_conf_node_destroy (&(*self_p)->models);
    free (*self_p);
    *self_p = NULL;
}

//  ---- texts

//  Characters that nobody sees, as a range of their bytes in UTF-8.
static const struct {
    const char *first;
    const char *last;
} s_unseen[] = {
    { "\x01", "\x1f" },                 //  control characters
    { "\x7f", "\x7f" },                 //
    { "\xc2\x80", "\xc2\x9f" },         //  more of them: U+009B begins a sequence
    { "\xe2\x80\x8e", "\xe2\x80\x8f" }, //  marks of direction
    { "\xe2\x80\xa8", "\xe2\x80\xae" }, //  ends of lines, and turns of direction
    { "\xe2\x81\xa6", "\xe2\x81\xa9" }, //  turns of direction
    { "\xef\xbb\xbf", "\xef\xbb\xbf" }, //  mark of byte order
};

static bool
s_is_unseen (const char *at, size_t size)
{
    for (size_t i = 0; i < sizeof s_unseen / sizeof *s_unseen; i++)
        if (strlen (s_unseen[i].first) == size
            && memcmp (at, s_unseen[i].first, size) >= 0
            && memcmp (at, s_unseen[i].last, size) <= 0)
            return true;
    return false;
}

//  Whether all of it can be seen, and is UTF-8.
static bool
s_is_plain (const char *text)
{
    const char *end = text + strlen (text);
    while (text < end) {
        size_t size = json_utf8 ((const uint8_t *) text, (const uint8_t *) end);
        if (size == 0 || s_is_unseen (text, size))
            return false;
        text += size;
    }
    return true;
}

//  ---- JSON to nodes

typedef struct {
    const char *json;
    const char *node; //  NULL: it is read, and goes nowhere
} overlay_member_t;

static const overlay_member_t s_route_members[] = {
    { "name", NULL },           { "model", NULL },     { "kind", NULL },
    { "strategy", "strategy" }, { "endpoints", NULL }, { NULL, NULL },
};

static const overlay_member_t s_endpoint_members[] = {
    { "provider", "provider" },   { "service_id", "service_id" },
    { "model_id", "service_id" }, { "api_protocol", "api_protocol" },
    { "weight", "weight" },       { NULL, NULL },
};

static const overlay_member_t *
s_member (const overlay_member_t *rows, const char *key)
{
    for (const overlay_member_t *row = rows; row->json; row++)
        if (strcmp (row->json, key) == 0)
            return row;
    return NULL;
}

static int
s_put_scalar (br_conf_node_t *node, const char *key, const cJSON *value,
              br_error_t *reterr)
{
    if (cJSON_IsNumber (value)) {
        char *text = cJSON_PrintUnformatted (value);
        br_conf_node_put_text (node, key, text)->flags |= BR_CONF_PLAIN;
        cJSON_free (text);
        return 0;
    }
    if (!cJSON_IsString (value) || !*value->valuestring)
        return br_error_set (reterr, BR_EINVALID, "invalid request: %s must be a string",
                             value->string);
    if (strlen (value->valuestring) > BR_CONF_OVERLAY_TEXT_MAX
        || !s_is_plain (value->valuestring))
        return br_error_set (reterr, BR_EINVALID,
                             "invalid request: %s has over %d bytes, or control "
                             "characters",
                             value->string, BR_CONF_OVERLAY_TEXT_MAX);
    br_conf_node_put_text (node, key, value->valuestring);
    return 0;
}

//  Copies the members that go somewhere.
static int
s_put_members (br_conf_node_t *node, const cJSON *object, const overlay_member_t *rows,
               br_error_t *reterr)
{
    const cJSON *value;
    cJSON_ArrayForEach (value, object)
    {
        const overlay_member_t *row = s_member (rows, value->string);
        if (!row)
            return br_error_set (reterr, BR_EINVALID,
                                 "invalid request: a route has no member \"%.*s\"",
                                 SHOWN_MAX, value->string);
        if (row->node && !cJSON_IsNull (value)
            && s_put_scalar (node, row->node, value, reterr))
            return -1;
    }
    return 0;
}

static int
s_put_endpoints (br_conf_node_t *route, const cJSON *given, br_error_t *reterr)
{
    int count = cJSON_IsArray (given) ? cJSON_GetArraySize (given) : 0;
    if (count == 0)
        return br_error_set (reterr, BR_EINVALID,
                             "invalid request: route must have at least one endpoint");
    if (count > BR_CONF_OVERLAY_ENDPOINTS)
        return br_error_set (reterr, BR_EINVALID,
                             "invalid request: a route has at most %d endpoints",
                             BR_CONF_OVERLAY_ENDPOINTS);
    br_conf_node_t *made = br_conf_node_new_like (BR_CONF_LIST, route);
    br_conf_node_t *list = br_conf_node_put (route, "endpoints", &made);
    const cJSON *item;
    cJSON_ArrayForEach (item, given)
    {
        br_conf_node_t *endpoint = br_conf_node_new_like (BR_CONF_MAP, route);
        br_conf_node_t *added = br_conf_node_add (list, &endpoint);
        if (!cJSON_IsObject (item))
            return br_error_set (reterr, BR_EINVALID,
                                 "invalid request: an endpoint is an object");
        if (s_put_members (added, item, s_endpoint_members, reterr))
            return -1;
        if (!br_conf_node_get (added, "provider")
            || !br_conf_node_get (added, "service_id"))
            return br_error_set (reterr, BR_EINVALID,
                                 "invalid request: an endpoint has provider and "
                                 "service_id");
    }
    return 0;
}

//  The name that a request gives, or NULL.
static const char *
s_name (const cJSON *json, br_error_t *reterr)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive (json, "name");
    if (!name)
        name = cJSON_GetObjectItemCaseSensitive (json, "model");
    const char *text = cJSON_IsString (name) ? name->valuestring : "";
    size_t size = strlen (text);
    if (size > 0 && size <= BR_CONF_OVERLAY_NAME_MAX && !strchr (text, ' ')
        && s_is_plain (text))
        return text;
    br_error_set (
        reterr, BR_EINVALID,
        "invalid request: name must be a string of 1 to %d bytes, without blanks and "
        "control characters",
        BR_CONF_OVERLAY_NAME_MAX);
    return NULL;
}

//  Nodes of a file have places; those of a request have none that would tell anything.
static int
s_hold_against_schema (br_conf_node_t *tree, br_error_t *reterr)
{
    br_error_t error = { .code = BR_OK };
    br_conf_words_t *warnings = br_conf_words_new ();
    int rc = br_conf_check (tree, warnings, &error);
    br_conf_words_destroy (&warnings);
    const char *text = strstr (error.text, ": ");
    if (rc)
        br_error_set (reterr, BR_EINVALID, "invalid request: %s",
                      text ? text + 2 : error.text);
    return rc;
}

static int
s_add (br_conf_overlay_t *self, const cJSON *json, const char *name, br_error_t *reterr)
{
    const cJSON *kind = cJSON_GetObjectItemCaseSensitive (json, "kind");
    if (kind && (!cJSON_IsString (kind) || strcmp (kind->valuestring, "model") != 0))
        return br_error_set (
            reterr, BR_EINVALID,
            "invalid request: only routes of kind \"model\" can be added");
    br_conf_node_t *tree = br_conf_node_new (BR_CONF_MAP, s_file);
    br_conf_node_t *made = br_conf_node_new_like (BR_CONF_MAP, tree);
    br_conf_node_t *models = br_conf_node_put (tree, "models", &made);
    made = br_conf_node_new_like (BR_CONF_MAP, tree);
    br_conf_node_t *route = br_conf_node_put (models, name, &made);
    int rc = s_put_members (route, json, s_route_members, reterr);
    if (rc == 0)
        rc = s_put_endpoints (route, cJSON_GetObjectItemCaseSensitive (json, "endpoints"),
                              reterr);
    if (rc == 0)
        rc = s_hold_against_schema (tree, reterr);
    br_conf_node_t *checked = rc ? NULL : br_conf_node_take (models, name);
    if (checked) {
        br_conf_node_mark (checked, BR_CONF_DYNAMIC);
        br_conf_node_put (self->models, name, &checked);
    }
    br_conf_node_destroy (&tree);
    return rc;
}

//  ---- changes

int
br_conf_overlay_add (br_conf_overlay_t *self, const char *json, char **ret_name,
                     br_error_t *reterr)
{
    cJSON *request = cJSON_Parse (json);
    const char *name = s_name (request, reterr);
    int rc = name ? 0 : -1;
    if (name && !br_conf_node_get (self->models, name)
        && self->models->count == BR_CONF_OVERLAY_MAX)
        rc = br_error_set (
            reterr, BR_EBUSY,
            "there are %d routes already: remove one with `bitrouter route "
            "rm`",
            BR_CONF_OVERLAY_MAX);
    if (rc == 0)
        rc = s_add (self, request, name, reterr);
    if (rc == 0)
        *ret_name = br_strdup (name);
    cJSON_Delete (request);
    return rc;
}

int
br_conf_overlay_remove (br_conf_overlay_t *self, const char *json, char **ret_name,
                        br_error_t *reterr)
{
    cJSON *request = cJSON_Parse (json);
    const char *name = s_name (request, reterr);
    int rc = name ? 0 : -1;
    if (name && !br_conf_node_get (self->models, name))
        rc = br_error_set (reterr, BR_ENOTFOUND, "no dynamic route found for model: %s",
                           name);
    if (rc == 0) {
        *ret_name = br_strdup (name);
        br_conf_node_drop (self->models, name);
    }
    cJSON_Delete (request);
    return rc;
}

void
br_conf_overlay_lay (const br_conf_overlay_t *self, br_conf_node_t *tree)
{
    if (!self || self->models->count == 0)
        return;
    br_conf_node_t *models = br_conf_node_get (tree, "models");
    if (!models) {
        br_conf_node_t *made = br_conf_node_new_like (BR_CONF_MAP, tree);
        models = br_conf_node_put (tree, "models", &made);
    }
    for (size_t i = 0; i < self->models->count; i++) {
        br_conf_node_t *copy = br_conf_node_dup (self->models->items[i]);
        br_conf_node_put (models, self->models->items[i]->key, &copy);
    }
}
