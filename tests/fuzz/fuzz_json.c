//  Fuzzer of the JSON walk: slices do not matter, rows lie inside, and whoever walks into a
//  valid text finds valid parts. The tree takes what the walk takes, and no more, and its
//  nodes lie inside of each other; what is read of them can be written again.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/json_iter.h"
#include "broker/core/json_tree.h"
#include "broker/core/json_value.h"
#include "broker/core/json_writer.h"
#include "broker/proto/amend.h"
#include "broker/proto/request.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static int
s_walk (const uint8_t *bytes, size_t size, size_t slice, json_scan_t *scan)
{
    json_scan_begin (scan, bytes, size, NULL, 0);
    int rc = 1;
    while (rc == 1)
        rc = json_scan_step (scan, slice, NULL);
    return rc;
}

//  A valid value holds valid items all the way down.
static void
s_descend (const uint8_t *bytes, size_t size, int depth)
{
    json_iter_t iter;
    json_item_t item;
    if (depth == 4 || json_iter_begin (&iter, bytes, size, NULL))
        return;
    int rc = json_iter_next (&iter, &item, NULL);
    while (rc == 1) {
        assert (item.offset + item.size <= size);
        if (item.type == JSON_OBJECT || item.type == JSON_ARRAY)
            s_descend (bytes + item.offset, item.size, depth + 1);
        rc = json_iter_next (&iter, &item, NULL);
    }
    assert (rc == 0);
}

//  ---- the tree

static void
s_nodes (const json_tree_t *tree, const json_node_t *node, br_arena_t *arena,
         json_writer_t *writer)
{
    bool object = json_is (node, JSON_OBJECT);
    if (json_is (node, JSON_STRING)) {
        json_put (writer, NULL, json_node_text (tree, node, arena));
        return;
    }
    if (!object && !json_is (node, JSON_ARRAY)) {
        double number;
        json_node_number (tree, node, &number);
        json_node_integer (tree, node, 0);
        json_put_raw (writer, NULL, json_raw (tree, node));
        return;
    }
    uint32_t count = 0;
    json_open (writer, NULL, object ? '{' : '[');
    for (const json_node_t *n = json_first (tree, node); n; n = json_next (tree, n)) {
        assert (n->offset >= node->offset
                && n->offset + n->size <= node->offset + node->size);
        assert (object == (n->key_size != 0));
        if (object)
            json_put_key (writer, json_key (tree, n, arena));
        s_nodes (tree, n, arena, writer);
        count++;
    }
    json_close (writer, object ? '}' : ']');
    assert (count == node->count);
}

//  Written twice it is the same, byte for byte.
static void
s_rewrite (json_tree_t *tree, const uint8_t *bytes, size_t size, br_buf_t *out)
{
    br_error_t error = { .text = "" };
    br_arena_t *arena = br_arena_new ();
    json_writer_t writer = json_writer (out);
    const json_node_t *root = json_tree_parse (tree, bytes, size, &error);
    assert (root);
    s_nodes (tree, root, arena, &writer);
    br_arena_destroy (&arena);
}

static bool
s_tree (const uint8_t *bytes, size_t size)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
    if (root) {
        char path[40];
        const json_node_t *member = json_get (tree, root, "a");
        json_path (tree, member ? member : root, path, sizeof path);
        assert (strlen (path) < sizeof path);
        br_buf_t once, twice;
        br_buf_init (&once, 16 * size + 64);
        br_buf_init (&twice, 16 * size + 64);
        s_rewrite (tree, bytes, size, &once);
        s_rewrite (tree, once.data, once.size, &twice);
        assert (once.size == twice.size
                && memcmp (once.data, twice.data, once.size) == 0);
        br_buf_free (&once);
        br_buf_free (&twice);
    }
    json_tree_destroy (&tree);
    return root;
}

//  Whatever is put into an object, it is one afterwards.
static void
s_amend (const uint8_t *bytes, size_t size, br_protocol_t protocol)
{
    br_target_t target = { .protocol = protocol, .provider = "p", .model = "m" };
    target.dialect = br_dialect_of (protocol, "p", "m");
    br_text_t text = { (const char *) bytes, size };
    br_splice_t *splice = br_splice_new (text);
    br_arena_t *arena = br_arena_new ();
    br_buf_t out;
    br_buf_init (&out, 8 * size + 1000);
    bool asked;
    int rc = br_amend_max_output (&target, text, 99, splice, arena, NULL);
    if (rc == 0 && protocol == BR_PROTOCOL_CHAT)
        rc = br_amend_usage (text, splice, &asked, NULL);
    if (rc == 0 && json_members (bytes, size, NULL, 0, NULL) == 0) {
        assert (br_splice_write (splice, &out, NULL) == 0);
        assert (json_members (out.data, out.size, NULL, 0, NULL) == 0);
    }
    br_buf_free (&out);
    br_arena_destroy (&arena);
    br_splice_destroy (&splice);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    json_scan_t whole;
    json_scan_t sliced;
    int rc = s_walk (bytes, size, SIZE_MAX, &whole);
    for (size_t slice = 1; slice < 24; slice += 5) {
        assert (s_walk (bytes, size, slice, &sliced) == rc);
        assert (rc || (sliced.offset == whole.offset && sliced.size == whole.size));
        assert (rc == 0 || sliced.at == whole.at);
    }
    if (rc == 0)
        s_descend (bytes, size, 0);
    bool tree = s_tree (bytes, size); //  refuses lone surrogates, too
    assert (rc == 0 || !tree);
    json_row_t rows[] = { { .key = "model" }, { .key = "a" } };
    if (json_members (bytes, size, rows, 2, NULL) == 0)
        for (size_t i = 0; i < 2; i++)
            assert (rows[i].count == 0
                    || (rows[i].size && rows[i].offset + rows[i].size <= size));
    request_t request;
    if (request_scan (bytes, size, &request, NULL) == 0)
        assert (rc == 0 && request.model[0] && bytes[request.model_offset] == '"');
    br_buf_t text;
    br_buf_init (&text, 1000);
    int64_t number;
    json_string (bytes, size, &text, NULL);
    json_integer (bytes, size, &number, NULL);
    br_buf_free (&text);
    for (br_protocol_t protocol = 0; size && protocol < BR_PROTOCOL_COUNT; protocol++)
        s_amend (bytes, size, protocol);
    return 0;
}
