//  pairs: names and values in one run of bytes.

#include <string.h>
#include <strings.h>

#include "broker/core/pairs.h"

int
br_pairs_add (br_buf_t *buf, const char *name, const char *value)
{
    size_t before = buf->size;
    int rc = br_buf_add (buf, name, strlen (name) + 1);
    if (rc == 0)
        rc = br_buf_add (buf, value, strlen (value) + 1);
    if (rc)
        buf->size = before;
    return rc;
}

static const char *
s_text (br_bytes_t pairs, size_t *cursor)
{
    const uint8_t *start = pairs.data + *cursor;
    const uint8_t *end = memchr (start, 0, pairs.size - *cursor);
    if (!end)
        return NULL;
    *cursor += (size_t) (end - start) + 1;
    return (const char *) start;
}

bool
br_pairs_next (br_bytes_t pairs, size_t *cursor, const char **ret_name,
               const char **ret_value)
{
    if (*cursor >= pairs.size)
        return false;
    const char *name = s_text (pairs, cursor);
    const char *value = name && *cursor < pairs.size ? s_text (pairs, cursor) : NULL;
    if (!value)
        return false;
    *ret_name = name;
    *ret_value = value;
    return true;
}

const char *
br_pairs_get (br_bytes_t pairs, const char *name)
{
    size_t cursor = 0;
    const char *found;
    const char *value;
    while (br_pairs_next (pairs, &cursor, &found, &value))
        if (strcasecmp (found, name) == 0)
            return value;
    return NULL;
}
