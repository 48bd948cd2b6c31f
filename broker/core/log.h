//  log: lines for people and machines, one write each, so that lines of several threads
//  and processes never mix. JSON lines when asked for. No secret may be passed to it.
//
//      2026-01-31T12:00:00.123Z info ingress: text name=value
//      {"time":"2026-01-31T12:00:00.123Z","level":"info","actor":"ingress",
//       "host":"shard-1","message":"text","fields":{"name":"value"}}
//
//  What strangers have sent can't begin a line of its own, nor end a string: in text a
//  control character becomes '?', in JSON an escape; a byte that is no UTF-8 becomes U+FFFD.

#ifndef BR_LOG_H
#define BR_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    BR_LOG_TRACE,
    BR_LOG_DEBUG,
    BR_LOG_INFO,
    BR_LOG_WARN,
    BR_LOG_ERROR,
    BR_LOG_LEVELS
} br_log_level_t;

typedef enum {
    BR_LOG_TEXT,
    BR_LOG_JSON,
    BR_LOG_FORMATS
} br_log_format_t;

typedef struct _br_log_t {
    int fd;               //  where lines go; -1 = nowhere
    br_log_level_t level; //  lines below it are not written
    br_log_format_t format;
    const char *host; //  whose lines they are, borrowed; NULL = nobody's
} br_log_t;

//  A fact of a line, besides its text: a text, or a number where the text is NULL.
typedef struct _br_log_field_t {
    const char *name; //  a word that needs no escape
    const char *text;
    uint64_t number;
} br_log_field_t;

#define BR_LOG_LINE_MAX 4096 //  bytes; a longer line is cut, and says so: "..."
#define BR_LOG_NAME_MAX 256  //  bytes of who, as written; longer ones are cut
#define BR_LOG_VALUE_MAX 384 //  bytes of a field's text, as written; longer ones are cut

const char *br_log_level_name (br_log_level_t level);
const char *br_log_format_name (br_log_format_t format);

//  -1 when the name is none.
int br_log_level_of (const char *name, br_log_level_t *ret_level);
int br_log_format_of (const char *name, br_log_format_t *ret_format);

//  Whether a line of that level would be written.
bool br_log_is_on (const br_log_t *log, br_log_level_t level);

//  in:   who, the actor, or the name of the host for a line of its own
void br_log_write (const br_log_t *log, br_log_level_t level, const char *who,
                   const char *format, va_list args);
void br_log_line (const br_log_t *log, br_log_level_t level, const char *who,
                  const char *format, ...) __attribute__ ((format (printf, 4, 5)));

//  A line with facts. Those that do not fit are left out, and the line says that it is cut.
void br_log_fields (const br_log_t *log, br_log_level_t level, const char *who,
                    const char *text, const br_log_field_t *fields, size_t count);

#endif
