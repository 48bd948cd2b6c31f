//  channelled: rules of a test, and texts that go through a channel in pieces.

#ifndef BR_TEST_CHANNELLED_H
#define BR_TEST_CHANNELLED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_channel.h"

#define CHANNELLED_MAX (64u << 20) //  bytes

//  Rules of patterns of our own, for answers. names: {name, regex, action} each, the last
//  one NULL
static inline guard_rules_t *
channelled_rules (const char *const (*rows)[3])
{
    br_buf_t slice;
    br_buf_init (&slice, CHANNELLED_MAX);
    br_buf_adds (&slice, "{\"custom\":[");
    for (size_t i = 0; rows[i][0]; i++) {
        br_buf_addf (&slice, "%s{\"name\":\"%s\",\"regex\":", i ? "," : "", rows[i][0]);
        br_buf_add_json (&slice, rows[i][1], strlen (rows[i][1]));
        br_buf_addc (&slice, '}');
    }
    br_buf_adds (&slice, "],\"sets\":[{");
    for (int up = 0; up < 2; up++) {
        br_buf_addf (&slice, "%s\"custom_%s\":{", up ? "," : "",
                     up ? "upgoing" : "downgoing");
        for (size_t i = 0; rows[i][0]; i++)
            br_buf_addf (&slice, "%s\"%s\":\"%s\"", i ? "," : "", rows[i][0], rows[i][2]);
        br_buf_addc (&slice, '}');
    }
    br_buf_adds (&slice, "}]}");
    br_error_t error = { 0 };
    guard_rules_t *rules = guard_rules_new (br_buf_text (&slice), &error);
    if (!rules)
        fprintf (stderr, "%s\n", error.text);
    br_buf_free (&slice);
    return rules;
}

//  Bytes in an allocation of their own, so that a step too far is seen.
static inline uint8_t *
channelled_copy (const void *bytes, size_t size)
{
    uint8_t *copy = br_alloc (1, size ? size : 1);
    if (size)
        memcpy (copy, bytes, size);
    return copy;
}

static inline int
channelled_push (guard_channel_t *channel, const char *text, size_t size, br_buf_t *out)
{
    uint8_t *copy = channelled_copy (text, size);
    int rc = guard_channel_push (channel, copy, size, out);
    free (copy);
    return rc;
}

#endif
