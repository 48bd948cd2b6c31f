//  ingress_model_shape: members by the names of each protocol.

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "actors/ingress/ingress_model_shape.h"
#include "broker/core/alloc.h"

//  What we know of a model, and what a protocol calls it.
typedef struct _member_t {
    const char *ours;
    const char *theirs;
} member_t;

static void
s_copy (cJSON *to, const cJSON *model, const member_t *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cJSON *fact = cJSON_GetObjectItemCaseSensitive (model, members[i].ours);
        if (fact)
            cJSON_AddItemToObject (to, members[i].theirs, cJSON_Duplicate (fact, true));
    }
}

static const char *
s_text (const cJSON *model, const char *key, const char *otherwise)
{
    const cJSON *text = cJSON_GetObjectItemCaseSensitive (model, key);
    return cJSON_IsString (text) ? text->valuestring : otherwise;
}

//  ---- one model

static cJSON *
s_messages (const cJSON *model)
{
    static const member_t members[] = { { "max_input_tokens", "max_input_tokens" },
                                        { "max_output_tokens", "max_tokens" } };
    const char *id = s_text (model, "id", "");
    const cJSON *created = cJSON_GetObjectItemCaseSensitive (model, "created");
    time_t time = cJSON_IsNumber (created) ? (time_t) created->valuedouble : 0;
    struct tm parts;
    char text[32] = "1970-01-01T00:00:00Z";
    if (gmtime_r (&time, &parts))
        strftime (text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    cJSON *object = cJSON_CreateObject ();
    cJSON_AddStringToObject (object, "type", "model");
    cJSON_AddStringToObject (object, "id", id);
    cJSON_AddStringToObject (object, "display_name", s_text (model, "name", id));
    cJSON_AddStringToObject (object, "created_at", text);
    s_copy (object, model, members, sizeof members / sizeof *members);
    return object;
}

static cJSON *
s_google (const cJSON *model)
{
    static const char *const methods[] = { "generateContent", "streamGenerateContent",
                                           "countTokens" };
    static const member_t members[] = { { "description", "description" },
                                        { "max_input_tokens", "inputTokenLimit" },
                                        { "max_output_tokens", "outputTokenLimit" } };
    const char *id = s_text (model, "id", "");
    cJSON *object = cJSON_CreateObject ();
    char *name = br_strf ("models/%s", id);
    cJSON_AddStringToObject (object, "name", name);
    free (name);
    cJSON_AddStringToObject (object, "version", "001");
    cJSON_AddStringToObject (object, "displayName", s_text (model, "name", id));
    s_copy (object, model, members, sizeof members / sizeof *members);
    cJSON_AddItemToObject (
        object, "supportedGenerationMethods",
        cJSON_CreateStringArray (methods, sizeof methods / sizeof *methods));
    return object;
}

//  ---- lists

static void
s_add_rows (const ingress_model_page_t *page, br_buf_t *out)
{
    for (size_t i = 0; i < page->count; i++) {
        if (i)
            br_buf_addc (out, ',');
        br_buf_adds (out, page->rows[i]);
    }
}

static void
s_add_id (const char *id, br_buf_t *out)
{
    if (id)
        br_buf_add_json (out, id, strlen (id));
    else
        br_buf_adds (out, "null");
}

static void
s_openai_list (const ingress_model_page_t *page, br_buf_t *out)
{
    br_buf_adds (out, "{\"object\":\"list\",\"data\":[");
    s_add_rows (page, out);
    br_buf_adds (out, "]}");
}

static void
s_messages_list (const ingress_model_page_t *page, br_buf_t *out)
{
    br_buf_adds (out, "{\"data\":[");
    s_add_rows (page, out);
    br_buf_addf (out, "],\"has_more\":%s,\"first_id\":", page->more ? "true" : "false");
    s_add_id (page->first, out);
    br_buf_adds (out, ",\"last_id\":");
    s_add_id (page->last, out);
    br_buf_addc (out, '}');
}

static void
s_google_list (const ingress_model_page_t *page, br_buf_t *out)
{
    br_buf_adds (out, "{\"models\":[");
    s_add_rows (page, out);
    br_buf_addc (out, ']');
    if (page->more) {
        br_buf_adds (out, ",\"nextPageToken\":");
        s_add_id (page->last, out);
    }
    br_buf_addc (out, '}');
}

//  ---- public functions

typedef struct {
    cJSON *(*model) (const cJSON *model); //  NULL: as we know it ourselves
    void (*list) (const ingress_model_page_t *page, br_buf_t *out);
} shape_t;

//  All other protocols are OpenAI's.
static const shape_t s_shapes[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = { NULL, s_openai_list },
    [BR_PROTOCOL_MESSAGES] = { s_messages, s_messages_list },
    [BR_PROTOCOL_GOOGLE] = { s_google, s_google_list },
};

br_protocol_t
ingress_model_shape_of (br_protocol_t wire)
{
    return s_shapes[wire].list ? wire : BR_PROTOCOL_CHAT;
}

char *
ingress_model_shape (br_protocol_t wire, const cJSON *model)
{
    const shape_t *shape = &s_shapes[ingress_model_shape_of (wire)];
    cJSON *object = shape->model ? shape->model (model) : NULL;
    char *printed = cJSON_PrintUnformatted (object ? object : model);
    char *json = br_strdup (printed);
    cJSON_free (printed);
    cJSON_Delete (object);
    return json;
}

void
ingress_model_shape_list (br_protocol_t wire, const ingress_model_page_t *page,
                          br_buf_t *out)
{
    s_shapes[ingress_model_shape_of (wire)].list (page, out);
}
