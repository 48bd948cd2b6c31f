//  ingress_admin: a request becomes a question to the admin door.

#include <cjson/cJSON.h>
#include <string.h>
#include <strings.h>

#include "actors/ingress/ingress_admin.h"
#include "broker/core/buf.h"
#include "broker/core/door.h"

#define NAME_ROOM 512 //  bytes of a name in a path

//  A browser's form may be sent here from any page, and has a type of its own.
static bool
s_is_json (const ingress_guest_t *guest)
{
    static const char wanted[] = "application/json";
    const char *type = http_call_header (guest->http, "content-type");
    if (!type)
        return br_blob_size (http_call_body (guest->http)) == 0;
    size_t size = strcspn (type, "; \t");
    return size == strlen (wanted) && strncasecmp (type, wanted, size) == 0;
}

//  A body that is an object, {} for none. "caller deletes"; NULL with an error.
static cJSON *
s_args (const ingress_guest_t *guest, br_error_t *reterr)
{
    if (!s_is_json (guest)) {
        br_error_set (reterr, BR_EINVALID,
                      "the body must be JSON: send content-type: application/json");
        return NULL;
    }
    const br_blob_t *body = http_call_body (guest->http);
    if (br_blob_size (body) == 0)
        return cJSON_CreateObject ();
    br_error_t error;
    if (br_door_check (br_blob_data (body), br_blob_size (body), &error)) {
        br_error_set (reterr, BR_EINVALID, "the body must be a JSON object: %s",
                      error.text);
        return NULL;
    }
    cJSON *args = cJSON_ParseWithLength ((const char *) br_blob_data (body),
                                         br_blob_size (body));
    if (!args)
        br_error_set (reterr, BR_EINVALID, "the body cannot be read as JSON");
    return args;
}

//  The command that the path names. err: BR_ENOTFOUND, BR_EMETHOD
static const char *
s_command (const char *name, bool reads, br_error_t *reterr)
{
    const br_admin_row_t *row = br_admin_row_of (name);
    if (!row) {
        br_error_set (reterr, BR_ENOTFOUND, "there is no command '%.60s'", name);
        return NULL;
    }
    if (!reads || row->effect == BR_ADMIN_READS)
        return row->name;
    br_error_set (reterr, BR_EMETHOD, "the command '%s' changes something: use POST",
                  row->name);
    return NULL;
}

//  What is asked. "caller deletes"; NULL with an error.
static cJSON *
s_question (const ingress_guest_t *guest, br_surface_t surface, br_error_t *reterr)
{
    char name[NAME_ROOM];
    br_surface_name (surface, http_call_path (guest->http), name, sizeof name);
    bool reads = surface == BR_SURFACE_ADMIN_READ;
    const char *command = surface == BR_SURFACE_ADMIN_ROUTES      ? "routes"
                          : surface == BR_SURFACE_ADMIN_ROUTE_ADD ? "route_add"
                          : surface == BR_SURFACE_ADMIN_ROUTE_REMOVE
                              ? "route_remove"
                              : s_command (name, reads, reterr);
    if (!command)
        return NULL;
    cJSON *args = s_args (guest, reterr);
    if (!args)
        return NULL;
    if (surface == BR_SURFACE_ADMIN_ROUTE_REMOVE) {
        cJSON_DeleteItemFromObjectCaseSensitive (args, "name");
        cJSON_AddStringToObject (args, "name", name);
    }
    cJSON *question = cJSON_CreateObject ();
    cJSON_AddStringToObject (question, "command", command);
    cJSON_AddItemToObject (question, "args", args);
    return question;
}

void
ingress_admin_ask (br_ctx_t *ctx, ingress_questions_t *questions,
                   const ingress_guest_t *guest, br_surface_t surface)
{
    br_error_t error = { .code = BR_OK };
    br_addr_t broker;
    cJSON *question = s_question (guest, surface, &error);
    if (!question) {
        ingress_reply_error (guest, &error, error.code == BR_EMETHOD ? "POST" : NULL);
        return;
    }
    char *text = cJSON_PrintUnformatted (question);
    cJSON_Delete (question);
    struct br_admin_question ask = { .request = text };
    ask.ticket = ingress_questions_add (questions, guest, "broker", INGRESS_ADMIN_MS,
                                        &broker);
    if (ask.ticket
        && br_ctx_send (ctx, broker, BR_ADMIN_QUESTION, (br_id_t) { 0, 0 }, 0, &ask,
                        NULL))
        ingress_questions_fail (questions, ask.ticket);
    cJSON_free (text);
}

//  ---- answers

static void
s_reply_error (const ingress_guest_t *guest, const cJSON *reply)
{
    const cJSON *told = cJSON_GetObjectItemCaseSensitive (reply, "error");
    const char *label = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (told, "code"));
    const char *message = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (told, "message"));
    br_error_t error;
    br_error_set (&error, label ? br_code_of_label (label) : BR_EINTERNAL, "%s",
                  message ? message : "the admin door said nothing");
    ingress_reply_error (guest, &error, NULL);
}

static void
s_tell (void *arg, const ingress_guest_t *guest)
{
    cJSON *reply = arg;
    if (!cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (reply, "ok"))) {
        s_reply_error (guest, reply);
        return;
    }
    cJSON *result = cJSON_DetachItemFromObjectCaseSensitive (reply, "result");
    if (strcmp (http_call_path (guest->http), "/admin/routes") == 0
        && cJSON_IsArray (result)) {
        cJSON *routes = cJSON_CreateObject ();
        cJSON_AddItemToObject (routes, "routes", result);
        result = routes;
    }
    char *text = cJSON_PrintUnformatted (result);
    br_blob_t *body = br_blob_new (text, strlen (text));
    ingress_reply_json (guest, 200, body);
    br_blob_destroy (&body);
    cJSON_free (text);
    cJSON_Delete (result);
}

void
ingress_admin_on_reply (ingress_questions_t *questions, const br_msg_t *msg)
{
    const struct br_admin_reply *told = br_msg_fields (msg);
    cJSON *reply = cJSON_Parse (told->reply);
    ingress_questions_answer (questions, told->ticket, s_tell, reply);
    cJSON_Delete (reply);
}
