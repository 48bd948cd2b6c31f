//  broker_state: the broker's own state, shared by its three parts: broker.c (hosts),
//  rollout.c (configuration) and broker_admin.c (commands). Nobody else includes it.

#ifndef BR_BROKER_STATE_H
#define BR_BROKER_STATE_H

#include "broker/core/broker.h"
#include "broker/core/changes.h"
#include "broker/core/conf_fixed.h"
#include "broker/core/conf_watch.h"
#include "broker/core/control.h"
#include "broker/core/ctx.h"
#include "broker/core/door.h"
#include "broker/core/event_socket.h"
#include "broker/core/registry.h"
#include "broker/core/supervisor.h"

struct _br_broker_t {
    br_ctx_t *ctx;
    br_host_t *host;
    br_broker_conf_t given;
    br_conf_t *conf;                 //  in use, or being rolled out for the first time
    br_conf_t *next;                 //  of a reload that is under way
    uint64_t generation;             //  of conf
    uint64_t next_generation;        //  of next
    br_conf_overlay_t *overlay;      //  routes added at run time, of conf
    br_conf_overlay_t *next_overlay; //  of next
    br_conf_words_t *fixed;          //  what only a restart changes, as it began
    br_conf_watch_t *conf_watch;     //  NULL = nobody looks at the files
    br_timer_t retire_timer;         //  until then actors of an older one may be called
    br_changes_t changes;            //  that wait
    br_change_t *change;             //  that next is for; NULL = none
    br_registry_t registry;
    br_directory_t directory; //  as published last
    bool dirty;               //  the directory must be published
    br_supervisor_t *supervisor;
    br_event_socket_t *events;
    br_door_t *door;
    br_control_t *control;
    br_timer_t watch_timer; //  looks for silent hosts
    unsigned looks;         //  so far
    br_timer_t stop_timer;
    bool ready;       //  was once
    bool wanted;      //  events
    bool trace;       //  a subscriber asked for "message"
    bool trace_admin; //  the admin door did
    uint32_t lives;   //  last incarnation given out
    bool stopping;
    br_role_t stop_stage; //  whose actors are being stopped
    uint64_t stop_ticket;
    br_error_t error;
};

//  ---- broker.c

//  Looks what is to be done next, and does it. Called after every change.
void br_broker_step (br_broker_t *self);

//  Ends hosts and broker without a drain, with a reason that the command prints.
void br_broker_fail (br_broker_t *self, const br_error_t *error);

//  Ends a host that lives, so that it comes again: its supervisor sees to that, or, where it
//  is remote, whoever started it.
void br_broker_restart (br_broker_t *self, br_member_row_t *row, const char *reason);

int br_broker_tell (br_broker_t *self, br_addr_t to, br_verb_t verb, const void *fields);
void br_broker_tell_hosts (br_broker_t *self, br_verb_t verb, const void *fields);

//  Tells hosts whether events are wanted.
void br_broker_want_events (br_broker_t *self);

//  ---- broker_pulse.c

//  Tells those that count how a host does.
void br_broker_pulse (br_broker_t *self, const br_member_row_t *row,
                      const struct br_sys_beat *beat);

//  ---- rollout.c

//  The actors that the newest configuration wants, into the registry.
void br_rollout_want (br_broker_t *self);

//  Hosts of the topology that run ingress, and so share the addresses. count
size_t br_rollout_ingresses (const br_broker_t *self);

//  Reads the configuration again; the outcome goes to ticket, if any.
void br_rollout_ask (br_broker_t *self, br_change_kind_t kind, uint64_t ticket,
                     const char *args);

//  Begins or ends the watch over the files, as the configuration in use has it.
void br_rollout_watch (br_broker_t *self);

//  Begins with the oldest change that waits, unless one is under way.
void br_rollout_begin (br_broker_t *self);

//  The configuration under way is no good: the old one stays; without an old one it is the
//  end.
void br_rollout_refuse (br_broker_t *self, const br_error_t *error);

//  One step of the two-step change. True when everything that is here uses it.
bool br_rollout_step (br_broker_t *self);

void br_rollout_on_accept (void *state, br_ctx_t *ctx, const br_msg_t *msg);
void br_rollout_on_refuse (void *state, br_ctx_t *ctx, const br_msg_t *msg);
void br_rollout_on_taken (void *state, br_ctx_t *ctx, const br_msg_t *msg);

//  ---- broker_admin.c

extern const br_door_handler_t br_broker_door;
void br_broker_on_question (void *state, br_ctx_t *ctx, const br_msg_t *msg);
void br_broker_on_answer (void *state, br_ctx_t *ctx, const br_msg_t *msg);

//  Opens door and events to other machines, when the configuration says so. err: BR_ESYSTEM
int br_broker_open_remote (br_broker_t *self, br_error_t *reterr);

#endif
