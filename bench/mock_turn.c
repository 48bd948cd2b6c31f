//  mock_turn: the rules that all protocols share.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench/mock_turn.h"

void
mock_turn_refuse (mock_turn_t *self, const char *format, ...)
{
    if (self->status != 200)
        return;
    self->status = 400;
    va_list args;
    va_start (args, format);
    vsnprintf (self->why, sizeof self->why, format, args);
    va_end (args);
}

const cJSON *
mock_turn_get (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

const char *
mock_turn_text (const cJSON *object, const char *name)
{
    return cJSON_GetStringValue (mock_turn_get (object, name));
}

void
mock_turn_names (mock_turn_t *self, const cJSON *object, const char *const *names)
{
    const cJSON *member;
    cJSON_ArrayForEach (member, object)
    {
        size_t i = 0;
        while (names[i] && strcmp (names[i], member->string))
            i++;
        if (!names[i])
            mock_turn_refuse (self, "unknown member: %.60s", member->string);
    }
}

void
mock_turn_tool_name (mock_turn_t *self, const char *name, size_t most, const char *others)
{
    char allowed[96];
    snprintf (allowed, sizeof allowed,
              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%s", others);
    if (!name || !name[0] || strlen (name) > most || name[strspn (name, allowed)])
        mock_turn_refuse (self, "bad name of a tool: %.80s", name ? name : "(none)");
}

static int
s_which (const char *name)
{
    if (!strcmp (name, "add"))
        return 0;
    return strcmp (name, "multiply") ? -1 : 1;
}

static bool
s_is_number (const cJSON *object, const char *name, double value)
{
    const cJSON *member = mock_turn_get (object, name);
    return cJSON_IsNumber (member) && member->valuedouble == value;
}

void
mock_turn_call (mock_turn_t *self, const char *id, const char *name, const cJSON *args)
{
    if (!name || s_which (name) < 0) {
        mock_turn_refuse (self, "a call of no tool: %.60s", name ? name : "(none)");
        return;
    }
    if (!s_is_number (args, "a", 2) || !s_is_number (args, "b", 3)
        || cJSON_GetArraySize (args) != 2)
        mock_turn_refuse (self, "the arguments of %s are not what they were", name);
    for (size_t i = 0; id && i < self->calls_count; i++)
        if (!strcmp (self->calls[i].id, id))
            mock_turn_refuse (self, "two calls with the id %.80s", id);
    if (self->calls_count == MOCK_CALLS_MAX || (id && strlen (id) >= MOCK_ID_BYTES)) {
        mock_turn_refuse (self, "too many calls, or too long an id");
        return;
    }
    mock_open_t *call = &self->calls[self->calls_count++];
    *call = (mock_open_t) { .is_answered = false };
    snprintf (call->id, sizeof call->id, "%s", id ? id : "");
    snprintf (call->name, sizeof call->name, "%s", name);
}

static mock_open_t *
s_find (mock_turn_t *self, const char *id, const char *name)
{
    for (size_t i = 0; i < self->calls_count; i++) {
        mock_open_t *call = &self->calls[i];
        bool is_it = id && call->id[0] ? !strcmp (call->id, id)
                                       : name && !strcmp (call->name, name);
        if (is_it && !call->is_answered)
            return call;
    }
    return NULL;
}

void
mock_turn_result (mock_turn_t *self, const char *id, const char *name, const char *value)
{
    mock_open_t *call = s_find (self, id, name);
    if (!call || (name && strcmp (name, call->name))) {
        mock_turn_refuse (self, "a result without its call: %.80s",
                          id     ? id
                          : name ? name
                                 : "(none)");
        return;
    }
    if (!value)
        mock_turn_refuse (self, "a result without content: %s", call->name);
    call->is_answered = true;
    snprintf (self->values[s_which (call->name)], MOCK_VALUE_BYTES, "%s",
              value ? value : "");
    self->values_count++;
}

size_t
mock_turn_missing (const mock_turn_t *self)
{
    size_t missing = 0;
    for (size_t i = 0; i < self->calls_count; i++)
        missing += !self->calls[i].is_answered;
    return missing;
}

void
mock_turn_next (mock_turn_t *self)
{
    if (mock_turn_missing (self))
        mock_turn_refuse (self, "%zu calls have no result", mock_turn_missing (self));
    self->calls_count = 0;
    self->values_count = 0;
}
