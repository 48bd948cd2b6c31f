//  ingress_admin: the admin door over HTTP, for administrators.
//      GET /admin/routes             {"routes": [...]}
//      POST /admin/routes            {"status": "ok", "name"}; the body is route_add's args
//      DELETE /admin/routes/{name}   {"status": "ok", "name", "removed": true}
//      GET /admin/{command}          the result of a command that changes nothing
//      POST /admin/{command}         the result of any command; the body is its args
//  A body is an object of JSON, and says so in content-type.

#ifndef BR_INGRESS_ADMIN_H
#define BR_INGRESS_ADMIN_H

#include "actors/ingress/ingress_questions.h"
#include "broker/proto/surface.h"

#define INGRESS_ADMIN_MS 30000 //  that who asks waits

//  Asks the broker, and answers the guest when it replies: 200, or the error that it
//  tells; 503 when it does not.
void ingress_admin_ask (br_ctx_t *ctx, ingress_questions_t *questions,
                        const ingress_guest_t *guest, br_surface_t surface);

//  admin.reply.
void ingress_admin_on_reply (ingress_questions_t *questions, const br_msg_t *msg);

#endif
