//  scenario: a table of words, and one function for each.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tests/place/scenario.h"

#define TEXT_MAX (128u << 20)

static const char *const s_ends[] = { [CLIENT_OPEN] = "open",
                                      [CLIENT_CLEAN] = "clean",
                                      [CLIENT_CUT] = "cut",
                                      [CLIENT_LEFT] = "left",
                                      [CLIENT_HUNG] = "hung" };

const char *
scenario_end_name (client_end_t end)
{
    return s_ends[end];
}

void
scenario_init (scenario_t *self)
{
    *self = (scenario_t) { .calls_size = 0 };
    br_buf_init (&self->routes, TEXT_MAX);
}

void
scenario_free (scenario_t *self)
{
    for (size_t i = 0; i < self->calls_size; i++) {
        scenario_call_t *call = &self->calls[i];
        char *texts[] = { call->title, call->method, call->path,
                          call->model, call->body,   call->hash };
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            free (texts[k]);
        br_buf_free (&call->headers);
    }
    free (self->calls);
    br_buf_free (&self->routes);
}

//  ---- words

static void
s_set (char **text, const char *value)
{
    free (*text);
    *text = br_strdup (value);
}

static int
s_method (scenario_call_t *call, const char *value)
{
    s_set (&call->method, value);
    return 0;
}

static int
s_path (scenario_call_t *call, const char *value)
{
    s_set (&call->path, value);
    return 0;
}

static int
s_model (scenario_call_t *call, const char *value)
{
    s_set (&call->model, value);
    return 0;
}

static int
s_body (scenario_call_t *call, const char *value)
{
    s_set (&call->body, value);
    return 0;
}

static int
s_hash (scenario_call_t *call, const char *value)
{
    s_set (&call->hash, value);
    return 0;
}

static int
s_header (scenario_call_t *call, const char *value)
{
    return br_buf_addf (&call->headers, "%s\r\n", value);
}

static int
s_stream (scenario_call_t *call, const char *value)
{
    call->stream = true;
    return *value ? -1 : 0;
}

static int
s_local (scenario_call_t *call, const char *value)
{
    call->local = true;
    return *value ? -1 : 0;
}

static int
s_fill (scenario_call_t *call, const char *value)
{
    call->fill = strtoul (value, NULL, 10);
    return call->fill ? 0 : -1;
}

static int
s_leave (scenario_call_t *call, const char *value)
{
    call->leave = (unsigned) strtoul (value, NULL, 10);
    call->end = CLIENT_LEFT;
    return call->leave ? 0 : -1;
}

static int
s_status (scenario_call_t *call, const char *value)
{
    call->status = (unsigned) strtoul (value, NULL, 10);
    return 0;
}

static int
s_end (scenario_call_t *call, const char *value)
{
    for (size_t i = 0; i < sizeof s_ends / sizeof *s_ends; i++)
        if (strcmp (value, s_ends[i]) == 0) {
            call->end = (client_end_t) i;
            return 0;
        }
    return -1;
}

static const struct {
    const char *word;
    int (*fn) (scenario_call_t *call, const char *value);
} s_words[] = {
    { "method", s_method }, { "path", s_path },     { "model", s_model },
    { "body", s_body },     { "header", s_header }, { "stream", s_stream },
    { "fill", s_fill },     { "local", s_local },   { "leave", s_leave },
    { "status", s_status }, { "end", s_end },       { "hash", s_hash },
};

//  NAME PROVIDER:MODEL...
static int
s_route (scenario_t *self, char *value)
{
    char *rest;
    const char *name = strtok_r (value, " ", &rest);
    if (!name)
        return -1;
    br_buf_addf (&self->routes, "  %s:\n    strategy: priority\n    endpoints:\n", name);
    char *endpoint;
    while ((endpoint = strtok_r (NULL, " ", &rest))) {
        char *colon = strchr (endpoint, ':');
        if (!colon)
            return -1;
        *colon = 0;
        br_buf_addf (&self->routes, "      - { provider: %s, service_id: %s }\n",
                     endpoint, colon + 1);
    }
    return 0;
}

static int
s_call (scenario_t *self, const char *title)
{
    size_t size = (self->calls_size + 1) * sizeof (scenario_call_t);
    self->calls = br_realloc (self->calls, size);
    scenario_call_t *call = &self->calls[self->calls_size++];
    *call = (scenario_call_t) { .status = 200, .end = CLIENT_CLEAN };
    call->title = br_strdup (title);
    call->method = br_strdup ("POST");
    call->path = br_strdup ("/v1/chat/completions");
    br_buf_init (&call->headers, TEXT_MAX);
    return *title ? 0 : -1;
}

static int
s_line (scenario_t *self, char *line)
{
    line[strcspn (line, "\r\n")] = 0;
    line += strspn (line, " ");
    if (*line == 0 || *line == '#')
        return 0;
    size_t size = strcspn (line, " ");
    char *value = line + size + strspn (line + size, " ");
    line[size] = 0;
    if (strcmp (line, "route") == 0)
        return s_route (self, value);
    if (strcmp (line, "call") == 0)
        return s_call (self, value);
    for (size_t i = 0; self->calls_size && i < sizeof s_words / sizeof *s_words; i++)
        if (strcmp (s_words[i].word, line) == 0)
            return s_words[i].fn (&self->calls[self->calls_size - 1], value);
    return -1;
}

int
scenario_load (scenario_t *self, const char *path)
{
    FILE *file = fopen (path, "re");
    if (!file) {
        perror (path);
        return -1;
    }
    char *line = NULL;
    size_t room = 0;
    int rc = 0;
    for (unsigned number = 1; rc == 0 && getline (&line, &room, file) >= 0; number++) {
        rc = s_line (self, line);
        if (rc)
            fprintf (stderr, "%s:%u: this line makes no sense\n", path, number);
    }
    free (line);
    fclose (file);
    return rc;
}

//  ---- bodies

void
scenario_body (const scenario_call_t *call, br_buf_t *ret_body)
{
    static const char filling[] = "the quick brown fox jumps over the lazy dog ";
    br_buf_init (ret_body, TEXT_MAX);
    if (call->body)
        br_buf_adds (ret_body, call->body);
    if (call->body || !call->model)
        return;
    br_buf_addf (
        ret_body,
        "{\"model\":\"%s\"%s,\"messages\":[{\"role\":\"user\",\"content\":\"hello",
        call->model, call->stream ? ",\"stream\":true" : "");
    for (size_t left = call->fill; left;) {
        size_t part = left < sizeof filling - 1 ? left : sizeof filling - 1;
        br_buf_add (ret_body, filling, part);
        left -= part;
    }
    br_buf_adds (ret_body, "\"}]}");
}
