//  http_fields: the header lines of one request.
//
//  Curl compares each entry of its list with a dozen of names, again and again. Lines that
//  it has no business with are therefore one entry, joined as they go onto the wire.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/net/http_fields.h"

#define FIELDS_KEEP_MAX 4096 //  bytes of memory kept for the next request

#define ACCEPT_ENCODING "Accept-Encoding: gzip, deflate"
#define ACCEPT_SIZE sizeof (ACCEPT_ENCODING "\r") //  with its line end
#define OWN_BYTES 128                             //  of all lines that we add

//  Names that curl looks for or acts on, with our options (lib/http.c of 7.88). A line that
//  is given here is sent unless the request has one of that name; without a value it is
//  curl's form for "do not send this".
typedef struct {
    const char *name;
    size_t size; //  of the name
    const char *own;
    size_t own_size; //  of the line, with its final zero
} fields_row_t;

#define ROW(name)                                                                        \
    {                                                                                    \
        name, sizeof (name) - 1, NULL, 0                                                 \
    }
#define ROW_OWN(name)                                                                    \
    {                                                                                    \
        name, sizeof (name) - 1, name ":", sizeof (name ":")                             \
    }

//  Curl would send Accept-Encoding by itself, but it prints byte by byte, and its own
//  lines twice.
enum {
    NAME_ACCEPT_ENCODING
};

static const fields_row_t s_rows[] = {
    [NAME_ACCEPT_ENCODING] = ROW ("Accept-Encoding"),
    ROW_OWN ("Content-Type"),
    ROW_OWN ("Expect"),
    ROW ("Accept"),
    ROW ("Authorization"),
    ROW ("Connection"),
    ROW ("Content-Length"),
    ROW ("Cookie"),
    ROW ("Host"),
    ROW ("Proxy-Connection"),
    ROW ("TE"),
    ROW ("Transfer-Encoding"),
};

#define ROWS (sizeof s_rows / sizeof s_rows[0])

//  Bytes of the name of a good line, 0 for one that is not "Name: value".
static size_t
s_name_size (const char *line, size_t size)
{
    size_t name_size = 0;
    while (line[name_size] != ':' && (unsigned char) line[name_size] > ' ')
        name_size++;
    if (line[name_size] != ':' || memchr (line, '\r', size) || memchr (line, '\n', size))
        return 0;
    return name_size;
}

//  Its row, or ROWS.
static size_t
s_find (const char *name, size_t size)
{
    for (size_t row = 0; row < ROWS; row++)
        if (s_rows[row].size == size && strncasecmp (name, s_rows[row].name, size) == 0)
            return row;
    return ROWS;
}

//  The list while it is made.
typedef struct {
    struct curl_slist *node; //  the next one
    char *text;              //  where the next line with an entry of its own goes
    char *joined;            //  where the next of the other lines goes
    bool has[ROWS + 1];      //  rows that the request has a line of
} fields_draft_t;

//  Copies size bytes to *text_p and moves that on. Returns where they are.
static char *
s_put (char **text_p, const char *bytes, size_t size)
{
    char *text = *text_p;
    memcpy (text, bytes, size);
    *text_p += size;
    return text;
}

//  "Name:" without a value means "do not send" to curl; "Name;" sends it empty. -1 for a
//  malformed line.
static int
s_add_line (fields_draft_t *draft, const char *line)
{
    size_t size = strlen (line);
    size_t name_size = s_name_size (line, size);
    if (!name_size)
        return -1;
    size_t row = s_find (line, name_size);
    draft->has[row] = true;
    size_t value = name_size + 1;
    while (line[value] == ' ' || line[value] == '\t')
        value++;
    if (row == ROWS && value < size) {
        s_put (&draft->joined, line, size);
        s_put (&draft->joined, "\r\n", 2);
        return 0;
    }
    char *text = s_put (&draft->text, line, size + 1);
    (draft->node++)->data = text;
    if (value == size)
        memcpy (text + name_size, ";", 2);
    return 0;
}

static void
s_add_own (fields_draft_t *draft)
{
    for (size_t row = 0; row < ROWS; row++)
        if (s_rows[row].own && !draft->has[row])
            (draft->node++)->data = s_put (&draft->text, s_rows[row].own,
                                           s_rows[row].own_size);
}

//  The joined lines are from `from` on, behind room for one more. That is the one that
//  curl only looks for, when it is ours.
static void
s_add_joined (fields_draft_t *draft, char *from)
{
    static const char accept[] = ACCEPT_ENCODING "\r\n";
    if (!draft->has[NAME_ACCEPT_ENCODING])
        memcpy (from, accept, ACCEPT_SIZE);
    else
        from += ACCEPT_SIZE;
    if (draft->joined == from)
        return;
    draft->joined[-2] = 0;
    (draft->node++)->data = from;
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

static void
s_start (http_fields_t *self, fields_draft_t *draft, size_t count, size_t size)
{
    size_t nodes_size = (count + ROWS) * sizeof (struct curl_slist);
    s_reserve (self, nodes_size + 2 * size);
    char *text = (char *) self->list + nodes_size;
    *draft = (fields_draft_t) { .node = self->list,
                                .text = text + size,
                                .joined = text + ACCEPT_SIZE };
}

int
http_fields_set (http_fields_t *self, const char *const *lines, br_error_t *reterr)
{
    size_t count = 0;
    size_t size = OWN_BYTES;
    for (; lines && lines[count] && size <= HTTP_FIELDS_MAX; count++)
        size += strlen (lines[count]) + sizeof "\r\n";
    if (size > HTTP_FIELDS_MAX)
        return br_error_set (reterr, BR_EINVALID,
                             "the request's header lines are too long");
    fields_draft_t draft;
    s_start (self, &draft, count, size);
    char *joined = draft.joined - ACCEPT_SIZE;
    for (size_t i = 0; i < count; i++) {
        int rc = s_add_line (&draft, lines[i]);
        if (rc)
            return br_error_set (reterr, BR_EINVALID,
                                 "header line %zu of the request is malformed", i + 1);
    }
    s_add_own (&draft);
    s_add_joined (&draft, joined);
    for (struct curl_slist *at = self->list; at < draft.node; at++)
        at->next = at + 1 < draft.node ? at + 1 : NULL;
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
