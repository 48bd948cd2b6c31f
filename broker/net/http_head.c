//  http_head: the header block of an answer.

#include <string.h>
#include <strings.h>

#include "broker/net/http_head.h"

#define HEAD_KEEP_MAX 4096 //  bytes of memory kept for the next answer

void
http_head_init (http_head_t *self)
{
    *self = (http_head_t) { .status = 0 };
    br_buf_init (&self->fields, HTTP_HEAD_MAX);
}

void
http_head_clear (http_head_t *self)
{
    if (self->fields.room > HEAD_KEEP_MAX)
        br_buf_free (&self->fields);
    br_buf_clear (&self->fields);
    self->status = 0;
    self->complete = false;
}

void
http_head_free (http_head_t *self)
{
    br_buf_free (&self->fields);
}

static bool
s_is_blank (char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

//  "HTTP/1.1 200 OK": three digits behind the first blank.
static http_head_step_t
s_add_status (http_head_t *self, const char *line, size_t size)
{
    const char *blank = memchr (line, ' ', size);
    if (!blank || size - (size_t) (blank - line) < 4)
        return HTTP_HEAD_BAD;
    unsigned status = 0;
    for (size_t i = 1; i <= 3; i++) {
        if (blank[i] < '0' || blank[i] > '9')
            return HTTP_HEAD_BAD;
        status = status * 10 + (unsigned) (blank[i] - '0');
    }
    if (status < 100 || status == 101) //  we never ask to switch protocols
        return HTTP_HEAD_BAD;
    self->status = status;
    return HTTP_HEAD_MORE;
}

static http_head_step_t
s_end (http_head_t *self)
{
    if (self->status < 200) {
        http_head_clear (self);
        return HTTP_HEAD_MORE;
    }
    self->complete = true;
    return HTTP_HEAD_COMPLETE;
}

static http_head_step_t
s_add_text (http_head_t *self, const char *text, size_t size)
{
    br_buf_add (&self->fields, text, size);
    br_buf_addc (&self->fields, 0);
    return self->fields.overflow ? HTTP_HEAD_TOO_BIG : HTTP_HEAD_MORE;
}

//  A line that starts with a blank continues the value before it (RFC 9112, 5.2).
static http_head_step_t
s_add_fold (http_head_t *self, const char *text, size_t size)
{
    if (!self->fields.size)
        return HTTP_HEAD_BAD;
    self->fields.data[self->fields.size - 1] = ' ';
    return s_add_text (self, text, size);
}

static http_head_step_t
s_add_field (http_head_t *self, const char *line, size_t size)
{
    const char *colon = memchr (line, ':', size);
    if (!colon || colon == line)
        return HTTP_HEAD_BAD;
    size_t name_size = (size_t) (colon - line);
    size_t start = name_size + 1;
    while (start < size && s_is_blank (line[start]))
        start++;
    while (name_size && s_is_blank (line[name_size - 1]))
        name_size--;
    http_head_step_t step = s_add_text (self, line, name_size);
    if (step != HTTP_HEAD_MORE)
        return step;
    return s_add_text (self, line + start, size - start);
}

http_head_step_t
http_head_add (http_head_t *self, const char *line, size_t size)
{
    while (size && s_is_blank (line[size - 1]))
        size--;
    if (memchr (line, 0, size))
        return HTTP_HEAD_BAD; //  zero is what separates our fields
    if (!self->status)
        return s_add_status (self, line, size);
    if (!size)
        return s_end (self);
    if (!s_is_blank (line[0]))
        return s_add_field (self, line, size);
    size_t start = 0;
    while (s_is_blank (line[start]))
        start++;
    return s_add_fold (self, line + start, size - start);
}

//  The field behind at, or the first for NULL; NULL at the end.
static const char *
s_next (const http_head_t *self, const char *at, const char **ret_value)
{
    const char *fields = (const char *) self->fields.data;
    const char *name = at ? *ret_value + strlen (*ret_value) + 1 : fields;
    if (!fields || name >= fields + self->fields.size)
        return NULL;
    *ret_value = name + strlen (name) + 1;
    return name;
}

const char *
http_head_find (const http_head_t *self, const char *name)
{
    const char *value = NULL;
    const char *at = s_next (self, NULL, &value);
    while (at && strcasecmp (at, name))
        at = s_next (self, at, &value);
    return at ? value : NULL;
}

void
http_head_each (const http_head_t *self, http_client_header_fn *fn, void *arg)
{
    const char *value = NULL;
    for (const char *at = s_next (self, NULL, &value); at; at = s_next (self, at, &value))
        fn (arg, at, value);
}
