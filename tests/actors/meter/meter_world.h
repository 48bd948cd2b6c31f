//  meter_world: the meter on a real host with a real file. The router, ingress and other
//  hosts are played, and time passes when a test says so.

#ifndef BR_TEST_METER_WORLD_H
#define BR_TEST_METER_WORLD_H

#include "broker/core/host.h"
#include "tests/actors/meter/scratch.h"

//  The router of the same host, which is the broker too: it notes what comes.
typedef struct _peer_t {
    char notes[4096];
    uint64_t settled; //  count
    int receipts;     //  count
    int acks;         //  where ids of settled calls are written; -1 = nowhere
} peer_t;

//  This host, and what others would see of it.
typedef struct _world_t {
    scratch_t scratch;
    uint64_t now_ns;
    br_host_t *host;
    br_addr_t meter;
    peer_t *router;
    peer_t *auth;    //  notes of call.metered and spend.told
    peer_t *metrics; //  likewise
    peer_t *ingress; //  notes the last receipt
    uint64_t generation;
    int sent;        //  messages to other hosts
    br_buf_t events; //  JSON lines
    int log;
} world_t;

//  For cmocka: a configured meter, or one without a slice.
int world_setup (void **state);
int world_setup_bare (void **state);
int world_teardown (void **state);

//  Makes the host anew, on the same scratch folder, without a slice.
void world_start_host (world_t *world);

//  Time goes on, then the host works until nothing is left to do.
void world_pass (world_t *world, uint64_t ms);

//  Sends without a call; the notes begin anew.
void world_ask (world_t *world, br_verb_t verb, const void *fields);

//  As auth: what was spent; the notes begin anew.
const char *world_spent (world_t *world, const char *account, const char *key);

//  A slice is tried, the tried one is taken; both return the notes.
const char *world_try (world_t *world, const char *slice);
const char *world_take (world_t *world);

//  A slice with this database, the spool of the scratch folder, its head and key, and 2.50 and
//  10 USD per million tokens.
const char *world_slice (const world_t *world, const char *url, char room[1024]);
void world_configure (world_t *world);

//  The router sends; the message is handled in the next pass.
void world_settle (world_t *world, uint64_t lo);
void world_intend (world_t *world, uint64_t lo);

//  A message of another host is handled. Hosts 7 and 8 have a router each, 9 an ingress.
void world_arrive (world_t *world, uint32_t host, br_verb_t verb, uint64_t lo,
                   const void *fields);

int64_t world_rows (const world_t *world);                  //  on disk, count
int world_logged (const world_t *world, const char *words); //  how often, count

#endif
