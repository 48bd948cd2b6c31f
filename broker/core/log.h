//  log: lines for people and machines, one write each, so that lines of several threads
//  and processes never mix. JSON lines when asked for. No secret may be passed to it.

#ifndef BR_LOG_H
#define BR_LOG_H

#include <stdarg.h>
#include <stdbool.h>

typedef enum {
    BR_LOG_TRACE,
    BR_LOG_DEBUG,
    BR_LOG_INFO,
    BR_LOG_WARN,
    BR_LOG_ERROR,
    BR_LOG_LEVELS
} br_log_level_t;

typedef struct _br_log_t {
    int fd;               //  where lines go; -1 = nowhere
    br_log_level_t level; //  lines below it are not written
} br_log_t;

#define BR_LOG_LINE_MAX 2048 //  bytes; longer lines are cut

const char *br_log_level_name (br_log_level_t level);

//  -1 when the name is none.
int br_log_level_of (const char *name, br_log_level_t *ret_level);

//  "2026-01-31T12:00:00.123Z info host/actor: text"; control characters become '?'.
void br_log_write (const br_log_t *log, br_log_level_t level, const char *who,
                   const char *format, va_list args);
void br_log_line (const br_log_t *log, br_log_level_t level, const char *who,
                  const char *format, ...) __attribute__ ((format (printf, 4, 5)));

#endif
