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

typedef struct {
    const char *name;
    size_t name_size;
    const char *value;
    size_t value_size;
} param_t;

//  The next parameter behind a ';' at *at_p, which goes on to the ';' behind it, or to NULL.
//  ret:  false when there are no more
static bool
s_next_param (const char **at_p, const char *end, param_t *ret_param)
{
    const char *at = *at_p;
    while (at && at < end) {
        at++;
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        const char *name = at;
        while (at < end && *at != '=' && *at != ';')
            at++;
        if (at == end || *at == ';')
            continue;
        *ret_param = (param_t) { .name = name, .name_size = (size_t) (at - name) };
        at++;
        bool quoted = at < end && *at == '"';
        const char *stop = s_value_end (at + quoted, end, quoted);
        ret_param->value = at + quoted;
        if (stop > ret_param->value)
            ret_param->value_size = (size_t) (stop - ret_param->value);
        *at_p = stop < end ? memchr (stop, ';', (size_t) (end - stop)) : NULL;
        return true;
    }
    return false;
}

static bool
s_is_named (const param_t *param, const char *name)
{
    return param->name_size == strlen (name)
           && strncasecmp (param->name, name, param->name_size) == 0;
}

//  A parameter behind the first ';'.
//  ret:  bytes of its value; 0 when it is absent or empty. *ret_at: where that starts
static size_t
s_param (const char *text, size_t size, const char *name, const char **ret_at)
{
    param_t param;
    const char *at = memchr (text, ';', size);
    while (s_next_param (&at, text + size, &param))
        if (s_is_named (&param, name)) {
            *ret_at = param.value;
            return param.value_size;
        }
    return 0;
}

//  How many boundaries a type names, those in pieces ("boundary*0=") too.
static unsigned
s_boundaries (const char *type, size_t size)
{
    static const char word[] = "boundary";
    const size_t length = sizeof word - 1;
    param_t param;
    unsigned count = 0;
    const char *at = memchr (type, ';', size);
    while (s_next_param (&at, type + size, &param)) {
        size_t left = param.name_size;
        while (left && (param.name[left - 1] == ' ' || param.name[left - 1] == '\t'))
            left--;
        count += left >= length && strncasecmp (param.name, word, length) == 0
                 && (left == length || param.name[length] == '*');
    }
    return count;
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
    size_t type_size = strlen (content_type);
    if (s_boundaries (content_type, type_size) > 1)
        return s_broken ("its content-type names more than one boundary", reterr);
    size_t boundary_size = s_param (content_type, type_size, "boundary", &boundary);
    if (boundary_size == 0 || boundary_size > FORM_BOUNDARY_MAX)
        return s_broken ("its content-type names no boundary", reterr);
    memcpy (self->line, "\r\n--", 4);
    memcpy (self->line + 4, boundary, boundary_size);
    self->line_size = boundary_size + 4;
    return 0;
}

void
form_scan_tell (form_scan_t *self, form_text_fn *fn, void *arg)
{
    self->fn = fn;
    self->arg = arg;
}

bool
form_begins (const char *content_type, const void *bytes, size_t size)
{
    form_scan_t scan;
    if (form_scan_begin (&scan, content_type, bytes, size, NULL, 0, NULL))
        return false;
    size_t length = scan.line_size - 2;
    const char *behind = (const char *) bytes + length;
    return size >= length + 2 && memcmp (bytes, scan.line + 2, length) == 0
           && (memcmp (behind, "\r\n", 2) == 0 || memcmp (behind, "--", 2) == 0);
}

//  ---- parts

//  What the header lines of a part say.
typedef struct {
    const char *name; //  NULL = it has none
    size_t name_size;
    bool is_file;
    bool is_textual; //  its type says that it is text or JSON
    bool is_typed;   //  its type says anything
    bool is_encoded;
} part_t;

static bool
s_begins (const char *at, size_t size, const char *word)
{
    size_t length = strlen (word);
    return size >= length && strncasecmp (at, word, length) == 0;
}

static void
s_read_disposition (part_t *part, const char *line, size_t size)
{
    const char *at = NULL;
    part->name_size = s_param (line, size, "name", &part->name);
    part->is_file = s_param (line, size, "filename", &at) > 0
                    || s_param (line, size, "filename*", &at) > 0;
}

static void
s_read_type (part_t *part, const char *line, size_t size)
{
    size_t type_size = 0;
    while (type_size < size && line[type_size] != ';')
        type_size++;
    while (type_size && (line[type_size - 1] == ' ' || line[type_size - 1] == '\t'))
        type_size--;
    part->is_typed = type_size && !s_begins (line, size, "application/octet-stream");
    part->is_textual = s_begins (line, size, "text/")
                       || s_begins (line, size, "application/json")
                       || (type_size > 5 && s_begins (line + type_size - 5, 5, "+json"));
}

static void
s_read_encoding (part_t *part, const char *line, size_t size)
{
    part->is_encoded = !s_begins (line, size, "7bit") && !s_begins (line, size, "8bit")
                       && !s_begins (line, size, "binary");
}

static const struct {
    const char *name;
    void (*read) (part_t *part, const char *line, size_t size); //  what is behind it
} s_fields[] = {
    { "content-disposition:", s_read_disposition },
    { "content-type:", s_read_type },
    { "content-transfer-encoding:", s_read_encoding },
};

static part_t
s_read_head (const char *head, size_t size)
{
    part_t part = { .name = NULL };
    const char *end = head + size;
    while (head < end) {
        const char *stop = memmem (head, (size_t) (end - head), "\r\n", 2);
        const char *line_end = stop ? stop : end;
        for (size_t i = 0; i < sizeof s_fields / sizeof *s_fields; i++) {
            size_t skip = strlen (s_fields[i].name);
            if (!s_begins (head, (size_t) (line_end - head), s_fields[i].name))
                continue;
            const char *at = head + skip;
            while (at < line_end && (*at == ' ' || *at == '\t'))
                at++;
            s_fields[i].read (&part, at, (size_t) (line_end - at));
        }
        head = stop ? stop + 2 : end;
    }
    return part;
}

//  The row of the field that a part is, or NULL.
static form_row_t *
s_row_of (const form_scan_t *self, const part_t *part)
{
    for (size_t i = 0; part->name_size && i < self->nrows; i++)
        if (strlen (self->rows[i].name) == part->name_size
            && memcmp (self->rows[i].name, part->name, part->name_size) == 0)
            return &self->rows[i];
    return NULL;
}

//  A field that is words in every API. Clients that read it from a file give it a filename.
static bool
s_is_field (const part_t *part)
{
    static const char *const names[] = { "prompt", "text", "input", "instructions" };
    for (size_t i = 0; !part->is_typed && i < sizeof names / sizeof *names; i++)
        if (strlen (names[i]) == part->name_size
            && memcmp (names[i], part->name, part->name_size) == 0)
            return true;
    return false;
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
    if (self->is_text) {
        self->text.at = self->value_at;
        self->text.size = at > self->value_at ? at - self->value_at : 0;
        self->told = self->fn (self->arg, &self->text);
        self->is_text = false;
    }
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
    part_t part = { .name = NULL };
    if (size > 2)
        part = s_read_head (head + 2, size - 2);
    if (self->fn && part.is_encoded)
        return s_broken ("a part of it is encoded", reterr);
    self->row = s_row_of (self, &part);
    self->is_text = self->fn && (!part.is_file || part.is_textual || s_is_field (&part));
    self->text = (form_text_t) { .name = part.name, .name_size = part.name_size };
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
        if (line == LAST_LINE || self->told)
            return self->told ? -1 : 0;
        int rc = s_open (self, reterr);
        if (rc)
            return -1;
    } while (self->at < until);
    return 1;
}
