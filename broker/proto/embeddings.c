//  embeddings: texts as numbers, between OpenAI's words and Google's.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_writer.h"
#include "broker/proto/call.h"
#include "broker/proto/embeddings.h"

#define WARNINGS_MAX (BR_LOSS_LINE_MAX + 1)
#define HALF_BYTES_A_TOKEN 7 //  where the provider does not count

struct _embeddings_t {
    br_surface_t client;
    json_tree_t *tree;
    br_arena_t *arena;
    br_text_t *texts; //  "owned by arena"
    size_t count;
    int64_t dimensions; //  0 = the model's own
    bool base64;        //  numbers are wanted in base64
    br_loss_t *losses;
    br_buf_t warnings;
};

static int
s_wrong (const embeddings_t *self, const json_node_t *node, const char *want,
         br_error_t *reterr)
{
    char path[128];
    json_path (self->tree, node, path, sizeof path);
    return br_error_set (reterr, BR_EINVALID, "%s: %s", path[0] ? path : "the body",
                         want);
}

//  Notes what has no word in the other protocol.
static void
s_lose (embeddings_t *self, const json_node_t *object, const char *key)
{
    if (json_given (self->tree, object, key))
        br_loss_add (&self->losses, self->arena, br_text (key), false);
}

static void
s_room (embeddings_t *self, size_t count)
{
    self->texts = br_arena_take (self->arena, (count + 1) * sizeof (br_text_t));
}

//  ---- OpenAI's call

static int
s_add_text (embeddings_t *self, const json_node_t *node, br_error_t *reterr)
{
    if (!json_is (node, JSON_STRING))
        return s_wrong (self, node, "must be a text to be carried to this provider",
                        reterr);
    self->texts[self->count++] = json_node_text (self->tree, node, self->arena);
    return 0;
}

static int
s_read_openai (embeddings_t *self, const json_node_t *root, br_error_t *reterr)
{
    const json_node_t *input = json_given (self->tree, root, "input");
    if (!input)
        return s_wrong (self, root, "input is missing", reterr);
    self->dimensions = json_node_integer (self->tree,
                                          json_given (self->tree, root, "dimensions"), 0);
    self->base64 = json_node_is (
        self->tree, json_given (self->tree, root, "encoding_format"), "base64");
    s_lose (self, root, "user");
    if (input->type != JSON_ARRAY) {
        s_room (self, 1);
        return s_add_text (self, input, reterr);
    }
    s_room (self, input->count);
    int rc = input->count ? 0 : s_wrong (self, input, "must not be empty", reterr);
    for (const json_node_t *n = json_first (self->tree, input); n && rc == 0;
         n = json_next (self->tree, n))
        rc = s_add_text (self, n, reterr);
    return rc;
}

//  ---- Google's call

//  Its names come in two spellings.
static const json_node_t *
s_either (const embeddings_t *self, const json_node_t *object, const char *key,
          const char *other)
{
    const json_node_t *node = json_given (self->tree, object, key);
    return node ? node : json_given (self->tree, object, other);
}

static int
s_read_one (embeddings_t *self, const json_node_t *request, br_error_t *reterr)
{
    const json_node_t *content = json_given (self->tree, request, "content");
    const json_node_t *parts = json_given (self->tree, content, "parts");
    if (!json_is (parts, JSON_ARRAY))
        return s_wrong (self, request, "content.parts is missing", reterr);
    br_block_t *blocks = NULL;
    for (const json_node_t *n = json_first (self->tree, parts); n;
         n = json_next (self->tree, n)) {
        const json_node_t *text = json_given (self->tree, n, "text");
        if (!json_is (text, JSON_STRING))
            return s_wrong (self, n, "must be a text to be carried to this provider",
                            reterr);
        br_block_t *block = br_block_add (&blocks, BR_BLOCK_TEXT, self->arena);
        block->text = json_node_text (self->tree, text, self->arena);
    }
    int64_t dimensions = json_node_integer (
        self->tree,
        s_either (self, request, "outputDimensionality", "output_dimensionality"), 0);
    if (self->count && dimensions != self->dimensions)
        return s_wrong (self, request,
                        "all must have the same outputDimensionality to be carried to "
                        "this provider",
                        reterr);
    self->dimensions = dimensions;
    s_lose (self, request, "taskType");
    s_lose (self, request, "title");
    self->texts[self->count++] = br_block_join (blocks, "\n", self->arena);
    return 0;
}

static int
s_read_google (embeddings_t *self, const json_node_t *root, br_error_t *reterr)
{
    if (self->client == BR_SURFACE_GOOGLE_EMBED) {
        s_room (self, 1);
        return s_read_one (self, root, reterr);
    }
    const json_node_t *list = json_given (self->tree, root, "requests");
    if (!json_is (list, JSON_ARRAY) || !list->count)
        return s_wrong (self, root, "requests is missing or empty", reterr);
    s_room (self, list->count);
    int rc = 0;
    for (const json_node_t *n = json_first (self->tree, list); n && rc == 0;
         n = json_next (self->tree, n))
        rc = s_read_one (self, n, reterr);
    return rc;
}

//  ---- life

br_surface_t
embeddings_other (br_surface_t client)
{
    if (client == BR_SURFACE_EMBEDDINGS)
        return BR_SURFACE_GOOGLE_EMBEDS;
    bool google = client == BR_SURFACE_GOOGLE_EMBED || client == BR_SURFACE_GOOGLE_EMBEDS;
    return google ? BR_SURFACE_EMBEDDINGS : BR_SURFACE_NONE;
}

embeddings_t *
embeddings_new (br_surface_t client, const void *body, size_t size, br_error_t *reterr)
{
    embeddings_t *self = BR_NEW (embeddings_t);
    self->client = client;
    self->tree = json_tree_new ();
    self->arena = br_arena_new ();
    br_buf_init (&self->warnings, WARNINGS_MAX);
    const json_node_t *root = json_tree_parse (self->tree, body, size, reterr);
    int rc = root ? 0 : -1;
    if (rc == 0)
        rc = client == BR_SURFACE_EMBEDDINGS ? s_read_openai (self, root, reterr)
                                             : s_read_google (self, root, reterr);
    if (rc)
        embeddings_destroy (&self);
    return self;
}

void
embeddings_destroy (embeddings_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    embeddings_t *self = *self_p;
    br_buf_free (&self->warnings);
    br_arena_destroy (&self->arena);
    json_tree_destroy (&self->tree);
    free (self);
    *self_p = NULL;
}

//  ---- the request

static void
s_ask_google (const embeddings_t *self, const char *model, json_writer_t *writer)
{
    bool whole = strchr (model, '/') != NULL;
    json_open (writer, "requests", '[');
    for (size_t i = 0; i < self->count; i++) {
        json_open (writer, NULL, '{');
        json_text_begin (writer, "model");
        json_text_add (writer, whole ? BR_TEXT ("") : BR_TEXT ("models/"));
        json_text_add (writer, br_text (model));
        json_text_end (writer);
        json_open (writer, "content", '{');
        json_open (writer, "parts", '[');
        json_open (writer, NULL, '{');
        json_put (writer, "text", self->texts[i]);
        json_close (writer, '}');
        json_close (writer, ']');
        json_close (writer, '}');
        if (self->dimensions)
            json_put_integer (writer, "outputDimensionality", self->dimensions);
        json_close (writer, '}');
    }
    json_close (writer, ']');
}

static void
s_ask_openai (const embeddings_t *self, const char *model, json_writer_t *writer)
{
    json_put_string (writer, "model", model);
    json_open (writer, "input", '[');
    for (size_t i = 0; i < self->count; i++)
        json_put (writer, NULL, self->texts[i]);
    json_close (writer, ']');
    if (self->dimensions)
        json_put_integer (writer, "dimensions", self->dimensions);
    json_put_string (writer, "encoding_format", "float");
}

void
embeddings_write_request (const embeddings_t *self, const char *model, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    if (self->client == BR_SURFACE_EMBEDDINGS)
        s_ask_google (self, model, &writer);
    else
        s_ask_openai (self, model, &writer);
    json_close (&writer, '}');
}

const char *
embeddings_warnings (embeddings_t *self)
{
    br_buf_clear (&self->warnings);
    br_loss_write (self->losses, &self->warnings);
    return br_buf_text (&self->warnings);
}

//  ---- the answer

//  What was read of an answer.
typedef struct {
    const json_tree_t *tree;
    const json_node_t **values; //  arrays of numbers, one for each text
    int64_t tokens;             //  -1 = not told
} answer_t;

//  Google has them in order; OpenAI numbers them.
static int
s_find_values (const embeddings_t *self, answer_t *answer, const json_node_t *list,
               const char *key)
{
    size_t place = 0;
    for (const json_node_t *n = json_first (answer->tree, list); n;
         n = json_next (answer->tree, n), place++) {
        int64_t index = json_node_integer (
            answer->tree, json_given (answer->tree, n, "index"), (int64_t) place);
        const json_node_t *values = json_given (answer->tree, n, key);
        if (index < 0 || (size_t) index >= self->count || answer->values[index]
            || !json_is (values, JSON_ARRAY))
            return -1;
        answer->values[index] = values;
    }
    return place == self->count ? 0 : -1;
}

static int
s_read_answer (const embeddings_t *self, answer_t *answer, const json_node_t *root)
{
    const json_tree_t *tree = answer->tree;
    bool from_google = self->client == BR_SURFACE_EMBEDDINGS;
    const json_node_t *usage = json_given (tree, root,
                                           from_google ? "usageMetadata" : "usage");
    answer->tokens = json_node_integer (
        tree,
        json_given (tree, usage, from_google ? "promptTokenCount" : "prompt_tokens"), -1);
    const json_node_t *list = json_given (tree, root,
                                          from_google ? "embeddings" : "data");
    if (!json_is (list, JSON_ARRAY))
        return -1;
    return s_find_values (self, answer, list, from_google ? "values" : "embedding");
}

static void
s_add_float (br_buf_t *bytes, double number)
{
    float value = (float) number;
    uint32_t bits;
    memcpy (&bits, &value, sizeof bits);
    for (unsigned i = 0; i < sizeof bits; i++)
        br_buf_addc (bytes, (char) (bits >> (8 * i) & 0xff));
}

//  As 32-bit floats, little end first.
static void
s_put_base64 (const answer_t *answer, const json_node_t *values, json_writer_t *writer)
{
    br_buf_t bytes;
    br_buf_init (&bytes, EMBEDDINGS_ANSWER_MAX);
    for (const json_node_t *n = json_first (answer->tree, values); n;
         n = json_next (answer->tree, n)) {
        double number = 0;
        (void) json_node_number (answer->tree, n, &number);
        s_add_float (&bytes, number);
    }
    size_t room = sodium_base64_ENCODED_LEN (bytes.size, sodium_base64_VARIANT_ORIGINAL);
    char *text = br_alloc (room, 1);
    sodium_bin2base64 (text, room, bytes.data, bytes.size,
                       sodium_base64_VARIANT_ORIGINAL);
    json_put_string (writer, "embedding", text);
    free (text);
    br_buf_free (&bytes);
}

static uint64_t
s_estimate (const embeddings_t *self)
{
    size_t bytes = 0;
    for (size_t i = 0; i < self->count; i++)
        bytes += self->texts[i].size;
    return (2 * bytes + HALF_BYTES_A_TOKEN - 1) / HALF_BYTES_A_TOKEN;
}

static void
s_say_openai (const embeddings_t *self, const answer_t *answer, const char *model,
              json_writer_t *writer)
{
    json_put_string (writer, "object", "list");
    json_open (writer, "data", '[');
    for (size_t i = 0; i < self->count; i++) {
        json_open (writer, NULL, '{');
        json_put_string (writer, "object", "embedding");
        json_put_integer (writer, "index", (int64_t) i);
        if (self->base64)
            s_put_base64 (answer, answer->values[i], writer);
        else
            json_put_raw (writer, "embedding",
                          json_raw (answer->tree, answer->values[i]));
        json_close (writer, '}');
    }
    json_close (writer, ']');
    json_put_string (writer, "model", model);
    int64_t tokens = answer->tokens < 0 ? (int64_t) s_estimate (self) : answer->tokens;
    json_open (writer, "usage", '{');
    json_put_integer (writer, "prompt_tokens", tokens);
    json_put_integer (writer, "total_tokens", tokens);
    json_close (writer, '}');
}

static void
s_say_google (const embeddings_t *self, const answer_t *answer, json_writer_t *writer)
{
    bool batch = self->client == BR_SURFACE_GOOGLE_EMBEDS;
    if (batch)
        json_open (writer, "embeddings", '[');
    for (size_t i = 0; i < self->count; i++) {
        json_open (writer, batch ? NULL : "embedding", '{');
        json_put_raw (writer, "values", json_raw (answer->tree, answer->values[i]));
        json_close (writer, '}');
    }
    if (batch)
        json_close (writer, ']');
}

static void
s_say (const embeddings_t *self, const answer_t *answer, const char *model, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    if (self->client == BR_SURFACE_EMBEDDINGS)
        s_say_openai (self, answer, model, &writer);
    else
        s_say_google (self, answer, &writer);
    json_close (&writer, '}');
}

int
embeddings_write_answer (const embeddings_t *self, const char *model, const void *bytes,
                         size_t size, br_buf_t *out, br_usage_t *ret_usage,
                         br_error_t *reterr)
{
    json_tree_t *tree = json_tree_new ();
    answer_t answer = { .tree = tree };
    answer.values = br_alloc (self->count + 1, sizeof (json_node_t *));
    const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
    int rc = root ? s_read_answer (self, &answer, root) : -1;
    if (rc == 0) {
        s_say (self, &answer, model, out);
        *ret_usage = (br_usage_t) { .known = answer.tokens > 0 };
        ret_usage->input = answer.tokens < 0 ? 0 : (uint64_t) answer.tokens;
    } else
        br_error_set (reterr, BR_EUPINVALID,
                      "the provider did not answer with one embedding for each text");
    free (answer.values);
    json_tree_destroy (&tree);
    return rc;
}
