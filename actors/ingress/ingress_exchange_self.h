//  ingress_exchange_self: the inside of an exchange, for the files that share it: its life
//  (ingress_exchange.c), its way to be opened (ingress_claim.c, ingress_entry.c) and what is
//  said for it (ingress_speech.c).

#ifndef BR_INGRESS_EXCHANGE_SELF_H
#define BR_INGRESS_EXCHANGE_SELF_H

#include "actors/ingress/ingress_call.h"
#include "actors/ingress/ingress_held.h"
#include "actors/ingress/ingress_limits.h"
#include "actors/ingress/ingress_opening.h"
#include "actors/ingress/ingress_owner.h"
#include "actors/ingress/ingress_request.h"
#include "actors/ingress/ingress_self.h"
#include "broker/proto/usage.h"

//  How an answer ends: at once, or when its receipt is here.
typedef enum {
    INGRESS_ENDS_WHOLE, //  a single answer: all of it is said then
    INGRESS_ENDS_WELL,  //  an open one
    INGRESS_ENDS_CUT
} ingress_ending_t;

struct _ingress_exchange_t {
    ingress_owner_t owner; //  of its HTTP call
    ingress_t *self;
    ingress_exchange_t *next; //  of all exchanges
    ingress_exchange_t **prev;
    http_call_t *http; //  NULL when HTTP is done with it
    br_id_t id;
    br_surface_t surface;
    const br_surface_row_t *row; //  of the surface
    br_protocol_t wire;          //  in which the client hears errors
    char request_id[INGRESS_ID_MAX + 1];
    char *origin;                 //  or NULL
    ingress_identity_t *identity; //  who calls; NULL = nobody we know
    br_buf_t who;                 //  whose call it is, see ingress_attribution.h
    ingress_idem_t *idem;         //  of a call with an Idempotency-Key; else NULL
    ingress_wishes_t wishes;      //  of the client
    br_timer_t expiry;            //  of its time, while it is claimed
    //  ---- until it is open
    ingress_scan_t *scan;       //  of a large body; else NULL
    ingress_search_t *search;   //  while it waits to know who made an object; else NULL
    ingress_opening_t *opening; //  while it waits for limits; else NULL
    ingress_limits_t *limits;   //  of which it has taken; NULL when nothing limits it
    ingress_budget_t *budget;   //  in which it waits or holds; else NULL
    bool is_hashed;             //  a receipt is wanted, and the body's hash below
    uint8_t request_hash[INGRESS_HASH_BYTES];
    uint64_t wanted_output; //  tokens that it may want, as was asked
    uint64_t choices;       //  answers that share them, count
    uint64_t max_output;    //  tokens that there is room for; 0 = it does not matter
    uint64_t retry_ms;      //  refused: until the budget resets; 0 = it does not
    //  ---- once it is open
    ingress_call_t *call; //  NULL before
    br_addr_t router;
    ingress_guard_t guard; //  the guardrails that it is under
    uint64_t guard_said;   //  what they did, bits of guard_said_t
    uint64_t guard_told;   //  ... of it, in the head
    br_addr_t replier;     //  who sends the words of the newest attempt
    br_addr_t sender;      //  of the word under way
    const br_msg_t *fence; //  the one under way
    char *route;           //  the name that the client asked for; NULL until it is known
    bool stream;
    bool continues;        //  another attempt may go on with its answer
    bool is_events;        //  its answer is a stream of events
    bool is_joined;        //  several attempts have a part in it
    bool unmade;           //  no row of it will come from the router
    br_usage_t usage;      //  as it was told
    uint64_t elsewhere_us; //  as the newest head says
    uint64_t started_us;
    uint64_t started_ms; //  unix
    uint64_t heard_us;   //  when the newest head or error came
    uint64_t first_us;   //  when the head was written
    uint64_t wrote_us;   //  when something was written last
    br_timer_t silence;
    ingress_receipt_t *receipt; //  that its answer ends with; NULL = none is to come
    ingress_ending_t ending;    //  of the answer, while it waits for that
    ingress_held_t *held;       //  a single one that waits; else NULL
    //  ---- what waits until the machine has finished
    unsigned busy;
    bool router_gone;
    bool client_gone;
    bool answered;  //  the client got all of an answer, or its end
    bool forgotten; //  by the bus
    uint64_t written;
};

//  Around all that feeds the machine or ends the exchange: what callbacks bring meanwhile
//  waits for the outermost leave, which may free it.
void ingress_exchange_enter (ingress_exchange_t *x);
void ingress_exchange_leave (ingress_exchange_t *x);

//  SHA-256 of the client's body, or empty when no receipt is wanted.
br_bytes_t ingress_exchange_request_hash (const ingress_exchange_t *x);

#endif
