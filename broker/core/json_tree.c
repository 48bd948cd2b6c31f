//  json_tree: a JSON text as a flat array of nodes.
//
//  Nodes stand in the order of the text, so that a container's first item stands right
//  behind it; the stack of open containers has one number a level. Node 0 is the root, and
//  so 0 can stand for "no next sibling".

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_lex.h"
#include "broker/core/json_tree.h"
#include "broker/core/json_value.h"

#define NODES_FIRST 64
#define NODES_KEPT 65536 //  a text with more gives the memory back at the next parse

struct _json_tree_t {
    const uint8_t *bytes; //  borrowed
    size_t end;           //  bytes in all
    size_t at;            //  next byte
    json_node_t *nodes;   //  owned
    size_t size;          //  nodes in use
    size_t room;
    unsigned depth;
    uint32_t open[JSON_DEPTH_MAX]; //  containers
    uint32_t last[JSON_DEPTH_MAX]; //  the item before in each; 0 = none yet
};

json_tree_t *
json_tree_new (void)
{
    return BR_NEW (json_tree_t);
}

void
json_tree_destroy (json_tree_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free ((*self_p)->nodes);
    free (*self_p);
    *self_p = NULL;
}

const uint8_t *
json_tree_bytes (const json_tree_t *self)
{
    return self->bytes;
}

//  ---- the parse

static int
s_fail (const json_tree_t *self, const char *what, br_error_t *reterr)
{
    return br_error_set (reterr, BR_EINVALID, "no valid JSON at byte %zu: %s", self->at,
                         what);
}

static void
s_skip_blanks (json_tree_t *self)
{
    while (self->at < self->end && json_lex_is_blank (self->bytes[self->at]))
        self->at++;
}

//  An escape at `at` that is well formed by itself: a surrogate must have its other half.
static bool
s_is_paired (const uint8_t *at, const uint8_t *end, size_t *ret_size)
{
    if (at[1] != 'u' || (at[2] | 0x20) != 'd' || at[3] < '8')
        return true;
    uint8_t room[JSON_CHAR_MAX];
    const uint8_t *behind = at;
    if (json_char (&behind, end, room) == 0)
        return false;
    *ret_size = (size_t) (behind - at);
    return true;
}

//  The string whose quote stands at self->at; moves behind it.
static int
s_string (json_tree_t *self, bool *ret_plain, br_error_t *reterr)
{
    const uint8_t *end = self->bytes + self->end;
    const uint8_t *at = self->bytes + self->at + 1;
    *ret_plain = true;
    for (;;) {
        at = json_lex_plain (at, end);
        self->at = (size_t) (at - self->bytes);
        if (at == end)
            return s_fail (self, "the text ends too early", reterr);
        if (*at == '"') {
            self->at++;
            return 0;
        }
        size_t size = json_lex_special (at, end);
        if (size == 0)
            return s_fail (self, json_lex_fault (*at), reterr);
        if (*at == '\\') {
            *ret_plain = false;
            if (!s_is_paired (at, end, &size))
                return s_fail (self, "a surrogate stands alone", reterr);
        }
        at += size;
    }
}

static int
s_add (json_tree_t *self, json_node_t node, br_error_t *reterr)
{
    if (self->size == JSON_TREE_NODES_MAX)
        return br_error_set (reterr, BR_ETOOBIG, "the JSON has more than %d values",
                             JSON_TREE_NODES_MAX);
    if (self->size == self->room) {
        self->room = self->room ? self->room * 2 : NODES_FIRST;
        self->nodes = br_realloc (self->nodes, self->room * sizeof *self->nodes);
    }
    uint32_t number = (uint32_t) self->size++;
    self->nodes[number] = node;
    if (self->depth) {
        unsigned level = self->depth - 1;
        if (self->last[level])
            self->nodes[self->last[level]].next = number;
        self->last[level] = number;
        self->nodes[number].parent = self->open[level];
        self->nodes[number].place = self->nodes[self->open[level]].count++;
    }
    return 0;
}

static int
s_key (json_tree_t *self, json_node_t *node, br_error_t *reterr)
{
    bool plain;
    s_skip_blanks (self);
    if (self->at == self->end || self->bytes[self->at] != '"')
        return s_fail (self, "a member's name in quotes is expected", reterr);
    node->key_offset = (uint32_t) self->at;
    if (s_string (self, &plain, reterr))
        return -1;
    node->key_size = (uint32_t) (self->at - node->key_offset);
    s_skip_blanks (self);
    if (self->at == self->end || self->bytes[self->at] != ':')
        return s_fail (self, "a colon is expected", reterr);
    self->at++;
    return 0;
}

static int
s_plain_value (json_tree_t *self, json_node_t *node, br_error_t *reterr)
{
    const uint8_t *at = self->bytes + self->at;
    const uint8_t *end = self->bytes + self->end;
    if (node->type == JSON_STRING)
        return s_string (self, &node->plain, reterr);
    if (node->type == JSON_NONE)
        return s_fail (self, "a value is expected", reterr);
    size_t size = node->type == JSON_NUMBER ? json_lex_number (at, end)
                                            : json_lex_literal (at, end);
    if (size == 0 || size == JSON_NUMBER_MAX)
        return s_fail (self, "the number or literal is not a known one", reterr);
    self->at += size;
    return 0;
}

//  One value, or the opening of a container.
static int
s_value (json_tree_t *self, json_node_t node, br_error_t *reterr)
{
    s_skip_blanks (self);
    if (self->at == self->end)
        return s_fail (self, "the text ends too early", reterr);
    node.offset = (uint32_t) self->at;
    node.type = json_lex_type (self->bytes[self->at]);
    if (node.type != JSON_OBJECT && node.type != JSON_ARRAY) {
        if (s_plain_value (self, &node, reterr))
            return -1;
        node.size = (uint32_t) (self->at - node.offset);
        return s_add (self, node, reterr);
    }
    if (self->depth == JSON_DEPTH_MAX)
        return s_fail (self, "it is nested too deep", reterr);
    if (s_add (self, node, reterr))
        return -1;
    self->open[self->depth] = (uint32_t) (self->size - 1);
    self->last[self->depth++] = 0;
    self->at++;
    return 0;
}

//  What follows an item of the container that is open: 1 = an item, 0 = its end.
static int
s_comma (json_tree_t *self, br_error_t *reterr)
{
    json_node_t *open = &self->nodes[self->open[self->depth - 1]];
    s_skip_blanks (self);
    if (self->at == self->end)
        return s_fail (self, "the text ends too early", reterr);
    uint8_t byte = self->bytes[self->at];
    if (byte == (open->type == JSON_OBJECT ? '}' : ']')) {
        self->at++;
        self->depth--;
        open->size = (uint32_t) (self->at - open->offset);
        return 0;
    }
    if (open->count == 0)
        return 1;
    if (byte != ',')
        return s_fail (self, "a comma or a closing bracket is expected", reterr);
    self->at++;
    return 1;
}

static int
s_parse (json_tree_t *self, br_error_t *reterr)
{
    if (s_value (self, (json_node_t) { .type = JSON_NONE }, reterr))
        return -1;
    while (self->depth) {
        int rc = s_comma (self, reterr);
        if (rc < 0)
            return -1;
        if (rc == 0)
            continue;
        json_node_t node = { .type = JSON_NONE };
        bool in_object = self->nodes[self->open[self->depth - 1]].type == JSON_OBJECT;
        if ((in_object && s_key (self, &node, reterr)) || s_value (self, node, reterr))
            return -1;
    }
    s_skip_blanks (self);
    return self->at < self->end ? s_fail (self, "something follows the value", reterr)
                                : 0;
}

const json_node_t *
json_tree_parse (json_tree_t *self, const void *bytes, size_t size, br_error_t *reterr)
{
    if (self->room > NODES_KEPT) {
        free (self->nodes);
        self->nodes = NULL;
        self->room = 0;
    }
    self->bytes = bytes;
    self->end = size;
    self->at = 0;
    self->size = 0;
    self->depth = 0;
    if (size > UINT32_MAX) {
        br_error_set (reterr, BR_ETOOBIG, "the JSON is over 4 GB");
        return NULL;
    }
    return s_parse (self, reterr) ? NULL : self->nodes;
}

//  ---- walking

const json_node_t *
json_first (const json_tree_t *self, const json_node_t *node)
{
    (void) self;
    bool holds = node && (node->type == JSON_OBJECT || node->type == JSON_ARRAY);
    return holds && node->count ? node + 1 : NULL;
}

const json_node_t *
json_next (const json_tree_t *self, const json_node_t *node)
{
    return node && node->next ? &self->nodes[node->next] : NULL;
}

bool
json_key_is (const json_tree_t *self, const json_node_t *node, const char *key)
{
    if (!node || !node->key_size)
        return false;
    const uint8_t *at = self->bytes + node->key_offset;
    size_t size = strlen (key);
    if (node->key_size == size + 2 && memcmp (at + 1, key, size) == 0)
        return !memchr (key, '\\', size);
    return memchr (at, '\\', node->key_size) && json_string_is (at, node->key_size, key);
}

const json_node_t *
json_get (const json_tree_t *self, const json_node_t *node, const char *key)
{
    const json_node_t *found = NULL;
    if (!json_is (node, JSON_OBJECT))
        return NULL;
    for (const json_node_t *at = json_first (self, node); at; at = json_next (self, at))
        if (json_key_is (self, at, key))
            found = at;
    return found;
}

const json_node_t *
json_given (const json_tree_t *self, const json_node_t *node, const char *key)
{
    const json_node_t *found = json_get (self, node, key);
    return json_is (found, JSON_NULL) ? NULL : found;
}

//  ---- values

br_text_t
json_raw (const json_tree_t *self, const json_node_t *node)
{
    if (!node)
        return BR_TEXT_NONE;
    return (br_text_t) { (const char *) self->bytes + node->offset, node->size };
}

//  The text of a string with escapes, which is never longer than the string.
static br_text_t
s_unescape (const uint8_t *at, size_t size, br_arena_t *arena)
{
    const uint8_t *end = at + size - 1; //  its quote
    uint8_t *out = br_arena_take (arena, size);
    uint8_t *to = out;
    at++;
    while (at < end) {
        const uint8_t *plain = json_lex_plain (at, end);
        if (plain > at)
            memcpy (to, at, (size_t) (plain - at));
        to += plain - at;
        at = plain;
        if (at < end)
            to += json_char (&at, end, to);
    }
    return (br_text_t) { (const char *) out, (size_t) (to - out) };
}

static br_text_t
s_text (const json_tree_t *self, uint32_t offset, uint32_t size, bool plain,
        br_arena_t *arena)
{
    const uint8_t *at = self->bytes + offset;
    if (plain)
        return (br_text_t) { (const char *) at + 1, size - 2 };
    return s_unescape (at, size, arena);
}

br_text_t
json_key (const json_tree_t *self, const json_node_t *node, br_arena_t *arena)
{
    if (!node || !node->key_size)
        return BR_TEXT_NONE;
    bool plain = !memchr (self->bytes + node->key_offset, '\\', node->key_size);
    return s_text (self, node->key_offset, node->key_size, plain, arena);
}

br_text_t
json_node_text (const json_tree_t *self, const json_node_t *node, br_arena_t *arena)
{
    if (!json_is (node, JSON_STRING))
        return BR_TEXT_NONE;
    return s_text (self, node->offset, node->size, node->plain, arena);
}

int
json_node_add (const json_tree_t *self, const json_node_t *node, br_buf_t *out)
{
    if (!json_is (node, JSON_STRING))
        return -1;
    const uint8_t *at = self->bytes + node->offset;
    return node->plain ? br_buf_add (out, at + 1, node->size - 2)
                       : json_string (at, node->size, out, NULL);
}

bool
json_node_is (const json_tree_t *self, const json_node_t *node, const char *text)
{
    return json_is (node, JSON_STRING)
           && json_string_is (self->bytes + node->offset, node->size, text);
}

int64_t
json_node_integer (const json_tree_t *self, const json_node_t *node, int64_t otherwise)
{
    int64_t number;
    if (!json_is (node, JSON_NUMBER)
        || json_integer (self->bytes + node->offset, node->size, &number, NULL))
        return otherwise;
    return number;
}

int
json_node_number (const json_tree_t *self, const json_node_t *node, double *ret_number)
{
    char room[JSON_NUMBER_MAX + 1];
    if (!json_is (node, JSON_NUMBER) || node->size >= sizeof room)
        return -1;
    memcpy (room, self->bytes + node->offset, node->size);
    room[node->size] = 0;
    double number = strtod (room, NULL);
    if (!isfinite (number))
        return -1;
    *ret_number = number;
    return 0;
}

bool
json_node_bool (const json_tree_t *self, const json_node_t *node, bool otherwise)
{
    return json_is (node, JSON_BOOL) ? self->bytes[node->offset] == 't' : otherwise;
}

//  ---- paths

//  Adds the step from a container down to the item.
static size_t
s_step (const json_tree_t *self, const json_node_t *open, const json_node_t *item,
        char *out, size_t room, size_t used)
{
    int size;
    if (open->type == JSON_OBJECT)
        size = snprintf (out + used, room - used, "%s%.*s", used ? "." : "",
                         (int) item->key_size - 2,
                         (const char *) self->bytes + item->key_offset + 1);
    else
        size = snprintf (out + used, room - used, "[%u]", (unsigned) item->place);
    return used + (size_t) size < room ? used + (size_t) size : room - 1;
}

void
json_path (const json_tree_t *self, const json_node_t *node, char *out, size_t room)
{
    size_t used = 0;
    out[0] = 0;
    if (!node)
        return;
    const json_node_t *steps[JSON_DEPTH_MAX + 1];
    size_t count = 0;
    for (; node != self->nodes; node = &self->nodes[node->parent])
        steps[count++] = node;
    while (count--)
        used = s_step (self, &self->nodes[steps[count]->parent], steps[count], out, room,
                       used);
}
