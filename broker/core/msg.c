//  msg: messages in memory and on the wire.
//
//  In memory a message is one block: the head, the verb's struct, and behind it the bytes
//  that the struct points to. On the wire it is a fixed head and the fields in the order
//  of the catalogue: num as 8 bytes, addr as 12, text and bytes with a 4-byte length.

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/msg.h"

#define HEAD_BYTES 56        //  of an encoded message
#define STRUCT_BYTES_MAX 512 //  of a verb's struct

//  ---- names and addresses

bool
br_id_is (br_id_t a, br_id_t b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

bool
br_id_is_set (br_id_t id)
{
    return id.hi || id.lo;
}

const char *
br_id_text (br_id_t id, char ret_text[BR_ID_TEXT])
{
    snprintf (ret_text, BR_ID_TEXT, "%08x-%04x-%04x-%04x-%012llx",
              (unsigned) (id.hi >> 32), (unsigned) (id.hi >> 16) & 0xffff,
              (unsigned) id.hi & 0xffff, (unsigned) (id.lo >> 48),
              (unsigned long long) (id.lo & 0xffffffffffffull));
    return ret_text;
}

bool
br_addr_is (br_addr_t a, br_addr_t b)
{
    return a.host == b.host && a.life == b.life && a.actor == b.actor;
}

bool
br_addr_is_set (br_addr_t addr)
{
    return addr.host != 0;
}

//  ---- the block in memory

static uint8_t *
s_struct (const br_msg_t *self)
{
    return (uint8_t *) (uintptr_t) (self + 1);
}

//  Bytes that a struct's texts and bytes need behind it.
static size_t
s_arena_size (br_verb_t verb, const uint8_t *fields)
{
    size_t count;
    const br_field_row_t *row = br_verb_fields (verb, &count);
    size_t size = 0;
    for (size_t i = 0; i < count; i++, row++) {
        if (row->type == BR_TYPE_text) {
            const char *text = *(const char *const *) (fields + row->offset);
            size += (text ? strlen (text) : 0) + 1;
        } else if (row->type == BR_TYPE_bytes)
            size += ((const br_bytes_t *) (fields + row->offset))->size;
    }
    return size;
}

static void
s_own_fields (br_msg_t *self, size_t struct_size)
{
    size_t count;
    const br_field_row_t *row = br_verb_fields (self->verb, &count);
    uint8_t *fields = s_struct (self);
    uint8_t *arena = fields + struct_size;
    for (size_t i = 0; i < count; i++, row++) {
        if (row->type == BR_TYPE_text) {
            const char **text = (const char **) (fields + row->offset);
            size_t size = *text ? strlen (*text) : 0;
            if (size)
                memcpy (arena, *text, size);
            arena[size] = 0;
            *text = (const char *) arena;
            arena += size + 1;
        } else if (row->type == BR_TYPE_bytes) {
            br_bytes_t *bytes = (br_bytes_t *) (fields + row->offset);
            if (bytes->size)
                memcpy (arena, bytes->data, bytes->size);
            bytes->data = arena;
            arena += bytes->size;
        }
    }
}

static br_msg_t *
s_block (br_verb_t verb, size_t struct_size, size_t arena_size)
{
    br_msg_t *self = br_realloc (NULL, sizeof (br_msg_t) + struct_size + arena_size);
    memset (self, 0, sizeof (br_msg_t) + struct_size);
    self->verb = verb;
    self->bytes = sizeof (br_msg_t) + struct_size + arena_size;
    return self;
}

br_msg_t *
br_msg_new (br_verb_t verb, br_id_t call, uint32_t attempt, const void *fields,
            br_blob_t *body)
{
    const br_verb_row_t *row = br_verb_row (verb);
    assert (row && row->size <= STRUCT_BYTES_MAX);
    static const uint8_t zeros[STRUCT_BYTES_MAX];
    if (!fields)
        fields = zeros;
    br_msg_t *self = s_block (verb, row->size, s_arena_size (verb, fields));
    memcpy (s_struct (self), fields, row->size);
    s_own_fields (self, row->size);
    self->call = call;
    self->attempt = attempt;
    self->body = br_blob_ref (body);
    self->bytes += br_blob_size (body);
    return self;
}

void
br_msg_destroy (br_msg_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_blob_destroy (&(*self_p)->body);
    free (*self_p);
    *self_p = NULL;
}

const void *
br_msg_fields (const br_msg_t *self)
{
    return s_struct (self);
}

//  ---- the wire

static void
s_put (br_buf_t *buf, uint64_t number, int bytes)
{
    uint8_t room[8];
    for (int i = 0; i < bytes; i++)
        room[i] = (uint8_t) (number >> (8 * (bytes - 1 - i)));
    br_buf_add (buf, room, (size_t) bytes);
}

static void
s_put_addr (br_buf_t *buf, br_addr_t addr)
{
    s_put (buf, addr.host, 4);
    s_put (buf, addr.life, 4);
    s_put (buf, addr.actor, 4);
}

static void
s_put_field (br_buf_t *buf, const br_field_row_t *row, const uint8_t *fields)
{
    const void *at = fields + row->offset;
    switch (row->type) {
    case BR_TYPE_num: s_put (buf, *(const uint64_t *) at, 8); break;
    case BR_TYPE_addr: s_put_addr (buf, *(const br_addr_t *) at); break;
    case BR_TYPE_text: {
        const char *text = *(const char *const *) at;
        size_t size = strlen (text);
        s_put (buf, size, 4);
        br_buf_add (buf, text, size);
        break;
    }
    case BR_TYPE_bytes: {
        const br_bytes_t *bytes = at;
        s_put (buf, bytes->size, 4);
        br_buf_add (buf, bytes->data, bytes->size);
        break;
    }
    }
}

void
br_msg_encode (const br_msg_t *self, br_buf_t *buf)
{
    s_put (buf, BR_MSG_VERSION, 1);
    s_put (buf, 0, 1);
    s_put (buf, self->verb, 2);
    s_put_addr (buf, self->from);
    s_put_addr (buf, self->to);
    s_put (buf, self->call.hi, 8);
    s_put (buf, self->call.lo, 8);
    s_put (buf, self->attempt, 4);
    s_put (buf, br_blob_size (self->body), 8);
    size_t count;
    const br_field_row_t *row = br_verb_fields (self->verb, &count);
    for (size_t i = 0; i < count; i++)
        s_put_field (buf, row + i, s_struct (self));
}

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    bool bad;
} reader_t;

static uint64_t
s_get (reader_t *self, int bytes)
{
    if (self->end - self->at < bytes) {
        self->bad = true;
        return 0;
    }
    uint64_t number = 0;
    for (int i = 0; i < bytes; i++)
        number = number << 8 | *self->at++;
    return number;
}

static br_addr_t
s_get_addr (reader_t *self)
{
    br_addr_t addr = { .host = (uint32_t) s_get (self, 4) };
    addr.life = (uint32_t) s_get (self, 4);
    addr.actor = (uint32_t) s_get (self, 4);
    return addr;
}

//  A length and its bytes; *ret_size is 0 and the reader bad when they are not there.
static const uint8_t *
s_get_run (reader_t *self, size_t *ret_size)
{
    size_t size = (size_t) s_get (self, 4);
    const uint8_t *run = self->at;
    if (self->bad || (size_t) (self->end - self->at) < size) {
        self->bad = true;
        *ret_size = 0;
        return run;
    }
    self->at += size;
    *ret_size = size;
    return run;
}

//  Reads one field into the struct; texts move to the arena, which has room for all.
static uint8_t *
s_get_field (reader_t *self, const br_field_row_t *row, uint8_t *fields, uint8_t *arena)
{
    void *at = fields + row->offset;
    size_t size;
    const uint8_t *run;
    switch (row->type) {
    case BR_TYPE_num: *(uint64_t *) at = s_get (self, 8); return arena;
    case BR_TYPE_addr: *(br_addr_t *) at = s_get_addr (self); return arena;
    case BR_TYPE_text:
        run = s_get_run (self, &size);
        if (memchr (run, 0, size))
            self->bad = true;
        memcpy (arena, run, size);
        arena[size] = 0;
        *(const char **) at = (const char *) arena;
        return arena + size + 1;
    case BR_TYPE_bytes:
        run = s_get_run (self, &size);
        memcpy (arena, run, size);
        *(br_bytes_t *) at = (br_bytes_t) { .data = arena, .size = size };
        return arena + size;
    }
    return arena;
}

br_msg_t *
br_msg_decode (const uint8_t *bytes, size_t size, size_t *ret_body_size,
               br_error_t *reterr)
{
    reader_t reader = { .at = bytes, .end = bytes + size };
    if (size < HEAD_BYTES || size > BR_MSG_FIELDS_MAX + HEAD_BYTES) {
        br_error_set (reterr, BR_EINVALID, "message of %zu bytes: bad size", size);
        return NULL;
    }
    unsigned version = (unsigned) s_get (&reader, 1);
    unsigned zero = (unsigned) s_get (&reader, 1);
    unsigned verb = (unsigned) s_get (&reader, 2);
    const br_verb_row_t *verb_row = br_verb_row (verb);
    if (version != BR_MSG_VERSION || zero || !verb_row) {
        br_error_set (reterr, BR_EINVALID, "message of version %u, verb %u: unknown",
                      version, verb);
        return NULL;
    }
    size_t count;
    const br_field_row_t *row = br_verb_fields (verb, &count);
    //  each text needs one byte more than on the wire, where its length takes four
    br_msg_t *self = s_block (verb, verb_row->size, size);
    self->from = s_get_addr (&reader);
    self->to = s_get_addr (&reader);
    self->call.hi = s_get (&reader, 8);
    self->call.lo = s_get (&reader, 8);
    self->attempt = (uint32_t) s_get (&reader, 4);
    uint64_t body_size = s_get (&reader, 8);
    uint8_t *arena = s_struct (self) + verb_row->size;
    for (size_t i = 0; i < count && !reader.bad; i++)
        arena = s_get_field (&reader, row + i, s_struct (self), arena);
    if (reader.bad || reader.at != reader.end || body_size > BR_MSG_BODY_MAX) {
        br_error_set (reterr, BR_EINVALID, "message %s: its fields are malformed",
                      verb_row->name);
        br_msg_destroy (&self);
        return NULL;
    }
    if (ret_body_size)
        *ret_body_size = (size_t) body_size;
    return self;
}

//  ---- for people

static void
s_print_field (const br_msg_t *self, const br_field_row_t *row, br_buf_t *buf)
{
    const void *at = s_struct (self) + row->offset;
    if (row->type == BR_TYPE_num)
        br_buf_addf (buf, " %s=%llu", row->name,
                     (unsigned long long) *(const uint64_t *) at);
    else if (row->type == BR_TYPE_addr)
        br_buf_addf (buf, " %s=%u.%u.%u", row->name, ((const br_addr_t *) at)->host,
                     ((const br_addr_t *) at)->life, ((const br_addr_t *) at)->actor);
    else if (row->type == BR_TYPE_bytes)
        br_buf_addf (buf, " %s=(%zu)", row->name, ((const br_bytes_t *) at)->size);
    else if (self->verb == BR_CONF_TRY)
        br_buf_addf (buf, " %s=(%zu)", row->name, strlen (*(const char *const *) at));
    else
        br_buf_addf (buf, " %s=%s", row->name, *(const char *const *) at);
}

void
br_msg_print (const br_msg_t *self, br_buf_t *buf)
{
    br_buf_adds (buf, br_verb_name (self->verb));
    if (self->attempt)
        br_buf_addf (buf, " attempt=%u", self->attempt);
    size_t count;
    const br_field_row_t *row = br_verb_fields (self->verb, &count);
    for (size_t i = 0; i < count; i++)
        s_print_field (self, row + i, buf);
    if (self->body)
        br_buf_addf (buf, " body=%zu", br_blob_size (self->body));
}
