//  gemini_logprobs: how likely the tokens of an answer were: Google's two lists, of which
//  the second holds what else might have come, are one list in Chat.

#include "broker/proto/gemini/gemini_parts.h"

static void
s_put_token (json_writer_t *writer, const json_tree_t *tree, const json_node_t *node)
{
    const json_node_t *token = json_given (tree, node, "token");
    const json_node_t *number = json_given (tree, node, "logProbability");
    json_put_raw (writer, "token",
                  json_is (token, JSON_STRING) ? json_raw (tree, token)
                                               : BR_TEXT ("\"\""));
    json_put_raw (writer, "logprob",
                  json_is (number, JSON_NUMBER) ? json_raw (tree, number)
                                                : BR_TEXT ("0"));
    json_put_null (writer, "bytes");
}

static void
s_put_others (json_writer_t *writer, const json_tree_t *tree, const json_node_t *others)
{
    json_open (writer, "top_logprobs", '[');
    for (const json_node_t *n = json_first (tree, others); n; n = json_next (tree, n)) {
        json_open (writer, NULL, '{');
        s_put_token (writer, tree, n);
        json_close (writer, '}');
    }
    json_close (writer, ']');
}

void
gemini_put_logprobs (json_writer_t *writer, const json_tree_t *tree,
                     const json_node_t *result)
{
    const json_node_t *others = json_first (tree,
                                            json_given (tree, result, "topCandidates"));
    json_open (writer, NULL, '{');
    json_open (writer, "content", '[');
    for (const json_node_t *n =
             json_first (tree, json_given (tree, result, "chosenCandidates"));
         n; n = json_next (tree, n)) {
        json_open (writer, NULL, '{');
        s_put_token (writer, tree, n);
        s_put_others (writer, tree, json_given (tree, others, "candidates"));
        json_close (writer, '}');
        others = others ? json_next (tree, others) : NULL;
    }
    json_close (writer, ']');
    json_put_null (writer, "refusal");
    json_close (writer, '}');
}

//  ---- the other way

static void
s_put_candidate (json_writer_t *writer, const json_tree_t *tree, const json_node_t *node)
{
    const json_node_t *token = json_given (tree, node, "token");
    const json_node_t *number = json_given (tree, node, "logprob");
    json_open (writer, NULL, '{');
    json_put_raw (writer, "token",
                  json_is (token, JSON_STRING) ? json_raw (tree, token)
                                               : BR_TEXT ("\"\""));
    json_put_raw (writer, "logProbability",
                  json_is (number, JSON_NUMBER) ? json_raw (tree, number)
                                                : BR_TEXT ("0"));
    json_close (writer, '}');
}

void
gemini_write_logprobs (json_writer_t *writer, json_tree_t *tree, br_text_t logprobs)
{
    const json_node_t *root = NULL;
    if (logprobs.size)
        root = json_tree_parse (tree, logprobs.at, logprobs.size, NULL);
    const json_node_t *list = json_given (tree, root, "content");
    if (!json_is (list, JSON_ARRAY) || list->count == 0)
        return;
    json_open (writer, "logprobsResult", '{');
    json_open (writer, "topCandidates", '[');
    for (const json_node_t *n = json_first (tree, list); n; n = json_next (tree, n)) {
        const json_node_t *others = json_given (tree, n, "top_logprobs");
        json_open (writer, NULL, '{');
        json_open (writer, "candidates", '[');
        for (const json_node_t *o = json_first (tree, others); o; o = json_next (tree, o))
            s_put_candidate (writer, tree, o);
        json_close (writer, ']');
        json_close (writer, '}');
    }
    json_close (writer, ']');
    json_open (writer, "chosenCandidates", '[');
    for (const json_node_t *n = json_first (tree, list); n; n = json_next (tree, n))
        s_put_candidate (writer, tree, n);
    json_close (writer, ']');
    json_close (writer, '}');
}
