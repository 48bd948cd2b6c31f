//  token_count: how many tokens a request has.

#include "broker/core/json_writer.h"
#include "broker/proto/codec.h"
#include "broker/proto/token_count.h"

//  A token stands for so many half bytes of text.
#define HALF_BYTES_A_TOKEN 7

static const struct {
    const char *object; //  Responses' word for what it is; NULL = none
    const char *key;    //  NULL = the protocol cannot count
} s_rows[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_RESPONSES] = { "response.input_tokens", "input_tokens" },
    [BR_PROTOCOL_MESSAGES] = { NULL, "input_tokens" },
    [BR_PROTOCOL_GOOGLE] = { NULL, "totalTokens" },
};

int
token_count_read (br_protocol_t provider, const void *bytes, size_t size,
                  uint64_t *ret_tokens, br_error_t *reterr)
{
    int64_t tokens = -1;
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
    if (root && s_rows[provider].key)
        tokens = json_node_integer (tree, json_given (tree, root, s_rows[provider].key),
                                    -1);
    json_tree_destroy (&tree);
    if (tokens < 0)
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider did not tell how many tokens there are");
    *ret_tokens = (uint64_t) tokens;
    return 0;
}

void
token_count_write (br_protocol_t client, uint64_t tokens, br_buf_t *out)
{
    const char *key = s_rows[client].key ? s_rows[client].key : "input_tokens";
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    if (s_rows[client].object)
        json_put_string (&writer, "object", s_rows[client].object);
    json_put_integer (&writer, key, (int64_t) tokens);
    json_close (&writer, '}');
}

//  ---- the estimate

//  Results of tools hold blocks themselves, but those hold no results.
static size_t
s_bytes_of_blocks (const br_block_t *list)
{
    size_t bytes = 0;
    for (const br_block_t *block = list; block; block = block->next) {
        bytes += block->text.size + block->name.size + block->raw.size;
        for (const br_block_t *inner = block->blocks; inner; inner = inner->next)
            bytes += inner->text.size;
    }
    return bytes;
}

static size_t
s_bytes_of_call (const br_call_t *call)
{
    size_t bytes = s_bytes_of_blocks (call->system);
    for (const br_turn_t *turn = call->turns; turn; turn = turn->next)
        bytes += s_bytes_of_blocks (turn->blocks);
    for (const br_tool_t *tool = call->tools; tool; tool = tool->next)
        bytes += tool->name.size + tool->description.size + tool->schema.size
                 + tool->format.size + tool->raw.size;
    return bytes;
}

int
token_count_estimate (br_protocol_t client, const void *body, size_t size,
                      uint64_t *ret_tokens, br_error_t *reterr)
{
    json_tree_t *tree = json_tree_new ();
    br_call_t *call = br_call_new (client);
    call->count_only = true;
    const json_node_t *root = json_tree_parse (tree, body, size, reterr);
    int rc = root ? br_codec_of (client)->read_call (call, tree, root, reterr) : -1;
    if (rc == 0)
        *ret_tokens = (2 * s_bytes_of_call (call) + HALF_BYTES_A_TOKEN - 1)
                      / HALF_BYTES_A_TOKEN;
    br_call_destroy (&call);
    json_tree_destroy (&tree);
    return rc;
}
