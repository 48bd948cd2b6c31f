//  world: one host with an ingress, on a clock that stands still, and around it the peers
//  that a test plays: a router, an upstream and a meter, each on a host of its own, and
//  clients on real sockets.

#ifndef BR_TEST_INGRESS_WORLD_H
#define BR_TEST_INGRESS_WORLD_H

#include "broker/core/host.h"

#define WORLD_ROUTER_HOST 2
#define WORLD_UPSTREAM_HOST 3
#define WORLD_METER_HOST 4
#define WORLD_BROKER_HOST 5
#define WORLD_LIMITS_HOST 6
#define WORLD_KEYS_HOST 7
#define WORLD_AUTH_HOST 8
#define WORLD_METRICS_HOST 9
#define WORLD_GUARD_HOST 10
#define WORLD_SENT_MAX 4096

typedef struct _world_t {
    uint64_t now_ns;
    br_host_t *host;
    br_kept_t *kept; //  what an ingress that ended has left for the next one
    br_ctx_t *ctx;   //  of the ingress
    uint16_t port;   //  that it listens on; 0 = none
    bool no_router;
    bool no_meter;
    bool has_limits;                //  there is an owner of limits
    bool has_keys;                  //  ... and of Idempotency-Keys
    bool has_auth;                  //  ... and of identities and budgets
    bool has_metrics;               //  ... and of figures
    bool has_guard;                 //  a guard can be reached
    bool refuses;                   //  takes no message
    br_msg_t *sent[WORLD_SENT_MAX]; //  what ingress sent to its peers, in order
    size_t sent_count;
    size_t seen;  //  those that world_expect has passed
    br_buf_t got; //  what the client read last
} world_t;

extern const br_addr_t world_router, world_upstream, world_meter, world_broker,
    world_limits, world_keys, world_auth, world_metrics, world_guard;

//  A slice with one virtual model "smart", provider openai with "gpt-4o", and a listener
//  on the loopback with a free port; extra is JSON put in front, or "".
#define WORLD_SLICE(extra)                                                               \
    "{" extra "\"listen\":[\"127.0.0.1:0\"],\"listen_given\":true,\"providers\":{"       \
    "\"openai\":{\"actor\":\"upstream/openai\",\"models\":{\"gpt-4o\":{}},"              \
    "\"accounts\":[\"openai#0\"]}},\"inactive\":{\"anthropic\":"                         \
    "\"set ANTHROPIC_API_KEY\"},\"models\":{\"smart\":{\"strategy\":\"priority\","       \
    "\"endpoints\":[{\"provider\":\"openai\",\"model\":\"gpt-4o\"}]}}}"

//  With an ingress that has taken the slice; NULL for none.
world_t *world_new (const char *slice);
void world_destroy (world_t **self_p);

//  The same for cmocka: *state is a world with the plain slice.
int world_setup (void **state);
int world_teardown (void **state);

//  Fails unless the part, in small or large letters, is in the text.
void world_has (const char *text, const char *part);

//  Gives the actor a slice; 0, or -1 with the error that it answers.
int world_configure (world_t *self, const char *slice, br_error_t *reterr);

//  Starts the real owner of identities and budgets beside the ingress, with this slice.
void world_start_auth (world_t *self, const char *slice);

void world_turn (world_t *self);                   //  some turns of the loop
void world_wait (world_t *self, uint64_t more_ms); //  moves the clock, then turns

//  ---- the bus

//  The next message of this verb that ingress sent, those in front are skipped; waits for
//  it. NULL when none comes. "owned by self"
const br_msg_t *world_expect (world_t *self, br_verb_t verb);

//  How many of this verb were sent.
size_t world_count (const world_t *self, br_verb_t verb);

//  Sends a message to ingress, in a peer's name.
void world_send (world_t *self, br_addr_t from, br_verb_t verb, br_id_t call,
                 uint32_t attempt, const void *fields, const char *body);

//  A head of an answer (seq 0) from upstream, attempt 1: 200 unless told otherwise.
void world_head (world_t *self, br_id_t call, const char *content_type, const char *body);
void world_delta (world_t *self, br_id_t call, uint64_t seq, const char *body);
void world_end (world_t *self, br_id_t call, uint64_t seq);

//  ---- clients

int world_connect (world_t *self); //  a socket; the test closes it
void world_write (world_t *self, int fd, const char *text);

//  POST /v1/chat/completions with this body, and headers ("a: b\r\n" or "").
void world_post (world_t *self, int fd, const char *headers, const char *body);

//  Reads until text has come or the other side closed; what was read, as text.
const char *world_read (world_t *self, int fd, const char *text);

//  Reads until the other side has closed.
const char *world_read_all (world_t *self, int fd);

//  One request on a fresh connection, and all of its answer. It must ask for "Connection:
//  close".
const char *world_ask (world_t *self, const char *request);

#endif
