//  registry: the broker's book of hosts and actors: what the topology and the configuration
//  want, and how far each one has come. No messages here: the broker reads what is to be
//  done and writes down what happened.

#ifndef BR_REGISTRY_H
#define BR_REGISTRY_H

#include "broker/core/directory.h"
#include "broker/core/topology.h"

//  An actor that is wanted somewhere.
typedef struct _br_seat_t {
    char name[BR_NAME_MAX];
    br_role_t role;
    br_addr_t addr; //  unset until it is started
    bool asked_start;
    bool wanted; //  the configuration names it
    bool asked_stop;
    uint64_t asked_try; //  generations; 0 = none
    uint64_t accepted;
    uint64_t asked_take;
    uint64_t taken;
    bool open; //  others may find it
} br_seat_t;

typedef struct _br_member_row_t {
    const br_topology_host_t *host; //  borrowed
    uint32_t number;                //  2 and up
    uint32_t life;                  //  0 = not here
    uint64_t pid;
    char endpoint[BR_ENDPOINT_MAX];
    char public_key[41];
    uint64_t linked_version; //  of the directory, all links up
    bool told_up;            //  the event was raised
    uint32_t lost;           //  a host that it has lost its link with; 0 = none
    uint32_t lost_life;
    uint64_t lost_ns; //  when it told
    bool ending;      //  it was told to end, so that it starts again
    uint64_t beat_ns; //  when it was heard last
    uint64_t messages;
    uint64_t handler_us;
    uint64_t longest_us; //  of its life
    uint64_t p999_us;
    uint64_t slow;    //  handlers over 5 ms
    br_seat_t *seats; //  owned
    size_t seats_size;
} br_member_row_t;

typedef struct _br_registry_t {
    br_member_row_t *rows; //  one for each host of the topology; owned
    size_t size;
} br_registry_t;

void br_registry_init (br_registry_t *self, const br_topology_t *topology);
void br_registry_free (br_registry_t *self);

br_member_row_t *br_registry_by_name (br_registry_t *self, const char *name);
br_member_row_t *br_registry_by_life (br_registry_t *self, uint32_t number,
                                      uint32_t life);
br_seat_t *br_registry_seat (br_registry_t *self, br_addr_t addr);
br_seat_t *br_member_row_seat (br_member_row_t *row, const char *name);

//  names: the actors that the configuration wants, ends with NULL. Adds seats to each
//  host that runs them by its patterns; those that are wanted no more are marked.
void br_registry_want (br_registry_t *self, const char *const *names,
                       const br_actor_t *const *kinds);

//  The actor is gone: its seat is as on the first day.
void br_seat_reset (br_seat_t *self);

//  The host is gone: its seats are as on the first day.
void br_member_row_reset (br_member_row_t *row);

bool br_registry_all_gone (const br_registry_t *self);
bool br_registry_all_joined (const br_registry_t *self);

//  Every wanted seat of every host that is here has started.
bool br_registry_all_started (const br_registry_t *self);

//  Every host that is here has its links of this directory.
bool br_registry_all_linked (const br_registry_t *self, uint64_t version);

//  Opens the wanted seats that have taken this generation, all roles but this one. Returns
//  how many it opened.
size_t br_registry_open (br_registry_t *self, uint64_t generation, br_role_t but);

//  Writes hosts that are here and their actors; broker first.
void br_registry_fill (const br_registry_t *self, const br_peer_t *broker,
                       br_addr_t broker_addr, br_directory_t *ret_directory);

#endif
