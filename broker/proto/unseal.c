//  unseal: the envelopes of a request that passes as bytes.
//
//  One walk over the tree of the body, down to the places where its protocol has blobs. A
//  function for each kind of place says whether a value is kept; what is not is cut out of
//  its list or object, and an object that loses all of its members goes itself.

#include <string.h>

#include "broker/proto/unseal.h"
#include "broker/proto/unseal_parts.h"

#define PATH_MAX_BYTES 160 //  of a member in a warning

//  ---- changes

size_t
unseal_start (const json_node_t *value)
{
    return value->key_size ? value->key_offset : value->offset;
}

size_t
unseal_end (const json_node_t *value)
{
    return (size_t) value->offset + value->size;
}

void
unseal_put_raw (unseal_t *self, const json_node_t *value, br_text_t json)
{
    br_splice_put (self->splice, value->offset, value->size, json);
}

void
unseal_put (unseal_t *self, const json_node_t *value, br_text_t text)
{
    br_buf_t buf;
    br_buf_init (&buf, BR_CALL_BYTES_MAX);
    (void) br_buf_add_json (&buf, text.at ? text.at : "", text.size);
    br_text_t json = { (const char *) buf.data, buf.size };
    unseal_put_raw (self, value, br_arena_text (self->arena, json));
    br_buf_free (&buf);
}

//  With the comma that is in front of it, or behind it when nothing is left in front.
static void
s_cut (unseal_t *self, const json_node_t *value, const json_node_t *before, bool is_first)
{
    const json_node_t *next = json_next (self->tree, value);
    size_t start = unseal_start (value);
    size_t end = unseal_end (value);
    if (!is_first)
        start = unseal_end (before);
    else if (next)
        end = unseal_start (next);
    br_splice_put (self->splice, start, end - start, BR_TEXT_NONE);
}

unseal_fate_t
unseal_each (unseal_t *self, const json_node_t *list, unseal_value_fn *fn)
{
    const json_node_t *before = NULL;
    bool some_cut = false;
    bool some_kept = false;
    for (const json_node_t *value = json_first (self->tree, list); value;
         value = json_next (self->tree, value)) {
        if (fn (self, value) == UNSEAL_KEEP)
            some_kept = true;
        else {
            some_cut = true;
            s_cut (self, value, before, !some_kept);
        }
        before = value;
    }
    return some_cut && !some_kept ? UNSEAL_CUT : UNSEAL_KEEP;
}

void
unseal_lose (unseal_t *self, const json_node_t *value)
{
    char path[PATH_MAX_BYTES];
    json_path (self->tree, value, path, sizeof path);
    br_loss_add (&self->losses, self->arena, br_text (path), false);
}

void
unseal_lose_field (unseal_t *self, br_field_t field)
{
    const char *name = br_field_name (field, self->target->protocol);
    br_loss_add (&self->losses, self->arena, br_text (name), false);
}

//  ---- what is found

bool
unseal_is_sealed (const unseal_t *self, const json_node_t *value, br_opaque_t *ret_opaque)
{
    br_text_t text = json_node_text (self->tree, value, self->arena);
    if (!br_envelope_is (text))
        return false;
    const br_opaque_t *opaque = br_envelope_open (text, self->arena);
    *ret_opaque = opaque ? *opaque : (br_opaque_t) { .family = BR_FAMILY_NONE };
    return true;
}

bool
unseal_type_is (const unseal_t *self, const json_node_t *value, const char *type)
{
    return json_node_is (self->tree, json_given (self->tree, value, "type"), type);
}

bool
unseal_is_given (const unseal_t *self, const json_node_t *object, const char *key)
{
    const json_node_t *value = json_given (self->tree, object, key);
    return value && (value->type != JSON_STRING || value->size > 2)
           && (value->type != JSON_ARRAY || value->count);
}

unseal_fate_t
unseal_without_thought (unseal_t *self, const json_node_t *slot,
                        const br_opaque_t *opaque, bool is_first_call)
{
    if (opaque->family != BR_FAMILY_PLAIN)
        unseal_lose (self, slot);
    if (!is_first_call || !self->target->dialect->signatures)
        return UNSEAL_CUT;
    unseal_put (self, slot, BR_TEXT (BR_THOUGHT_UNKNOWN));
    return UNSEAL_KEEP;
}

//  ---- Responses

//  An id never stands without its blob.
static unseal_fate_t
s_blob_member (unseal_t *self, const json_node_t *member)
{
    bool is_blob = json_key_is (self->tree, member, "encrypted_content")
                   || json_key_is (self->tree, member, "id");
    return is_blob ? UNSEAL_CUT : UNSEAL_KEEP;
}

static unseal_fate_t
s_id_member (unseal_t *self, const json_node_t *member)
{
    return json_key_is (self->tree, member, "id") ? UNSEAL_CUT : UNSEAL_KEEP;
}

static unseal_fate_t
s_responses_item (unseal_t *self, const json_node_t *item)
{
    const json_node_t *slot = json_given (self->tree, item, "encrypted_content");
    br_family_t family = self->target->dialect->family;
    br_opaque_t opaque;
    if (!unseal_type_is (self, item, "reasoning")
        || !unseal_is_sealed (self, slot, &opaque))
        return UNSEAL_KEEP;
    if (family == BR_FAMILY_PLAIN) //  wants the text alone
        return unseal_each (self, item, s_blob_member);
    bool fits = family == BR_FAMILY_OPENAI && opaque.family == family
                && opaque.kind == BR_OPAQUE_ENCRYPTED && opaque.bytes.size;
    if (!fits) {
        br_loss_add (&self->losses, self->arena, BR_TEXT ("reasoning"), false);
        return UNSEAL_CUT;
    }
    unseal_put (self, slot, opaque.bytes);
    const json_node_t *id = json_get (self->tree, item, "id");
    if (id && opaque.id.size)
        unseal_put (self, id, opaque.id);
    else
        (void) unseal_each (self, item, s_id_member);
    return UNSEAL_KEEP;
}

static void
s_responses (unseal_t *self, const json_node_t *root)
{
    (void) unseal_each (self, json_given (self->tree, root, "input"), s_responses_item);
}

//  ---- all of them

static void (*const s_walks[BR_PROTOCOL_COUNT]) (unseal_t *self,
                                                 const json_node_t *root) = {
    [BR_PROTOCOL_CHAT] = unseal_chat,
    [BR_PROTOCOL_RESPONSES] = s_responses,
    [BR_PROTOCOL_MESSAGES] = unseal_messages,
    [BR_PROTOCOL_GOOGLE] = unseal_google,
};

static int
s_write (unseal_t *self, br_unseal_model_t model, br_buf_t *out, br_buf_t *warnings,
         br_error_t *reterr)
{
    if (br_splice_count (self->splice) == 0)
        return 0;
    if (model.size) {
        br_text_t name = br_text (self->target->model);
        br_buf_t json;
        br_buf_init (&json, BR_CALL_BYTES_MAX);
        (void) br_buf_add_json (&json, name.at, name.size);
        br_text_t text = { (const char *) json.data, json.size };
        br_splice_put (self->splice, model.at, model.size,
                       br_arena_text (self->arena, text));
        br_buf_free (&json);
    }
    br_loss_write (self->losses, warnings);
    return br_splice_write (self->splice, out, reterr) ? -1 : 1;
}

int
br_unseal (const br_target_t *target, br_text_t body, br_unseal_model_t model,
           br_buf_t *out, br_buf_t *warnings, br_error_t *reterr)
{
    if (!s_walks[target->protocol])
        return 0;
    int rc = -1;
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, body.at, body.size, reterr);
    if (root) {
        unseal_t self = { .tree = tree, .target = target };
        self.arena = br_arena_new ();
        self.splice = br_splice_new (body);
        s_walks[target->protocol](&self, root);
        rc = s_write (&self, model, out, warnings, reterr);
        br_splice_destroy (&self.splice);
        br_arena_destroy (&self.arena);
    }
    json_tree_destroy (&tree);
    return rc;
}
