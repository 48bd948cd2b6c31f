//  log: lines for people and machines, one write each.

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/log.h"

static const char *const s_names[BR_LOG_LEVELS] = { "trace", "debug", "info", "warn",
                                                    "error" };

const char *
br_log_level_name (br_log_level_t level)
{
    return (unsigned) level < BR_LOG_LEVELS ? s_names[level] : "?";
}

int
br_log_level_of (const char *name, br_log_level_t *ret_level)
{
    for (unsigned i = 0; i < BR_LOG_LEVELS; i++)
        if (strcasecmp (name, s_names[i]) == 0) {
            *ret_level = (br_log_level_t) i;
            return 0;
        }
    return -1;
}

//  The start of a line; returns its length.
static size_t
s_start (char *line, br_log_level_t level, const char *who)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    struct tm utc;
    gmtime_r (&now.tv_sec, &utc);
    size_t size = strftime (line, 32, "%Y-%m-%dT%H:%M:%S", &utc);
    int more = snprintf (line + size, BR_LOG_LINE_MAX - size,
                         ".%03ldZ %s %s: ", now.tv_nsec / 1000000,
                         br_log_level_name (level), who);
    size += more > 0 ? (size_t) more : 0;
    return size < BR_LOG_LINE_MAX - 1 ? size : BR_LOG_LINE_MAX - 1;
}

void
br_log_write (const br_log_t *log, br_log_level_t level, const char *who,
              const char *format, va_list args)
{
    if (log->fd < 0 || level < log->level)
        return;
    char line[BR_LOG_LINE_MAX + 1];
    size_t size = s_start (line, level, who);
    size_t text = size;
    int more = vsnprintf (line + size, BR_LOG_LINE_MAX - size, format, args);
    size += more > 0 ? (size_t) more : 0;
    if (size > BR_LOG_LINE_MAX - 1)
        size = BR_LOG_LINE_MAX - 1;
    for (size_t i = text; i < size; i++)
        if ((unsigned char) line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[size++] = '\n';
    ssize_t rc = write (log->fd, line, size);
    (void) rc; //  there is nowhere left to tell it
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
