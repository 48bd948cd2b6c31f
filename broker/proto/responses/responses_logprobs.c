//  responses_logprobs: how likely the tokens of an answer were. Chat's list of them, which
//  is the canonical one, is this protocol's too, but for the bytes of a token: here they
//  may be left out of events and are never null, there they are null or given.

#include "broker/proto/responses/responses_parts.h"

//  A token without its bytes gets those of its text, if they are a must.
static void
s_put_bytes (json_writer_t *w, const json_tree_t *tree, const json_node_t *node,
             bool must, br_arena_t *arena)
{
    const json_node_t *given = json_given (tree, node, "bytes");
    br_text_t token = json_node_text (tree, json_given (tree, node, "token"), arena);
    bool is_given = json_is (given, JSON_ARRAY);
    if (!is_given && !must) {
        json_put_null (w, "bytes");
        return;
    }
    json_open (w, "bytes", '[');
    for (const json_node_t *n = is_given ? json_first (tree, given) : NULL; n;
         n = json_next (tree, n))
        json_put_raw (w, NULL, json_raw (tree, n));
    for (size_t i = 0; !is_given && i < token.size; i++)
        json_put_integer (w, NULL, (uint8_t) token.at[i]);
    json_close (w, ']');
}

static void
s_put_token (json_writer_t *w, const json_tree_t *tree, const json_node_t *node,
             bool must, br_arena_t *arena)
{
    const json_node_t *token = json_given (tree, node, "token");
    const json_node_t *number = json_given (tree, node, "logprob");
    json_put_raw (w, "token",
                  json_is (token, JSON_STRING) ? json_raw (tree, token)
                                               : BR_TEXT ("\"\""));
    json_put_raw (w, "logprob",
                  json_is (number, JSON_NUMBER) ? json_raw (tree, number)
                                                : BR_TEXT ("0"));
    s_put_bytes (w, tree, node, must, arena);
}

static void
s_put_tokens (json_writer_t *w, const json_tree_t *tree, const json_node_t *list,
              bool must, br_arena_t *arena)
{
    for (const json_node_t *n = json_first (tree, list); n; n = json_next (tree, n)) {
        const json_node_t *others = json_given (tree, n, "top_logprobs");
        json_open (w, NULL, '{');
        s_put_token (w, tree, n, must, arena);
        json_open (w, "top_logprobs", '[');
        for (const json_node_t *o = json_first (tree, others); o;
             o = json_next (tree, o)) {
            json_open (w, NULL, '{');
            s_put_token (w, tree, o, must, arena);
            json_close (w, '}');
        }
        json_close (w, ']');
        json_close (w, '}');
    }
}

void
responses_put_chat_logprobs (json_writer_t *w, const json_tree_t *tree,
                             const json_node_t *list)
{
    br_arena_t *arena = br_arena_new ();
    json_open (w, NULL, '{');
    json_open (w, "content", '[');
    s_put_tokens (w, tree, list, false, arena);
    json_close (w, ']');
    json_put_null (w, "refusal");
    json_close (w, '}');
    br_arena_destroy (&arena);
}

void
responses_add_logprobs (br_buf_t *out, br_text_t logprobs)
{
    br_arena_t *arena = br_arena_new ();
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, logprobs.at, logprobs.size, NULL);
    json_writer_t w = { out, out->size > 0 };
    s_put_tokens (&w, tree, json_given (tree, root, "content"), true, arena);
    json_tree_destroy (&tree);
    br_arena_destroy (&arena);
}
