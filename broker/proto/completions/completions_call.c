//  completions_call: reads a request. A table says which member is which of the call; what
//  it does not name, such as logprobs, becomes an extra.

#include <stddef.h>

#include "broker/proto/completions/completions_parts.h"

#define PATH_MAX_BYTES 160 //  of a member's path in an error, with its end

//  A request that is being read; all borrowed.
typedef struct {
    const json_tree_t *tree;
    const json_node_t *root;
    br_call_t *call;
    br_error_t *reterr;
} read_t;

static int
s_refuse (const read_t *self, const json_node_t *node, const char *what)
{
    char path[PATH_MAX_BYTES];
    json_path (self->tree, node, path, sizeof path);
    return br_error_set (self->reterr, BR_EINVALID, "`%s` %s", path, what);
}

static int
s_want (const read_t *self, const json_node_t *node, json_type_t type)
{
    char path[PATH_MAX_BYTES];
    if (json_is (node, type))
        return 0;
    json_path (self->tree, node, path, sizeof path);
    return br_error_set (self->reterr, BR_EINVALID, "`%s` must be %s, not %s", path,
                         json_type_name (type), json_type_name (node->type));
}

//  ---- members

typedef int (member_fn) (const read_t *self, const json_node_t *node, void *member);

static int
s_read_text (const read_t *self, const json_node_t *node, void *member)
{
    *(br_text_t *) member = json_node_text (self->tree, node, self->call->arena);
    return s_want (self, node, JSON_STRING);
}

static int
s_read_number (const read_t *self, const json_node_t *node, void *member)
{
    br_number_t *number = member;
    int rc = s_want (self, node, JSON_NUMBER);
    if (rc == 0 && json_node_number (self->tree, node, &number->value))
        rc = s_refuse (self, node, "is out of range");
    number->raw = json_raw (self->tree, node);
    return rc;
}

static int
s_read_flag (const read_t *self, const json_node_t *node, void *member)
{
    *(bool *) member = json_node_bool (self->tree, node, false);
    return s_want (self, node, JSON_BOOL);
}

static int
s_read_object (const read_t *self, const json_node_t *node, void *member)
{
    *(br_text_t *) member = json_raw (self->tree, node);
    return s_want (self, node, JSON_OBJECT);
}

static int
s_read_options (const read_t *self, const json_node_t *node, void *member)
{
    const json_node_t *usage = json_given (self->tree, node, "include_usage");
    int rc = s_want (self, node, JSON_OBJECT);
    return rc == 0 && usage ? s_read_flag (self, usage, member) : rc;
}

//  A text, or a list of texts.
static int
s_read_texts (const read_t *self, const json_node_t *node, void *member)
{
    bool is_list = json_is (node, JSON_ARRAY);
    size_t count = is_list ? node->count : 1;
    br_text_t *texts = br_arena_take (self->call->arena, (count + 1) * sizeof *texts);
    *(br_texts_t *) member = (br_texts_t) { texts, count };
    if (!is_list)
        return s_read_text (self, node, texts);
    int rc = 0;
    for (const json_node_t *item = json_first (self->tree, node); item && rc == 0;
         item = json_next (self->tree, item))
        rc = s_read_text (self, item, texts++);
    return rc;
}

static int
s_read_prompt (const read_t *self, const json_node_t *node, void *member)
{
    br_texts_t texts;
    (void) member;
    if (json_is (json_first (self->tree, node), JSON_NUMBER)
        || json_is (json_first (self->tree, node), JSON_ARRAY))
        return s_refuse (self, node, "must be text: the model has other tokens");
    if (s_read_texts (self, node, &texts))
        return -1;
    if (texts.size != 1)
        return s_refuse (self, node, "must hold one text: send a request for each");
    br_turn_t *turn = br_call_add_turn (self->call, BR_TURN_USER);
    turn->path = BR_TEXT ("prompt");
    br_block_t *block = br_block_add (&turn->blocks, BR_BLOCK_TEXT, self->call->arena);
    block->text = texts.at[0];
    block->path = turn->path;
    return 0;
}

//  What would change the answer's meaning if it were left out, unless it says nothing.
static int
s_refuse_given (const read_t *self, const json_node_t *node, void *member)
{
    (void) member;
    if (node->type == JSON_BOOL && !json_node_bool (self->tree, node, true))
        return 0;
    if (json_node_is (self->tree, node, ""))
        return 0;
    return s_refuse (self, node, "cannot be carried to a model that talks");
}

//  ---- the table

#define AT(member) offsetof (br_call_t, member)

static const struct {
    const char *key;
    member_fn *read;
    size_t offset; //  in br_call_t
} s_rows[] = {
    { "model", s_read_text, AT (model) },
    { "prompt", s_read_prompt, 0 },
    { "suffix", s_refuse_given, 0 },
    { "echo", s_refuse_given, 0 },
    { "max_tokens", s_read_number, AT (max_output) },
    { "temperature", s_read_number, AT (temperature) },
    { "top_p", s_read_number, AT (top_p) },
    { "frequency_penalty", s_read_number, AT (frequency_penalty) },
    { "presence_penalty", s_read_number, AT (presence_penalty) },
    { "seed", s_read_number, AT (seed) },
    { "n", s_read_number, AT (n) },
    { "stop", s_read_texts, AT (stop) },
    { "logit_bias", s_read_object, AT (logit_bias) },
    { "stream", s_read_flag, AT (stream) },
    { "stream_options", s_read_options, AT (want_usage) },
    { "user", s_read_text, AT (user) },
};

#define ROWS (sizeof s_rows / sizeof s_rows[0])

//  Of a member that is given twice, the last one counts.
static int
s_read_member (const read_t *self, const json_node_t *node)
{
    br_call_t *call = self->call;
    size_t i = 0;
    while (i < ROWS && !json_key_is (self->tree, node, s_rows[i].key))
        i++;
    if (json_is (node, JSON_NULL))
        return 0;
    if (i == ROWS) {
        br_call_add_extra (call, json_key (self->tree, node, call->arena));
        return 0;
    }
    if (json_get (self->tree, self->root, s_rows[i].key) != node)
        return 0;
    return s_rows[i].read (self, node, (char *) call + s_rows[i].offset);
}

int
completions_read_call (br_call_t *call, const json_tree_t *tree, const json_node_t *root,
                       br_error_t *reterr)
{
    const read_t self = { .tree = tree, .root = root, .call = call, .reterr = reterr };
    int rc = s_want (&self, root, JSON_OBJECT);
    for (const json_node_t *node = json_first (tree, root); node && rc == 0;
         node = json_next (tree, node))
        rc = s_read_member (&self, node);
    if (rc == 0 && (!call->model.size || !call->turns))
        rc = br_error_set (reterr, BR_EINVALID, "`%s` is missing; it must be a string",
                           call->turns ? "model" : "prompt");
    return rc;
}
