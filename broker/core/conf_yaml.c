//  conf_yaml: YAML text to a tree of nodes. libyaml's events are pulled one by one; the
//  depth of the recursion and the number of nodes are bounded, so a file of a few bytes
//  cannot unfold its aliases to gigabytes.

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_yaml.h"

#define ANCHORS_MAX 1000 //  anchors in a file
#define KEYS_MAX 5000    //  keys in one map

typedef struct {
    char *name;                 //  owned
    const br_conf_node_t *node; //  borrowed from the tree; NULL while it is being built
    size_t total;               //  nodes that an alias of it copies
    unsigned height;            //  levels below it
} yaml_anchor_t;

typedef struct {
    yaml_parser_t parser;
    yaml_event_t event;     //  the event in hand
    const char *file;       //  for messages
    size_t nodes;           //  built so far
    yaml_anchor_t *anchors; //  owned
    size_t anchor_count;    //
    br_conf_node_t *merged; //  owned; a list of what merge keys held, as anchors may
                            //  point into it
    br_error_t *reterr;     //
} yaml_reader_t;

//  Sets an error at a mark; marks count from zero. Returns NULL.
static br_conf_node_t *
s_fail (yaml_reader_t *self, yaml_mark_t mark, const char *text, const char *name)
{
    br_error_set (self->reterr, BR_ECONFIG, "%s:%zu:%zu: %s%s%.60s%s", self->file,
                  mark.line + 1, mark.column + 1, text, name ? " \"" : "",
                  name ? name : "", name ? "\"" : "");
    return NULL;
}

//  Moves on to the next event. 0, or -1 for broken YAML.
static int
s_next (yaml_reader_t *self)
{
    yaml_event_delete (&self->event);
    if (yaml_parser_parse (&self->parser, &self->event))
        return 0;
    memset (&self->event, 0, sizeof self->event);
    const char *problem = self->parser.problem;
    yaml_mark_t mark = self->parser.problem_mark;
    if (self->parser.error == YAML_READER_ERROR)
        mark = self->parser.mark;
    s_fail (self, mark, problem ? problem : "this is not YAML", NULL);
    return -1;
}

static br_conf_node_t *
s_new_node (yaml_reader_t *self, br_conf_kind_t kind)
{
    if (self->nodes >= BR_CONF_NODES_MAX)
        return s_fail (self, self->event.start_mark, "too many values in one file", NULL);
    self->nodes++;
    br_conf_node_t *node = br_conf_node_new (kind, self->file);
    node->line = (unsigned) self->event.start_mark.line + 1;
    node->column = (unsigned) self->event.start_mark.column + 1;
    return node;
}

//  Notes an anchor, if there is one; the last of a name counts. Returns its index plus
//  one, 0 for none.
static size_t
s_open_anchor (yaml_reader_t *self, const yaml_char_t *name)
{
    if (!name || self->anchor_count == ANCHORS_MAX)
        return 0;
    size_t size = (self->anchor_count + 1) * sizeof *self->anchors;
    self->anchors = br_realloc (self->anchors, size);
    self->anchors[self->anchor_count++] = (yaml_anchor_t) { .name = br_strdup (
                                                                (const char *) name) };
    return self->anchor_count;
}

static unsigned
s_height (const br_conf_node_t *node)
{
    unsigned height = 0;
    for (size_t i = 0; i < node->count; i++) {
        unsigned below = 1 + s_height (node->items[i]);
        height = below > height ? below : height;
    }
    return height;
}

static void
s_close_anchor (yaml_reader_t *self, size_t anchor, const br_conf_node_t *node)
{
    if (!anchor)
        return;
    self->anchors[anchor - 1].node = node;
    self->anchors[anchor - 1].total = br_conf_node_total (node);
    self->anchors[anchor - 1].height = s_height (node);
}

static br_conf_node_t *
s_read_alias (yaml_reader_t *self, unsigned depth)
{
    const char *name = (const char *) self->event.data.alias.anchor;
    yaml_mark_t mark = self->event.start_mark;
    size_t i = self->anchor_count;
    while (i > 0 && strcmp (self->anchors[i - 1].name, name) != 0)
        i--;
    if (i == 0)
        return s_fail (self, mark, "there is no anchor for the alias", name);
    const yaml_anchor_t *anchor = &self->anchors[i - 1];
    if (!anchor->node)
        return s_fail (self, mark, "the alias is inside of its own anchor", name);
    if (depth + anchor->height > BR_CONF_DEPTH_MAX)
        return s_fail (self, mark, "aliases nest too deeply", name);
    if (anchor->total > BR_CONF_NODES_MAX - self->nodes)
        return s_fail (self, mark, "aliases repeat too many values", name);
    self->nodes += anchor->total;
    return br_conf_node_dup (anchor->node);
}

static br_conf_node_t *
s_read_scalar (yaml_reader_t *self)
{
    size_t length = self->event.data.scalar.length;
    const char *value = (const char *) self->event.data.scalar.value;
    if (memchr (value, 0, length))
        return s_fail (self, self->event.start_mark, "a value holds a zero byte", NULL);
    br_conf_node_t *node = s_new_node (self, BR_CONF_SCALAR);
    if (!node)
        return NULL;
    free (node->text);
    node->text = br_strndup (value, length);
    if (self->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        node->flags |= BR_CONF_PLAIN;
    s_close_anchor (self, s_open_anchor (self, self->event.data.scalar.anchor), node);
    return node;
}

static br_conf_node_t *s_read_node (yaml_reader_t *self, unsigned depth);

static br_conf_node_t *
s_read_list (yaml_reader_t *self, unsigned depth)
{
    br_conf_node_t *list = s_new_node (self, BR_CONF_LIST);
    if (!list)
        return NULL;
    size_t anchor = s_open_anchor (self, self->event.data.sequence_start.anchor);
    int rc = s_next (self);
    while (rc == 0 && self->event.type != YAML_SEQUENCE_END_EVENT) {
        br_conf_node_t *item = s_read_node (self, depth + 1);
        if (item)
            br_conf_node_add (list, &item);
        else
            rc = -1;
        if (rc == 0)
            rc = s_next (self);
    }
    if (rc)
        br_conf_node_destroy (&list);
    else
        s_close_anchor (self, anchor, list);
    return list;
}

//  Adds what a merge key brings, where the map has no such key of its own.
static void
s_merge (br_conf_node_t *map, const br_conf_node_t *source)
{
    for (size_t i = 0; source->kind == BR_CONF_LIST && i < source->count; i++)
        if (source->items[i]->kind == BR_CONF_MAP)
            s_merge (map, source->items[i]);
    for (size_t i = 0; source->kind == BR_CONF_MAP && i < source->count; i++) {
        const char *key = source->items[i]->key;
        if (br_conf_node_get (map, key))
            continue;
        br_conf_node_t *copy = br_conf_node_dup (source->items[i]);
        br_conf_node_put (map, key, &copy);
    }
}

//  Reads one key and its value into a map. 0 or -1.
static int
s_read_pair (yaml_reader_t *self, br_conf_node_t *map, unsigned depth)
{
    yaml_mark_t mark = self->event.start_mark;
    if (self->event.type != YAML_SCALAR_EVENT) {
        s_fail (self, mark, "a key must be a plain text", NULL);
        return -1;
    }
    if (memchr (self->event.data.scalar.value, 0, self->event.data.scalar.length)) {
        s_fail (self, mark, "a key holds a zero byte", NULL);
        return -1;
    }
    char *key = br_strdup ((const char *) self->event.data.scalar.value);
    int rc = -1;
    if (br_conf_node_get (map, key))
        s_fail (self, mark, "this key is there twice:", key);
    else if (map->count == KEYS_MAX)
        s_fail (self, mark, "too many keys in one map", NULL);
    else
        rc = s_next (self);
    br_conf_node_t *value = rc == 0 ? s_read_node (self, depth + 1) : NULL;
    if (value) {
        value->key_line = (unsigned) mark.line + 1;
        value->key_column = (unsigned) mark.column + 1;
        br_conf_node_put (map, key, &value);
    } else
        rc = -1;
    free (key);
    return rc;
}

static br_conf_node_t *
s_read_map (yaml_reader_t *self, unsigned depth)
{
    br_conf_node_t *map = s_new_node (self, BR_CONF_MAP);
    if (!map)
        return NULL;
    size_t anchor = s_open_anchor (self, self->event.data.mapping_start.anchor);
    int rc = s_next (self);
    while (rc == 0 && self->event.type != YAML_MAPPING_END_EVENT) {
        rc = s_read_pair (self, map, depth);
        if (rc == 0)
            rc = s_next (self);
    }
    if (rc) {
        br_conf_node_destroy (&map);
        return NULL;
    }
    br_conf_node_t *source = br_conf_node_take (map, "<<");
    if (source) {
        s_merge (map, source);
        br_conf_node_add (self->merged, &source);
    }
    s_close_anchor (self, anchor, map);
    return map;
}

//  Reads the node that begins with the event in hand, up to its own last event.
static br_conf_node_t *
s_read_node (yaml_reader_t *self, unsigned depth)
{
    if (depth > BR_CONF_DEPTH_MAX)
        return s_fail (self, self->event.start_mark, "nested too deeply", NULL);
    switch (self->event.type) {
    case YAML_SCALAR_EVENT: return s_read_scalar (self);
    case YAML_ALIAS_EVENT: return s_read_alias (self, depth);
    case YAML_SEQUENCE_START_EVENT: return s_read_list (self, depth);
    case YAML_MAPPING_START_EVENT: return s_read_map (self, depth);
    default: return s_fail (self, self->event.start_mark, "unexpected YAML", NULL);
    }
}

static br_conf_node_t *
s_read_document (yaml_reader_t *self)
{
    if (s_next (self) || s_next (self)) //  start of stream, start of document
        return NULL;
    if (self->event.type == YAML_STREAM_END_EVENT)
        return br_conf_node_new (BR_CONF_MAP, self->file);
    if (s_next (self))
        return NULL;
    yaml_mark_t mark = self->event.start_mark;
    br_conf_node_t *root = s_read_node (self, 1);
    if (!root)
        return NULL;
    if (br_conf_node_is_null (root)) {
        br_conf_node_destroy (&root);
        root = br_conf_node_new (BR_CONF_MAP, self->file);
    }
    if (root->kind != BR_CONF_MAP)
        s_fail (self, mark, "the file must hold \"section: value\" lines", NULL);
    else if (s_next (self) == 0 && s_next (self) == 0) {
        if (self->event.type == YAML_STREAM_END_EVENT)
            return root;
        s_fail (self, self->event.start_mark, "only one document is allowed", NULL);
    }
    br_conf_node_destroy (&root);
    return NULL;
}

br_conf_node_t *
br_conf_yaml_parse (const char *file, const void *text, size_t size, br_error_t *reterr)
{
    if (size > BR_CONF_TEXT_MAX) {
        br_error_set (reterr, BR_ECONFIG, "%s:1:1: the file is over %d bytes", file,
                      BR_CONF_TEXT_MAX);
        return NULL;
    }
    yaml_reader_t self = { .file = file, .reterr = reterr };
    if (!yaml_parser_initialize (&self.parser)) {
        br_error_set (reterr, BR_ESYSTEM, "%s: libyaml has no memory", file);
        return NULL;
    }
    self.merged = br_conf_node_new (BR_CONF_LIST, file);
    yaml_parser_set_input_string (&self.parser, text, size);
    br_conf_node_t *root = s_read_document (&self);
    yaml_event_delete (&self.event);
    yaml_parser_delete (&self.parser);
    while (self.anchor_count)
        free (self.anchors[--self.anchor_count].name);
    free (self.anchors);
    br_conf_node_destroy (&self.merged);
    return root;
}
