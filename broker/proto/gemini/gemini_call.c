//  gemini_call: reads the body of a request: its members by a table, and what the parts
//  of its contents are in canonical form stands in gemini_contents.c.

#include "broker/proto/gemini/gemini_parts.h"

typedef int (member_fn) (br_call_t *call, const json_tree_t *tree,
                         const json_node_t *node, br_error_t *reterr);

//  A text is taken for a content of one part.
static int
s_system (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
          br_error_t *reterr)
{
    if (node->type == JSON_STRING) {
        br_block_add (&call->system, BR_BLOCK_TEXT, call->arena)->text = json_node_text (
            tree, node, call->arena);
        return 0;
    }
    const json_node_t *parts = gemini_get (tree, node, "parts");
    if (gemini_want (tree, node, JSON_OBJECT, reterr)
        || gemini_want (tree, parts, JSON_ARRAY, reterr))
        return -1;
    for (const json_node_t *n = json_first (tree, parts); n; n = json_next (tree, n)) {
        const json_node_t *text = json_given (tree, n, "text");
        if (gemini_want (tree, n, JSON_OBJECT, reterr)
            || gemini_want (tree, text, JSON_STRING, reterr))
            return -1;
        if (!text) {
            br_call_add_extra (call, gemini_path (tree, n, call->arena));
            continue;
        }
        br_block_t *block = br_block_add (&call->system, BR_BLOCK_TEXT, call->arena);
        block->text = json_node_text (tree, text, call->arena);
        block->path = gemini_path (tree, n, call->arena);
    }
    return 0;
}

static int
s_service_tier (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
                br_error_t *reterr)
{
    if (gemini_want (tree, node, JSON_STRING, reterr))
        return -1;
    br_text_t tier = gemini_lower (json_node_text (tree, node, call->arena), call->arena);
    if (br_text_is (tier, "standard"))
        tier = BR_TEXT ("default");
    if (!br_text_is (tier, "unspecified")
        && !br_text_is (tier, "service_tier_unspecified"))
        call->service_tier = tier;
    return 0;
}

static int
s_store (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
         br_error_t *reterr)
{
    if (gemini_want (tree, node, JSON_BOOL, reterr))
        return -1;
    call->store = json_node_bool (tree, node, false) ? BR_YES : BR_NO;
    return 0;
}

//  It stands for instructions, tools and turns that nobody else has.
static int
s_cached (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
          br_error_t *reterr)
{
    br_text_t path = gemini_path (tree, node, call->arena);
    return br_error_set (reterr, BR_EINVALID,
                         "%.*s names what only its provider holds and cannot be "
                         "translated; send the contents themselves",
                         (int) path.size, path.at);
}

//  The model stands in the path.
static int
s_model (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
         br_error_t *reterr)
{
    (void) call;
    return gemini_want (tree, node, JSON_STRING, reterr);
}

static int s_members (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
                      br_error_t *reterr);

static int
s_inner_request (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
                 br_error_t *reterr)
{
    if (call->count_only)
        return s_members (call, tree, node, reterr);
    br_call_add_extra (call, BR_TEXT ("generateContentRequest"));
    return 0;
}

static const struct {
    const char *key;
    member_fn *fn;
} s_rows[] = {
    { "contents", gemini_read_contents },
    { "systemInstruction", s_system },
    { "tools", gemini_read_tools },
    { "toolConfig", gemini_read_tool_config },
    { "generationConfig", gemini_read_config },
    { "serviceTier", s_service_tier },
    { "store", s_store },
    { "model", s_model },
    { "cachedContent", s_cached },
    { "generateContentRequest", s_inner_request },
};

#define ROWS (sizeof s_rows / sizeof s_rows[0])

static int
s_member (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
          br_error_t *reterr)
{
    if (node->type == JSON_NULL)
        return 0;
    for (size_t i = 0; i < ROWS; i++)
        if (gemini_key_is (tree, node, s_rows[i].key))
            return s_rows[i].fn (call, tree, node, reterr);
    br_call_add_extra (call, gemini_path (tree, node, call->arena));
    return 0;
}

//  Nested as deep as the text is, which is bounded by JSON_DEPTH_MAX.
static int
s_members (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
           br_error_t *reterr)
{
    int rc = gemini_want (tree, node, JSON_OBJECT, reterr);
    for (const json_node_t *n = json_first (tree, node); n && rc == 0;
         n = json_next (tree, n))
        rc = s_member (call, tree, n, reterr);
    return rc;
}

int
gemini_read_call (br_call_t *call, const json_tree_t *tree, const json_node_t *root,
                  br_error_t *reterr)
{
    if (!json_is (root, JSON_OBJECT))
        return br_error_set (reterr, BR_EINVALID, "the body must be an object, not %s",
                             json_type_name (root ? root->type : JSON_NONE));
    return s_members (call, tree, root, reterr);
}
