//  buf: bytes that grow, up to a named maximum.

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/json_lex.h"

#define BUF_FIRST_ROOM 256

void
br_buf_init (br_buf_t *self, size_t max)
{
    *self = (br_buf_t) { .max = max };
}

void
br_buf_clear (br_buf_t *self)
{
    self->size = 0;
    self->overflow = false;
}

void
br_buf_free (br_buf_t *self)
{
    free (self->data);
    *self = (br_buf_t) { .max = self->max };
}

//  Room for size more bytes and a final zero.
static int
s_reserve (br_buf_t *self, size_t size)
{
    if (size > self->max - self->size) {
        self->overflow = true;
        return -1;
    }
    size_t need = self->size + size + 1;
    if (need <= self->room)
        return 0;
    size_t room = self->room ? self->room : BUF_FIRST_ROOM;
    while (room < need)
        room *= 2;
    self->data = br_realloc (self->data, room);
    self->room = room;
    return 0;
}

int
br_buf_add (br_buf_t *self, const void *bytes, size_t size)
{
    int rc = s_reserve (self, size);
    if (rc)
        return -1;
    if (size)
        memcpy (self->data + self->size, bytes, size);
    self->size += size;
    return 0;
}

int
br_buf_adds (br_buf_t *self, const char *text)
{
    return br_buf_add (self, text, strlen (text));
}

int
br_buf_addc (br_buf_t *self, char c)
{
    return br_buf_add (self, &c, 1);
}

int
br_buf_addf (br_buf_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    va_list again;
    va_copy (again, args);
    int length = vsnprintf (NULL, 0, format, args);
    va_end (args);
    int rc = length < 0 ? -1 : s_reserve (self, (size_t) length);
    if (rc == 0) {
        vsnprintf ((char *) self->data + self->size, (size_t) length + 1, format, again);
        self->size += (size_t) length;
    }
    va_end (again);
    return rc;
}

static const char *
s_escape (uint8_t byte, char room[8])
{
    switch (byte) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    }
    snprintf (room, 8, "\\u%04x", byte);
    return room;
}

//  The first byte that needs an escape, or end.
static const uint8_t *
s_unescaped (const uint8_t *at, const uint8_t *end)
{
    while ((at = json_lex_plain (at, end)) < end && *at >= 0x80)
        while (at < end && *at >= 0x80)
            at++;
    return at;
}

int
br_buf_add_json (br_buf_t *self, const char *text, size_t size)
{
    size_t before = self->size;
    const uint8_t *from = (const uint8_t *) text;
    const uint8_t *end = size ? from + size : from;
    int rc = size > SIZE_MAX - 2 ? -1 : s_reserve (self, size + 2);
    if (rc)
        return -1;
    self->data[self->size++] = '"';
    for (const uint8_t *at; (at = s_unescaped (from, end)) < end; from = at + 1) {
        char room[8];
        rc |= br_buf_add (self, from, (size_t) (at - from));
        rc |= br_buf_adds (self, s_escape (*at, room));
    }
    rc |= br_buf_add (self, from, (size_t) (end - from));
    rc |= br_buf_addc (self, '"');
    if (rc)
        self->size = before;
    return rc;
}

void
br_buf_shift (br_buf_t *self, size_t size)
{
    assert (size <= self->size);
    self->size -= size;
    if (size && self->size)
        memmove (self->data, self->data + size, self->size);
}

const char *
br_buf_text (br_buf_t *self)
{
    if (!self->data)
        return "";
    self->data[self->size] = 0;
    return (const char *) self->data;
}

uint8_t *
br_buf_take (br_buf_t *self, size_t *ret_size)
{
    uint8_t *data = self->data;
    *ret_size = self->size;
    *self = (br_buf_t) { .max = self->max };
    return data;
}
