//  guard_way: looks at a type and some bytes.

#include <string.h>
#include <strings.h>

#include "actors/guard/guard_way.h"

bool
guard_way_is_json (const char *type)
{
    size_t size = strcspn (type, "; \t");
    return (size == 16 && strncasecmp (type, "application/json", size) == 0)
           || (size > 5 && strncasecmp (type + size - 5, "+json", 5) == 0);
}

//  Bytes of white space in front.
static size_t
s_blank (const char *bytes, size_t size)
{
    size_t blank = 0;
    while (blank < size && bytes[blank] && strchr (" \t\r\n", bytes[blank]))
        blank++;
    return blank;
}

static bool
s_is_object (const char *bytes, size_t size)
{
    size_t at = s_blank (bytes, size);
    if (at == size || bytes[at] != '{')
        return false;
    at++;
    at += s_blank (bytes + at, size - at);
    return at < size && bytes[at] == '"';
}

bool
guard_way_is_words (const char *type, const br_blob_t *body)
{
    static const char subtitles[] = "application/x-subrip";
    size_t size = strcspn (type, "; \t");
    return strncasecmp (type, "text/", 5) == 0
           || (size == sizeof subtitles - 1 && strncasecmp (type, subtitles, size) == 0)
           || s_is_object ((const char *) br_blob_data (body), br_blob_size (body));
}

static bool
s_is_events (const char *type)
{
    return strncasecmp (type, "text/event-stream", 17) == 0;
}

//  Whether a stream of events begins so.
static bool
s_are_events (const char *bytes, size_t size)
{
    static const char *const starts[] = { "data:", "event:", "id:", "retry:", ":" };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t length = strlen (starts[i]);
        if (size >= length && memcmp (bytes, starts[i], length) == 0)
            return true;
    }
    return false;
}

guard_way_t
guard_way_of (const char *type, const br_blob_t *body)
{
    const char *bytes = (const char *) br_blob_data (body);
    size_t size = br_blob_size (body);
    size_t blank = s_blank (bytes, size);
    bool is_value = blank < size && (bytes[blank] == '{' || bytes[blank] == '[');
    if (s_is_events (type))
        return GUARD_WAY_EVENTS;
    if (guard_way_is_json (type) || is_value || size == 0)
        return GUARD_WAY_WHOLE;
    return s_are_events (bytes + blank, size - blank) ? GUARD_WAY_EVENTS
                                                      : GUARD_WAY_UNKNOWN;
}

guard_way_t
guard_way_of_any (const char *type, const br_blob_t *body)
{
    const char *bytes = (const char *) br_blob_data (body);
    size_t size = br_blob_size (body);
    if (guard_way_is_json (type))
        return GUARD_WAY_WHOLE;
    size_t at = size >= 5 && memcmp (bytes, "data:", 5) == 0 ? 5 : size;
    while (at < size && bytes[at] == ' ')
        at++;
    bool are_events = s_is_events (type) || (at < size && bytes[at] == '{');
    return are_events ? GUARD_WAY_EVENTS : GUARD_WAY_PLAIN;
}
