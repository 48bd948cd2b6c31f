//  unseal_google: envelopes in a request of Google: signatures of parts.

#include "broker/proto/gemini/gemini_codec.h"
#include "broker/proto/unseal_parts.h"

static const json_node_t *
s_google_get (const unseal_t *self, const json_node_t *object, const char *camel)
{
    const json_node_t *found = NULL;
    for (const json_node_t *at = json_first (self->tree, object); at && at->key_size;
         at = json_next (self->tree, at))
        if (gemini_key_is (self->tree, at, camel))
            found = at;
    return found;
}

static unseal_fate_t
s_google_member (unseal_t *self, const json_node_t *member)
{
    br_opaque_t opaque;
    if (!gemini_key_is (self->tree, member, "thoughtSignature")
        || !unseal_is_sealed (self, member, &opaque))
        return UNSEAL_KEEP;
    if (opaque.family == BR_FAMILY_GOOGLE && opaque.kind == BR_OPAQUE_THOUGHT) {
        unseal_put (self, member, opaque.bytes);
        return UNSEAL_KEEP;
    }
    bool calls = s_google_get (self, self->part, "functionCall");
    unseal_fate_t fate = unseal_without_thought (self, member, &opaque,
                                                 calls && !self->called);
    self->cut = fate == UNSEAL_CUT;
    return fate;
}

//  Whether a part without its signature says nothing.
static bool
s_is_empty_part (const unseal_t *self, const json_node_t *part)
{
    for (const json_node_t *at = json_first (self->tree, part); at;
         at = json_next (self->tree, at)) {
        bool is_empty = json_key_is (self->tree, at, "text") && at->size <= 2;
        if (!is_empty && !json_key_is (self->tree, at, "thought")
            && !gemini_key_is (self->tree, at, "thoughtSignature"))
            return false;
    }
    return true;
}

static unseal_fate_t
s_google_part (unseal_t *self, const json_node_t *part)
{
    self->part = part;
    self->cut = false;
    unseal_fate_t fate = unseal_each (self, part, s_google_member);
    if (s_google_get (self, part, "functionCall"))
        self->called = true;
    return self->cut && s_is_empty_part (self, part) ? UNSEAL_CUT : fate;
}

static unseal_fate_t
s_google_content (unseal_t *self, const json_node_t *content)
{
    const json_node_t *parts = s_google_get (self, content, "parts");
    self->called = false;
    return unseal_each (self, parts, s_google_part);
}

//  A request to count tokens may hold a whole one.
void
unseal_google (unseal_t *self, const json_node_t *root)
{
    const json_node_t *inner = s_google_get (self, root, "generateContentRequest");
    (void) unseal_each (self, s_google_get (self, root, "contents"), s_google_content);
    (void) unseal_each (self, s_google_get (self, inner, "contents"), s_google_content);
}
