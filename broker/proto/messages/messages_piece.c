//  messages_piece: pieces of JSON that requests and answers share.

#include <strings.h>

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

//  ---- models

//  Where the name of a family stands: behind vendors and regions, as in
//  "anthropic/claude-sonnet-4" and "us.anthropic.claude-sonnet-4-5-20250929-v1:0".
static br_text_t
s_from_family (br_text_t name)
{
    static const char family[] = "claude";
    const size_t size = sizeof family - 1;
    for (size_t at = 0; at + size <= name.size; at++)
        if (strncasecmp (name.at + at, family, size) == 0)
            return (br_text_t) { name.at + at, name.size - at };
    return name;
}

static bool
s_is_digits (br_text_t text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.size > 0;
}

//  What a last word tells of a model's release, but not of its version: a date, "latest",
//  the "0" of claude-sonnet-4-0, the "v1" of Bedrock's.
static bool
s_is_release (br_text_t word)
{
    if (br_text_is (word, "latest") || br_text_is (word, "0"))
        return true;
    if (s_is_digits (word))
        return word.size == 8;
    return word.size > 1 && (word.at[0] == 'v' || word.at[0] == 'V')
           && s_is_digits ((br_text_t) { word.at + 1, word.size - 1 });
}

//  A name as family and version alone; points in it count as dashes.
static br_text_t
s_fold (br_text_t name)
{
    name = s_from_family (name);
    for (size_t i = 0; i < name.size; i++)
        if (name.at[i] == '@' || name.at[i] == ':')
            name.size = i;
    for (;;) {
        size_t from = name.size;
        while (from && name.at[from - 1] != '-')
            from--;
        if (from < 2 || !s_is_release ((br_text_t) { name.at + from, name.size - from }))
            return name;
        name.size = from - 1;
    }
}

static char
s_letter (char c)
{
    if (c == '.')
        return '-';
    return (char) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool
s_same_model (br_text_t made_by, const char *asked)
{
    br_text_t a = s_fold (made_by);
    br_text_t b = s_fold (br_text (asked));
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (s_letter (a.at[i]) != s_letter (b.at[i]))
            return false;
    return true;
}

const br_opaque_t *
messages_readable (const br_opaque_t *list, const br_target_t *target)
{
    if (target->dialect->family != BR_FAMILY_ANTHROPIC)
        return NULL;
    for (; list; list = list->next)
        if (list->family == BR_FAMILY_ANTHROPIC && list->bytes.size
            && (list->kind == BR_OPAQUE_SIGNATURE || list->kind == BR_OPAQUE_REDACTED)
            && (list->model.size == 0 || s_same_model (list->model, target->model)))
            return list;
    return NULL;
}
