//  ingress_self: the inside of the actor, for its own files.

#ifndef BR_INGRESS_SELF_H
#define BR_INGRESS_SELF_H

#include "actors/ingress/ingress_budgets.h"
#include "actors/ingress/ingress_doors.h"
#include "actors/ingress/ingress_questions.h"
#include "actors/ingress/ingress_guard.h"
#include "actors/ingress/ingress_idem.h"
#include "actors/ingress/ingress_identities.h"
#include "broker/proto/makers.h"
#include "actors/ingress/ingress_models.h"
#include "actors/ingress/ingress_offers.h"
#include "actors/ingress/ingress_open.h"
#include "actors/ingress/ingress_receipts.h"
#include "actors/ingress/ingress_routes.h"
#include "actors/ingress/ingress_scans.h"
#include "actors/ingress/ingress_search.h"
#include "actors/ingress/ingress_settings.h"
#include "actors/ingress/ingress_settles.h"
#include "broker/core/quota.h"

typedef struct _ingress_exchange_t ingress_exchange_t;

//  A configuration, as it is used.
typedef struct _ingress_conf_t {
    ingress_settings_t *settings;
    ingress_routes_t *routes;
    ingress_models_t *models;
    ingress_offers_t *offers;
    guard_scope_t *scope;
} ingress_conf_t;

typedef struct _ingress_t {
    br_ctx_t *ctx;
    ingress_conf_t conf;    //  in use; members are NULL before the first
    ingress_conf_t tried;   //  kept aside
    uint64_t generation;    //  of conf
    ingress_doors_t *doors; //  NULL while it does not listen
    ingress_open_t *open;   //  exchanges that the bus knows
    ingress_settles_t *settles;
    ingress_idems_t *idems;           //  calls with an Idempotency-Key
    ingress_receipts_t *receipts;     //  of calls whose clients are to have them
    bool has_receipt_room;            //  the doors have, for them in heads
    ingress_questions_t *questions;   //  who waits for figures, or the admin door
    br_makers_t *made;                //  objects that providers keep
    ingress_searches_t *searches;     //  those that are not among them
    quota_t *quota;                   //  of callers and models
    ingress_identities_t *identities; //  who calls
    ingress_budgets_t *budgets;       //  what open calls hold
    uint64_t unguarded;               //  calls refused without a guard, count
    uint64_t unchecked;               //  calls that went on without one, count
    uint64_t unguarded_us;            //  when either was told last; 0 = never
    br_id_t last_id;
    ingress_exchange_t *first;       //  all exchanges
    unsigned exchanges;              //  count
    struct _ingress_visit_t *visits; //  requests that wait to be known
    ingress_scans_t *scans;          //  bodies that are walked
    br_buf_t candidates;             //  scratch of a request, as are those below
    br_buf_t chosen;                 //  candidates of one maker
    br_buf_t allowed;                //  candidates that a caller may use
    br_buf_t credential;             //  of the request at hand
    br_buf_t headers;
    br_buf_t query;
    br_buf_t slip;
    br_buf_t notes; //  headers of our own
    bool stopping;
    bool closed;       //  the doors are, while it stops
    uint64_t drain_ms; //  for open calls, once the doors are closed
    br_timer_t stop_timer;
} ingress_t;

//  The next call id.
br_id_t ingress_next_id (ingress_t *self);

//  Something ended: maybe it was the last thing that a stop waited for.
void ingress_check_stop (ingress_t *self);

#endif
