//  net: hosts, links, and what can happen to them.

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/guard/guard.h"
#include "actors/ingress/ingress.h"
#include "actors/ingress/ingress_self.h"
#include "actors/router/router.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "tests/flow/history.h"
#include "tests/flow/net.h"

#define HISTORY_MAX (1u << 20)
#define MESSAGE_MAX (1u << 20)
#define TICK_MS 6
#define SECOND_MS 1000

//  What travels on a link.
typedef struct _packet_t {
    struct _packet_t *next;
    br_buf_t bytes;  //  an encoded message
    br_blob_t *body; //  of it, or NULL
    uint32_t life;   //  that ended, when it is not a message but the news of a death
} packet_t;

typedef struct {
    packet_t *first;
    packet_t **last;
} link_t;

typedef struct {
    net_t *net;
    net_host_t number;
    br_host_t *host;                //  NULL once it is dead
    uint32_t life;                  //  from 1
    uint32_t knows_dead[NET_HOSTS]; //  newest life of each host that it knows is over
} node_t;

struct _net_t {
    const net_conf_t *conf;
    uint64_t now_ns;
    node_t nodes[NET_HOSTS];
    link_t links[NET_HOSTS][NET_HOSTS];
    http_call_t clients[NET_CLIENTS];
    history_seen_t seen[NET_CLIENTS];
    bool asked[NET_CLIENTS];
    bool opened[NET_CLIENTS];
    bool alone[NET_CLIENTS];
    unsigned deaths;
    unsigned deltas;  //  that were sent
    unsigned seconds; //  that have passed as events
    book_t *book;     //  owned
    br_buf_t history;
};

static const struct {
    const char *name;
    const char *actor;
    const br_actor_t *kind;
    br_role_t role;
} s_rows[NET_HOSTS] = {
    [NET_INGRESS] = { "ingress", "ingress", &br_ingress_actor, BR_ROLE_INGRESS },
    [NET_ROUTER] = { "router", "router", &br_router_actor, BR_ROLE_ROUTER },
    [NET_ALPHA] = { "alpha", "upstream/alpha", &peers_upstream, BR_ROLE_UPSTREAM },
    [NET_BETA] = { "beta", "upstream/beta", &peers_upstream, BR_ROLE_UPSTREAM },
    [NET_METER] = { "meter", "meter", &peers_meter, BR_ROLE_METER },
    [NET_GUARD] = { "guard", "guard", &br_guard_actor, BR_ROLE_GUARD },
};

static const br_actor_t *const s_kinds[] = { &br_ingress_actor, &br_router_actor,
                                             &peers_upstream,   &peers_meter,
                                             &br_guard_actor,   NULL };

static const char s_slice[] = "{\"receipts\":%s,%s\"listen\":[\"127.0.0.1:1\"],\"listen_"
                              "given\":true,\"providers\":{"
                              "\"alpha\":{\"actor\":\"upstream/"
                              "alpha\",\"models\":{\"m\":{\"max_input_tokens\":8000}}},"
                              "\"beta\":{\"actor\":\"upstream/"
                              "beta\",\"models\":{\"m\":{\"max_input_tokens\":16000}}}},"
                              "\"models\":{"
                              "\"once\":{\"strategy\":\"priority\",\"endpoints\":["
                              "{\"provider\":\"alpha\",\"model\":\"m\"},"
                              "{\"provider\":\"beta\",\"model\":\"m\"}]},"
                              "\"again\":{\"strategy\":\"priority\",\"endpoints\":["
                              "{\"provider\":\"alpha\",\"model\":\"m\"},"
                              "{\"provider\":\"beta\",\"model\":\"m\"},"
                              "{\"provider\":\"alpha\",\"model\":\"m\"}]}}}";

//  What ingress and guard know of guardrails.
static const char s_scope[] =
    "\"guard\":{\"sets\":[{\"strictest\":{\"downgoing\":\"block\"}}]},";
static const char s_rules[] = "{\"custom\":[{\"name\":\"word\",\"regex\":\"" PIECE_BLOCKED
                              "\"}],"
                              "\"sets\":[{\"custom_downgoing\":{\"word\":\"block\"}}]}";

static uint32_t
s_number (net_host_t host)
{
    return (uint32_t) host + 1;
}

//  ---- history

void
net_note (net_t *self, const char *text)
{
    if (self->conf->loud)
        br_buf_addf (&self->history, "%s\n", text);
}

static void
s_note (net_t *self, const char *format, unsigned client, const char *name)
{
    char line[128];
    if (!self->conf->loud)
        return;
    snprintf (line, sizeof line, format, client, name);
    net_note (self, line);
}

const char *
net_history (net_t *self)
{
    return br_buf_text (&self->history);
}

//  ---- links

static void
s_push (link_t *link, packet_t *packet)
{
    *link->last = packet;
    link->last = &packet->next;
}

static packet_t *
s_pop (link_t *link)
{
    packet_t *packet = link->first;
    if (!packet)
        return NULL;
    link->first = packet->next;
    if (!link->first)
        link->last = &link->first;
    return packet;
}

static void
s_packet_free (packet_t *packet)
{
    br_buf_free (&packet->bytes);
    br_blob_destroy (&packet->body);
    free (packet);
}

//  True when there was something.
static bool
s_clear (link_t *link)
{
    bool any = link->first != NULL;
    for (packet_t *packet = s_pop (link); packet; packet = s_pop (link))
        s_packet_free (packet);
    return any;
}

//  ---- the rest of the world, as a host sees it

static int
s_send (void *arg, br_msg_t **msg_p, br_error_t *reterr)
{
    node_t *node = arg;
    net_t *self = node->net;
    br_msg_t *msg = *msg_p;
    uint32_t to = msg->to.host - 1;
    if (to >= NET_HOSTS || msg->to.life <= node->knows_dead[to])
        return br_error_set (reterr, BR_EGONE, "the host is gone");
    bool lost = !self->nodes[to].host || self->nodes[to].life != msg->to.life;
    if (msg->verb == BR_REPLY_DELTA && ++self->deltas == self->conf->drop_delta) {
        net_note (self, "    (a delta is lost)");
        lost = true;
    }
    if (!lost) {
        packet_t *packet = BR_NEW (packet_t);
        br_buf_init (&packet->bytes, MESSAGE_MAX);
        br_msg_encode (msg, &packet->bytes);
        if (msg->body)
            packet->body = br_blob_new (br_blob_data (msg->body),
                                        br_blob_size (msg->body));
        s_push (&self->links[node->number][to], packet);
    }
    br_msg_destroy (msg_p);
    return 0;
}

static br_addr_t
s_find (void *arg, const char *name)
{
    const node_t *node = arg;
    for (uint32_t i = 0; i < NET_HOSTS; i++) {
        uint32_t life = node->net->nodes[i].life;
        if (strcmp (s_rows[i].actor, name) == 0 && life > node->knows_dead[i])
            return (br_addr_t) { i + 1, life, 1 };
    }
    return (br_addr_t) { .host = 0 };
}

static br_role_t
s_role (void *arg, br_addr_t addr)
{
    (void) arg;
    return addr.host && addr.host <= NET_HOSTS ? s_rows[addr.host - 1].role
                                               : BR_ROLE_COUNT;
}

static const char *
s_name (void *arg, br_addr_t addr)
{
    (void) arg;
    return addr.host && addr.host <= NET_HOSTS ? s_rows[addr.host - 1].actor : NULL;
}

static void
s_events (void *arg, br_buf_t *lines)
{
    (void) arg;
    br_buf_clear (lines);
}

static void
s_message (void *arg, const br_msg_t *msg)
{
    (void) arg;
    (void) msg;
}

static const br_remote_t s_remote = { .send = s_send,
                                      .find = s_find,
                                      .role = s_role,
                                      .name = s_name,
                                      .events = s_events,
                                      .message = s_message };

//  ---- hosts

static br_ctx_t *
s_ctx (const net_t *self, net_host_t number)
{
    return br_host_ctx (self->nodes[number].host, s_rows[number].actor);
}

static void
s_configure_guard (br_ctx_t *ctx)
{
    int rc = br_guard_actor.conf_try (ctx->state, s_rules, NULL);
    if (rc == 0)
        rc = br_guard_actor.conf_take (ctx->state, 1, NULL);
    assert (rc == 0);
}

static void
s_configure_ingress (br_ctx_t *ctx, const net_conf_t *conf)
{
    ingress_t *ingress = ctx->state;
    char *slice = br_strf (s_slice, conf->receipts ? "true" : "false",
                           conf->guarded ? s_scope : "");
    int rc = br_ingress_actor.conf_try (ingress, slice, NULL);
    free (slice);
    if (rc == 0)
        rc = br_ingress_actor.conf_take (ingress, 1, NULL);
    assert (rc == 0);
    ingress->last_id = (br_id_t) { 7, 0 }; //  the same in each run
}

static void
s_configure_router (br_ctx_t *ctx, unsigned retries)
{
    char *slice = br_strf ("{\"retries\":%u,\"backoff\":{\"base_ms\":100}}", retries);
    int rc = br_router_actor.conf_try (ctx->state, slice, NULL);
    ctx->random = 7; //  the same back-offs in each run
    if (rc == 0)
        rc = br_router_actor.conf_take (ctx->state, 1, NULL);
    assert (rc == 0);
    free (slice);
}

static void
s_start (net_t *self, net_host_t number)
{
    node_t *node = &self->nodes[number];
    node->net = self;
    node->number = number;
    node->life++;
    br_host_conf_t conf = { .name = s_rows[number].name, .actors = s_kinds };
    conf.clock = br_clock_manual (&self->now_ns);
    conf.log = (br_log_t) { .fd = -1, .level = BR_LOG_LEVELS };
    node->host = br_host_new (&conf, NULL);
    assert (node->host);
    br_host_set_self (node->host, s_number (number), node->life);
    br_host_set_remote (node->host, &s_remote, node);
    br_addr_t addr = br_host_start (node->host, s_rows[number].actor, NULL);
    assert (br_addr_is_set (addr));
    if (number == NET_INGRESS)
        s_configure_ingress (s_ctx (self, number), self->conf);
    else if (number == NET_GUARD)
        s_configure_guard (s_ctx (self, number));
    else if (number == NET_ROUTER)
        s_configure_router (s_ctx (self, number), self->conf->retries);
    else
        peers_set_book (s_ctx (self, number), self->book);
}

//  Whatever an event has brought about: all that happens within one host.
static void
s_work (net_t *self, net_host_t number)
{
    br_host_t *host = self->nodes[number].host;
    while (host && br_host_work (host))
        continue;
    for (unsigned i = 0; number == NET_INGRESS && i < NET_CLIENTS; i++) {
        if (self->conf->loud && self->asked[i])
            history_client (&self->history, i, &self->clients[i], &self->seen[i]);
        if (host && !self->conf->slow_clients)
            client_take (&self->clients[i]);
    }
}

//  Providers have nothing to do with each other, and the meter with nobody's death: as a
//  peer it answers and forgets. The guard minds its clients'.
static bool
s_minds (net_host_t dead, net_host_t other)
{
    if (other == NET_GUARD)
        return dead == NET_INGRESS;
    bool passes = dead < NET_ALPHA || dead == NET_GUARD;
    return other < NET_ALPHA || (other != NET_METER && passes);
}

static void
s_die (net_t *self, net_host_t number, bool loses)
{
    node_t *node = &self->nodes[number];
    bool lost = false;
    br_host_destroy (&node->host);
    self->deaths++;
    self->book->dead |= 1u << s_number (number);
    for (unsigned i = 0; i < NET_HOSTS; i++) {
        s_clear (&self->links[i][number]);
        if (loses)
            lost |= s_clear (&self->links[number][i]);
        if (!self->nodes[i].host || !s_minds (number, (net_host_t) i))
            continue;
        packet_t *packet = BR_NEW (packet_t);
        packet->life = node->life;
        s_push (&self->links[number][i], packet);
    }
    if (self->conf->loud)
        br_buf_addf (&self->history, "%s dies%s\n", s_rows[number].name,
                     lost ? ", and what it has sent is lost" : "");
}

void
net_new_meter (net_t *self)
{
    if (self->nodes[NET_METER].host)
        return;
    s_start (self, NET_METER);
    net_note (self, "a new meter");
}

//  ---- life

net_t *
net_new (const net_conf_t *conf)
{
    net_t *self = BR_NEW (net_t);
    self->conf = conf;
    self->book = BR_NEW (book_t);
    self->now_ns = 1000000000000u;
    br_buf_init (&self->history, HISTORY_MAX);
    self->book->slow_meter = conf->slow_meter;
    memcpy (self->book->scripts, conf->scripts, sizeof conf->scripts);
    for (unsigned i = 0; i < NET_HOSTS; i++)
        for (unsigned j = 0; j < NET_HOSTS; j++)
            self->links[i][j].last = &self->links[i][j].first;
    for (unsigned i = 0; i < NET_HOSTS; i++)
        if (i != NET_GUARD || conf->guarded)
            s_start (self, (net_host_t) i);
    return self;
}

void
net_destroy (net_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    net_t *self = *self_p;
    for (unsigned i = 0; i < NET_HOSTS; i++)
        br_host_destroy (&self->nodes[i].host);
    for (unsigned i = 0; i < NET_HOSTS; i++)
        for (unsigned j = 0; j < NET_HOSTS; j++)
            s_clear (&self->links[i][j]);
    for (unsigned i = 0; i < NET_CLIENTS; i++)
        client_free (&self->clients[i]);
    book_destroy (&self->book);
    br_buf_free (&self->history);
    free (self);
    *self_p = NULL;
}

//  ---- what can happen

//  The attempt of a client at a host that has something to say, or NULL.
static attempt_t *
s_speaker (const net_t *self, net_host_t host, unsigned client)
{
    for (size_t i = 0; self->nodes[host].host && i < self->book->attempts_size; i++) {
        attempt_t *attempt = &self->book->attempts[i];
        if (attempt->host == s_number (host) && attempt->client == client
            && peers_next_word (attempt))
            return attempt;
    }
    return NULL;
}

static uint64_t
s_client_events (const net_t *self, unsigned client)
{
    uint64_t events = 0;
    const http_call_t *http = &self->clients[client];
    if (!self->nodes[NET_INGRESS].host)
        return 0;
    if (self->conf->restless && !self->asked[client])
        events |= UINT64_C (1) << NET_ASK (client);
    if (http->server && (self->conf->leavers >> client & 1))
        events |= UINT64_C (1) << NET_LEAVE (client);
    if (self->conf->slow_clients && client_has_to_take (http))
        events |= UINT64_C (1) << NET_TAKE (client);
    return events;
}

uint64_t
net_events (const net_t *self)
{
    uint64_t events = 0;
    for (unsigned i = 0; i < NET_HOSTS; i++)
        for (unsigned j = 0; j < NET_HOSTS; j++)
            if (self->links[i][j].first && self->nodes[j].host)
                events |= UINT64_C (1) << NET_DELIVER (i, j);
    for (unsigned i = 0; i < self->conf->clients; i++) {
        for (unsigned host = NET_ALPHA; host <= NET_BETA; host++)
            if (s_speaker (self, (net_host_t) host, i))
                events |= UINT64_C (1) << NET_SAY (host, i);
        events |= s_client_events (self, i);
    }
    for (unsigned i = 0; self->deaths < self->conf->deaths && i < NET_HOSTS; i++)
        if (self->nodes[i].host && (self->conf->mortal >> i & 1)) {
            events |= UINT64_C (1) << NET_FALL (i);
            if (!self->conf->no_grace)
                events |= UINT64_C (1) << NET_DIE (i);
        }
    if (self->conf->restless)
        events |= UINT64_C (1) << NET_TICK | UINT64_C (1) << NET_SECOND;
    if (self->seconds < self->conf->seconds)
        events |= UINT64_C (1) << NET_SECOND;
    return events;
}

//  ---- it happens

//  Ingress hears that its router is gone: whose answer has begun is its own to settle.
static void
s_note_alone (net_t *self)
{
    for (unsigned i = 0; i < NET_CLIENTS; i++) {
        const http_call_t *client = &self->clients[i];
        if (client->server && client->status && client->end == CLIENT_WAITS)
            self->alone[i] = true;
    }
}

static void
s_deliver_gone (net_t *self, net_host_t from, net_host_t to, uint32_t life)
{
    self->nodes[to].knows_dead[from] = life;
    if (self->conf->loud)
        br_buf_addf (&self->history, "    %-7s -> %-7s is gone\n", s_rows[from].name,
                     s_rows[to].name);
    if (from == NET_ROUTER && to == NET_INGRESS)
        s_note_alone (self);
    br_host_gone (self->nodes[to].host, s_number (from), life);
}

static void
s_deliver (net_t *self, net_host_t from, net_host_t to)
{
    packet_t *packet = s_pop (&self->links[from][to]);
    if (packet->life) {
        s_deliver_gone (self, from, to, packet->life);
        s_packet_free (packet);
        return;
    }
    br_msg_t *msg = br_msg_decode (packet->bytes.data, packet->bytes.size, NULL, NULL);
    assert (msg);
    msg->body = br_blob_ref (packet->body);
    if (self->conf->loud)
        history_message (&self->history, s_rows[from].name, s_rows[to].name, msg);
    if (msg->verb == BR_CALL_OPEN && to == NET_ROUTER) {
        const struct br_call_open *open = br_msg_fields (msg);
        self->opened[(unsigned) (open->request_id[5] - '0') % NET_CLIENTS] = true;
    }
    br_host_arrived (self->nodes[to].host, &msg);
    if (msg)
        self->book->misuse = "a message that its receiver refuses";
    br_msg_destroy (&msg);
    s_packet_free (packet);
}

static void
s_ask (net_t *self, unsigned client)
{
    static const char *const ids[NET_CLIENTS] = { "call-0", "call-1", "call-2" };
    const char *what = self->conf->asks[client];
    const ingress_t *ingress = s_ctx (self, NET_INGRESS)->state;
    char *body = br_strf ("{\"model\":\"%s\",\"stream\":%s,\"kind\":\"%s\"}",
                          strstr (what, "again") ? "again" : "once",
                          strstr (what, "stream") ? "true" : "false", what);
    s_note (self, "client %u asks: %s", client, what);
    self->asked[client] = true;
    self->clients[client].continues = strstr (what, "continue") != NULL;
    client_post (&self->clients[client], ingress_doors_at (ingress->doors, 0)->server,
                 ids[client], body);
    free (body);
}

static void
s_say (net_t *self, net_host_t host, unsigned client)
{
    attempt_t *attempt = s_speaker (self, host, client);
    if (!attempt)
        return;
    if (self->conf->loud)
        br_buf_addf (&self->history, "%s says: %s\n", s_rows[host].name,
                     peers_word (peers_next_word (attempt)));
    peers_say (s_ctx (self, host), attempt);
}

static void
s_pass (net_t *self, unsigned ms)
{
    s_note (self, "%u ms pass%s", ms, "");
    self->now_ns += UINT64_C (1000000) * ms;
    static const net_host_t timed[] = { NET_INGRESS, NET_ROUTER, NET_GUARD };
    for (unsigned i = 0; i < sizeof timed / sizeof *timed; i++) {
        if (self->nodes[timed[i]].host)
            br_loop_turn (br_host_loop (self->nodes[timed[i]].host), 0);
        s_work (self, timed[i]);
    }
}

static net_host_t
s_sender (net_event_t event)
{
    return (net_host_t) (event / (NET_HOSTS - 1));
}

static net_host_t
s_receiver (net_event_t event)
{
    unsigned other = event % (NET_HOSTS - 1);
    return (net_host_t) (other + (other >= (unsigned) s_sender (event)));
}

//  The host where an event happens; NET_HOSTS for all.
static net_host_t
s_place (net_event_t event)
{
    if (event < NET_LINKS)
        return s_receiver (event);
    if (event < NET_ASK (0))
        return (net_host_t) (NET_ALPHA + (event - NET_LINKS) / NET_CLIENTS);
    if (event < NET_DIE (0))
        return NET_INGRESS;
    return event < NET_TICK ? (net_host_t) ((event - NET_DIE (0)) % NET_HOSTS)
                            : NET_HOSTS;
}

void
net_do (net_t *self, net_event_t event)
{
    net_host_t place = s_place (event);
    if (event < NET_LINKS)
        s_deliver (self, s_sender (event), place);
    else if (event < NET_ASK (0))
        s_say (self, place, (event - NET_LINKS) % NET_CLIENTS);
    else if (event < NET_LEAVE (0))
        s_ask (self, event - NET_ASK (0));
    else if (event < NET_TAKE (0)) {
        s_note (self, "client %u leaves%s", event - NET_LEAVE (0), "");
        client_leave (&self->clients[event - NET_LEAVE (0)]);
    } else if (event < NET_DIE (0))
        client_take (&self->clients[event - NET_TAKE (0)]);
    else if (event < NET_TICK)
        s_die (self, place, event >= NET_FALL (0));
    else {
        self->seconds += event == NET_SECOND;
        s_pass (self, event == NET_TICK ? TICK_MS : SECOND_MS);
    }
    if (place != NET_HOSTS)
        s_work (self, place);
}

bool
net_is_dependent (net_event_t a, net_event_t b)
{
    net_host_t place_a = s_place (a);
    net_host_t place_b = s_place (b);
    if (place_a == place_b || place_a == NET_HOSTS || place_b == NET_HOSTS)
        return true;
    //  A host that falls takes along what it has sent, and what was sent to it.
    bool deaths = a >= NET_DIE (0) && b >= NET_DIE (0);
    net_event_t death = a >= NET_FALL (0) ? a : b;
    net_event_t other = death == a ? b : a;
    return deaths
           || (death >= NET_FALL (0) && other < NET_LINKS
               && s_sender (other) == s_place (death));
}

void
net_settle (net_t *self, bool speak)
{
    uint64_t wanted = (UINT64_C (1) << NET_LINKS) - 1;
    for (unsigned i = 0; i < NET_CLIENTS; i++) {
        wanted |= UINT64_C (1) << NET_TAKE (i);
        if (speak)
            wanted |= UINT64_C (1) << NET_SAY (NET_ALPHA, i)
                      | UINT64_C (1) << NET_SAY (NET_BETA, i);
    }
    for (uint64_t events = net_events (self) & wanted; events;
         events = net_events (self) & wanted)
        net_do (self, (net_event_t) __builtin_ctzll (events));
}

void
net_pass (net_t *self, unsigned ms)
{
    s_pass (self, ms);
}

//  ---- what became of it

bool
net_is_alive (const net_t *self, net_host_t host)
{
    return self->nodes[host].host != NULL;
}

bool
net_was_opened (const net_t *self, unsigned client)
{
    return self->opened[client];
}

bool
net_was_alone (const net_t *self, unsigned client)
{
    return self->alone[client];
}

bool
net_was_dropped (const net_t *self)
{
    return self->conf->drop_delta && self->deltas >= self->conf->drop_delta;
}

const http_call_t *
net_client (const net_t *self, unsigned client)
{
    return &self->clients[client];
}

book_t *
net_book (net_t *self)
{
    return self->book;
}

char *
net_admin (const net_t *self, net_host_t host, const char *command)
{
    return s_rows[host].kind->admin (s_ctx (self, host)->state, command, "{}");
}
