//  inside: an actor that lends its window.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "tests/actors/router/inside.h"

typedef struct {
    inside_fn *fn;
    void *arg;
} inside_t;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) ctx;
    (void) reterr;
    return BR_NEW (inside_t);
}

static void
s_destroy (void **state_p)
{
    free (*state_p);
    *state_p = NULL;
}

static void
s_hear (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    const inside_t *self = state;
    if (self->fn)
        self->fn (self->arg, msg);
}

static const br_handler_row_t s_rows[] = { { BR_BREAKER_STATE, s_hear },
                                           { BR_BREAKER_TOLD, s_hear },
                                           { BR_LIMIT_GRANT, s_hear },
                                           { 0, NULL } };

const br_actor_t inside_actor = { .name = "router",
                                  .about = "lends its window",
                                  .role = BR_ROLE_ROUTER,
                                  .handlers = s_rows,
                                  .create = s_create,
                                  .destroy = s_destroy };

void
inside_listen (br_ctx_t *ctx, inside_fn *fn, void *arg)
{
    *(inside_t *) ctx->state = (inside_t) { fn, arg };
}
