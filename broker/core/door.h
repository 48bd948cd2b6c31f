//  door: the admin door: a socket that takes one JSON request at a time from any program
//  of the same user, and where it is opened to them of other machines, and the questions under way to actors. It knows the commands and how
//  answers merge (br_admin.def), and nothing of what they mean.
//      request  {"command": "status", "args": {}}
//      reply    {"ok": true, "result": ..., "missing": 0}
//               {"ok": false, "error": {"code": "not_found", "message": "..."}}

#ifndef BR_DOOR_H
#define BR_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/core/loop.h"
#include "broker/core/remote.h"
#include "broker/core/verbs.h"

typedef struct _br_door_t br_door_t;

typedef enum {
    BR_MERGE_ONE,
    BR_MERGE_LIST,
    BR_MERGE_SUM
} br_merge_t;

typedef enum {
    BR_ADMIN_READS,
    BR_ADMIN_CHANGES
} br_admin_effect_t;

typedef struct _br_admin_row_t {
    const char *name;
    br_role_t role;
    br_merge_t merge;
    br_admin_effect_t effect;
    const char *about;
} br_admin_row_t;

//  The i-th command; NULL past the last.
const br_admin_row_t *br_admin_row (size_t i);
const br_admin_row_t *br_admin_row_of (const char *name); //  or NULL

typedef struct _br_door_handler_t {
    //  Asks every actor of row->role, naming the ticket; returns how many were asked.
    //  args is a JSON object. Each answer comes back by br_door_answer.
    unsigned (*ask) (void *arg, const br_admin_row_t *row, uint64_t ticket,
                     const char *args);
} br_door_handler_t;

//  Whether a text is an object that can be read without a doubt: valid JSON in UTF-8, with
//  nothing behind it, and without U+0000, at which texts would end. err: BR_EINVALID
int br_door_check (const void *text, size_t size, br_error_t *reterr);

//  Binds "ipc://<run>/admin.sock", for its user alone. "caller destroys". err: BR_ESYSTEM.
br_door_t *br_door_new (br_loop_t *loop, void *zmq, const char *endpoint,
                        const br_door_handler_t *handler, void *arg, br_error_t *reterr);
void br_door_destroy (br_door_t **self_p);

//  Opens it to other machines as well (remote.h), with a gate in zmq: the same questions, bounded as one.
//  err: BR_ESYSTEM
int br_door_open_remote (br_door_t *self, void *zmq, const char *endpoint,
                         const br_curve_t *keys, br_error_t *reterr);

//  Where, with the real port; NULL when it is not. "owned by self"
const char *br_door_remote (const br_door_t *self);

//  A question that does not come by the socket: from the control socket, or over the bus.
//  reply, a JSON object as above, is told once, maybe before this returns,
//  at the latest when the door is destroyed.
//  ret:  its number, 0 when it was answered already
typedef void (br_door_reply_fn) (void *arg, const char *reply);
uint64_t br_door_question (br_door_t *self, const char *request, size_t size,
                           br_door_reply_fn *fn, void *arg);

//  Who asked is not there any more: fn is not called. 0 is ignored.
void br_door_forget (br_door_t *self, uint64_t number);

//  One actor's answer, JSON; "null" counts as none. Unknown tickets are ignored. The reply
//  leaves when the last one is in, or after BR_DOOR_MS with what there is.
//  in:   host, where the actor lives, which each row of a merged list tells as "host", if
//        it has none of its own; NULL for an answer that is not of one host
#define BR_DOOR_MS 2000
void br_door_answer (br_door_t *self, uint64_t number, const char *host,
                     const char *json);

//  Ends a question with an error.
void br_door_refuse (br_door_t *self, uint64_t number, br_code_t code, const char *text);

//  The question may take longer: it is not ended by time. For reload and stop.
void br_door_hold (br_door_t *self, uint64_t number);

#endif
