//  form: from one boundary to the next.

#include <string.h>
#include <strings.h>

#include "broker/proto/form.h"

static const char s_type[] = "multipart/form-data";

static int
s_broken (const char *what, br_error_t *reterr)
{
    return br_error_set (reterr, BR_EINVALID, "the multipart body is malformed: %s",
                         what);
}

//  ---- parameters of a header line: ; name=value, the value with quotes or without

//  Where the value at `at` ends: in front of its closing quote, or of the next ';'.
static const char *
s_value_end (const char *at, const char *end, bool quoted)
{
    while (at < end && *at != (quoted ? '"' : ';'))
        at += quoted && *at == '\\' && end - at > 1 ? 2 : 1;
    return at;
}

//  A parameter behind the first ';'.
//  ret:  bytes of its value; 0 when it is absent or empty. *ret_at: where that starts
static size_t
s_param (const char *text, size_t size, const char *name, const char **ret_at)
{
    size_t name_size = strlen (name);
    const char *end = text + size;
    const char *at = memchr (text, ';', size);
    while (at && at < end) {
        at++;
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        size_t here = 0;
        while (at + here < end && at[here] != '=' && at[here] != ';')
            here++;
        bool found = here == name_size && strncasecmp (at, name, here) == 0;
        at += here;
        if (at == end || *at == ';')
            continue;
        at++;
        bool quoted = at < end && *at == '"';
        const char *stop = s_value_end (at + quoted, end, quoted);
        *ret_at = at + quoted;
        if (found)
            return (size_t) (stop - *ret_at);
        at = memchr (stop, ';', (size_t) (end - stop));
    }
    return 0;
}

bool
form_is (const char *content_type)
{
    size_t size = sizeof s_type - 1;
    return content_type && strncasecmp (content_type, s_type, size) == 0
           && strchr (" \t;", content_type[size]); //  its zero byte too
}

int
form_scan_begin (form_scan_t *self, const char *content_type, const void *bytes,
                 size_t size, form_row_t *rows, size_t nrows, br_error_t *reterr)
{
    *self = (form_scan_t) { .bytes = bytes, .end = size, .rows = rows, .nrows = nrows };
    for (size_t i = 0; i < nrows; i++)
        rows[i] = (form_row_t) { .name = rows[i].name };
    const char *boundary = NULL;
    size_t boundary_size = s_param (content_type, strlen (content_type), "boundary",
                                    &boundary);
    if (boundary_size == 0 || boundary_size > FORM_BOUNDARY_MAX)
        return s_broken ("its content-type names no boundary", reterr);
    memcpy (self->line, "\r\n--", 4);
    memcpy (self->line + 4, boundary, boundary_size);
    self->line_size = boundary_size + 4;
    return 0;
}

//  ---- parts

//  The row of the field that a part's header lines name, or NULL.
static form_row_t *
s_row_of (const form_scan_t *self, const char *head, size_t size)
{
    static const char field[] = "content-disposition:";
    const char *end = head + size;
    while (head < end) {
        const char *stop = memmem (head, (size_t) (end - head), "\r\n", 2);
        size_t line = (size_t) ((stop ? stop : end) - head);
        const char *name = NULL;
        size_t name_size = 0;
        if (line >= sizeof field && strncasecmp (head, field, sizeof field - 1) == 0)
            name_size = s_param (head, line, "name", &name);
        for (size_t i = 0; name_size && i < self->nrows; i++)
            if (strlen (self->rows[i].name) == name_size
                && memcmp (self->rows[i].name, name, name_size) == 0)
                return &self->rows[i];
        head += stop ? line + 2 : line;
    }
    return NULL;
}

//  Whether a whole boundary ends at `at`: then the walk stands behind its line end, or is
//  over.
typedef enum {
    NO_LINE,
    NEXT_PART,
    LAST_LINE
} line_t;

static line_t
s_line_end (form_scan_t *self, size_t at)
{
    const uint8_t *bytes = self->bytes;
    if (self->end - at >= 2 && bytes[at] == '-' && bytes[at + 1] == '-')
        return LAST_LINE;
    while (at < self->end && (bytes[at] == ' ' || bytes[at] == '\t'))
        at++;
    if (self->end - at < 2 || bytes[at] != '\r' || bytes[at + 1] != '\n')
        return NO_LINE;
    self->at = at;
    return NEXT_PART;
}

static void
s_close (form_scan_t *self, size_t at)
{
    if (!self->row)
        return;
    self->row->offset = self->value_at;
    self->row->size = at > self->value_at ? at - self->value_at : 0;
    self->row->count++;
    self->row = NULL;
}

//  Reads the header lines of a part; the walk stands in front of the line end above them.
static int
s_open (form_scan_t *self, br_error_t *reterr)
{
    if (++self->parts > FORM_PARTS_MAX)
        return s_broken ("it has too many parts", reterr);
    const char *head = (const char *) self->bytes + self->at;
    size_t room = self->end - self->at;
    room = room < FORM_HEAD_MAX ? room : FORM_HEAD_MAX;
    const char *blank = memmem (head, room, "\r\n\r\n", 4);
    if (!blank)
        return s_broken ("the header lines of a part do not end", reterr);
    size_t size = (size_t) (blank - head);
    self->row = size > 2 ? s_row_of (self, head + 2, size - 2) : NULL;
    self->at += size + 4;
    self->value_at = self->at;
    return 0;
}

//  The next boundary from the walk's place on, up to stop; NULL = none is there.
static const uint8_t *
s_find (const form_scan_t *self, size_t stop)
{
    const uint8_t *at = self->bytes + self->at;
    if (self->at == 0 && stop >= self->line_size - 2
        && memcmp (at, self->line + 2, self->line_size - 2) == 0)
        return at;
    return memmem (at, stop - self->at, self->line, self->line_size);
}

int
form_scan_step (form_scan_t *self, size_t slice, br_error_t *reterr)
{
    size_t left = self->end - self->at;
    size_t until = slice < left ? self->at + slice : self->end;
    do {
        left = self->end - until;
        size_t stop = left < self->line_size ? self->end : until + self->line_size;
        const uint8_t *found = self->at < stop ? s_find (self, stop) : NULL;
        if (!found && stop == self->end)
            return s_broken ("its closing boundary is missing", reterr);
        if (!found) {
            self->at = until;
            return 1;
        }
        size_t at = (size_t) (found - self->bytes);
        bool first = at == 0 && found[0] == '-';
        line_t line = s_line_end (self, at + self->line_size - (first ? 2 : 0));
        if (line == NO_LINE) {
            self->at = at + 1;
            continue;
        }
        s_close (self, at);
        if (line == LAST_LINE)
            return 0;
        int rc = s_open (self, reterr);
        if (rc)
            return -1;
    } while (self->at < until);
    return 1;
}
