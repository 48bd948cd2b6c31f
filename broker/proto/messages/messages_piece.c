//  messages_piece: pieces of JSON that requests and answers share.

#include <string.h>

#include "broker/proto/messages/messages_parts.h"

//  ---- arguments

static void
s_put_wrapped (json_writer_t *json, const char *key, const char *member, br_text_t text,
               bool raw)
{
    json_open (json, key, '{');
    if (raw)
        json_put_raw (json, member, text);
    else
        json_put (json, member, text);
    json_close (json, '}');
}

bool
messages_put_args (json_writer_t *json, const char *key, br_text_t text, bool custom,
                   json_tree_t *tree)
{
    if (custom) {
        s_put_wrapped (json, key, "input", text.at ? text : BR_TEXT (""), false);
        return true;
    }
    if (br_text_is_blank (text)) {
        json_put_raw (json, key, BR_TEXT ("{}"));
        return false;
    }
    const json_node_t *root = json_tree_parse (tree, text.at, text.size, NULL);
    bool object = json_is (root, JSON_OBJECT);
    if (object)
        json_put_raw (json, key, json_raw (tree, root));
    else if (root)
        s_put_wrapped (json, key, "value", json_raw (tree, root), true);
    else
        s_put_wrapped (json, key, "_raw", text, false);
    return !object;
}

//  ---- raw JSON

//  Line ends stand between values alone: inside of a string they are escaped.
void
messages_put_line (json_writer_t *json, const char *key, br_text_t raw)
{
    if (raw.size == 0)
        return;
    json_put_raw (json, key, (br_text_t) { raw.at, 1 });
    const char *at = raw.at + 1;
    const char *end = raw.at + raw.size;
    while (at < end) {
        size_t run = 0;
        while (at + run < end && at[run] != '\n' && at[run] != '\r')
            run++;
        br_buf_add (json->out, at, run);
        at += run;
        if (at < end)
            br_buf_addc (json->out, ' ');
        at += at < end;
    }
}

//  ---- blobs

//  A thought of Google's belongs to a call, which its envelope names.
br_text_t
messages_seal (const br_opaque_t *opaque, br_text_t call_id, br_arena_t *arena,
               bool *ret_native)
{
    *ret_native = opaque->family == BR_FAMILY_ANTHROPIC
                  && (opaque->kind == BR_OPAQUE_SIGNATURE
                      || opaque->kind == BR_OPAQUE_REDACTED);
    if (*ret_native)
        return opaque->bytes;
    br_opaque_t named = *opaque;
    if (call_id.size)
        named.id = call_id;
    return br_envelope_seal (&named, arena);
}

static bool
s_same_model (br_text_t made_by, const char *asked)
{
    br_text_t model = br_text (asked);
    size_t least = made_by.size < model.size ? made_by.size : model.size;
    if (memcmp (made_by.at, model.at, least) != 0)
        return false;
    //  One of them may have the date behind it: claude-sonnet-4-5-20250929.
    const char *rest = made_by.size > model.size ? made_by.at : model.at;
    size_t size = made_by.size > model.size ? made_by.size : model.size;
    return size == least || (size == least + 9 && rest[least] == '-');
}

const br_opaque_t *
messages_readable (const br_opaque_t *list, const br_target_t *target)
{
    for (; list; list = list->next)
        if (list->family == BR_FAMILY_ANTHROPIC && list->bytes.size
            && (list->kind == BR_OPAQUE_SIGNATURE || list->kind == BR_OPAQUE_REDACTED)
            && (list->model.size == 0 || s_same_model (list->model, target->model)))
            return list;
    return NULL;
}
