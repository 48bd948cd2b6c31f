//  mock_recall: a ring of requests, each written as JSON when it comes.

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "bench/mock_recall.h"
#include "broker/core/alloc.h"

#define ENTRY_MAX (256 * 1024 * 1024) //  bytes of one request as JSON

struct _mock_recall_t {
    pthread_mutex_t lock;
    br_buf_t *entries; //  owned; a ring
    size_t room;       //  of the ring
    size_t start;      //  place of the oldest
    size_t count;
};

mock_recall_t *
mock_recall_new (int count)
{
    mock_recall_t *self = BR_NEW (mock_recall_t);
    pthread_mutex_init (&self->lock, NULL);
    self->room = (size_t) count;
    self->entries = br_alloc (self->room, sizeof *self->entries);
    for (size_t i = 0; i < self->room; i++)
        br_buf_init (&self->entries[i], ENTRY_MAX);
    return self;
}

void
mock_recall_destroy (mock_recall_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    mock_recall_t *self = *self_p;
    mock_recall_forget (self);
    pthread_mutex_destroy (&self->lock);
    free (self->entries);
    free (self);
    *self_p = NULL;
}

//  Adds one header, a line without its end.
static void
s_header (cJSON *headers, const char *line, size_t size)
{
    char name[128];
    const char *colon = memchr (line, ':', size);
    size_t name_size = colon ? (size_t) (colon - line) : 0;
    if (!name_size || name_size >= sizeof name)
        return;
    for (size_t i = 0; i < name_size; i++)
        name[i] = (char) tolower ((unsigned char) line[i]);
    name[name_size] = 0;
    colon++;
    size -= name_size + 1;
    while (size && (*colon == ' ' || *colon == '\t'))
        colon++, size--;
    br_buf_t value;
    br_buf_init (&value, MOCK_HEAD_MAX);
    const char *before = cJSON_GetStringValue (cJSON_GetObjectItem (headers, name));
    if (before)
        br_buf_addf (&value, "%s, ", before);
    br_buf_add (&value, colon, size);
    cJSON_DeleteItemFromObject (headers, name);
    cJSON_AddStringToObject (headers, name, br_buf_text (&value));
    br_buf_free (&value);
}

static void
s_headers (br_buf_t *out, const char *head, size_t size)
{
    cJSON *headers = cJSON_CreateObject ();
    const char *end = memchr (head, '\n', size);
    while (end) {
        size -= (size_t) (end + 1 - head);
        head = end + 1;
        end = memchr (head, '\n', size);
        size_t line = end ? (size_t) (end - head) : size;
        while (line && head[line - 1] == '\r')
            line--;
        s_header (headers, head, line);
    }
    char *text = cJSON_PrintUnformatted (headers);
    br_buf_adds (out, text);
    cJSON_free (text);
    cJSON_Delete (headers);
}

static void
s_text (br_buf_t *out, const char *name, const char *text, size_t size)
{
    br_buf_addf (out, "\"%s\":", name);
    br_buf_add_json (out, text, size);
    br_buf_addc (out, ',');
}

void
mock_recall_add (mock_recall_t *self, const mock_request_t *request, const uint8_t *head)
{
    br_buf_t entry;
    br_buf_init (&entry, ENTRY_MAX);
    br_buf_addc (&entry, '{');
    s_text (&entry, "method", request->method, strlen (request->method));
    s_text (&entry, "path", request->path, strlen (request->path));
    s_text (&entry, "model", request->peek.model, strlen (request->peek.model));
    const char *body = request->body_size ? (const char *) request->body : "";
    s_text (&entry, "body", body, request->body_size);
    br_buf_adds (&entry, "\"headers\":");
    s_headers (&entry, (const char *) head, request->head_size);
    br_buf_addc (&entry, '}');
    pthread_mutex_lock (&self->lock);
    br_buf_t *place = &self->entries[(self->start + self->count) % self->room];
    if (self->count == self->room)
        self->start = (self->start + 1) % self->room;
    else
        self->count++;
    br_buf_free (place);
    *place = entry;
    pthread_mutex_unlock (&self->lock);
}

int
mock_recall_last (mock_recall_t *self, br_buf_t *out)
{
    pthread_mutex_lock (&self->lock);
    int rc = self->count ? 0 : -1;
    if (rc == 0) {
        size_t last = (self->start + self->count - 1) % self->room;
        br_buf_add (out, self->entries[last].data, self->entries[last].size);
    }
    pthread_mutex_unlock (&self->lock);
    return rc;
}

void
mock_recall_all (mock_recall_t *self, br_buf_t *out)
{
    pthread_mutex_lock (&self->lock);
    br_buf_addc (out, '[');
    for (size_t i = 0; i < self->count; i++) {
        const br_buf_t *entry = &self->entries[(self->start + i) % self->room];
        br_buf_adds (out, i ? ",\n" : "");
        br_buf_add (out, entry->data, entry->size);
    }
    br_buf_addc (out, ']');
    pthread_mutex_unlock (&self->lock);
}

void
mock_recall_forget (mock_recall_t *self)
{
    pthread_mutex_lock (&self->lock);
    for (size_t i = 0; i < self->room; i++)
        br_buf_free (&self->entries[i]);
    self->start = self->count = 0;
    pthread_mutex_unlock (&self->lock);
}
