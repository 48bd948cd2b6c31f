//  member: a host's seat at the bus: its mailbox, its copy of the directory, its join and
//  its beats. It starts and ends actors as the broker says. The broker's own host has one
//  too, which joins nobody. A seat that is lost is lost: who comes again takes a new one.

#ifndef BR_MEMBER_H
#define BR_MEMBER_H

#include "broker/core/directory.h"
#include "broker/core/mailbox.h"

#define BR_BROKER_HOST 1 //  number of the broker's host

typedef struct _br_member_t br_member_t;

typedef struct _br_member_conf_t {
    const char *bind;        //  endpoint of the mailbox
    const char *broker;      //  endpoint of the broker; NULL when this is its host
    const char *broker_key;  //  its CURVE key, or NULL
    const br_curve_t *curve; //  own keys, or NULL
    uint64_t join_ms; //  for so long it tries to join again; 0 = a first join, which
                      //  goes on for ever
} br_member_conf_t;

//  Why the loop ended.
typedef enum {
    BR_MEMBER_TOLD,    //  by the broker; or it goes on
    BR_MEMBER_AGAIN,   //  told to, and to come again
    BR_MEMBER_REFUSED, //  by the broker
    BR_MEMBER_LOST,    //  the broker is gone
    BR_MEMBER_LATE     //  no broker in join_ms
} br_member_status_t;

//  host and zmq are borrowed. Without conf->broker the host is number 1 at once, else it
//  joins and is numbered later. "caller destroys", before the host.
br_member_t *br_member_new (br_host_t *host, void *zmq, const br_member_conf_t *conf,
                            br_error_t *reterr);
void br_member_destroy (br_member_t **self_p);

//  Where the mailbox is bound, with the real port. "owned by self"
const char *br_member_endpoint (const br_member_t *self);
br_mailbox_t *br_member_mailbox (br_member_t *self);

//  The broker's host: uses this directory from now on.
void br_member_publish (br_member_t *self, const br_directory_t *directory);

br_member_status_t br_member_status (const br_member_t *self);
bool br_member_has_joined (const br_member_t *self); //  it was welcome

//  Links that the directory demands and that are not up. count
size_t br_member_missing (const br_member_t *self);

#endif
