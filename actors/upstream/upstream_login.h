//  upstream_login: the token of a provider that somebody has logged in to. The slice names
//  its file; this puts the token into the slice before a table is made of it, and renews it
//  before it expires or when the provider refuses it: one request at a time.

#ifndef BR_UPSTREAM_LOGIN_H
#define BR_UPSTREAM_LOGIN_H

#include "broker/core/actor.h"
#include "broker/net/http_client.h"

typedef struct _upstream_login_t upstream_login_t;

//  in:   renewed, called when there is a new token: whoever made a table of the slice makes
//        another one, of upstream_login_slice
//  "caller destroys"
upstream_login_t *upstream_login_new (br_ctx_t *ctx, void (*renewed) (void *arg),
                                      void *arg);
void upstream_login_destroy (upstream_login_t **self_p);

//  The slice with the token as its key, of the type bearer; a copy of it where it is of
//  another type or nobody has logged in. It is kept aside. Free with br_login_forget.
char *upstream_login_try (upstream_login_t *self, const char *slice);

//  The slice that was tried last is in use, and the client that asks; it is borrowed, until
//  the next one.
void upstream_login_take (upstream_login_t *self, http_client_t *client);

//  The slice in use with the token as it is now, or NULL. Free with br_login_forget.
char *upstream_login_slice (const upstream_login_t *self);

//  The provider refused the credential: a token is renewed, once.
void upstream_login_refused (upstream_login_t *self);

#endif
