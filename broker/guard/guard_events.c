//  guard_events: cuts a stream of server-sent events into its events.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_events.h"

struct _guard_events_t {
    guard_event_fn *fn; //  borrowed
    void *arg;          //  borrowed
    br_buf_t bytes; //  what was told of this push, the event under way, what follows it
    br_buf_t data;  //  joined data lines of the event that is told
    size_t from;    //  where the event under way begins in bytes
    uint64_t moved; //  bytes, see guard_events_moved
    size_t line;    //  where the line under way begins in bytes
    size_t seen;    //  up to where no line end was found
    bool after_cr;  //  the line before ended with CR: LF belongs to it
};

//  One line of an event. at and size are of what stands in front of its end.
typedef struct {
    size_t at;
    size_t size;
    size_t next; //  behind its end
} line_t;

guard_events_t *
guard_events_new (size_t event_max, guard_event_fn *fn, void *arg)
{
    guard_events_t *self = BR_NEW (guard_events_t);
    self->fn = fn;
    self->arg = arg;
    br_buf_init (&self->bytes, event_max);
    br_buf_init (&self->data, event_max);
    return self;
}

void
guard_events_destroy (guard_events_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_buf_free (&(*self_p)->data);
    br_buf_free (&(*self_p)->bytes);
    free (*self_p);
    *self_p = NULL;
}

//  ---- lines

//  The line that begins at `at`; false behind the last one.
static bool
s_line (br_text_t raw, size_t at, line_t *ret_line)
{
    if (at >= raw.size)
        return false;
    size_t end = at;
    while (end < raw.size && raw.at[end] != '\n' && raw.at[end] != '\r')
        end++;
    size_t next = end < raw.size ? end + 1 : end;
    if (next < raw.size && raw.at[end] == '\r' && raw.at[next] == '\n')
        next++;
    *ret_line = (line_t) { at, end - at, next };
    return true;
}

//  A line without the mark that a stream may begin with.
static br_text_t
s_text (br_text_t raw, const line_t *line)
{
    br_text_t text = { raw.at + line->at, line->size };
    if (br_text_starts (text, "\xEF\xBB\xBF")) {
        text.at += 3;
        text.size -= 3;
    }
    return text;
}

//  The value of a field's line, absent when the line is of another one.
static br_text_t
s_value (br_text_t raw, const line_t *line, const char *field)
{
    br_text_t text = s_text (raw, line);
    size_t length = strlen (field);
    if (!text.at || !br_text_starts (text, field)
        || (text.size > length && text.at[length] != ':'))
        return BR_TEXT_NONE;
    size_t skip = text.size > length ? length + 1 : length;
    if (skip < text.size && text.at[skip] == ' ')
        skip++;
    return (br_text_t) { text.at + skip, text.size - skip };
}

typedef enum {
    LINE_FIELD, //  of the standard, or blank
    LINE_COMMENT,
    LINE_UNKNOWN
} kind_t;

static kind_t
s_kind (br_text_t raw, const line_t *line)
{
    static const char *const fields[] = { "data", "event", "id", "retry" };
    br_text_t text = s_text (raw, line);
    if (text.size && text.at[0] == ':')
        return LINE_COMMENT;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (s_value (raw, line, fields[i]).at)
            return LINE_FIELD;
    return text.size ? LINE_UNKNOWN : LINE_FIELD;
}

static const char *
s_eol (br_text_t raw, const line_t *line)
{
    size_t end = line->at + line->size;
    if (line->next == end || raw.at[end] == '\n')
        return "\n";
    return line->next - end == 2 ? "\r\n" : "\r";
}

//  ---- events

static void
s_add_data (guard_events_t *self, guard_event_t *event, br_text_t value)
{
    if (event->data_lines == 0)
        event->data_at = (size_t) (value.at - event->raw.at);
    if (event->data_lines > 0)
        (void) br_buf_addc (&self->data, '\n');
    (void) br_buf_add (&self->data, value.at, value.size);
    event->data_lines++;
}

//  Tells what is under way, up to an offset in bytes.
static int
s_tell (guard_events_t *self, size_t end, bool is_cut)
{
    const char *raw = (const char *) self->bytes.data + self->from;
    guard_event_t event = { .raw = { raw, end - self->from },
                            .eol = "\n",
                            .is_cut = is_cut };
    br_buf_clear (&self->data);
    line_t line = { 0, 0, 0 };
    for (size_t at = 0; s_line (event.raw, at, &line); at = line.next) {
        event.strange += s_kind (event.raw, &line) != LINE_FIELD;
        br_text_t value = s_value (event.raw, &line, "event");
        if (value.at)
            event.name = value;
        value = s_value (event.raw, &line, "data");
        if (!value.at)
            continue;
        event.eol = s_eol (event.raw, &line);
        s_add_data (self, &event, value);
    }
    if (event.data_lines)
        event.data = (br_text_t) { br_buf_text (&self->data), self->data.size };
    int rc = self->fn (self->arg, &event);
    self->from = self->line = self->seen = end;
    return rc;
}

//  What was told goes: once for all events of a push, however many they are.
static void
s_drop_told (guard_events_t *self)
{
    if (self->from == 0)
        return;
    self->moved += self->bytes.size - self->from;
    br_buf_shift (&self->bytes, self->from);
    self->line -= self->from;
    self->seen -= self->from;
    self->from = 0;
}

//  A line is whole: a blank one ends the event, a comment in front of one goes by itself.
static int
s_end_line (guard_events_t *self, size_t end, size_t next)
{
    bool is_blank = end == self->line;
    bool is_comment = self->line == self->from && self->bytes.data[self->from] == ':';
    self->line = next;
    self->seen = next;
    return is_blank || is_comment ? s_tell (self, next, false) : 0;
}

//  ret:  1 = a line was read, 0 = none is whole, -1 = see s_tell
static int
s_step (guard_events_t *self)
{
    const uint8_t *bytes = self->bytes.data;
    size_t size = self->bytes.size;
    if (self->after_cr && self->line < size) {
        self->after_cr = false;
        if (bytes[self->line] == '\n') {
            self->line++;
            self->seen = self->line;
            bool is_alone = self->line == self->from + 1;
            return is_alone && s_tell (self, self->line, false) != 0 ? -1 : 1;
        }
    }
    size_t end = self->seen;
    while (end < size && bytes[end] != '\n' && bytes[end] != '\r')
        end++;
    self->seen = end;
    if (end == size)
        return 0;
    self->after_cr = bytes[end] == '\r';
    return s_end_line (self, end, end + 1) == 0 ? 1 : -1;
}

int
guard_events_push (guard_events_t *self, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    size_t left = size;
    while (left) {
        size_t room = self->bytes.max - self->bytes.size;
        size_t most = left < room ? left : room;
        if (most == 0 || br_buf_add (&self->bytes, at, most) != 0)
            return -1;
        at += most;
        left -= most;
        int rc = 1;
        while (rc == 1)
            rc = s_step (self);
        s_drop_told (self);
        if (rc != 0)
            return -1;
    }
    return 0;
}

int
guard_events_end (guard_events_t *self)
{
    int rc = self->bytes.size ? s_tell (self, self->bytes.size, true) : 0;
    s_drop_told (self);
    return rc;
}

uint64_t
guard_events_moved (const guard_events_t *self)
{
    return self->moved;
}

//  ---- what it says

bool
guard_event_is_done (const guard_event_t *event)
{
    static const char done[] = "[DONE]";
    br_text_t data = event->data;
    if (br_text_is_blank (data))
        return false;
    size_t at = 0;
    while (at < data.size && (data.at[at] == ' ' || data.at[at] == '\t'))
        at++;
    br_text_t rest = { data.at + at, data.size - at };
    if (!br_text_starts (rest, done))
        return false;
    rest.at += sizeof done - 1;
    rest.size -= sizeof done - 1;
    return br_text_is_blank (rest);
}

//  ---- writing

void
guard_event_lines (br_text_t data, const char *eol, br_buf_t *out)
{
    size_t at = 0;
    while (at <= data.size) {
        const char *end = memchr (data.at + at, '\n', data.size - at);
        size_t size = end ? (size_t) (end - data.at) - at : data.size - at;
        (void) br_buf_adds (out, "data: ");
        (void) br_buf_add (out, data.at + at, size);
        (void) br_buf_adds (out, eol);
        at += size + 1;
    }
}

void
guard_event_write (const guard_event_t *event, br_text_t data, br_buf_t *out)
{
    if (event->data_lines == 1) {
        size_t behind = event->data_at + event->data.size;
        (void) br_buf_add (out, event->raw.at, event->data_at);
        (void) br_buf_add (out, data.at, data.size);
        (void) br_buf_add (out, event->raw.at + behind, event->raw.size - behind);
        return;
    }
    bool is_written = false;
    line_t line = { 0, 0, 0 };
    for (size_t at = 0; s_line (event->raw, at, &line); at = line.next) {
        bool is_data = s_value (event->raw, &line, "data").at != NULL;
        if (!is_data)
            (void) br_buf_add (out, event->raw.at + at, line.next - at);
        else if (!is_written)
            guard_event_lines (data, event->eol, out);
        is_written = is_written || is_data;
    }
}

void
guard_event_clean (br_text_t raw, guard_comment_fn *may_stay, void *arg, br_buf_t *out)
{
    line_t line = { 0, 0, 0 };
    for (size_t at = 0; s_line (raw, at, &line); at = line.next) {
        kind_t kind = s_kind (raw, &line);
        size_t end = at + line.size;
        if (kind == LINE_UNKNOWN)
            continue;
        if (kind == LINE_FIELD || may_stay (arg, s_text (raw, &line)))
            (void) br_buf_add (out, raw.at + at, line.size);
        else
            (void) br_buf_addc (out, ':');
        (void) br_buf_add (out, raw.at + end, line.next - end);
    }
}
