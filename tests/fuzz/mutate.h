//  mutate: changes of JSON that leave it JSON, for fuzzers whose input is one text or a
//  stream of events: bytes that are changed blindly mostly end in the parser. Half of all
//  changes are libFuzzer's own.

#ifndef BR_FUZZ_MUTATE_H
#define BR_FUZZ_MUTATE_H

#include <stdint.h>
#include <string.h>

#include "broker/core/buf.h"
#include "broker/core/json_tree.h"

#define MUTATE_EVENTS 4096 //  of a stream

size_t LLVMFuzzerMutate (uint8_t *bytes, size_t size, size_t room);

static inline uint32_t
mutate_next (uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static inline br_text_t
mutate_value (uint32_t *seed)
{
    static const char *const values[] = { "null",
                                          "true",
                                          "false",
                                          "0",
                                          "-1",
                                          "1e400",
                                          "1.5",
                                          "\"\"",
                                          "\"\\u0000\"",
                                          "[]",
                                          "{}",
                                          "[{}]",
                                          "[[]]",
                                          "\"user\"",
                                          "\"text\"",
                                          "\"a\"",
                                          "4294967296",
                                          "[null]",
                                          "\"\\ud83d\\ude00\\n\\\"\"",
                                          "\"{}\"",
                                          "9223372036854775808",
                                          "\"assistant\"",
                                          "\"data:image/png;base64,AA==\"",
                                          "{\"type\":\"text\"}",
                                          "\"br1.YWFh\"",
                                          "{\"type\":\"object\",\"properties\":{}}",
                                          "\"tool\"" };
    return br_text (values[mutate_next (seed) % (sizeof values / sizeof values[0])]);
}

//  A node by chance: any of them as likely. The walk knows no numbers.
static inline const json_node_t *
mutate_node (const json_tree_t *tree, const json_node_t *node, uint32_t *left)
{
    if ((*left)-- == 0)
        return node;
    for (const json_node_t *n = json_first (tree, node); n; n = json_next (tree, n)) {
        const json_node_t *found = mutate_node (tree, n, left);
        if (found)
            return found;
    }
    return NULL;
}

static inline const json_node_t *
mutate_pick (const json_tree_t *tree, const json_node_t *root, uint32_t *seed)
{
    uint32_t all = UINT32_MAX;
    mutate_node (tree, root, &all);
    uint32_t left = mutate_next (seed) % (UINT32_MAX - all);
    return mutate_node (tree, root, &left);
}

//  Where the item begins, with its key, and where it ends.
static inline size_t
mutate_from (const json_node_t *node)
{
    return node->key_size ? node->key_offset : node->offset;
}

static inline void
mutate_write (const json_tree_t *tree, const json_node_t *root, uint32_t *seed,
              br_buf_t *out)
{
    const uint8_t *bytes = json_tree_bytes (tree);
    const json_node_t *at = mutate_pick (tree, root, seed);
    const json_node_t *other = mutate_pick (tree, root, seed);
    size_t end = root->offset + root->size;
    size_t from = at->offset, to = at->offset + at->size;
    br_text_t value = mutate_value (seed);
    br_buf_add (out, bytes, from);
    switch (mutate_next (seed) % 4) {
    case 0: //  another value
        br_buf_add (out, value.at, value.size);
        break;
    case 1: //  a copy of another part
        br_buf_add (out, bytes + other->offset, other->size);
        break;
    case 2: //  twice; a member's double, or with another key
        br_buf_add (out, bytes + from, to - from);
        if (at != root) {
            br_buf_adds (out, ",");
            if (at->key_size) {
                const json_node_t *key = other->key_size ? other : at;
                br_buf_add (out, bytes + key->key_offset, key->key_size);
                br_buf_adds (out, ":");
            }
            br_buf_add (out, bytes + other->offset, other->size);
        }
        break;
    default: //  not at all
        if (at == root) {
            br_buf_add (out, value.at, value.size);
            break;
        }
        out->size = mutate_from (at);
        if (at->next) {
            while (bytes[to] != ',')
                to++;
            to++;
        } else {
            while (out->size && out->data[out->size - 1] != ','
                   && !strchr ("[{", out->data[out->size - 1]))
                out->size--;
            if (out->size && out->data[out->size - 1] == ',')
                out->size--;
        }
    }
    br_buf_add (out, bytes + to, end - to);
}

//  The same text where it is no JSON, or would grow over the room.
static inline void
mutate_text (const uint8_t *bytes, size_t size, uint32_t *seed, br_buf_t *out)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
    if (root)
        mutate_write (tree, root, seed, out);
    else
        br_buf_add (out, bytes, size);
    json_tree_destroy (&tree);
}

static inline size_t
mutate_take (br_buf_t *out, uint8_t *bytes, size_t size, size_t room)
{
    if (!out->overflow && out->size && out->size <= room) {
        memcpy (bytes, out->data, out->size);
        size = out->size;
    }
    br_buf_free (out);
    return size;
}

static inline size_t
mutate_json (uint8_t *bytes, size_t size, size_t room, uint32_t seed)
{
    seed = seed ? seed : 1;
    mutate_next (&seed);
    if (mutate_next (&seed) % 4 == 0)
        return LLVMFuzzerMutate (bytes, size, room);
    br_buf_t out;
    br_buf_init (&out, room);
    mutate_text (bytes, size, &seed, &out);
    return mutate_take (&out, bytes, size, room);
}

//  One line of data is changed, doubled or taken out.
static inline size_t
mutate_events (uint8_t *bytes, size_t size, size_t room, uint32_t seed)
{
    seed = seed ? seed : 1;
    mutate_next (&seed);
    if (mutate_next (&seed) % 4 == 0)
        return LLVMFuzzerMutate (bytes, size, room);
    size_t starts[MUTATE_EVENTS];
    size_t count = 0;
    for (size_t i = 0; i + 6 < size && count < MUTATE_EVENTS; i++)
        if (memcmp (bytes + i, "data: ", 6) == 0 && (i == 0 || bytes[i - 1] == '\n'))
            starts[count++] = i + 6;
    if (count == 0)
        return LLVMFuzzerMutate (bytes, size, room);
    size_t from = starts[mutate_next (&seed) % count];
    const uint8_t *eol = memchr (bytes + from, '\n', size - from);
    size_t to = eol ? (size_t) (eol - bytes) : size;
    br_buf_t out;
    br_buf_init (&out, room);
    br_buf_add (&out, bytes, from);
    uint32_t what = mutate_next (&seed) % 8;
    if (what > 1)
        mutate_text (bytes + from, to - from, &seed, &out);
    else if (what == 1) {
        br_buf_add (&out, bytes + from, to - from);
        br_buf_adds (&out, "\n\ndata: ");
        size_t other = starts[mutate_next (&seed) % count];
        eol = memchr (bytes + other, '\n', size - other);
        br_buf_add (&out, bytes + other,
                    eol ? (size_t) (eol - bytes) - other : size - other);
    } else
        br_buf_adds (&out, ": ");
    br_buf_add (&out, bytes + to, size - to);
    return mutate_take (&out, bytes, size, room);
}

#endif
