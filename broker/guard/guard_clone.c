//  guard_clone: the data of an event that brings one text and nothing else.
//
//  The way from the whole value to the text is walked. At the top all plain members stay that
//  the table does not name; deeper only those that it names.

#include <string.h>

#include "broker/core/json_iter.h"
#include "broker/core/json_writer.h"
#include "broker/guard/guard_clone.h"

#define ANY BR_PROTOCOL_COUNT

typedef enum {
    FATE_LEAVE, //  it is not there any more
    FATE_STAY,
    FATE_NULL,
    FATE_EMPTY, //  an array without elements
    FATE_SEQUENCE
} fate_t;

typedef struct {
    const char *key;
    br_protocol_t only; //  ANY = each
    fate_t top;
    fate_t deep;
} fate_row_t;

static const fate_row_t s_fates[] = {
    { "sequence_number", ANY, FATE_SEQUENCE, FATE_LEAVE },
    { "index", ANY, FATE_STAY, FATE_STAY },
    { "type", ANY, FATE_STAY, FATE_STAY },
    { "thought", ANY, FATE_LEAVE, FATE_STAY },
    { "role", BR_PROTOCOL_GOOGLE, FATE_LEAVE, FATE_STAY },
    { "finish_reason", ANY, FATE_LEAVE, FATE_NULL },
    { "logprobs", BR_PROTOCOL_RESPONSES, FATE_EMPTY, FATE_EMPTY },
    { "logprobs", ANY, FATE_NULL, FATE_NULL },
    { "obfuscation", ANY, FATE_LEAVE, FATE_LEAVE },
    { "usage", ANY, FATE_LEAVE, FATE_LEAVE },
};

//  Messages: what a delta is called, by the member that the text is in.
static const struct {
    const char *key;
    const char *type;
} s_deltas[] = {
    { "text", "text_delta" },
    { "thinking", "thinking_delta" },
    { "partial_json", "input_json_delta" },
};
#define DELTAS (sizeof s_deltas / sizeof s_deltas[0])

static br_protocol_t
s_protocol (const guard_clone_t *self)
{
    const br_surface_row_t *row = br_surface_row (self->surface);
    return row ? row->wire : ANY;
}

static br_text_t
s_key (const guard_clone_t *self, const json_item_t *item)
{
    if (item->key_size < 2)
        return BR_TEXT_NONE;
    return (br_text_t) { self->data.at + item->key_offset + 1, item->key_size - 2 };
}

//  Spans stand in their order, and do not overlap.
static bool
s_has_text (const guard_clone_t *self, const json_item_t *item)
{
    size_t first = 0;
    size_t last = self->nspans;
    while (first < last) {
        size_t middle = first + (last - first) / 2;
        if (self->spans[middle].at + self->spans[middle].size > item->offset)
            last = middle;
        else
            first = middle + 1;
    }
    return first < self->nspans && self->spans[first].at < item->offset + item->size;
}

static fate_t
s_fate (const guard_clone_t *self, const json_item_t *item, bool is_top)
{
    bool is_plain = item->type != JSON_OBJECT && item->type != JSON_ARRAY;
    br_text_t key = s_key (self, item);
    br_protocol_t protocol = s_protocol (self);
    fate_t fate = is_top && key.at ? FATE_STAY : FATE_LEAVE;
    for (size_t i = 0; i < sizeof s_fates / sizeof s_fates[0]; i++) {
        const fate_row_t *row = &s_fates[i];
        if ((row->only != ANY && row->only != protocol) || !br_text_is (key, row->key))
            continue;
        fate = is_top ? row->top : row->deep;
        break;
    }
    if (fate == FATE_STAY && (!is_plain || s_has_text (self, item)))
        fate = FATE_LEAVE;
    return fate;
}

static void
s_write_key (const guard_clone_t *self, const json_item_t *item, json_writer_t *writer)
{
    if (writer->comma)
        (void) br_buf_addc (writer->out, ',');
    writer->comma = true;
    if (item->key_size) {
        (void) br_buf_add (writer->out, self->data.at + item->key_offset, item->key_size);
        (void) br_buf_addc (writer->out, ':');
    }
}

//  A member that is not on the way to the text.
static void
s_write_aside (const guard_clone_t *self, const json_item_t *item, bool is_top,
               json_writer_t *writer)
{
    static const char *const words[] = { [FATE_NULL] = "null", [FATE_EMPTY] = "[]" };
    fate_t fate = s_fate (self, item, is_top);
    if (fate == FATE_LEAVE)
        return;
    s_write_key (self, item, writer);
    if (fate == FATE_STAY)
        (void) br_buf_add (writer->out, self->data.at + item->offset, item->size);
    else if (fate == FATE_SEQUENCE)
        (void) br_buf_addf (writer->out, "%llu", (unsigned long long) self->sequence);
    else
        (void) br_buf_adds (writer->out, words[fate]);
}

static bool
s_is_on_way (const guard_clone_t *self, const json_item_t *item)
{
    return item->offset <= self->span.at
           && self->span.at + self->span.size <= item->offset + item->size;
}

//  An object or array on the way to the text. JSON has a greatest depth, so this ends.
static int
s_write_value (const guard_clone_t *self, size_t at, size_t size, bool is_top,
               br_buf_t *out)
{
    json_iter_t iter;
    if (json_iter_begin (&iter, self->data.at + at, size, NULL) != 0)
        return -1;
    char close = (char) iter.close;
    json_writer_t writer = json_writer (out);
    (void) br_buf_addc (out, close == '}' ? '{' : '[');
    json_item_t item;
    int rc = 0;
    bool is_found = false;
    while ((rc = json_iter_next (&iter, &item, NULL)) == 1) {
        item.key_offset += at;
        item.offset += at;
        if (!s_is_on_way (self, &item)) {
            s_write_aside (self, &item, is_top, &writer);
            continue;
        }
        is_found = true;
        s_write_key (self, &item, &writer);
        if (item.offset == self->span.at)
            (void) br_buf_add (out, self->value.at, self->value.size);
        else if (s_write_value (self, item.offset, item.size, false, out) != 0)
            return -1;
    }
    (void) br_buf_addc (out, close);
    return rc == 0 && is_found ? 0 : -1;
}

//  The row of s_deltas for the text, or DELTAS: the key in front of it is looked at.
static size_t
s_delta (const guard_clone_t *self)
{
    size_t row = DELTAS;
    if (s_protocol (self) != BR_PROTOCOL_MESSAGES)
        return row;
    size_t at = self->span.at;
    while (at && strchr (" \t\r\n:", self->data.at[at - 1]))
        at--;
    for (row = 0; row < DELTAS; row++) {
        size_t length = strlen (s_deltas[row].key);
        if (at < length + 2 || self->data.at[at - 1] != '"'
            || self->data.at[at - length - 2] != '"')
            continue;
        if (memcmp (self->data.at + at - length - 1, s_deltas[row].key, length) == 0)
            break;
    }
    return row;
}

int
guard_clone_write (const guard_clone_t *self, br_buf_t *out)
{
    size_t delta = s_delta (self);
    if (delta == DELTAS)
        return s_write_value (self, 0, self->data.size, true, out);
    json_row_t index = { .key = "index" };
    if (json_members (self->data.at, self->data.size, &index, 1, NULL) != 0)
        return -1;
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    json_put_string (&writer, "type", "content_block_delta");
    if (index.type == JSON_NUMBER)
        json_put_raw (&writer, "index",
                      (br_text_t) { self->data.at + index.offset, index.size });
    json_open (&writer, "delta", '{');
    json_put_string (&writer, "type", s_deltas[delta].type);
    json_put_raw (&writer, s_deltas[delta].key, self->value);
    json_close (&writer, '}');
    json_close (&writer, '}');
    return 0;
}

br_text_t
guard_clone_name (const guard_clone_t *self, br_text_t name)
{
    return name.at && s_delta (self) < DELTAS ? BR_TEXT ("content_block_delta") : name;
}
