//  provider: a stage with the upstream actor on it and a provider behind it, for tests.

#ifndef BR_TESTS_PROVIDER_H
#define BR_TESTS_PROVIDER_H

#include "tests/actors/stage.h"
#include "tests/broker/net/peer.h"

typedef struct _provider_t {
    stage_t stage;
    br_addr_t upstream;
    peer_t *peer;
    const char *answer;  //  to each request, with its head; NULL = none
    bool hang_up;        //  and the connection is closed behind it
    const char *ask;     //  the client's body; NULL = see provider_start
    br_buf_t request;    //  the last one
    char slice[2048];    //  the first one
    uint64_t generation; //  of the slice in use
} provider_t;

//  members: of the slice, behind api_base, each with a comma in front.
void provider_open (provider_t *self, const char *members);
void provider_open_still (provider_t *self, const char *members); // on the manual clock
void provider_close (provider_t *self);

//  Tries a slice and takes it. The answers go to the peer "router".
void provider_conf (provider_t *self, const char *slice);

//  Starts attempt 1 of a call: {"model":"gpt","x":1}, with its model replaced by "m-1".
void provider_start (provider_t *self, uint64_t call, uint64_t stream);

//  The same with other fields; slip, surface and the place of the model are filled in.
void provider_start_with (provider_t *self, uint64_t call, struct br_attempt_start start);

//  Turns the loop until the peer router has heard the end of an attempt, and returns what
//  it heard since the last look. On either clock; a manual one does not move.
const char *provider_finish (provider_t *self);

//  Turns the loop until the provider has this many requests.
void provider_await_request (provider_t *self, unsigned count);

//  Turns the loop for some real milliseconds.
void provider_turn (provider_t *self, unsigned ms);

//  Turns the loop until a peer has heard the verb. On either clock.
const br_msg_t *provider_await (provider_t *self, const char *name, br_verb_t verb);

//  The newest attempt.fail.
const struct br_attempt_fail *provider_failure (provider_t *self);

#endif
