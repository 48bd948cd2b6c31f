//  upstream_mask: texts that nobody may see.
//
//  Horspool's search: the byte under a secret's last one tells how far to jump, so that a
//  long secret costs less than a short one.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "actors/upstream/upstream_mask.h"

typedef struct {
    uint8_t *bytes;
    size_t size;
    uint16_t jumps[256]; //  bytes, by the byte under the last one
} secret_t;

struct _upstream_mask_t {
    secret_t *secrets[UPSTREAM_SECRETS_MAX]; //  the longest first
    size_t size;
};

upstream_mask_t *
upstream_mask_new (void)
{
    return BR_NEW (upstream_mask_t);
}

void
upstream_mask_destroy (upstream_mask_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    for (size_t i = 0; i < (*self_p)->size; i++) {
        secret_t *secret = (*self_p)->secrets[i];
        explicit_bzero (secret->bytes, secret->size);
        free (secret->bytes);
        explicit_bzero (secret, sizeof *secret);
        free (secret);
    }
    free (*self_p);
    *self_p = NULL;
}

static secret_t *
s_secret_new (const uint8_t *bytes, size_t size)
{
    secret_t *self = BR_NEW (secret_t);
    self->bytes = br_alloc (1, size);
    memcpy (self->bytes, bytes, size);
    self->size = size;
    for (size_t i = 0; i < 256; i++)
        self->jumps[i] = (uint16_t) size;
    for (size_t i = 0; i + 1 < size; i++)
        self->jumps[bytes[i]] = (uint16_t) (size - 1 - i);
    return self;
}

//  A short secret may be the beginning of a long one, which is looked for before.
static void
s_add (upstream_mask_t *self, const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > UPSTREAM_SECRET_MAX || self->size == UPSTREAM_SECRETS_MAX)
        return;
    size_t at = self->size;
    for (size_t i = 0; i < self->size; i++)
        if (self->secrets[i]->size == size
            && memcmp (self->secrets[i]->bytes, bytes, size) == 0)
            return;
    while (at && self->secrets[at - 1]->size < size) {
        self->secrets[at] = self->secrets[at - 1];
        at--;
    }
    self->secrets[at] = s_secret_new (bytes, size);
    self->size++;
}

//  Some write a slash as "\/".
static void
s_add_slashed (upstream_mask_t *self, const uint8_t *bytes, size_t size)
{
    br_buf_t text;
    br_buf_init (&text, 2 * UPSTREAM_SECRET_MAX);
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '/')
            br_buf_addc (&text, '\\');
        br_buf_addc (&text, (char) bytes[i]);
    }
    s_add (self, text.data, text.size);
    if (text.data)
        explicit_bzero (text.data, text.size);
    br_buf_free (&text);
}

void
upstream_mask_add (upstream_mask_t *self, const char *secret)
{
    size_t size = strlen (secret);
    br_buf_t json;
    br_buf_init (&json, 6 * UPSTREAM_SECRET_MAX + 2);
    s_add (self, (const uint8_t *) secret, size);
    if (br_buf_add_json (&json, secret, size) == 0 && json.size > 2) {
        s_add (self, json.data + 1, json.size - 2);
        s_add_slashed (self, json.data + 1, json.size - 2);
    }
    if (json.data)
        explicit_bzero (json.data, json.size);
    br_buf_free (&json);
}

//  ---- looking

static uint8_t *
s_find (const secret_t *secret, uint8_t *at, const uint8_t *end)
{
    size_t last = secret->size - 1;
    while ((size_t) (end - at) > last) {
        uint8_t byte = at[last];
        if (byte == secret->bytes[last] && memcmp (at, secret->bytes, last) == 0)
            return at;
        at += secret->jumps[byte];
    }
    return NULL;
}

void
upstream_mask_hide (const upstream_mask_t *self, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; size && i < self->size; i++) {
        size_t length = self->secrets[i]->size;
        uint8_t *at = s_find (self->secrets[i], bytes, bytes + size);
        while (at) {
            memset (at, '*', length);
            at = s_find (self->secrets[i], at + length, bytes + size);
        }
    }
}

//  A last byte that jumps the whole length is in none of the beginnings: that is the rule,
//  since events and bodies end with a bracket or a line.
static size_t
s_begun (const secret_t *secret, const uint8_t *bytes, size_t size)
{
    size_t most = size < secret->size ? size : secret->size - 1;
    if (size == 0 || secret->jumps[bytes[size - 1]] == secret->size)
        return 0;
    while (most && memcmp (bytes + size - most, secret->bytes, most) != 0)
        most--;
    return most;
}

size_t
upstream_mask_begun (const upstream_mask_t *self, const uint8_t *bytes, size_t size)
{
    size_t most = 0;
    for (size_t i = 0; i < self->size; i++) {
        size_t begun = s_begun (self->secrets[i], bytes, size);
        most = begun > most ? begun : most;
    }
    return most;
}
