//  meter_world: the meter on a real host with a real file.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/proto/attribution.h"
#include "actors/meter/meter.h"
#include "tests/actors/meter/meter_world.h"

//  ---- the router of the same host: it notes what comes

static void *
s_peer_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) ctx;
    (void) reterr;
    peer_t *peer = BR_NEW (peer_t);
    peer->acks = -1;
    return peer;
}

static void
s_peer_destroy (void **state_p)
{
    free (*state_p);
    *state_p = NULL;
}

static void
s_note_settled (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    peer_t *peer = state;
    peer->settled++;
    if (peer->acks >= 0
        && write (peer->acks, &msg->call.lo, sizeof msg->call.lo) != sizeof msg->call.lo)
        _exit (3);
}

static void
s_note (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    peer_t *peer = state;
    size_t size = strlen (peer->notes);
    const char *more = "";
    if (msg->verb == BR_CONF_REFUSE)
        more = ((const struct br_conf_refuse *) br_msg_fields (msg))->error;
    if (msg->verb == BR_ADMIN_ANSWER)
        more = ((const struct br_admin_answer *) br_msg_fields (msg))->answer;
    snprintf (peer->notes + size, sizeof peer->notes - size, "%s %s;",
              br_verb_name (msg->verb), more);
}

static void
s_note_metered (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    peer_t *peer = state;
    const struct br_call_metered *row = br_msg_fields (msg);
    size_t size = strlen (peer->notes);
    br_attribution_t who;
    br_attribution_read (&who, row->who);
    char cost[32] = "unknown";
    if (row->cost_known)
        snprintf (cost, sizeof cost, "%llu", (unsigned long long) row->cost_nusd);
    snprintf (peer->notes + size, sizeof peer->notes - size,
              "%llu call %llu %s %s cost %s operator %llu;",
              (unsigned long long) row->seq, (unsigned long long) msg->call.lo,
              who.account, br_outcome_name ((unsigned) row->outcome), cost,
              (unsigned long long) row->operator_nusd);
}

static void
s_note_spent (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    peer_t *peer = state;
    const struct br_spend_told *told = br_msg_fields (msg);
    snprintf (peer->notes, sizeof peer->notes,
              "ticket %llu code %llu seq %llu nusd %llu rounds %llu%s",
              (unsigned long long) told->ticket, (unsigned long long) told->code,
              (unsigned long long) told->seq, (unsigned long long) told->nusd,
              (unsigned long long) told->rounds, told->error);
}

//  The last one is in the notes.
static void
s_note_receipt (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    peer_t *peer = state;
    const struct br_call_receipt *told = br_msg_fields (msg);
    snprintf (peer->notes, sizeof peer->notes, "%s", told->receipt);
    peer->receipts++;
}

static const br_handler_row_t s_hearer_rows[] = {
    { BR_CALL_METERED, s_note_metered },
    { BR_SPEND_TOLD, s_note_spent },
    { 0, NULL },
};
static const br_handler_row_t s_metrics_rows[] = {
    { BR_CALL_METERED, s_note_metered },
    { 0, NULL },
};
static const br_actor_t s_auth = { .name = "auth",
                                   .about = "test",
                                   .role = BR_ROLE_AUTH,
                                   .handlers = s_hearer_rows,
                                   .create = s_peer_create,
                                   .destroy = s_peer_destroy };
static const br_actor_t s_metrics = { .name = "metrics",
                                      .about = "test",
                                      .role = BR_ROLE_METRICS,
                                      .handlers = s_metrics_rows,
                                      .create = s_peer_create,
                                      .destroy = s_peer_destroy };
static const br_handler_row_t s_ingress_rows[] = {
    { BR_CALL_RECEIPT, s_note_receipt },
    { 0, NULL },
};
static const br_actor_t s_ingress = { .name = "ingress",
                                      .about = "test",
                                      .role = BR_ROLE_INGRESS,
                                      .handlers = s_ingress_rows,
                                      .create = s_peer_create,
                                      .destroy = s_peer_destroy };
static const br_handler_row_t s_router_rows[] = {
    { BR_CALL_SETTLED, s_note_settled },
    { BR_CONF_ACCEPT, s_note },
    { BR_CONF_REFUSE, s_note },
    { BR_CONF_TAKEN, s_note },
    { BR_SYS_STOPPED, s_note },
    { BR_ADMIN_ANSWER, s_note },
    { 0, NULL },
};
static const br_actor_t s_router = { .name = "router",
                                     .about = "test",
                                     .role = BR_ROLE_ROUTER,
                                     .handlers = s_router_rows,
                                     .create = s_peer_create,
                                     .destroy = s_peer_destroy };
static const br_actor_t *const s_kinds[] = { &s_router,  &s_auth,         &s_metrics,
                                             &s_ingress, &br_meter_actor, NULL };

//  ---- the world: this host, and others behind br_remote_t

static int
s_remote_send (void *arg, br_msg_t **msg_p, br_error_t *reterr)
{
    (void) reterr;
    world_t *world = arg;
    assert_int_equal ((*msg_p)->verb, BR_CALL_SETTLED);
    world->sent++;
    br_msg_destroy (msg_p);
    return 0;
}

static br_addr_t
s_remote_find (void *arg, const char *name)
{
    (void) arg;
    (void) name;
    return (br_addr_t) { .host = 0 };
}

//  Hosts 7 and 8 have a router each, 9 an ingress.
static br_role_t
s_remote_role (void *arg, br_addr_t addr)
{
    (void) arg;
    return addr.host == 9 ? BR_ROLE_INGRESS : BR_ROLE_ROUTER;
}

static const char *
s_remote_name (void *arg, br_addr_t addr)
{
    (void) arg;
    (void) addr;
    return NULL;
}

static void
s_remote_events (void *arg, br_buf_t *lines)
{
    world_t *world = arg;
    br_buf_add (&world->events, lines->data, lines->size);
}

static void
s_remote_message (void *arg, const br_msg_t *msg)
{
    (void) arg;
    (void) msg;
}

static const br_remote_t s_remote = {
    s_remote_send,   s_remote_find,    s_remote_role, s_remote_name,
    s_remote_events, s_remote_message, NULL,          NULL
};

void
world_start_host (world_t *world)
{
    br_host_conf_t conf = { .name = "ledger", .actors = s_kinds };
    conf.log = (br_log_t) { .fd = world->log, .level = BR_LOG_INFO };
    conf.clock = br_clock_manual (&world->now_ns);
    world->host = br_host_new (&conf, NULL);
    br_host_set_self (world->host, 1, 1);
    br_host_set_remote (world->host, &s_remote, world);
    br_host_start (world->host, "router", NULL);
    br_host_start (world->host, "auth", NULL);
    br_host_start (world->host, "metrics", NULL);
    br_host_start (world->host, "ingress", NULL);
    world->meter = br_host_start (world->host, "meter", NULL);
    world->router = br_host_ctx (world->host, "router")->state;
    world->auth = br_host_ctx (world->host, "auth")->state;
    world->metrics = br_host_ctx (world->host, "metrics")->state;
    world->ingress = br_host_ctx (world->host, "ingress")->state;
}

int
world_setup_bare (void **state)
{
    world_t *world = BR_NEW (world_t);
    scratch_make (&world->scratch);
    world->now_ns = 1000000000;
    world->log = memfd_create ("log", MFD_CLOEXEC);
    br_buf_init (&world->events, 1u << 20);
    world_start_host (world);
    *state = world;
    return 0;
}

int
world_teardown (void **state)
{
    world_t *world = *state;
    br_host_destroy (&world->host);
    br_buf_free (&world->events);
    close (world->log);
    scratch_remove (&world->scratch);
    free (world);
    return 0;
}

//  Time goes on, then the host works until nothing is left to do.
void
world_pass (world_t *world, uint64_t ms)
{
    world->now_ns += ms * 1000000;
    bool more = true;
    while (more) {
        more = br_loop_turn (br_host_loop (world->host), 0) > 0;
        more |= br_host_work (world->host);
    }
}

void
world_ask (world_t *world, br_verb_t verb, const void *fields)
{
    world->router->notes[0] = '\0';
    br_ctx_send (br_host_ctx (world->host, "router"), world->meter, verb,
                 (br_id_t) { 0, 0 }, 0, fields, NULL);
    world_pass (world, 0);
}

const char *
world_try (world_t *world, const char *slice)
{
    struct br_conf_try conf = { .generation = ++world->generation, .slice = slice };
    world_ask (world, BR_CONF_TRY, &conf);
    return world->router->notes;
}

const char *
world_take (world_t *world)
{
    struct br_conf_take conf = { .generation = world->generation };
    world_ask (world, BR_CONF_TAKE, &conf);
    return world->router->notes;
}

const char *
world_slice (const world_t *world, const char *url, char room[1024])
{
    snprintf (room, 1024,
              "{\"database\":\"%s\",\"spool\":\"%s\",\"head\":\"%s\",\"node_key\":\"%s\","
              "\"prices\":{\"openai\":{\"gpt-4o\":"
              "{\"input\":2500000000,\"output\":10000000000}}}}",
              url, world->scratch.path, world->scratch.head, world->scratch.key);
    return room;
}

const char *
world_spent (world_t *world, const char *account, const char *key)
{
    struct br_spend_ask ask = { .ticket = 5, .account = account, .key = key };
    world->auth->notes[0] = '\0';
    br_ctx_send (br_host_ctx (world->host, "auth"), world->meter, BR_SPEND_ASK,
                 (br_id_t) { 0, 0 }, 0, &ask, NULL);
    world_pass (world, 0);
    return world->auth->notes;
}

void
world_configure (world_t *world)
{
    char room[1024];
    assert_string_equal (world_try (world, world_slice (world, world->scratch.url, room)),
                         "conf.accept ;");
    assert_string_equal (world_take (world), "conf.taken ;");
}

int
world_setup (void **state)
{
    world_setup_bare (state);
    world_configure (*state);
    return 0;
}

void
world_settle (world_t *world, uint64_t lo)
{
    struct br_call_settle settle = scratch_settle ();
    br_ctx_send (br_host_ctx (world->host, "router"), world->meter, BR_CALL_SETTLE,
                 (br_id_t) { 1, lo }, 1, &settle, NULL);
}

void
world_intend (world_t *world, uint64_t lo)
{
    struct br_call_intent intent = scratch_intent ();
    br_ctx_send (br_host_ctx (world->host, "router"), world->meter, BR_CALL_INTENT,
                 (br_id_t) { 1, lo }, 1, &intent, NULL);
}

//  From another host.
void
world_arrive (world_t *world, uint32_t host, br_verb_t verb, uint64_t lo,
              const void *fields)
{
    br_msg_t *msg = br_msg_new (verb, (br_id_t) { 1, lo }, 1, fields, NULL);
    msg->from = (br_addr_t) { .host = host, .life = 1, .actor = 1 };
    msg->to = world->meter;
    br_host_arrived (world->host, &msg);
    assert_null (msg);
    world_pass (world, 0);
}

int64_t
world_rows (const world_t *world)
{
    return scratch_number (&world->scratch, "SELECT count (*) FROM calls");
}

//  How often the log says it.
int
world_logged (const world_t *world, const char *words)
{
    char text[16384];
    ssize_t size = pread (world->log, text, sizeof text - 1, 0);
    text[size < 0 ? 0 : size] = '\0';
    int count = 0;
    for (const char *at = strstr (text, words); at; at = strstr (at + 1, words))
        count++;
    return count;
}
