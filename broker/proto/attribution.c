//  attribution: whose call it is, as bytes of a message: one pair for each text that is
//  known.

#include <stddef.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "broker/proto/attribution.h"

#define UNSAMPLED "unsampled" //  name of the pair that is there when sampled is false

static const struct {
    const char *name;
    size_t offset; //  of the text in br_attribution_t
} s_texts[] = {
    { "account", offsetof (br_attribution_t, account) },
    { "key", offsetof (br_attribution_t, key) },
    { "session", offsetof (br_attribution_t, session) },
    { "run", offsetof (br_attribution_t, run) },
    { "agent", offsetof (br_attribution_t, agent) },
    { "step", offsetof (br_attribution_t, step) },
    { "trace", offsetof (br_attribution_t, trace) },
    { "parent", offsetof (br_attribution_t, parent) },
    { "span", offsetof (br_attribution_t, span) },
};

#define TEXTS (sizeof s_texts / sizeof *s_texts)

void
br_attribution_init (br_attribution_t *self)
{
    for (size_t i = 0; i < TEXTS; i++)
        *(const char **) ((char *) self + s_texts[i].offset) = "";
    self->sampled = true;
}

//  Bytes of a text that are told: all, or up to the last whole character that fits.
static size_t
s_size (const char *text)
{
    size_t size = strnlen (text, BR_ATTRIBUTION_TEXT + 1);
    if (size <= BR_ATTRIBUTION_TEXT)
        return size;
    size = BR_ATTRIBUTION_TEXT;
    while (size > 0 && ((unsigned char) text[size] & 0xc0) == 0x80)
        size--;
    return size;
}

int
br_attribution_write (const br_attribution_t *self, br_buf_t *buf)
{
    size_t before = buf->size;
    int rc = 0;
    for (size_t i = 0; i < TEXTS && rc == 0; i++) {
        const char *text = *(const char *const *) ((const char *) self
                                                   + s_texts[i].offset);
        if (!*text)
            continue;
        char value[BR_ATTRIBUTION_TEXT + 1];
        size_t size = s_size (text);
        memcpy (value, text, size);
        value[size] = 0;
        rc = br_pairs_add (buf, s_texts[i].name, value);
    }
    if (rc == 0 && !self->sampled)
        rc = br_pairs_add (buf, UNSAMPLED, "1");
    if (rc)
        buf->size = before;
    return rc;
}

void
br_attribution_read (br_attribution_t *self, br_bytes_t bytes)
{
    br_attribution_init (self);
    size_t cursor = 0;
    const char *name;
    const char *value;
    while (br_pairs_next (bytes, &cursor, &name, &value)) {
        if (strcmp (name, UNSAMPLED) == 0)
            self->sampled = false;
        for (size_t i = 0; i < TEXTS; i++)
            if (strcmp (name, s_texts[i].name) == 0)
                *(const char **) ((char *) self + s_texts[i].offset) = value;
    }
}
