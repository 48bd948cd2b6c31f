//  town: a broker with a topology of stand-ins.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/runner.h"
#include "tests/broker/core/town.h"

#define NOTES_MAX (1u << 20)
#define LINGER_MS 5

//  Where notes and orders lie; set once, before any thread starts.
static char s_dir[64];

//  ---- notes and orders

static void
s_note (const char *format, ...)
{
    char note[256], path[96];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (note, sizeof note, format, args);
    va_end (args);
    snprintf (path, sizeof path, "%s/notes", s_dir);
    int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ssize_t written = write (fd, note, (size_t) size);
    (void) written;
    close (fd);
}

static bool
s_is_ordered (const char *order, const char *name)
{
    char path[96], room[128] = "";
    snprintf (path, sizeof path, "%s/%s", s_dir, order);
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t size = read (fd, room, sizeof room - 1);
    close (fd);
    return size > 0 && strcmp (room, name) == 0;
}

void
town_order (town_t *self, const char *order, const char *name)
{
    char path[96], fresh[96];
    snprintf (fresh, sizeof fresh, "%s/order", self->dir);
    snprintf (path, sizeof path, "%s/%s", self->dir, order);
    FILE *file = fopen (fresh, "we");
    assert_non_null (file);
    fputs (name, file);
    fclose (file);
    assert_int_equal (rename (fresh, path), 0);
}

//  ---- the stand-ins

typedef struct {
    br_ctx_t *ctx;
    br_timer_t timer;
} stand_in_t;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    if (s_is_ordered ("die", br_ctx_name (ctx)))
        _exit (3);
    if (s_is_ordered ("fail_create", br_ctx_name (ctx))) {
        br_error_set (reterr, BR_ESYSTEM, "ordered not to be");
        return NULL;
    }
    stand_in_t *self = BR_NEW (stand_in_t);
    self->ctx = ctx;
    s_note ("+%s ", br_ctx_name (ctx));
    return self;
}

static void
s_destroy (void **state_p)
{
    stand_in_t *self = *state_p;
    s_note ("-%s ", br_ctx_name (self->ctx));
    br_timer_cancel (br_ctx_loop (self->ctx), &self->timer);
    free (self);
    *state_p = NULL;
}

static int
s_try (void *state, const char *slice, br_error_t *reterr)
{
    stand_in_t *self = state;
    const char *name = br_ctx_name (self->ctx);
    s_note ("%s:try ", name);
    if (slice[0] != '{')
        return br_error_set (reterr, BR_ECONFIG, "no slice");
    return s_is_ordered ("refuse_try", name)
               ? br_error_set (reterr, BR_ECONFIG, "ordered to refuse")
               : 0;
}

static int
s_take (void *state, uint64_t generation, br_error_t *reterr)
{
    stand_in_t *self = state;
    const char *name = br_ctx_name (self->ctx);
    s_note ("%s:take%d ", name, (int) generation);
    if (strcmp (name, "ingress") == 0
        && br_addr_is_set (br_ctx_find (self->ctx, "router")))
        s_note ("ingress:finds-router ");
    if (strcmp (name, "router") == 0 && br_addr_is_set (br_ctx_find (self->ctx, "meter")))
        s_note ("router:finds-meter ");
    return generation > 1 && s_is_ordered ("refuse_take", name)
               ? br_error_set (reterr, BR_ECONFIG, "ordered not to take")
               : 0;
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    stand_in_t *self = state;
    const char *name = br_ctx_name (self->ctx);
    (void) args;
    while (s_is_ordered ("hang", name))
        usleep (10000);
    if (strcmp (command, "calls") == 0)
        return br_strdup ("{\"open\":1}");
    if (strcmp (command, "ledger") == 0)
        return br_strdup ("{\"rows\":5}");
    return br_strf ("[\"%s\"]", name);
}

static void
s_linger (void *arg)
{
    stand_in_t *self = arg;
    if (s_is_ordered ("linger", br_ctx_name (self->ctx)))
        br_timer_set (br_ctx_loop (self->ctx), &self->timer, LINGER_MS, s_linger, self);
    else
        br_ctx_stopped (self->ctx);
}

static void
s_stop (void *state, uint64_t drain_ms)
{
    stand_in_t *self = state;
    (void) drain_ms;
    s_note ("%s:stop ", br_ctx_name (self->ctx));
    s_linger (self);
}

static void
s_on_pulse (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    const struct br_bus_pulse *pulse = br_msg_fields (msg);
    s_note ("%s:pulse-of-%s ", br_ctx_name (ctx), pulse->host);
}

static const br_handler_row_t s_rows[] = { { BR_BUS_PULSE, s_on_pulse }, { 0, NULL } };

#define STAND_IN(label, id)                                                              \
    static const br_actor_t s_##label = { .name = #label,                                \
                                          .about = "a stand-in",                         \
                                          .role = BR_ROLE_##id,                          \
                                          .handlers = s_rows,                            \
                                          .create = s_create,                            \
                                          .destroy = s_destroy,                          \
                                          .conf_try = s_try,                             \
                                          .conf_take = s_take,                           \
                                          .admin = s_admin,                              \
                                          .stop = s_stop }
STAND_IN (ingress, INGRESS);
STAND_IN (router, ROUTER);
STAND_IN (meter, METER);
STAND_IN (upstream, UPSTREAM);
STAND_IN (breaker, BREAKER);
STAND_IN (limits, LIMITS);
STAND_IN (idempotency, IDEMPOTENCY);
STAND_IN (metrics, METRICS);

static const br_actor_t *const s_kinds[] = { &s_ingress,     &s_router,  &s_meter,
                                             &s_upstream,    &s_breaker, &s_limits,
                                             &s_idempotency, &s_metrics, NULL };
static const br_actor_t *const s_broker_kinds[] = { &br_broker_actor, NULL };

//  ---- the town

time_t
town_now_s (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

void
town_configure (town_t *self, const char *config)
{
    FILE *file = fopen (self->config_file, "we");
    assert_non_null (file);
    fputs (config, file);
    fclose (file);
}

void
town_begin (town_t *self, const char *config)
{
    static const char *const nothing[] = { NULL };
    memset (self, 0, sizeof *self);
    strcpy (self->dir, "/tmp/br-town-XXXXXX");
    assert_non_null (mkdtemp (self->dir));
    strcpy (s_dir, self->dir);
    snprintf (self->config_file, sizeof self->config_file, "%s/bitrouter.yaml",
              self->dir);
    town_configure (self, config);
    self->flags.home_dir = self->dir;
    self->flags.config_file = self->config_file;
    self->flags.run_dir = self->dir;
    self->flags.environ_v = nothing;
    self->zmq = zmq_ctx_new ();
    br_buf_init (&self->lines, NOTES_MAX);
}

static int
s_notified (void)
{
    s_note ("ready ");
    return 0;
}

static void *
s_socket (town_t *self, int type, const char *name)
{
    char endpoint[128];
    const int zero = 0;
    snprintf (endpoint, sizeof endpoint, "ipc://%s/%s.sock", self->dir, name);
    void *socket = zmq_socket (self->zmq, type);
    zmq_setsockopt (socket, ZMQ_LINGER, &zero, sizeof zero);
    if (type == ZMQ_SUB)
        zmq_setsockopt (socket, ZMQ_SUBSCRIBE, "", 0);
    assert_int_equal (zmq_connect (socket, endpoint), 0);
    return socket;
}

int
town_open (town_t *self, const char *topology, br_error_t *reterr)
{
    br_conf_t *conf = br_conf_load (&self->flags, reterr);
    self->topology = br_topology_parse (topology, strlen (topology), "town", reterr);
    assert_non_null (conf);
    assert_non_null (self->topology);
    char bind[128] = "inproc://broker";
    if (self->topology->bus == BR_BUS_IPC)
        snprintf (bind, sizeof bind, "ipc://%s/broker.sock", self->dir);
    br_host_conf_t host = { .name = "broker", .actors = s_broker_kinds };
    host.clock = br_clock_real ();
    host.log = (br_log_t) { .fd = getenv ("TOWN_LOG") ? 2 : -1, .level = BR_LOG_DEBUG };
    self->host = br_host_new (&host, reterr);
    br_member_conf_t member = { .bind = bind };
    self->member = br_member_new (self->host, self->zmq, &member, reterr);
    assert_non_null (self->member);
    br_host_start (self->host, "broker", reterr);
    self->broker = br_host_ctx (self->host, "broker")->state;
    br_broker_conf_t broker = { .member = self->member, .zmq = self->zmq };
    broker.actors = s_kinds;
    broker.topology = self->topology;
    broker.flags = self->flags;
    broker.conf_p = &conf;
    broker.notify = s_notified;
    int rc = br_broker_open (self->broker, &broker, reterr);
    assert_null (conf);
    if (rc)
        return -1;
    self->client = s_socket (self, ZMQ_DEALER, "admin");
    self->events = s_socket (self, ZMQ_SUB, "events");
    return 0;
}

void
town_be_ready (town_t *self, const char *topology)
{
    br_error_t error = { .code = BR_OK };
    if (town_open (self, topology, &error))
        fail_msg ("%s", error.text);
    TOWN_UNTIL (self, town_count (self, "ready"));
    //  from here on a test sees what is new, and all of it
    town_admin (self, "status");
    TOWN_UNTIL (self, br_host_is_watched (self->host));
    assert_int_equal (br_broker_error (self->broker)->code, BR_OK);
}

void
town_end (town_t *self)
{
    br_host_end_all (self->host);
    br_member_destroy (&self->member);
    br_host_destroy (&self->host);
    if (self->client)
        zmq_close (self->client);
    if (self->events)
        zmq_close (self->events);
    zmq_ctx_term (self->zmq);
    br_topology_destroy (&self->topology);
    br_buf_free (&self->lines);
    free (self->reply);
    free (self->notes);
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", self->dir);
    assert_int_equal (system (command), 0);
}

void
town_turn (town_t *self)
{
    br_loop_turn (br_host_loop (self->host), 1);
}

void
town_run_out (town_t *self)
{
    alarm (TOWN_DEADLINE_S);
    br_loop_run (br_host_loop (self->host));
    alarm (0);
}

//  ---- what it did

const char *
town_notes (town_t *self)
{
    char path[96];
    snprintf (path, sizeof path, "%s/notes", self->dir);
    free (self->notes);
    self->notes = br_alloc (1, NOTES_MAX);
    FILE *file = fopen (path, "re");
    if (file) {
        size_t size = fread (self->notes, 1, NOTES_MAX - 1, file);
        self->notes[size] = 0;
        fclose (file);
    }
    return self->notes;
}

void
town_forget (town_t *self)
{
    char path[96];
    snprintf (path, sizeof path, "%s/notes", self->dir);
    unlink (path);
}

size_t
town_count (town_t *self, const char *note)
{
    size_t count = 0, size = strlen (note);
    const char *at = town_notes (self);
    while (*at) {
        size_t word = strcspn (at, " ");
        count += word == size && memcmp (at, note, size) == 0;
        at += word + (at[word] == ' ');
    }
    return count;
}

void
town_ask (town_t *self, const char *command, const char *args)
{
    char *request = br_strf ("{\"command\":\"%s\",\"args\":%s}", command, args);
    zmq_send (self->client, request, strlen (request), 0);
    free (request);
}

const char *
town_reply (town_t *self)
{
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    int size = zmq_msg_recv (&frame, self->client, ZMQ_DONTWAIT);
    if (size >= 0) {
        free (self->reply);
        self->reply = br_strndup (zmq_msg_data (&frame), (size_t) size);
    }
    zmq_msg_close (&frame);
    return size >= 0 ? self->reply : NULL;
}

const char *
town_admin (town_t *self, const char *command)
{
    const char *reply = NULL;
    town_ask (self, command, "{}");
    TOWN_UNTIL (self, (reply = town_reply (self)));
    return reply;
}

const char *
town_events (town_t *self)
{
    char room[4096];
    while (zmq_recv (self->events, room, sizeof room, ZMQ_DONTWAIT) >= 0) {
        int size = zmq_recv (self->events, room, sizeof room, 0);
        br_buf_add (&self->lines, room, (size_t) size);
        br_buf_addc (&self->lines, '\n');
    }
    return br_buf_text (&self->lines);
}

//  ---- a host of the town in a process of its own

bool
town_is_child (int argc, char **argv, int *ret_status)
{
    if (argc < 3 || strcmp (argv[1], "actor") != 0)
        return false;
    br_runner_conf_t conf = { .name = argv[2], .actors = s_kinds };
    conf.log.fd = -1;
    for (int i = 3; i + 1 < argc; i += 2) {
        if (strcmp (argv[i], "--broker") == 0)
            conf.member.broker = argv[i + 1];
        if (strcmp (argv[i], "--bind") == 0)
            conf.member.bind = argv[i + 1];
        if (strcmp (argv[i], "--home-dir") == 0)
            snprintf (s_dir, sizeof s_dir, "%s", argv[i + 1]);
    }
    *ret_status = 4;
    if (s_is_ordered ("die", argv[2]))
        return true;
    void *zmq = zmq_ctx_new ();
    br_error_t error;
    *ret_status = br_runner_run (&conf, zmq, &error) ? 1 : 0;
    zmq_ctx_term (zmq);
    return true;
}
