//  town: a broker with a topology of real threads or processes, whose actors are stand-ins
//  that note what they are told and do what a test says. For tests of the broker's parts.
//
//  Notes and orders are files in the town's directory, so that actors of other processes
//  share them.

#ifndef BR_TESTS_TOWN_H
#define BR_TESTS_TOWN_H

#include <time.h>

#include "broker/core/broker.h"

#define TOWN_DEADLINE_S 30 //  for broken code alone

typedef struct _town_t {
    char dir[64];
    char config_file[96];
    void *zmq;
    br_topology_t *topology;
    br_host_t *host;
    br_member_t *member;
    br_broker_t *broker;
    br_conf_flags_t flags;
    void *client;   //  of the admin door
    void *events;   //  a subscriber to all
    br_buf_t lines; //  events that were read
    char *reply;    //  the last of the admin door; owned
    char *notes;    //  as read last; owned
} town_t;

//  Makes an empty town, with a configuration.
void town_begin (town_t *self, const char *config);

//  Opens the broker with a topology, as YAML. 0 or -1 with the error.
int town_open (town_t *self, const char *topology, br_error_t *reterr);

//  The same, and turns until all is ready.
void town_be_ready (town_t *self, const char *topology);

//  Ends it all, as `bitrouter serve` does.
void town_end (town_t *self);

void town_turn (town_t *self);
time_t town_now_s (void);

#define TOWN_UNTIL(town, condition)                                                      \
    do {                                                                                 \
        time_t end_s = town_now_s () + TOWN_DEADLINE_S;                                  \
        while (!(condition)) {                                                           \
            town_turn (town);                                                            \
            if (town_now_s () > end_s)                                                   \
                fail_msg ("never came: %s; notes: %s", #condition, town_notes (town));   \
        }                                                                                \
    } while (0)

//  Runs the broker's loop until it stops by itself.
void town_run_out (town_t *self);

void town_configure (town_t *self, const char *config);

//  Gives an order to the stand-ins of this name: "refuse_try", "refuse_take",
//  "fail_create" (it fails), "hang" (a question of the admin door is never left), "linger"
//  (it does not stop), "die" (its process ends when it is created). An empty name takes
//  the order back.
void town_order (town_t *self, const char *order, const char *name);

//  All notes, in order: "+meter meter:try meter:take1 meter:stop -meter ".
//  "owned by self, until the next look"
const char *town_notes (town_t *self);
void town_forget (town_t *self);

//  How often a note stands there.
size_t town_count (town_t *self, const char *note);

//  Asks the admin door, without waiting.
void town_ask (town_t *self, const char *command, const char *args);

//  The reply to a question that was asked, NULL while there is none.
const char *town_reply (town_t *self);

//  Asks and waits for the reply.
const char *town_admin (town_t *self, const char *command);

//  All events since the subscription, as lines. "owned by self, until the next look"
const char *town_events (town_t *self);

//  What main does first: plays a host when it is told to be one. True when it was.
bool town_is_child (int argc, char **argv, int *ret_status);

#endif
