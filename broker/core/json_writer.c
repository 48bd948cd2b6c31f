//  json_writer: commas, keys and values.

#include <inttypes.h>
#include <string.h>

#include "broker/core/json_writer.h"

json_writer_t
json_writer (br_buf_t *out)
{
    return (json_writer_t) { .out = out };
}

static void
s_begin (json_writer_t *self, const char *key)
{
    if (self->comma)
        br_buf_addc (self->out, ',');
    self->comma = true;
    if (!key)
        return;
    br_buf_addc (self->out, '"');
    br_buf_add (self->out, key, strlen (key));
    br_buf_add (self->out, "\":", 2);
}

void
json_open (json_writer_t *self, const char *key, char bracket)
{
    s_begin (self, key);
    br_buf_addc (self->out, bracket);
    self->comma = false;
}

void
json_close (json_writer_t *self, char bracket)
{
    br_buf_addc (self->out, bracket);
    self->comma = true;
}

void
json_put (json_writer_t *self, const char *key, br_text_t text)
{
    s_begin (self, key);
    if (text.at)
        br_buf_add_json (self->out, text.at, text.size);
    else
        br_buf_add (self->out, "null", 4);
}

void
json_put_string (json_writer_t *self, const char *key, const char *string)
{
    json_put (self, key, br_text (string));
}

void
json_put_integer (json_writer_t *self, const char *key, int64_t number)
{
    s_begin (self, key);
    br_buf_addf (self->out, "%" PRId64, number);
}

void
json_put_bool (json_writer_t *self, const char *key, bool value)
{
    s_begin (self, key);
    br_buf_adds (self->out, value ? "true" : "false");
}

void
json_put_null (json_writer_t *self, const char *key)
{
    json_put (self, key, BR_TEXT_NONE);
}

void
json_put_raw (json_writer_t *self, const char *key, br_text_t json)
{
    s_begin (self, key);
    if (json.size)
        br_buf_add (self->out, json.at, json.size);
    else
        br_buf_add (self->out, "null", 4);
}

void
json_put_key (json_writer_t *self, br_text_t key)
{
    json_put (self, NULL, key);
    br_buf_addc (self->out, ':');
    self->comma = false;
}

void
json_put_given (json_writer_t *self, const char *key, br_text_t text)
{
    if (text.size)
        json_put (self, key, text);
}

void
json_put_raw_given (json_writer_t *self, const char *key, br_text_t json)
{
    if (json.size)
        json_put_raw (self, key, json);
}

void
json_text_begin (json_writer_t *self, const char *key)
{
    s_begin (self, key);
    br_buf_addc (self->out, '"');
}

void
json_text_add (json_writer_t *self, br_text_t part)
{
    if (!part.size || self->out->overflow)
        return;
    //  as a string of its own, whose quotes make way
    size_t at = self->out->size;
    if (br_buf_add_json (self->out, part.at, part.size))
        return;
    memmove (self->out->data + at, self->out->data + at + 1, self->out->size - at - 1);
    self->out->size -= 2;
}

void
json_text_end (json_writer_t *self)
{
    br_buf_addc (self->out, '"');
}
