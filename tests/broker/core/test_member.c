//  member: a host's seat at the bus, against a broker that says what the test tells it to.
//  The member's time is the test's own; the sockets are real.

#include "tests/broker/core/bus_fixture.h"

#include <unistd.h>

#include "broker/core/pairs.h"
#include "broker/core/version.h"

#define MS 1000000u

//  A host that joins.
typedef struct {
    uint64_t now_ns;
    br_host_t *host;
    br_member_t *member;
} joiner_t;

static struct {
    char dir[64];
    void *zmq;
    fixture_broker_t broker;
    joiner_t a;
    joiner_t b;
    size_t fences; //  heard by ingress
    size_t gones;
    uint64_t gone;    //  the host that sys.gone named last
    uint64_t join_ms; //  of hosts to come
} s;

//  ---- actors

static void
s_on_fence (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    (void) ctx;
    (void) msg;
    s.fences++;
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    (void) ctx;
    s.gones++;
    s.gone = ((const struct br_sys_gone *) br_msg_fields (msg))->host;
}

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    if (strcmp (br_ctx_instance (ctx), "bad") != 0)
        return ctx;
    br_error_set (reterr, BR_ESYSTEM, "it is bad");
    return NULL;
}

static void
s_destroy (void **state_p)
{
    *state_p = NULL;
}

static const br_handler_row_t s_ingress_rows[] = { { BR_CALL_FENCE, s_on_fence },
                                                   { BR_SYS_GONE, s_on_gone },
                                                   { 0, NULL } };
static const br_handler_row_t s_no_rows[] = { { 0, NULL } };
static const br_actor_t s_ingress = { .name = "ingress",
                                      .about = "i",
                                      .role = BR_ROLE_INGRESS,
                                      .handlers = s_ingress_rows,
                                      .create = s_create,
                                      .destroy = s_destroy };
static const br_actor_t s_router = { .name = "router",
                                     .about = "r",
                                     .role = BR_ROLE_ROUTER,
                                     .handlers = s_no_rows,
                                     .create = s_create,
                                     .destroy = s_destroy };
static const br_actor_t s_upstream = { .name = "upstream",
                                       .about = "u",
                                       .role = BR_ROLE_UPSTREAM,
                                       .handlers = s_no_rows,
                                       .create = s_create,
                                       .destroy = s_destroy };
static const br_actor_t *const s_kinds[] = { &s_ingress, &s_router, &s_upstream, NULL };

//  ---- short words

static void
s_endpoint (const char *name, char room[128])
{
    snprintf (room, 128, "ipc://%s/%s.sock", s.dir, name);
}

static void
s_join (joiner_t *self, const char *name)
{
    char bind[128], broker[128];
    s_endpoint (name, bind);
    s_endpoint ("broker", broker);
    self->now_ns = MS;
    br_host_conf_t conf = { .name = name, .actors = s_kinds, .log = { .fd = -1 } };
    conf.clock = br_clock_manual (&self->now_ns);
    self->host = br_host_new (&conf, NULL);
    br_member_conf_t member = { .bind = bind, .broker = broker, .join_ms = s.join_ms };
    br_error_t error = { .code = BR_OK };
    self->member = br_member_new (self->host, s.zmq, &member, &error);
    if (!self->member)
        fail_msg ("%s", error.text);
}

static void
s_leave (joiner_t *self)
{
    br_host_end_all (self->host);
    br_member_destroy (&self->member);
    br_host_destroy (&self->host);
}

static int
s_setup (void **state)
{
    (void) state;
    memset (&s, 0, sizeof s);
    strcpy (s.dir, "/tmp/br-member-XXXXXX");
    assert_non_null (mkdtemp (s.dir));
    s.zmq = zmq_ctx_new ();
    char broker[128];
    s_endpoint ("broker", broker);
    s.broker = fixture_broker (s.zmq, broker);
    s_join (&s.a, "a");
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    s_leave (&s.a);
    s_leave (&s.b);
    fixture_broker_end (&s.broker);
    zmq_ctx_term (s.zmq);
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", s.dir);
    return system (command);
}

//  Turns everybody.
static void
s_turn (void)
{
    if (s.broker.host)
        br_loop_turn (br_host_loop (s.broker.host), 0);
    br_loop_turn (br_host_loop (s.a.host), 0);
    if (s.b.host)
        br_loop_turn (br_host_loop (s.b.host), 0);
    zmq_poll (NULL, 0, 1);
}

#define UNTIL(condition)                                                                 \
    do {                                                                                 \
        time_t end_s = fixture_now_s () + FIXTURE_DEADLINE_S;                            \
        while (!(condition)) {                                                           \
            s_turn ();                                                                   \
            if (fixture_now_s () > end_s)                                                \
                fail_msg ("never came: %s", #condition);                                 \
        }                                                                                \
    } while (0)

static size_t
s_count (br_verb_t verb)
{
    return s.broker.notes->counts[verb];
}

static const void *
s_heard (br_verb_t verb)
{
    assert_non_null (s.broker.notes->last[verb]);
    return br_msg_fields (s.broker.notes->last[verb]);
}

//  Waits for the join of the last one, and makes it host `number` of life 7.
static void
s_welcome (joiner_t *joiner, uint32_t number)
{
    UNTIL (s_count (BR_SYS_JOIN) >= number - 1);
    fixture_welcome (&s.broker, number, 7, NULL);
    UNTIL (br_host_addr (joiner->host).host == number);
}

//  Has an actor started; returns its address.
static br_addr_t
s_start (uint32_t number, const char *name)
{
    size_t before = s_count (BR_SYS_STARTED);
    struct br_sys_start start = { .name = name };
    fixture_tell (&s.broker, number, 7, BR_SYS_START, &start);
    UNTIL (s_count (BR_SYS_STARTED) > before);
    const struct br_sys_started *started = s_heard (BR_SYS_STARTED);
    assert_string_equal (started->name, name);
    return started->addr;
}

static void
s_add_peer (br_directory_t *directory, uint32_t host, uint32_t life, const char *name)
{
    br_peer_t peer = { .host = host, .life = life };
    snprintf (peer.name, sizeof peer.name, "%s", name);
    s_endpoint (name, peer.endpoint);
    br_directory_add_peer (directory, &peer);
}

//  Tells all of broker, a with ingress, and b with router, if it is there.
static void
s_publish (uint64_t version, bool with_b)
{
    br_directory_t directory;
    br_directory_init (&directory);
    br_addr_t broker = br_ctx_self (s.broker.ctx);
    s_add_peer (&directory, broker.host, broker.life, "broker");
    s_add_peer (&directory, 2, 7, "a");
    br_place_t places[] = { { broker, BR_ROLE_BROKER, true, "broker" },
                            { { 2, 7, 1 }, BR_ROLE_INGRESS, true, "ingress" },
                            { { 3, 7, 1 }, BR_ROLE_ROUTER, true, "router" } };
    for (size_t i = 0; i < 2u + with_b; i++)
        br_directory_add_place (&directory, &places[i]);
    if (with_b)
        s_add_peer (&directory, 3, 7, "b");
    directory.version = version;
    br_buf_t rows;
    br_buf_init (&rows, BR_DIRECTORY_MAX);
    br_directory_encode (&directory, &rows);
    struct br_sys_peers peers = { .version = version, .rows = { rows.data, rows.size } };
    fixture_tell (&s.broker, 2, 7, BR_SYS_PEERS, &peers);
    if (s.b.host)
        fixture_tell (&s.broker, 3, 7, BR_SYS_PEERS, &peers);
    br_member_publish (s.broker.member, &directory);
    br_buf_free (&rows);
    br_directory_clear (&directory);
}

//  Both hosts are here, with their actors, and linked.
static void
s_settle_both (void)
{
    s_welcome (&s.a, 2);
    s_start (2, "ingress");
    s_join (&s.b, "b");
    s_welcome (&s.b, 3);
    s_start (3, "router");
    s_publish (1, true);
    const br_ctx_t *ingress = br_host_ctx (s.a.host, "ingress");
    const br_ctx_t *router = br_host_ctx (s.b.host, "router");
    UNTIL (br_addr_is_set (br_ctx_find (ingress, "router"))
           && br_addr_is_set (br_ctx_find (router, "ingress")));
    UNTIL (br_member_missing (s.a.member) == 0 && br_member_missing (s.b.member) == 0);
}

//  ---- joining

static void
test_a_join_tells_who_and_where (void **state)
{
    (void) state;
    UNTIL (s_count (BR_SYS_JOIN));
    const struct br_sys_join *join = s_heard (BR_SYS_JOIN);
    assert_string_equal (join->name, "a");
    assert_string_equal (join->endpoint, br_member_endpoint (s.a.member));
    assert_string_equal (join->version, BR_VERSION);
    assert_string_equal (join->public_key, "");
    assert_int_equal (join->pid, getpid ());
    assert_true (join->nonce != 0);
}

static void
test_it_joins_again_until_it_is_welcome (void **state)
{
    (void) state;
    for (size_t tries = 1; tries <= 3; tries++) {
        UNTIL (s_count (BR_SYS_JOIN) == tries);
        s.a.now_ns += 200 * tries * (uint64_t) MS;
    }
    fixture_welcome (&s.broker, 2, 7, NULL);
    UNTIL (br_host_addr (s.a.host).host == 2);
    assert_int_equal (br_host_addr (s.a.host).life, 7);
    size_t joins = s_count (BR_SYS_JOIN);
    s.a.now_ns += 60000 * (uint64_t) MS;
    UNTIL (s_count (BR_SYS_BEAT));
    assert_true (s_count (BR_SYS_JOIN) <= joins + 1); //  one may have been on its way
}

static void
test_a_welcome_of_another_is_ignored (void **state)
{
    (void) state;
    UNTIL (s_count (BR_SYS_JOIN));
    const struct br_sys_join *join = s_heard (BR_SYS_JOIN);
    br_mailbox_t *mailbox = br_member_mailbox (s.broker.member);
    br_mailbox_link (mailbox, 2, 6, join->endpoint, "", NULL);
    struct br_sys_welcome welcome = { .nonce = join->nonce + 1, .host = 2, .life = 6 };
    welcome.error = "go away";
    fixture_tell (&s.broker, 2, 6, BR_SYS_WELCOME, &welcome);
    fixture_welcome (&s.broker, 2, 7, NULL);
    UNTIL (br_host_addr (s.a.host).host == 2);
    assert_int_equal (br_host_addr (s.a.host).life, 7);
    assert_int_equal (br_member_status (s.a.member), BR_MEMBER_TOLD);
}

//  As when its version is not the broker's: the loop ends, and the status tells.
static void
test_a_refusal_ends_the_loop (void **state)
{
    (void) state;
    UNTIL (s_count (BR_SYS_JOIN));
    fixture_welcome (&s.broker, 2, 7, "its version is not the broker's");
    UNTIL (br_member_status (s.a.member));
    assert_int_equal (br_member_status (s.a.member), BR_MEMBER_REFUSED);
    assert_false (br_member_has_joined (s.a.member));
    br_loop_run (br_host_loop (s.a.host)); //  returns at once
    assert_int_equal (br_host_addr (s.a.host).host, 0);
}

//  ---- the broker's word

static void
test_actors_start_and_end_as_told (void **state)
{
    (void) state;
    s_welcome (&s.a, 2);
    br_addr_t addr = s_start (2, "upstream/x");
    assert_true (br_addr_is (addr, (br_addr_t) { 2, 7, 1 }));
    assert_non_null (br_host_ctx (s.a.host, "upstream/x"));
    assert_true (br_addr_is (s_start (2, "upstream/x"), addr));
    assert_false (br_addr_is_set (s_start (2, "upstream/bad")));
    assert_string_equal (
        ((const struct br_sys_started *) s_heard (BR_SYS_STARTED))->error, "it is bad");
    assert_false (br_addr_is_set (s_start (2, "nobody")));
    struct br_sys_end end = { .name = "upstream/x" };
    fixture_tell (&s.broker, 2, 7, BR_SYS_END, &end);
    UNTIL (!br_host_ctx (s.a.host, "upstream/x"));
    assert_int_equal (br_member_status (s.a.member), BR_MEMBER_TOLD);
}

static void
test_the_end_ends_the_loop_well (void **state)
{
    (void) state;
    s_welcome (&s.a, 2);
    fixture_tell (&s.broker, 2, 7, BR_SYS_END, NULL);
    UNTIL (br_mailbox_bytes (br_member_mailbox (s.broker.member)) == 0);
    br_loop_run (br_host_loop (s.a.host)); //  until it has arrived
    assert_int_equal (br_member_status (s.a.member), BR_MEMBER_TOLD);
}

static void
test_a_host_that_is_to_come_again_ends_its_loop (void **state)
{
    (void) state;
    s_welcome (&s.a, 2);
    struct br_sys_end end = { .again = 1 };
    fixture_tell (&s.broker, 2, 7, BR_SYS_END, &end);
    UNTIL (br_member_status (s.a.member));
    assert_int_equal (br_member_status (s.a.member), BR_MEMBER_AGAIN);
}

static void
test_who_comes_again_gives_up_after_a_while (void **state)
{
    (void) state;
    s_leave (&s.a);
    fixture_broker_end (&s.broker);
    s.join_ms = 60000;
    s_join (&s.a, "a");
    s.a.now_ns += 59000ull * MS;
    s_turn ();
    assert_int_equal (br_member_status (s.a.member), BR_MEMBER_TOLD);
    //  given: the next try is at most two seconds later
    s.a.now_ns += 2000ull * MS;
    UNTIL (br_member_status (s.a.member));
    assert_int_equal (br_member_status (s.a.member), BR_MEMBER_LATE);
    assert_false (br_member_has_joined (s.a.member));
}

static void
test_beats_tell_of_the_host (void **state)
{
    (void) state;
    s_welcome (&s.a, 2);
    s_start (2, "ingress");
    s.a.now_ns += 500 * (uint64_t) MS;
    UNTIL (s_count (BR_SYS_BEAT) == 1);
    const struct br_sys_beat *beat = s_heard (BR_SYS_BEAT);
    assert_true (beat->messages >= 1);
    s.a.now_ns += 500 * (uint64_t) MS;
    UNTIL (s_count (BR_SYS_BEAT) == 2);
}

static void
test_events_go_to_the_broker_when_wanted (void **state)
{
    (void) state;
    s_welcome (&s.a, 2);
    struct br_bus_want want = { .wanted = 1, .trace = 0 };
    fixture_tell (&s.broker, 2, 7, BR_BUS_WANT, &want);
    UNTIL (br_host_is_watched (s.a.host));
    struct br_event_ready ready = { .generation = 3 };
    br_host_event (s.a.host, BR_EVENT_READY, &ready);
    s_turn ();
    s.a.now_ns += 10 * MS;
    UNTIL (s_count (BR_BUS_EVENTS));
    br_blob_t *body = s.broker.notes->last[BR_BUS_EVENTS]->body;
    assert_memory_equal (br_blob_data (body), "{\"event\":\"ready\",\"host\":\"a\"", 27);
    want.wanted = 0;
    fixture_tell (&s.broker, 2, 7, BR_BUS_WANT, &want);
    UNTIL (!br_host_is_watched (s.a.host));
}

//  ---- peers

static void
test_the_directory_makes_links (void **state)
{
    (void) state;
    s_settle_both ();
    UNTIL (s_count (BR_SYS_LINKED) >= 2
           && !((const struct br_sys_linked *) s_heard (BR_SYS_LINKED))->missing);
    assert_int_equal (((const struct br_sys_linked *) s_heard (BR_SYS_LINKED))->version,
                      1);
    //  actors find each other, and the sender's role is known
    br_ctx_t *router = br_host_ctx (s.b.host, "router");
    br_addr_t ingress = br_ctx_find (router, "ingress");
    assert_true (br_addr_is (ingress, (br_addr_t) { 2, 7, 1 }));
    br_id_t call = { 1, 1 };
    assert_int_equal (br_ctx_send (router, ingress, BR_CALL_FENCE, call, 1, NULL, NULL),
                      0);
    UNTIL (s.fences == 1);
}

//  A router of the directory may not send what only the meter sends; an actor that the
//  directory does not name may send nothing.
static void
test_strangers_are_not_heard (void **state)
{
    (void) state;
    s_settle_both ();
    br_host_start (s.b.host, "router/2", NULL);
    br_addr_t ingress = { 2, 7, 1 };
    br_id_t call = { 1, 1 };
    br_ctx_t *router = br_host_ctx (s.b.host, "router");
    br_ctx_t *unknown = br_host_ctx (s.b.host, "router/2");
    br_host_watch (s.a.host, true, false);
    br_ctx_t *const senders[] = { unknown, router, router };
    static const br_verb_t verbs[] = { BR_CALL_FENCE, BR_CALL_SETTLED, BR_CALL_FENCE };
    for (size_t i = 0; i < 3; i++)
        assert_int_equal (
            br_ctx_send (senders[i], ingress, verbs[i], call, 1, NULL, NULL), 0);
    UNTIL (s.fences == 1);
    s.a.now_ns += 10 * MS;
    UNTIL (s_count (BR_BUS_EVENTS));
    br_blob_t *body = s.broker.notes->last[BR_BUS_EVENTS]->body;
    char *text = br_strndup ((const char *) br_blob_data (body), br_blob_size (body));
    const char *at = strstr (text, "its sender may not send it");
    assert_non_null (at);
    assert_non_null (strstr (at + 1, "its sender may not send it"));
    free (text);
}

//  The directory without it came first, over another link.
static void
test_the_last_words_of_an_actor_are_heard (void **state)
{
    (void) state;
    s_settle_both ();
    br_ctx_t *router = br_host_ctx (s.b.host, "router");
    br_directory_t directory;
    br_directory_init (&directory);
    br_addr_t broker = br_ctx_self (s.broker.ctx);
    s_add_peer (&directory, broker.host, broker.life, "broker");
    s_add_peer (&directory, 2, 7, "a");
    s_add_peer (&directory, 3, 7, "b");
    br_buf_t rows;
    br_buf_init (&rows, BR_DIRECTORY_MAX);
    br_directory_encode (&directory, &rows);
    struct br_sys_peers peers = { .version = 2, .rows = { rows.data, rows.size } };
    fixture_tell (&s.broker, 2, 7, BR_SYS_PEERS, &peers);
    br_ctx_t *ingress = br_host_ctx (s.a.host, "ingress");
    UNTIL (!br_addr_is_set (br_ctx_find (ingress, "router")));
    br_addr_t to = { 2, 7, 1 };
    br_id_t call = { 1, 1 };
    assert_int_equal (br_ctx_send (router, to, BR_CALL_FENCE, call, 1, NULL, NULL), 0);
    UNTIL (s.fences == 1);
    br_buf_free (&rows);
    br_directory_clear (&directory);
}

static void
test_old_and_malformed_directories_are_ignored (void **state)
{
    (void) state;
    s_settle_both ();
    br_ctx_t *ingress = br_host_ctx (s.a.host, "ingress");
    s_publish (1, false); //  not newer
    struct br_sys_peers bad = { .version = 9 };
    bad.rows = (br_bytes_t) { (const uint8_t *) "nonsense", 8 };
    fixture_tell (&s.broker, 2, 7, BR_SYS_PEERS, &bad);
    s_start (2, "upstream/x"); //  what follows was handled: so was the rest
    assert_true (br_addr_is_set (br_ctx_find (ingress, "router")));
    assert_int_equal (s.gones, 0);
}

static void
test_actors_of_other_hosts_are_found_by_role (void **state)
{
    (void) state;
    s_settle_both ();
    const br_ctx_t *router = br_host_ctx (s.b.host, "router");
    br_addr_t addrs[4];
    assert_int_equal (br_ctx_peers (router, BR_ROLE_INGRESS, addrs, 4), 1);
    assert_true (br_addr_is (addrs[0], br_ctx_find (router, "ingress")));
    assert_int_equal (br_ctx_peers (router, BR_ROLE_ROUTER, addrs, 4),
                      1); //  its own, once
}

static void
test_who_left_the_directory_is_gone (void **state)
{
    (void) state;
    s_settle_both ();
    s_publish (2, false);
    UNTIL (s.gones == 1);
    assert_int_equal (s.gone, 3);
    br_ctx_t *ingress = br_host_ctx (s.a.host, "ingress");
    assert_false (br_addr_is_set (br_ctx_find (ingress, "router")));
    br_addr_t router = { 3, 7, 1 };
    assert_int_equal (
        br_ctx_send (ingress, router, BR_CALL_OPEN, (br_id_t) { 1, 1 }, 1, NULL, NULL),
        -1);
}

static void
test_a_lost_peer_is_gone_and_missing (void **state)
{
    (void) state;
    s_settle_both ();
    s_leave (&s.b);
    s.b.host = NULL;
    //  the grace of a loss is the member's time
    UNTIL ((s.a.now_ns += MS) && s.gones == 1);
    assert_int_equal (s.gone, 3);
    assert_int_equal (br_member_missing (s.a.member), 1);
    UNTIL (((const struct br_sys_linked *) s_heard (BR_SYS_LINKED))->missing == 1);
    const struct br_sys_linked *linked = s_heard (BR_SYS_LINKED);
    assert_int_equal (linked->lost, 3);
    assert_int_equal (linked->lost_life, 7);
}

//  Gone was told: a directory that still names it changes nothing.
static void
test_a_lost_link_never_comes_back (void **state)
{
    (void) state;
    s_settle_both ();
    br_mailbox_unlink (br_member_mailbox (s.a.member), 3, 7);
    UNTIL (s.gones == 1);
    s_publish (2, true);
    s_start (2, "upstream/x"); //  what follows was handled: so was the directory
    assert_int_equal (br_member_missing (s.a.member), 1);
    br_ctx_t *ingress = br_host_ctx (s.a.host, "ingress");
    br_addr_t router = { 3, 7, 1 };
    assert_int_equal (
        br_ctx_send (ingress, router, BR_CALL_OPEN, (br_id_t) { 1, 1 }, 1, NULL, NULL),
        -1);
}

static void
test_a_lost_broker_ends_the_loop (void **state)
{
    (void) state;
    s_welcome (&s.a, 2);
    s_start (2, "ingress");
    s_publish (1, false);
    UNTIL (br_addr_is_set (br_ctx_find (br_host_ctx (s.a.host, "ingress"), "broker"))
           && br_member_missing (s.a.member) == 0);
    fixture_broker_end (&s.broker);
    UNTIL ((s.a.now_ns += MS) && br_member_status (s.a.member));
    assert_int_equal (br_member_status (s.a.member), BR_MEMBER_LOST);
    assert_true (br_member_has_joined (s.a.member));
    br_loop_run (br_host_loop (s.a.host));
}

//  ---- life

static void
test_the_brokers_host_is_number_1 (void **state)
{
    (void) state;
    br_addr_t addr = br_host_addr (s.broker.host);
    assert_int_equal (addr.host, BR_BROKER_HOST);
    assert_true (addr.life > 0);
    assert_int_equal (addr.actor, 0);
}

static void
test_a_bind_that_fails_is_an_error (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    br_member_conf_t conf = { .bind = "ipc:///nowhere/at/all" };
    assert_null (br_member_new (s.a.host, s.zmq, &conf, &error));
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, "/nowhere/at/all"));
    br_member_destroy (NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_a_join_tells_who_and_where),
        TEST (test_it_joins_again_until_it_is_welcome),
        TEST (test_a_welcome_of_another_is_ignored),
        TEST (test_a_refusal_ends_the_loop),
        TEST (test_actors_start_and_end_as_told),
        TEST (test_the_end_ends_the_loop_well),
        TEST (test_a_host_that_is_to_come_again_ends_its_loop),
        TEST (test_who_comes_again_gives_up_after_a_while),
        TEST (test_beats_tell_of_the_host),
        TEST (test_events_go_to_the_broker_when_wanted),
        TEST (test_the_directory_makes_links),
        TEST (test_strangers_are_not_heard),
        TEST (test_the_last_words_of_an_actor_are_heard),
        TEST (test_old_and_malformed_directories_are_ignored),
        TEST (test_actors_of_other_hosts_are_found_by_role),
        TEST (test_who_left_the_directory_is_gone),
        TEST (test_a_lost_peer_is_gone_and_missing),
        TEST (test_a_lost_link_never_comes_back),
        TEST (test_a_lost_broker_ends_the_loop),
        TEST (test_the_brokers_host_is_number_1),
        TEST (test_a_bind_that_fails_is_an_error),
    };
    return cmocka_run_group_tests_name ("member", tests, NULL, NULL);
}
