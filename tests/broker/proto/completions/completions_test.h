//  completions_test: what the tests of this codec share.

#ifndef BR_COMPLETIONS_TEST_H
#define BR_COMPLETIONS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/proto/completions/completions_codec.h"

//  A request of any protocol, and what became of it.
typedef struct {
    json_tree_t *tree;
    br_call_t *call;
    br_loss_t *losses;
    br_buf_t out;
    br_error_t error;
} given_t;

static inline int
given_read (given_t *self, br_protocol_t protocol, const char *json)
{
    *self = (given_t) { .tree = json_tree_new (), .call = br_call_new (protocol) };
    br_buf_init (&self->out, 1u << 20);
    const json_node_t *root = json_tree_parse (self->tree, json, strlen (json), NULL);
    assert_non_null (root);
    return br_codec_of (protocol)->read_call (self->call, self->tree, root, &self->error);
}

static inline int
given_write (given_t *self)
{
    br_target_t target = { .protocol = BR_PROTOCOL_COMPLETIONS,
                           .provider = "p",
                           .model = "base",
                           .dialect = br_dialect_of (BR_PROTOCOL_COMPLETIONS, "p",
                                                     "base") };
    br_call_settle_turns (self->call, &self->losses);
    return completions_codec.write_call (self->call, &target, &self->losses, &self->out,
                                         &self->error);
}

static inline void
given_free (given_t *self)
{
    br_buf_free (&self->out);
    br_call_destroy (&self->call);
    json_tree_destroy (&self->tree);
}

//  Of deltas, in short.
static inline void
deltas_add (void *arg, const br_delta_t *delta)
{
    br_buf_t *out = arg;
    const char *text = delta->text.at ? delta->text.at : "";
    switch (delta->kind) {
    case BR_DELTA_START: br_buf_addf (out, "start%u ", delta->choice); return;
    case BR_DELTA_TEXT:
        br_buf_addf (out, "%u'%.*s' ", delta->choice, (int) delta->text.size, text);
        return;
    case BR_DELTA_USAGE:
        br_buf_addf (out, "usage %d/%d ", (int) delta->usage.input,
                     (int) delta->usage.output);
        return;
    case BR_DELTA_FINISH:
        br_buf_addf (out, "%s%u ", br_finish_name (delta->finish), delta->choice);
        return;
    case BR_DELTA_ERROR:
        br_buf_addf (out, "%s '%.*s' ", br_code_name (delta->code),
                     (int) delta->text.size, text);
        return;
    case BR_DELTA_END: br_buf_adds (out, "end"); return;
    default: br_buf_addf (out, "kind %d ", (int) delta->kind);
    }
}

#endif
