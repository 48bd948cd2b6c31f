//  client_world: what tests of the HTTP client stand on: one loop with a peer and a
//  client in it, and calls that remember what they saw.

#ifndef TESTS_CLIENT_WORLD_H
#define TESTS_CLIENT_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/buf.h"
#include "broker/net/http_client.h"
#include "tests/broker/net/peer.h"

typedef struct _world_t world_t;
typedef struct _call_t call_t;

//  What a test may do in the middle of a callback.
typedef void (call_fn) (call_t *call);

struct _call_t {
    world_t *world;
    http_transfer_t *transfer; //  NULL once it has ended
    unsigned status;
    unsigned heads;
    unsigned ends;
    uint64_t body_bytes;
    br_buf_t body; //  its first MB
    http_result_t result;
    call_fn *on_head; //  or NULL
    call_fn *on_data;
    call_fn *on_done;
};

struct _world_t {
    br_loop_t *loop;
    uint64_t now_ns; //  of a manual clock
    peer_t *peer;
    http_client_t *client;
    char url[128];
    br_buf_t request;     //  the last one that the peer got
    const char *answer;   //  what the peer says to each; NULL for nothing
    bool hang_up;         //  and whether it ends the connection then
    http_request_t draft; //  what the next call asks; starts as a small POST
};

//  A zeroed configuration gets sensible values.
void world_open (world_t *self, bool manual_clock, http_client_conf_t conf);
void world_open_tls (world_t *self, http_client_conf_t conf, const char *cert,
                     const char *key, const char *client_ca);
void world_close (world_t *self);

//  Asserts that the start succeeds.
void world_start (world_t *self, call_t *call);

//  Turns until the call has ended, for ten seconds at most.
void world_finish (world_t *self, call_t *call);

//  Starts and finishes. Returns how it ended.
http_end_t world_run (world_t *self, call_t *call);

//  Turns until nothing has happened for a while.
void world_settle (world_t *self);

//  Moves the manual clock, then settles.
void world_pass (world_t *self, uint64_t ms);

//  Turns until fn (world) says so; asserts that it does within ten seconds.
typedef bool (world_is_fn) (world_t *self);
void world_until (world_t *self, world_is_fn *fn);

void call_free (call_t *call);
bool call_body_is (call_t *call, const char *text);

#endif
