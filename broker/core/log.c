//  log: lines for people and machines, one write each.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/json_value.h"
#include "broker/core/log.h"

#define TAIL_BYTES 32  //  of a line that is kept for its end, and for the mark of a cut
#define PIECE_BYTES 8  //  that one character is written with at the most
#define FIELD_BYTES 16 //  of a field around its name and its text, with the mark of a cut
#define NUMBER_BYTES 24
#define REPLACED "\xef\xbf\xbd" //  U+FFFD

static const char *const s_levels[BR_LOG_LEVELS] = { "trace", "debug", "info", "warn",
                                                     "error" };
static const char *const s_formats[BR_LOG_FORMATS] = { "text", "json" };

//  A line that is being written.
typedef struct {
    char at[BR_LOG_LINE_MAX];
    size_t size; //  bytes in use
    bool cut;    //  something was left out
} line_t;

//  What a line says.
typedef struct {
    br_log_level_t level;
    const char *who;
    const char *text;
    bool cut; //  the text is only its beginning
    const br_log_field_t *fields;
    size_t fields_count;
} entry_t;

//  How a text is written.
typedef enum {
    PLAIN,  //  as it is
    QUOTED, //  between quotes, in a line of text
    STRICT  //  a string of JSON
} manner_t;

//  ---- names

static int
s_find (const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp (name, names[i]) == 0)
            return (int) i;
    return -1;
}

const char *
br_log_level_name (br_log_level_t level)
{
    return (unsigned) level < BR_LOG_LEVELS ? s_levels[level] : "?";
}

const char *
br_log_format_name (br_log_format_t format)
{
    return (unsigned) format < BR_LOG_FORMATS ? s_formats[format] : "?";
}

int
br_log_level_of (const char *name, br_log_level_t *ret_level)
{
    int i = s_find (s_levels, BR_LOG_LEVELS, name);
    if (i >= 0)
        *ret_level = (br_log_level_t) i;
    return i < 0 ? -1 : 0;
}

int
br_log_format_of (const char *name, br_log_format_t *ret_format)
{
    int i = s_find (s_formats, BR_LOG_FORMATS, name);
    if (i >= 0)
        *ret_format = (br_log_format_t) i;
    return i < 0 ? -1 : 0;
}

bool
br_log_is_on (const br_log_t *log, br_log_level_t level)
{
    return log->fd >= 0 && level >= log->level;
}

//  ---- characters

//  The code of a valid character of 2 or 3 bytes that ends a line or steers a terminal
//  (C1, the line and the paragraph separator); 0 of any other.
static unsigned
s_steers (const uint8_t *at, size_t bytes)
{
    if (bytes == 2 && at[0] == 0xc2 && at[1] < 0xa0)
        return at[1];
    if (bytes == 3 && at[0] == 0xe2 && at[1] == 0x80 && (at[2] | 1) == 0xa9)
        return 0x2000u + (at[2] & 0x3fu);
    return 0;
}

//  How one character stands in a line.
//  out:  piece, a C string
//  ret:  bytes of the text that it was
static size_t
s_character (manner_t manner, const uint8_t *at, const uint8_t *end,
             char piece[PIECE_BYTES])
{
    size_t bytes = json_utf8 (at, end);
    unsigned steers = *at < 0x20 || *at == 0x7f ? *at : s_steers (at, bytes);
    if (steers && manner == STRICT)
        snprintf (piece, PIECE_BYTES, "\\u%04x", steers & 0xffffu);
    else if (steers)
        memcpy (piece, "?", sizeof "?");
    else if (!bytes)
        memcpy (piece, REPLACED, sizeof REPLACED);
    else if (manner != PLAIN && (*at == '"' || *at == '\\'))
        snprintf (piece, PIECE_BYTES, "\\%c", *at);
    else {
        memcpy (piece, at, bytes);
        piece[bytes] = 0;
    }
    return bytes ? bytes : 1;
}

//  ---- lines

//  Adds what is short and known to be harmless. Nothing is added when it does not fit.
static int
s_add (line_t *line, const char *bytes)
{
    size_t size = strlen (bytes);
    if (line->size + size > BR_LOG_LINE_MAX - TAIL_BYTES) {
        line->cut = true;
        return -1;
    }
    memcpy (line->at + line->size, bytes, size);
    line->size += size;
    return 0;
}

//  Adds a text, or as many of its characters as fit into `most` bytes; then a mark ends it.
static void
s_add_text (line_t *line, manner_t manner, const char *text, size_t most, bool cut)
{
    const uint8_t *at = (const uint8_t *) text, *end = at + strlen (text);
    char piece[PIECE_BYTES];
    size_t from = line->size;
    while (at < end) {
        size_t taken = s_character (manner, at, end, piece);
        if (line->size - from + strlen (piece) > most || s_add (line, piece))
            break;
        at += taken;
    }
    if (at == end && !cut)
        return;
    line->cut = true;
    memcpy (line->at + line->size, "...", 3);
    line->size += 3;
}

//  Adds what the tail is kept for.
static void
s_end (line_t *line, const char *bytes)
{
    size_t size = strlen (bytes);
    memcpy (line->at + line->size, bytes, size);
    line->size += size;
}

static void
s_add_time (line_t *line)
{
    struct timespec now;
    struct tm utc;
    char text[48];
    clock_gettime (CLOCK_REALTIME, &now);
    gmtime_r (&now.tv_sec, &utc);
    size_t size = strftime (text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf (text + size, sizeof text - size, ".%03ldZ", now.tv_nsec / 1000000);
    s_add (line, text);
}

//  ---- fields

//  Whether a text stands in a line without quotes.
static bool
s_is_bare (const char *text)
{
    return *text
           && !text[strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-._:/@+*,~#%")];
}

static void
s_add_value (line_t *line, manner_t manner, const br_log_field_t *field)
{
    char number[NUMBER_BYTES];
    snprintf (number, sizeof number, "%" PRIu64, field->number);
    if (!field->text || (manner == QUOTED && s_is_bare (field->text))) {
        s_add_text (line, PLAIN, field->text ? field->text : number, BR_LOG_VALUE_MAX,
                    false);
        return;
    }
    s_add (line, "\"");
    s_add_text (line, manner, field->text, BR_LOG_VALUE_MAX, false);
    s_end (line, "\"");
}

//  One field whole, but for its text that may be cut; or nothing.
static void
s_add_field (line_t *line, manner_t manner, const br_log_field_t *field, bool first)
{
    static const char *const before[] = { [QUOTED] = " ", [STRICT] = ",\"" };
    static const char *const behind[] = { [QUOTED] = "=", [STRICT] = "\":" };
    size_t size = strlen (field->name) + BR_LOG_VALUE_MAX + FIELD_BYTES;
    if (line->size + size > BR_LOG_LINE_MAX - TAIL_BYTES) {
        line->cut = true;
        return;
    }
    s_add (line, before[manner] + (first ? 1 : 0));
    s_add (line, field->name);
    s_add (line, behind[manner]);
    s_add_value (line, manner, field);
}

//  ---- formats

static void
s_write_text (line_t *line, const br_log_t *log, const entry_t *entry)
{
    (void) log;
    s_add_time (line);
    s_add (line, " ");
    s_add (line, br_log_level_name (entry->level));
    s_add (line, " ");
    s_add_text (line, PLAIN, entry->who, BR_LOG_NAME_MAX, false);
    s_add (line, ": ");
    line->cut = false;
    s_add_text (line, PLAIN, entry->text, BR_LOG_LINE_MAX, entry->cut);
    bool said = line->cut;
    for (size_t i = 0; i < entry->fields_count; i++)
        s_add_field (line, QUOTED, &entry->fields[i], false);
    s_end (line, line->cut && !said ? " ...\n" : "\n");
}

static void
s_add_member (line_t *line, const char *before, const char *text)
{
    s_add (line, before);
    s_add_text (line, STRICT, text, BR_LOG_NAME_MAX, false);
    s_add (line, "\"");
}

static void
s_write_json (line_t *line, const br_log_t *log, const entry_t *entry)
{
    s_add (line, "{\"time\":\"");
    s_add_time (line);
    s_add_member (line, "\",\"level\":\"", br_log_level_name (entry->level));
    s_add_member (line, ",\"actor\":\"", entry->who);
    if (log->host)
        s_add_member (line, ",\"host\":\"", log->host);
    s_add (line, ",\"message\":\"");
    s_add_text (line, STRICT, entry->text, BR_LOG_LINE_MAX, entry->cut);
    s_end (line, "\"");
    if (entry->fields_count && s_add (line, ",\"fields\":{") == 0) {
        for (size_t i = 0; i < entry->fields_count; i++)
            s_add_field (line, STRICT, &entry->fields[i],
                         line->at[line->size - 1] == '{');
        s_end (line, "}");
    }
    s_end (line, line->cut ? ",\"cut\":true}\n" : "}\n");
}

static void
s_write (const br_log_t *log, const entry_t *entry)
{
    static void (*const writers[BR_LOG_FORMATS]) (
        line_t *, const br_log_t *, const entry_t *) = { s_write_text, s_write_json };
    line_t line = { .size = 0 };
    writers[log->format](&line, log, entry);
    ssize_t rc = write (log->fd, line.at, line.size);
    (void) rc; //  there is nowhere left to tell it
}

//  ---- what is said

void
br_log_write (const br_log_t *log, br_log_level_t level, const char *who,
              const char *format, va_list args)
{
    if (!br_log_is_on (log, level))
        return;
    char text[BR_LOG_LINE_MAX];
    int size = vsnprintf (text, sizeof text, format, args);
    entry_t entry = { .level = level, .who = who, .text = size < 0 ? "?" : text };
    entry.cut = size >= (int) sizeof text;
    s_write (log, &entry);
}

void
br_log_line (const br_log_t *log, br_log_level_t level, const char *who,
             const char *format, ...)
{
    va_list args;
    va_start (args, format);
    br_log_write (log, level, who, format, args);
    va_end (args);
}

void
br_log_fields (const br_log_t *log, br_log_level_t level, const char *who,
               const char *text, const br_log_field_t *fields, size_t count)
{
    if (!br_log_is_on (log, level))
        return;
    entry_t entry = { .level = level, .who = who, .text = text, .fields = fields };
    entry.fields_count = count;
    s_write (log, &entry);
}
