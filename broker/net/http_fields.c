//  http_fields: the header lines of one request.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/net/http_fields.h"

#define FIELDS_KEEP_MAX 4096 //  bytes of memory kept for the next request

//  Lines that a request gets unless it has one of that name. A name without a value is
//  curl's form for "do not send this". Curl would add the last one by itself, but it
//  prints byte by byte, and its own lines twice.
typedef struct {
    const char *line;
    size_t size;      //  with its final zero
    size_t name_size; //  with the colon
} fields_own_t;

#define FIELDS_ROW(name, value)                                                          \
    {                                                                                    \
        name value, sizeof (name value), sizeof (name) - 1                               \
    }

static const fields_own_t s_own[] = {
    FIELDS_ROW ("Expect:", ""),
    FIELDS_ROW ("Content-Type:", ""),
    FIELDS_ROW ("Accept-Encoding:", " gzip, deflate"),
};

#define FIELDS_OWN (sizeof s_own / sizeof s_own[0])
#define FIELDS_OWN_BYTES 128 //  of all their lines

//  Bytes of text, or 0 and an error. ret_count counts the lines.
static size_t
s_measure (const char *const *lines, size_t *ret_count, br_error_t *reterr)
{
    size_t size = FIELDS_OWN_BYTES;
    size_t count = 0;
    for (; lines && lines[count]; count++) {
        const char *line = lines[count];
        size_t name_size = strcspn (line, ": \t\r\n");
        size_t line_size = name_size + strcspn (line + name_size, "\r\n");
        size += line_size + 1;
        if (!name_size || line[name_size] != ':' || line[line_size]
            || size > HTTP_FIELDS_MAX) {
            br_error_set (reterr, BR_EINVALID,
                          "header line %zu of the request is malformed or too long",
                          count + 1);
            return 0;
        }
    }
    *ret_count = count;
    return size;
}

//  "Name:" without a value means "do not send" to curl; "Name;" sends it empty.
static void
s_mark_empty (char *line)
{
    char *colon = strchr (line, ':');
    if (colon[1 + strspn (colon + 1, " \t")])
        return;
    colon[0] = ';';
    colon[1] = 0;
}

//  Copies a line of size bytes, its final zero among them, to *text_p and moves that on.
static char *
s_put (char **text_p, const char *line, size_t size)
{
    char *text = *text_p;
    memcpy (text, line, size);
    *text_p += size;
    return text;
}

static bool
s_has (const struct curl_slist *nodes, size_t count, const fields_own_t *own)
{
    for (size_t i = 0; i < count; i++)
        if (strncasecmp (nodes[i].data, own->line, own->name_size) == 0)
            return true;
    return false;
}

static void
s_reserve (http_fields_t *self, size_t need)
{
    if (need <= self->room)
        return;
    free (self->list);
    self->list = br_alloc (1, need);
    self->room = need;
}

int
http_fields_set (http_fields_t *self, const char *const *lines, br_error_t *reterr)
{
    size_t count = 0;
    size_t size = s_measure (lines, &count, reterr);
    if (!size)
        return -1;
    size_t nodes_size = (count + FIELDS_OWN) * sizeof (struct curl_slist);
    s_reserve (self, nodes_size + size);
    struct curl_slist *nodes = self->list;
    char *text = (char *) self->list + nodes_size;
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        nodes[used++].data = s_put (&text, lines[i], strlen (lines[i]) + 1);
    for (size_t i = 0; i < FIELDS_OWN; i++)
        if (!s_has (nodes, count, &s_own[i]))
            nodes[used++].data = s_put (&text, s_own[i].line, s_own[i].size);
    for (size_t i = 0; i < count; i++)
        s_mark_empty (nodes[i].data);
    for (size_t i = 0; i < used; i++)
        nodes[i].next = i + 1 < used ? &nodes[i + 1] : NULL;
    return 0;
}

void
http_fields_clear (http_fields_t *self)
{
    if (self->room > FIELDS_KEEP_MAX)
        http_fields_free (self);
}

void
http_fields_free (http_fields_t *self)
{
    free (self->list);
    *self = (http_fields_t) { .room = 0 };
}
