//  responses_reply: reads a whole answer, through the reader of streams.

#include "broker/proto/responses/responses_parts.h"

typedef struct {
    br_reply_t *reply; //  borrowed
    br_error_t *reterr;
    int rc;
} collect_t;

static void
s_collect (void *arg, const br_delta_t *delta)
{
    collect_t *self = arg;
    if (self->rc == 0)
        self->rc = br_reply_add (self->reply, delta, self->reterr);
}

//  Whether it is an answer that is ready.
static int
s_check (const json_tree_t *tree, const json_node_t *root, br_error_t *reterr)
{
    static const char *const unready[] = { "failed", "cancelled", "queued",
                                           "in_progress" };
    const json_node_t *error = json_given (tree, root, "error");
    const json_node_t *status = json_given (tree, root, "status");
    if (json_is (error, JSON_OBJECT)) {
        br_arena_t *arena = br_arena_new ();
        br_code_t code = responses_error_code (tree, json_given (tree, error, "code"));
        br_text_t text = json_node_text (tree, json_given (tree, error, "message"),
                                         arena);
        br_error_set (reterr, code == BR_EINVALID ? BR_EUPINVALID : code,
                      "the provider answered with an error: %.*s",
                      (int) (text.size < 300 ? text.size : 300), text.at ? text.at : "");
        br_arena_destroy (&arena);
        return -1;
    }
    if (!json_is (json_given (tree, root, "output"), JSON_ARRAY))
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider's answer is no response: it has no output");
    for (size_t i = 0; i < sizeof unready / sizeof unready[0]; i++)
        if (json_node_is (tree, status, unready[i]))
            return br_error_set (reterr, BR_EUPINVALID,
                                 "the provider's answer is not ready: its status is %s",
                                 unready[i]);
    return 0;
}

int
responses_read_reply (br_reply_t *reply, const json_tree_t *tree, const json_node_t *root,
                      br_error_t *reterr)
{
    if (!json_is (root, JSON_OBJECT))
        return br_error_set (reterr, BR_EUPINVALID, "the provider's answer is no object");
    if (s_check (tree, root, reterr))
        return -1;
    collect_t collect = { .reply = reply, .reterr = reterr };
    void *reader = responses_reader_new ();
    int rc = responses_reader_whole (reader, tree, root, s_collect, &collect, reterr);
    responses_reader_destroy (&reader);
    return rc ? rc : collect.rc;
}
