//  member: a host's seat at the bus.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/member.h"
#include "broker/core/version.h"

#define JOIN_AGAIN_MS 200
#define JOIN_AGAIN_MAX_MS 2000
#define BEAT_MS 500
#define SAY_JOINS 5 //  the try, after 2 seconds, that is said to be in vain so far
#define LOST_MAX 64
#define ENDED_MAX 64 //  actors whose last words are still believed

struct _br_member_t {
    br_host_t *host;
    br_loop_t *loop;
    br_mailbox_t *mailbox;
    br_directory_t directory;
    br_place_t ended[ENDED_MAX]; //  a ring of actors that left it, but whose host is here
    size_t ended_count;          //  written so far
    br_addr_t lost[LOST_MAX]; //  a ring of hosts whose link is lost: it never comes back
    size_t lost_count;        //  written so far
    bool is_broker;           //  this is the broker's host
    char broker_endpoint[BR_ENDPOINT_MAX];
    char broker_key[41];
    br_curve_t curve;
    br_addr_t broker; //  the actor; unset until welcomed
    uint64_t nonce;
    uint32_t joins;   //  count of tries
    bool again;       //  it comes again
    uint64_t late_ns; //  when it gives up; UINT64_MAX = never
    br_timer_t join_timer;
    br_timer_t beat_timer;
    uint64_t told_version; //  what sys.linked said last
    size_t told_missing;
    size_t told_lost;
    br_member_status_t status;
};

//  ---- to the broker

static int
s_tell (br_member_t *self, br_verb_t verb, const void *fields, br_blob_t *body)
{
    br_msg_t *msg = br_msg_new (verb, (br_id_t) { 0, 0 }, 0, fields, body);
    msg->from = br_host_addr (self->host);
    msg->to = self->broker;
    int rc = br_host_post (self->host, &msg, NULL);
    br_msg_destroy (&msg);
    return rc;
}

static bool
s_is_lost (const br_member_t *self, const br_peer_t *peer)
{
    for (size_t i = 0; i < LOST_MAX; i++)
        if (self->lost[i].host == peer->host && self->lost[i].life == peer->life)
            return true;
    return false;
}

static void
s_tell_linked (br_member_t *self)
{
    size_t missing = br_member_missing (self);
    if (self->is_broker
        || (self->told_version == self->directory.version && self->told_missing == missing
            && self->told_lost == self->lost_count))
        return;
    self->told_version = self->directory.version;
    self->told_missing = missing;
    self->told_lost = self->lost_count;
    struct br_sys_linked linked = { .version = self->directory.version };
    linked.missing = missing;
    for (size_t i = 0; !linked.lost && i < self->directory.peers_size; i++) {
        const br_peer_t *peer = &self->directory.peers[i];
        if (!s_is_lost (self, peer))
            continue;
        linked.lost = peer->host;
        linked.lost_life = peer->life;
    }
    s_tell (self, BR_SYS_LINKED, &linked, NULL);
}

static void
s_beat (void *arg)
{
    br_member_t *self = arg;
    br_host_stats_t stats = br_host_stats (self->host);
    struct br_sys_beat beat = { .messages = stats.messages };
    beat.handler_us = stats.longest_ns / 1000;
    beat.p999_us = br_host_stats_p999_us (&stats);
    beat.slow = stats.slow;
    beat.queued_bytes = stats.queued_bytes + br_mailbox_bytes (self->mailbox);
    s_tell (self, BR_SYS_BEAT, &beat, NULL);
    br_timer_set (self->loop, &self->beat_timer, BEAT_MS, s_beat, self);
}

static void
s_end (br_member_t *self, br_member_status_t status)
{
    self->status = status;
    br_loop_stop (self->loop);
}

static uint64_t
s_join_again_ms (const br_member_t *self)
{
    uint64_t wait_ms = (uint64_t) JOIN_AGAIN_MS * self->joins;
    return wait_ms < JOIN_AGAIN_MAX_MS ? wait_ms : JOIN_AGAIN_MAX_MS;
}

//  Each try is a new link under a number of its own, since a link never comes back.
static void
s_join (void *arg)
{
    br_member_t *self = arg;
    if (self->joins)
        br_mailbox_unlink (self->mailbox, BR_BROKER_HOST, 0);
    if (br_loop_now_ns (self->loop) >= self->late_ns) {
        s_end (self, BR_MEMBER_LATE);
        return;
    }
    self->joins++;
    if (self->joins == SAY_JOINS && !self->again)
        br_log_line (br_host_log (self->host), BR_LOG_WARN, br_host_name (self->host),
                     "no broker answers at %s; still trying to join",
                     self->broker_endpoint);
    br_timer_set (self->loop, &self->join_timer, s_join_again_ms (self), s_join, self);
    int rc = br_mailbox_link (self->mailbox, BR_BROKER_HOST, 0, self->broker_endpoint,
                              self->broker_key, NULL);
    if (rc)
        return;
    struct br_sys_join join = { .name = br_host_name (self->host) };
    join.endpoint = br_mailbox_endpoint (self->mailbox);
    join.public_key = self->curve.public_key;
    join.pid = (uint64_t) getpid ();
    join.nonce = self->nonce;
    join.version = BR_VERSION;
    br_msg_t *msg = br_msg_new (BR_SYS_JOIN, (br_id_t) { 0, 0 }, 0, &join, NULL);
    msg->to = (br_addr_t) { .host = BR_BROKER_HOST, .actor = 1 };
    br_mailbox_send (self->mailbox, &msg, NULL);
    br_msg_destroy (&msg);
}

//  ---- the directory

static bool
s_needs (const br_member_t *self, const br_peer_t *peer)
{
    uint32_t own = br_host_addr (self->host).host;
    return peer->host != own
           && br_directory_needs_link (&self->directory, own, peer->host);
}

size_t
br_member_missing (const br_member_t *self)
{
    size_t missing = 0;
    for (size_t i = 0; i < self->directory.peers_size; i++) {
        const br_peer_t *peer = &self->directory.peers[i];
        if (s_needs (self, peer)
            && !br_mailbox_is_up (self->mailbox, peer->host, peer->life))
            missing++;
    }
    return missing;
}

//  Hosts that the fresh directory does not have are gone.
static void
s_unlink_gone (br_member_t *self, const br_directory_t *fresh)
{
    for (size_t i = 0; i < self->directory.peers_size; i++) {
        const br_peer_t *old = &self->directory.peers[i];
        const br_peer_t *now = br_directory_peer (fresh, old->host);
        if (!now || now->life != old->life)
            br_mailbox_unlink (self->mailbox, old->host, old->life);
    }
}

//  The last messages of an actor may come after the directory that does not name it.
static void
s_note_ended (br_member_t *self, const br_directory_t *fresh)
{
    for (size_t i = 0; i < self->directory.places_size; i++) {
        const br_place_t *place = &self->directory.places[i];
        const br_peer_t *peer = br_directory_peer (fresh, place->addr.host);
        bool here = peer && peer->life == place->addr.life;
        if (here && !br_directory_place (fresh, place->addr))
            self->ended[self->ended_count++ % ENDED_MAX] = *place;
    }
}

static void
s_use_directory (br_member_t *self, uint64_t version, br_bytes_t rows)
{
    br_directory_t fresh;
    br_directory_init (&fresh);
    if (br_directory_decode (&fresh, version, rows))
        return;
    s_note_ended (self, &fresh);
    s_unlink_gone (self, &fresh); //  their last messages are still believed
    br_directory_clear (&self->directory);
    self->directory = fresh;
    for (size_t i = 0; i < self->directory.peers_size; i++) {
        const br_peer_t *peer = &self->directory.peers[i];
        if (s_needs (self, peer) && !s_is_lost (self, peer))
            br_mailbox_link (self->mailbox, peer->host, peer->life, peer->endpoint,
                             peer->public_key, NULL);
    }
    s_tell_linked (self);
}

void
br_member_publish (br_member_t *self, const br_directory_t *directory)
{
    br_buf_t rows;
    br_buf_init (&rows, BR_DIRECTORY_MAX);
    br_directory_encode (directory, &rows);
    s_use_directory (self, directory->version, (br_bytes_t) { rows.data, rows.size });
    br_buf_free (&rows);
}

//  ---- messages for the host itself

static void
s_joined (void *arg)
{
    br_member_t *self = arg;
    br_mailbox_unlink (self->mailbox, BR_BROKER_HOST, 0);
}

static void
s_on_welcome (br_member_t *self, const br_msg_t *msg)
{
    const struct br_sys_welcome *welcome = br_msg_fields (msg);
    if (welcome->nonce != self->nonce || br_addr_is_set (self->broker))
        return;
    if (*welcome->error) {
        br_log_line (br_host_log (self->host), BR_LOG_ERROR, br_host_name (self->host),
                     "the broker refuses: %s", welcome->error);
        s_end (self, BR_MEMBER_REFUSED);
        return;
    }
    br_timer_cancel (self->loop, &self->join_timer);
    if (self->again)
        br_log_line (br_host_log (self->host), BR_LOG_WARN, br_host_name (self->host),
                     "it has joined the broker again");
    self->broker = msg->from;
    br_host_set_self (self->host, (uint32_t) welcome->host, (uint32_t) welcome->life);
    br_mailbox_set_self (self->mailbox, (uint32_t) welcome->host,
                         (uint32_t) welcome->life);
    br_mailbox_link (self->mailbox, msg->from.host, msg->from.life, self->broker_endpoint,
                     self->broker_key, NULL);
    //  not now: to let a link go, the mailbox is read empty, and there may be more behind
    //  the welcome
    br_timer_set (self->loop, &self->join_timer, 0, s_joined, self);
    br_timer_set (self->loop, &self->beat_timer, BEAT_MS, s_beat, self);
}

static void
s_on_start (br_member_t *self, const br_msg_t *msg)
{
    const struct br_sys_start *start = br_msg_fields (msg);
    br_error_t error = { .code = BR_OK };
    struct br_sys_started started = { .name = start->name };
    started.addr = br_host_start (self->host, start->name, &error);
    if (!br_addr_is_set (started.addr))
        started.error = error.text;
    s_tell (self, BR_SYS_STARTED, &started, NULL);
}

static void
s_on_end (br_member_t *self, const br_msg_t *msg)
{
    const struct br_sys_end *end = br_msg_fields (msg);
    if (*end->name)
        br_host_end (self->host, end->name);
    else
        s_end (self, end->again ? BR_MEMBER_AGAIN : BR_MEMBER_TOLD);
}

static void
s_on_peers (br_member_t *self, const br_msg_t *msg)
{
    const struct br_sys_peers *peers = br_msg_fields (msg);
    if (peers->version > self->directory.version)
        s_use_directory (self, peers->version, peers->rows);
}

static void
s_on_want (br_member_t *self, const br_msg_t *msg)
{
    const struct br_bus_want *want = br_msg_fields (msg);
    br_host_watch (self->host, want->wanted != 0, want->trace != 0);
}

static const struct {
    br_verb_t verb;
    void (*fn) (br_member_t *self, const br_msg_t *msg);
} s_rows[] = {
    { BR_SYS_START, s_on_start },
    { BR_SYS_END, s_on_end },
    { BR_SYS_PEERS, s_on_peers },
    { BR_BUS_WANT, s_on_want },
};

static void
s_remote_message (void *arg, const br_msg_t *msg)
{
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++)
        if (s_rows[i].verb == msg->verb)
            s_rows[i].fn (arg, msg);
}

//  ---- the rest of the world, for the host

static int
s_remote_send (void *arg, br_msg_t **msg_p, br_error_t *reterr)
{
    br_member_t *self = arg;
    return br_mailbox_send (self->mailbox, msg_p, reterr);
}

static br_addr_t
s_remote_find (void *arg, const char *name)
{
    const br_member_t *self = arg;
    const br_place_t *place = br_directory_find (&self->directory, name);
    return place ? place->addr : (br_addr_t) { .host = 0 };
}

static size_t
s_remote_peers (void *arg, br_role_t role, br_addr_t *ret_addrs, size_t max)
{
    const br_member_t *self = arg;
    uint32_t own = br_host_addr (self->host).host;
    size_t count = 0;
    for (size_t i = 0; i < self->directory.places_size && count < max; i++) {
        const br_place_t *place = &self->directory.places[i];
        if (place->open && place->role == role && place->addr.host != own)
            ret_addrs[count++] = place->addr;
    }
    return count;
}

static br_role_t
s_remote_role (void *arg, br_addr_t addr)
{
    const br_member_t *self = arg;
    if (!addr.actor)
        return addr.host ? BR_ROLE_HOST : BR_ROLE_COUNT;
    if (br_addr_is (addr, self->broker))
        return BR_ROLE_BROKER;
    const br_place_t *place = br_directory_place (&self->directory, addr);
    for (size_t i = 0; !place && i < ENDED_MAX; i++)
        if (br_addr_is (self->ended[i].addr, addr))
            place = &self->ended[i];
    return place ? place->role : BR_ROLE_COUNT;
}

static const char *
s_remote_name (void *arg, br_addr_t addr)
{
    const br_member_t *self = arg;
    const br_place_t *place = br_directory_place (&self->directory, addr);
    const br_peer_t *peer = addr.actor ? NULL
                                       : br_directory_peer (&self->directory, addr.host);
    if (peer && peer->life == addr.life)
        return peer->name;
    return place ? place->name : NULL;
}

static void
s_remote_events (void *arg, br_buf_t *lines)
{
    br_member_t *self = arg;
    br_blob_t *body = br_blob_new (lines->data, lines->size);
    s_tell (self, BR_BUS_EVENTS, NULL, body);
    br_blob_destroy (&body);
}

static uint64_t
s_remote_flush (void *arg)
{
    br_member_t *self = arg;
    return br_mailbox_flush (self->mailbox);
}

static const br_remote_t s_remote = {
    .send = s_remote_send,
    .find = s_remote_find,
    .role = s_remote_role,
    .name = s_remote_name,
    .events = s_remote_events,
    .message = s_remote_message,
    .flush = s_remote_flush,
    .peers = s_remote_peers,
};

//  ---- the mailbox's news

//  The welcome is not queued: what follows it is addressed by the number that it brings.
static void
s_arrived (void *arg, br_msg_t **msg_p)
{
    br_member_t *self = arg;
    if ((*msg_p)->verb == BR_SYS_WELCOME)
        s_on_welcome (self, *msg_p);
    else
        br_host_arrived (self->host, msg_p);
}

static void
s_up (void *arg, uint32_t host, uint32_t life)
{
    (void) host;
    (void) life;
    s_tell_linked (arg);
}

static void
s_gone (void *arg, uint32_t host, uint32_t life)
{
    br_member_t *self = arg;
    if (life == 0)
        return; //  a try to join
    self->lost[self->lost_count++ % LOST_MAX] = (br_addr_t) { .host = host,
                                                              .life = life };
    br_host_gone (self->host, host, life);
    if (self->broker.host == host && self->broker.life == life) {
        br_log_line (br_host_log (self->host), BR_LOG_ERROR, br_host_name (self->host),
                     "the broker is gone");
        s_end (self, BR_MEMBER_LOST);
    }
    s_tell_linked (self);
}

static void
s_filling (void *arg, uint32_t host, size_t bytes)
{
    br_member_t *self = arg;
    const br_peer_t *peer = br_directory_peer (&self->directory, host);
    struct br_event_queue_filling filling = { .queue = peer ? peer->name : "?" };
    filling.bytes = bytes;
    br_host_event (self->host, BR_EVENT_QUEUE_FILLING, &filling);
}

//  What stands in the queue is handled first; one turn may bring many messages.
static bool
s_busy (void *arg)
{
    const br_member_t *self = arg;
    return br_host_queued (self->host) > BR_QUEUE_MAX / 2;
}

static const br_mailbox_handler_t s_mailbox = {
    .arrived = s_arrived,
    .up = s_up,
    .gone = s_gone,
    .filling = s_filling,
    .busy = s_busy,
};

//  ---- life

static void
s_be_broker (br_member_t *self)
{
    self->is_broker = true;
    br_addr_t addr = { .host = BR_BROKER_HOST,
                       .life = 1 + randombytes_uniform (1u << 30) };
    br_host_set_self (self->host, addr.host, addr.life);
    br_mailbox_set_self (self->mailbox, addr.host, addr.life);
    addr.actor = 1;
    self->broker = addr;
}

br_member_t *
br_member_new (br_host_t *host, void *zmq, const br_member_conf_t *conf,
               br_error_t *reterr)
{
    br_member_t *self = BR_NEW (br_member_t);
    self->host = host;
    self->loop = br_host_loop (host);
    self->nonce = (uint64_t) randombytes_random () << 32 | randombytes_random ();
    br_directory_init (&self->directory);
    if (conf->curve)
        self->curve = *conf->curve;
    self->mailbox = br_mailbox_new (self->loop, zmq, conf->bind, conf->curve, &s_mailbox,
                                    self, reterr);
    if (!self->mailbox) {
        br_member_destroy (&self);
        return NULL;
    }
    br_host_set_remote (host, &s_remote, self);
    if (!conf->broker) {
        s_be_broker (self);
        return self;
    }
    strncpy (self->broker_endpoint, conf->broker, sizeof self->broker_endpoint - 1);
    if (conf->broker_key)
        strncpy (self->broker_key, conf->broker_key, sizeof self->broker_key - 1);
    self->again = conf->join_ms != 0;
    self->late_ns = UINT64_MAX;
    if (self->again)
        self->late_ns = br_loop_now_ns (self->loop) + conf->join_ms * 1000000u;
    s_join (self);
    return self;
}

void
br_member_destroy (br_member_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_member_t *self = *self_p;
    br_timer_cancel (self->loop, &self->join_timer);
    br_timer_cancel (self->loop, &self->beat_timer);
    br_host_set_remote (self->host, NULL, NULL);
    br_mailbox_destroy (&self->mailbox);
    br_directory_clear (&self->directory);
    free (self);
    *self_p = NULL;
}

const char *
br_member_endpoint (const br_member_t *self)
{
    return br_mailbox_endpoint (self->mailbox);
}

br_mailbox_t *
br_member_mailbox (br_member_t *self)
{
    return self->mailbox;
}

br_member_status_t
br_member_status (const br_member_t *self)
{
    return self->status;
}

bool
br_member_has_joined (const br_member_t *self)
{
    return br_addr_is_set (self->broker);
}
