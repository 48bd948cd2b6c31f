//  grammar: one function for each event, which says what must be true of it.

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "broker/core/buf.h"
#include "tests/broker/proto/responses/grammar.h"

#define TEXT_MAX (64u << 20)

typedef struct {
    char *why; //  borrowed
    size_t room;
    const char *type; //  of the event under way
    int sequence;     //  of it
    bool ended;
    char id[128];   //  of the response
    cJSON *items;   //  done; owned
    cJSON *open;    //  the item that was added, or NULL; owned
    cJSON *parts;   //  of it, done; owned
    bool part_open; //
    bool text_done; //  of the part, or the arguments
    br_buf_t text;  //  that the pieces add up to
    cJSON *notes;   //  annotations of the part; owned
} check_t;

static int
s_wrong (check_t *self, const char *format, ...)
{
    int used = snprintf (self->why, self->room, "event %d, %s: ", self->sequence,
                         self->type ? self->type : "?");
    va_list args;
    va_start (args, format);
    if (used > 0 && (size_t) used < self->room)
        vsnprintf (self->why + used, self->room - (size_t) used, format, args);
    va_end (args);
    return -1;
}

static const char *
s_string (const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (object, key));
    return text ? text : "";
}

static bool
s_is (const cJSON *object, const char *key, const char *text)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive (object, key);
    return cJSON_IsString (node) && strcmp (node->valuestring, text) == 0;
}

static bool
s_has (const cJSON *object, const char *key, int number)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive (object, key);
    return cJSON_IsNumber (node) && node->valuedouble == number;
}

static int
s_count (const cJSON *object, const char *key)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive (object, key);
    return cJSON_IsArray (list) ? cJSON_GetArraySize (list) : -1;
}

//  ---- the response object

static const char *const s_members[] = {
    "id",
    "object",
    "created_at",
    "status",
    "completed_at",
    "error",
    "incomplete_details",
    "instructions",
    "max_output_tokens",
    "model",
    "output",
    "parallel_tool_calls",
    "previous_response_id",
    "reasoning",
    "store",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_p",
    "truncation",
    "usage",
    "user",
    "metadata",
    "service_tier",
    "background",
    "prompt_cache_key",
    "safety_identifier",
    "max_tool_calls",
};

static int
s_check_response (check_t *self, const cJSON *event, const char *status)
{
    const cJSON *response = cJSON_GetObjectItemCaseSensitive (event, "response");
    for (size_t i = 0; i < sizeof s_members / sizeof s_members[0]; i++)
        if (!cJSON_GetObjectItemCaseSensitive (response, s_members[i]))
            return s_wrong (self, "the response has no %s", s_members[i]);
    const char *id = s_string (response, "id");
    if (self->sequence == 0)
        snprintf (self->id, sizeof self->id, "%s", id);
    if (strncmp (id, "resp_", 5) != 0 || strcmp (id, self->id) != 0)
        return s_wrong (self, "id %s of the response, not %s", id, self->id);
    if (!s_is (response, "object", "response") || !s_is (response, "status", status))
        return s_wrong (self, "status %s", s_string (response, "status"));
    return 0;
}

static int
s_on_created (check_t *self, const cJSON *event)
{
    const cJSON *response = cJSON_GetObjectItemCaseSensitive (event, "response");
    bool second = strcmp (self->type, "response.in_progress") == 0;
    if (self->sequence != second)
        return s_wrong (self, "not the first");
    if (s_count (response, "output") != 0)
        return s_wrong (self, "output is not empty");
    return s_check_response (self, event, "in_progress");
}

static int
s_check_usage (check_t *self, const cJSON *response)
{
    const cJSON *usage = cJSON_GetObjectItemCaseSensitive (response, "usage");
    static const char *const counts[] = { "input_tokens", "output_tokens",
                                          "total_tokens" };
    static const char *const details[] = { "input_tokens_details",
                                           "output_tokens_details" };
    for (size_t i = 0; i < 3; i++)
        if (!cJSON_IsNumber (cJSON_GetObjectItemCaseSensitive (usage, counts[i])))
            return s_wrong (self, "usage has no %s", counts[i]);
    for (size_t i = 0; i < 2; i++)
        if (!cJSON_IsObject (cJSON_GetObjectItemCaseSensitive (usage, details[i])))
            return s_wrong (self, "usage has no %s", details[i]);
    return 0;
}

static int
s_on_last (check_t *self, const cJSON *event)
{
    const char *status = self->type + strlen ("response.");
    const cJSON *response = cJSON_GetObjectItemCaseSensitive (event, "response");
    bool failed = strcmp (status, "failed") == 0;
    if (s_check_response (self, event, status) || s_check_usage (self, response))
        return -1;
    if (self->open && !failed)
        return s_wrong (self, "item %s is open", s_string (self->open, "id"));
    const cJSON *output = cJSON_GetObjectItemCaseSensitive (response, "output");
    if (!cJSON_Compare (output, self->items, true))
        return s_wrong (self, "output is not what was streamed");
    const cJSON *error = cJSON_GetObjectItemCaseSensitive (response, "error");
    const cJSON *details = cJSON_GetObjectItemCaseSensitive (response,
                                                             "incomplete_details");
    if (cJSON_IsNull (error) == failed)
        return s_wrong (self, "error does not fit");
    if (failed && (!*s_string (error, "code") || !*s_string (error, "message")))
        return s_wrong (self, "the error says nothing");
    if (cJSON_IsNull (details) == (strcmp (status, "incomplete") == 0))
        return s_wrong (self, "incomplete_details do not fit");
    self->ended = true;
    return 0;
}

//  ---- items

static int
s_on_added (check_t *self, const cJSON *event)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (event, "item");
    const char *id = s_string (item, "id");
    if (self->open)
        return s_wrong (self, "item %s is open", s_string (self->open, "id"));
    if (!s_has (event, "output_index", cJSON_GetArraySize (self->items)))
        return s_wrong (self, "output_index");
    if (!*id || !*s_string (item, "type"))
        return s_wrong (self, "the item has no id or type");
    for (const cJSON *other = self->items->child; other; other = other->next)
        if (s_is (other, "id", id))
            return s_wrong (self, "id %s was there before", id);
    bool message = s_is (item, "type", "message");
    bool call = s_is (item, "type", "function_call");
    bool custom = s_is (item, "type", "custom_tool_call");
    if ((message && s_count (item, "content") != 0)
        || (message && !s_is (item, "role", "assistant"))
        || (call && !s_is (item, "arguments", ""))
        || (custom && !s_is (item, "input", ""))
        || (s_is (item, "type", "reasoning") && s_count (item, "summary") != 0))
        return s_wrong (self, "the item is not empty");
    if ((call || custom) && (!*s_string (item, "call_id") || !*s_string (item, "name")))
        return s_wrong (self, "the call has no id or name");
    if ((message || call || custom) && !s_is (item, "status", "in_progress"))
        return s_wrong (self, "status");
    self->open = cJSON_Duplicate (item, true);
    cJSON_Delete (self->parts);
    self->parts = cJSON_CreateArray ();
    self->part_open = self->text_done = false;
    br_buf_clear (&self->text);
    return 0;
}

//  What is checked of an item that is done: the member that the pieces add up to.
static int
s_check_call (check_t *self, const cJSON *item, const char *key)
{
    if (!self->text_done || !s_is (item, key, br_buf_text (&self->text)))
        return s_wrong (self, "%s are not what was streamed", key);
    if (!s_is (item, "call_id", s_string (self->open, "call_id"))
        || !s_is (item, "name", s_string (self->open, "name")))
        return s_wrong (self, "id or name of the call changed");
    return 0;
}

static int
s_check_parts (check_t *self, const cJSON *item, const char *key)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive (item, key);
    if (self->part_open)
        return s_wrong (self, "a part is open");
    if (!cJSON_Compare (list, self->parts, true))
        return s_wrong (self, "%s is not what was streamed", key);
    return 0;
}

static int
s_on_done (check_t *self, const cJSON *event)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (event, "item");
    int rc = 0;
    if (!self->open || !s_has (event, "output_index", cJSON_GetArraySize (self->items)))
        return s_wrong (self, "output_index");
    if (!s_is (item, "id", s_string (self->open, "id"))
        || !s_is (item, "type", s_string (self->open, "type")))
        return s_wrong (self, "another item");
    bool stated = !s_is (item, "type", "reasoning");
    if (stated && s_is (item, "status", "in_progress"))
        return s_wrong (self, "status");
    if (s_is (item, "type", "message"))
        rc = s_check_parts (self, item, "content");
    else if (s_is (item, "type", "reasoning"))
        rc = s_check_parts (self, item, "summary");
    else if (s_is (item, "type", "function_call"))
        rc = s_check_call (self, item, "arguments");
    else if (s_is (item, "type", "custom_tool_call"))
        rc = s_check_call (self, item, "input");
    if (rc)
        return -1;
    cJSON_AddItemToArray (self->items, cJSON_Duplicate (item, true));
    cJSON_Delete (self->open);
    self->open = NULL;
    return 0;
}

//  ---- parts

//  An event of the open item, of this type; index: of the part, or NULL.
static int
s_check_place (check_t *self, const cJSON *event, const char *type, const char *index)
{
    if (!self->open || !s_is (self->open, "type", type))
        return s_wrong (self, "no %s is open", type);
    if (!s_is (event, "item_id", s_string (self->open, "id")))
        return s_wrong (self, "item_id");
    if (!s_has (event, "output_index", cJSON_GetArraySize (self->items)))
        return s_wrong (self, "output_index");
    if (index && !s_has (event, index, cJSON_GetArraySize (self->parts)))
        return s_wrong (self, "%s", index);
    return 0;
}

static int
s_begin_part (check_t *self, const cJSON *event, const char *key)
{
    const cJSON *part = cJSON_GetObjectItemCaseSensitive (event, "part");
    if (self->part_open || !s_is (part, key, ""))
        return s_wrong (self, "a part is open, or begins with a text");
    self->part_open = true;
    self->text_done = false;
    br_buf_clear (&self->text);
    cJSON_Delete (self->notes);
    self->notes = cJSON_CreateArray ();
    return 0;
}

static int
s_add_piece (check_t *self, const cJSON *event, bool part)
{
    const cJSON *delta = cJSON_GetObjectItemCaseSensitive (event, "delta");
    if (part != self->part_open || self->text_done || !cJSON_IsString (delta))
        return s_wrong (self, "nothing is open for this piece");
    br_buf_adds (&self->text, delta->valuestring);
    return 0;
}

static int
s_end_text (check_t *self, const cJSON *event, const char *key, bool part)
{
    if (part != self->part_open || self->text_done)
        return s_wrong (self, "nothing is open");
    if (!s_is (event, key, br_buf_text (&self->text)))
        return s_wrong (self, "\"%s\" is not the sum of its pieces, \"%s\"",
                        s_string (event, key), br_buf_text (&self->text));
    self->text_done = true;
    return 0;
}

static int
s_end_part (check_t *self, const cJSON *event, const char *key)
{
    const cJSON *part = cJSON_GetObjectItemCaseSensitive (event, "part");
    if (!self->part_open || !self->text_done
        || !s_is (part, key, br_buf_text (&self->text)))
        return s_wrong (self, "the part is not what was streamed");
    const cJSON *notes = cJSON_GetObjectItemCaseSensitive (part, "annotations");
    if (s_is (part, "type", "output_text") && !cJSON_Compare (notes, self->notes, true))
        return s_wrong (self, "annotations are not what was streamed");
    cJSON_AddItemToArray (self->parts, cJSON_Duplicate (part, true));
    self->part_open = false;
    return 0;
}

static const char *
s_part_key (const cJSON *event)
{
    const cJSON *part = cJSON_GetObjectItemCaseSensitive (event, "part");
    return s_is (part, "type", "refusal") ? "refusal" : "text";
}

static int
s_on_content (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "message", "content_index")
                   || s_begin_part (self, event, s_part_key (event))
               ? -1
               : 0;
}

static int
s_on_content_done (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "message", "content_index")
                   || s_end_part (self, event, s_part_key (event))
               ? -1
               : 0;
}

static int
s_on_said (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "message", "content_index")
                   || s_add_piece (self, event, true)
               ? -1
               : 0;
}

static int
s_on_text_done (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "message", "content_index")
                   || s_end_text (self, event, "text", true)
               ? -1
               : 0;
}

static int
s_on_refusal_done (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "message", "content_index")
                   || s_end_text (self, event, "refusal", true)
               ? -1
               : 0;
}

static int
s_on_annotation (check_t *self, const cJSON *event)
{
    const cJSON *note = cJSON_GetObjectItemCaseSensitive (event, "annotation");
    if (s_check_place (self, event, "message", "content_index"))
        return -1;
    if (!self->part_open || self->text_done || !cJSON_IsObject (note)
        || !s_has (event, "annotation_index", cJSON_GetArraySize (self->notes)))
        return s_wrong (self, "annotation_index");
    cJSON_AddItemToArray (self->notes, cJSON_Duplicate (note, true));
    return 0;
}

static int
s_on_summary (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "reasoning", "summary_index")
                   || s_begin_part (self, event, "text")
               ? -1
               : 0;
}

static int
s_on_summary_piece (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "reasoning", "summary_index")
                   || s_add_piece (self, event, true)
               ? -1
               : 0;
}

static int
s_on_summary_text_done (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "reasoning", "summary_index")
                   || s_end_text (self, event, "text", true)
               ? -1
               : 0;
}

static int
s_on_summary_done (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "reasoning", "summary_index")
                   || s_end_part (self, event, "text")
               ? -1
               : 0;
}

static int
s_on_args (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "function_call", NULL)
                   || s_add_piece (self, event, false)
               ? -1
               : 0;
}

static int
s_on_args_done (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "function_call", NULL)
                   || s_end_text (self, event, "arguments", false)
               ? -1
               : 0;
}

static int
s_on_input (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "custom_tool_call", NULL)
                   || s_add_piece (self, event, false)
               ? -1
               : 0;
}

static int
s_on_input_done (check_t *self, const cJSON *event)
{
    return s_check_place (self, event, "custom_tool_call", NULL)
                   || s_end_text (self, event, "input", false)
               ? -1
               : 0;
}

static const struct {
    const char *type;
    int (*check) (check_t *self, const cJSON *event);
} s_events[] = {
    { "response.created", s_on_created },
    { "response.in_progress", s_on_created },
    { "response.output_item.added", s_on_added },
    { "response.output_item.done", s_on_done },
    { "response.content_part.added", s_on_content },
    { "response.content_part.done", s_on_content_done },
    { "response.output_text.delta", s_on_said },
    { "response.output_text.done", s_on_text_done },
    { "response.output_text.annotation.added", s_on_annotation },
    { "response.refusal.delta", s_on_said },
    { "response.refusal.done", s_on_refusal_done },
    { "response.reasoning_summary_part.added", s_on_summary },
    { "response.reasoning_summary_text.delta", s_on_summary_piece },
    { "response.reasoning_summary_text.done", s_on_summary_text_done },
    { "response.reasoning_summary_part.done", s_on_summary_done },
    { "response.function_call_arguments.delta", s_on_args },
    { "response.function_call_arguments.done", s_on_args_done },
    { "response.custom_tool_call_input.delta", s_on_input },
    { "response.custom_tool_call_input.done", s_on_input_done },
    { "response.completed", s_on_last },
    { "response.incomplete", s_on_last },
    { "response.failed", s_on_last },
};

//  ---- framing

static int
s_check_event (check_t *self, const char *name, const cJSON *event)
{
    self->type = s_string (event, "type");
    if (self->ended)
        return s_wrong (self, "behind the last event");
    if (strcmp (self->type, name) != 0)
        return s_wrong (self, "the event line says \"%s\"", name);
    if (!s_has (event, "sequence_number", self->sequence))
        return s_wrong (self, "sequence_number");
    if (self->sequence < 2 && strcmp (self->type, "response.created") != 0
        && strcmp (self->type, "response.in_progress") != 0)
        return s_wrong (self, "the stream does not begin so");
    for (size_t i = 0; i < sizeof s_events / sizeof s_events[0]; i++)
        if (strcmp (self->type, s_events[i].type) == 0)
            return s_events[i].check (self, event);
    return s_wrong (self, "there is no such event");
}

//  One line of the stream. name and data: of the event under way.
static int
s_check_line (check_t *self, const char *line, size_t size, char name[128], cJSON **data)
{
    static const char event[] = "event: ";
    static const char start[] = "data: ";
    if (size == 0) {
        if (!*data)
            return s_wrong (self, "a blank line without data in front of it");
        int rc = s_check_event (self, name, *data);
        cJSON_Delete (*data);
        *data = NULL;
        name[0] = '\0';
        self->sequence++;
        return rc;
    }
    if (line[0] == ':')
        return 0;
    if (size > sizeof event - 1 && memcmp (line, event, sizeof event - 1) == 0) {
        snprintf (name, 128, "%.*s", (int) (size - sizeof event + 1),
                  line + sizeof event - 1);
        return 0;
    }
    if (*data || size < sizeof start || memcmp (line, start, sizeof start - 1) != 0)
        return s_wrong (self, "a line that is none: %.*s", (int) size, line);
    *data = cJSON_ParseWithLength (line + sizeof start - 1, size - sizeof start + 1);
    return *data ? 0 : s_wrong (self, "data is no JSON");
}

int
responses_grammar_check (const char *sse, size_t size, char *why, size_t room)
{
    check_t self = { .why = why, .room = room, .items = cJSON_CreateArray () };
    char name[128] = "";
    cJSON *data = NULL;
    int rc = 0;
    br_buf_init (&self.text, TEXT_MAX);
    snprintf (why, room, "fine");
    for (const char *at = sse; rc == 0 && at < sse + size;) {
        const char *end = memchr (at, '\n', (size_t) (sse + size - at));
        if (!end)
            end = sse + size;
        rc = s_check_line (&self, at, (size_t) (end - at), name, &data);
        self.type = NULL;
        at = end + 1;
    }
    if (rc == 0 && (!self.ended || data))
        rc = s_wrong (&self, "the stream has no end");
    cJSON_Delete (data);
    cJSON_Delete (self.items);
    cJSON_Delete (self.open);
    cJSON_Delete (self.parts);
    cJSON_Delete (self.notes);
    br_buf_free (&self.text);
    return rc;
}
