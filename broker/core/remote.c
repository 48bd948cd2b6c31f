//  remote: both sides of it: how sockets are bound and connected, and how a client learns why
//  it does not come in.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/remote.h"

#define SCHEME "tcp://"
#define PORT_MOST 65535
#define HEARTBEAT_MS 5000
#define HEARTBEAT_TIMEOUT_MS 15000
#define HANDSHAKE_MS 5000 //  what a stranger gets, before it is cut off
#define RECONNECT_MS 250  //  between two tries of a client, growing
#define RECONNECT_MOST_MS 4000
#define MONITOR_BYTES 64 //  of its inproc address

//  ---- addresses

//  Where the port begins; NULL when the address is none.
static const char *
s_port (const char *endpoint)
{
    size_t size = sizeof SCHEME - 1;
    if (strncmp (endpoint, SCHEME, size) != 0)
        return NULL;
    const char *host = endpoint + size;
    const char *colon = strrchr (host, ':');
    bool is_bracketed = *host == '[';
    if (!colon || colon == host || strlen (endpoint) >= BR_ENDPOINT_MAX)
        return NULL;
    if (is_bracketed ? colon[-1] != ']'
                     : memchr (host, ':', (size_t) (colon - host)) != 0)
        return NULL;
    for (const char *at = host; at < colon; at++)
        if ((unsigned char) *at <= ' ' || strchr ("/;,@", *at))
            return NULL;
    return colon + 1;
}

static bool
s_is_port (const char *text)
{
    size_t size = strlen (text);
    if (size == 0 || size > 5 || strspn (text, "0123456789") != size)
        return false;
    long port = strtol (text, NULL, 10);
    return port >= 1 && port <= PORT_MOST;
}

int
br_remote_check (const char *endpoint, br_remote_side_t side, br_error_t *reterr)
{
    const char *port = s_port (endpoint);
    bool is_any = port && side == BR_REMOTE_SERVER && strcmp (port, "*") == 0;
    if (port && (is_any || s_is_port (port)))
        return 0;
    return br_error_set (reterr, BR_EINVALID,
                         "expected tcp://ADDRESS:PORT, like tcp://%s:7701",
                         side == BR_REMOTE_SERVER ? "0.0.0.0" : "192.0.2.1");
}

char *
br_remote_events (const char *admin, const char *told)
{
    const char *own = s_port (admin);
    const char *port = s_port (told);
    if (!own || !port || !s_is_port (port))
        return NULL;
    return br_strf ("%.*s%s", (int) (own - admin), admin, port);
}

//  ---- sockets

static int
s_need_curve (br_error_t *reterr)
{
    if (zmq_has ("curve"))
        return 0;
    return br_error_set (reterr, BR_ESYSTEM,
                         "libzmq was built without CURVE, and nothing goes over tcp "
                         "without it; install a libzmq with CURVE");
}

//  What both sides have.
static int
s_options (void *socket, const char *endpoint)
{
    const int beat = HEARTBEAT_MS, timeout = HEARTBEAT_TIMEOUT_MS;
    const int handshake = HANDSHAKE_MS, v6 = strchr (endpoint, '[') ? 1 : 0;
    int rc = zmq_setsockopt (socket, ZMQ_HEARTBEAT_IVL, &beat, sizeof beat);
    rc |= zmq_setsockopt (socket, ZMQ_HEARTBEAT_TIMEOUT, &timeout, sizeof timeout);
    rc |= zmq_setsockopt (socket, ZMQ_HANDSHAKE_IVL, &handshake, sizeof handshake);
    rc |= zmq_setsockopt (socket, ZMQ_IPV6, &v6, sizeof v6);
    return rc;
}

//  Options are those of what is bound from here on: what was bound before stays as it is.
int
br_remote_bind (void *zmq, void *socket, const char *endpoint, const br_curve_t *keys,
                int64_t message_max, char ret_endpoint[BR_ENDPOINT_MAX],
                br_error_t *reterr)
{
    const int one = 1;
    size_t size = BR_ENDPOINT_MAX;
    if (s_need_curve (reterr))
        return -1;
    if (!br_zap_is_there (zmq)) //  libzmq would let everybody in
        return br_error_set (reterr, BR_ESYSTEM, "nobody watches over who comes to %s",
                             endpoint);
    int rc = s_options (socket, endpoint);
    rc |= zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max);
    rc |= zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &one, sizeof one);
    rc |= zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 40);
    rc |= zmq_setsockopt (socket, ZMQ_ZAP_DOMAIN, BR_CURVE_CLIENTS,
                          sizeof BR_CURVE_CLIENTS - 1);
    if (rc == 0)
        rc = zmq_bind (socket, endpoint);
    if (rc == 0)
        rc = zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, ret_endpoint, &size);
    if (rc == 0)
        return 0;
    return br_error_set (reterr, BR_ESYSTEM,
                         "cannot bind %s of server.remote: %s; give a free port, and an "
                         "address of this machine",
                         endpoint, zmq_strerror (zmq_errno ()));
}

int
br_remote_keys_load (const char *home, br_remote_keys_t *ret_keys, br_error_t *reterr)
{
    br_error_t error;
    char *dir = br_strf ("%s/curve", home);
    int rc = br_curve_load (dir, "client", &ret_keys->own, &error);
    if (rc == 0)
        rc = br_curve_public (dir, "broker", ret_keys->server_key, &error);
    free (dir);
    if (rc == 0)
        return 0;
    return br_error_set (reterr, BR_ECONFIG,
                         "another machine's bitrouter wants client.key, client.pub and "
                         "broker.pub in %s/curve; make them on that machine with "
                         "`bitrouter topology keygen --client NAME`, and take them here",
                         home);
}

int
br_remote_connect (void *socket, const char *endpoint, const br_remote_keys_t *keys,
                   br_error_t *reterr)
{
    const int every = RECONNECT_MS, most = RECONNECT_MOST_MS, patience = BR_REMOTE_MS;
    if (s_need_curve (reterr))
        return -1;
    int rc = s_options (socket, endpoint);
    rc |= zmq_setsockopt (socket, ZMQ_RECONNECT_IVL, &every, sizeof every);
    rc |= zmq_setsockopt (socket, ZMQ_RECONNECT_IVL_MAX, &most, sizeof most);
    rc |= zmq_setsockopt (socket, ZMQ_CONNECT_TIMEOUT, &patience, sizeof patience);
    rc |= zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, keys->server_key, 40);
    rc |= zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, keys->own.public_key, 40);
    rc |= zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, keys->own.secret_key, 40);
    if (rc == 0)
        rc = zmq_connect (socket, endpoint);
    if (rc == 0)
        return 0;
    return br_error_set (reterr, BR_ESYSTEM, "cannot connect to %s: %s", endpoint,
                         zmq_strerror (zmq_errno ()));
}

//  ---- how a connection fares

struct _br_remote_watch_t {
    void *socket;  //  borrowed
    void *monitor; //  owned PAIR
    bool connected;
    br_remote_state_t state;
};

#define EVENTS                                                                           \
    (ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_CLOSED                  \
     | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED                            \
     | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL             \
     | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)

br_remote_watch_t *
br_remote_watch_new (void *zmq, void *socket, br_error_t *reterr)
{
    br_remote_watch_t *self = BR_NEW (br_remote_watch_t);
    char address[MONITOR_BYTES];
    snprintf (address, sizeof address, "inproc://remote-%p", socket);
    self->socket = socket;
    self->monitor = zmq_socket (zmq, ZMQ_PAIR);
    const int zero = 0;
    int rc = self->monitor
                 ? zmq_setsockopt (self->monitor, ZMQ_LINGER, &zero, sizeof zero)
                 : -1;
    if (rc == 0)
        rc = zmq_socket_monitor (socket, address, EVENTS);
    if (rc == 0)
        rc = zmq_connect (self->monitor, address);
    if (rc) {
        br_error_set (reterr, BR_ESYSTEM, "cannot watch a connection: %s",
                      zmq_strerror (zmq_errno ()));
        br_remote_watch_destroy (&self);
    }
    return self;
}

void
br_remote_watch_destroy (br_remote_watch_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_remote_watch_t *self = *self_p;
    zmq_socket_monitor (self->socket, NULL, 0);
    if (self->monitor)
        zmq_close (self->monitor);
    free (self);
    *self_p = NULL;
}

//  Who is refused is disconnected too, and what ends before the handshake was no friend.
static void
s_note_end (br_remote_watch_t *self)
{
    if (self->state == BR_REMOTE_OPEN)
        self->state = BR_REMOTE_NOBODY;
    else if (self->connected && self->state != BR_REMOTE_UNKNOWN_KEY)
        self->state = BR_REMOTE_OTHER;
    self->connected = false;
}

static void
s_note (br_remote_watch_t *self, uint16_t event)
{
    if (event == ZMQ_EVENT_CONNECTED)
        self->connected = true;
    else if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
        self->state = BR_REMOTE_OPEN;
    else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
        self->state = BR_REMOTE_UNKNOWN_KEY;
    else if (event == ZMQ_EVENT_CLOSED)
        self->state = BR_REMOTE_NOBODY;
    else if (event != ZMQ_EVENT_CONNECT_RETRIED)
        s_note_end (self);
    else if (self->state == BR_REMOTE_TRYING && !self->connected)
        self->state = BR_REMOTE_NOBODY; //  a name without an address
}

//  Two frames: number and value of an event, and an address.
br_remote_state_t
br_remote_watch_state (br_remote_watch_t *self)
{
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    while (zmq_msg_recv (&frame, self->monitor, ZMQ_DONTWAIT) >= 0) {
        uint16_t event = 0;
        if (zmq_msg_size (&frame) >= sizeof event)
            memcpy (&event, zmq_msg_data (&frame), sizeof event);
        while (zmq_msg_more (&frame)
               && zmq_msg_recv (&frame, self->monitor, ZMQ_DONTWAIT) >= 0)
            ;
        s_note (self, event);
    }
    zmq_msg_close (&frame);
    return self->state;
}

static int64_t
s_now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
br_remote_watch_wait (br_remote_watch_t *self, const char *endpoint, int wait_ms,
                      br_error_t *reterr)
{
    int64_t until_ms = s_now_ms () + wait_ms;
    br_remote_state_t state = br_remote_watch_state (self);
    int64_t left_ms = wait_ms;
    while (state == BR_REMOTE_TRYING && left_ms > 0) {
        zmq_pollitem_t item = { .socket = self->monitor, .events = ZMQ_POLLIN };
        zmq_poll (&item, 1, (long) left_ms);
        state = br_remote_watch_state (self);
        left_ms = until_ms - s_now_ms ();
    }
    return state == BR_REMOTE_OPEN ? 0 : br_remote_refuse (state, endpoint, reterr);
}

int
br_remote_refuse (br_remote_state_t state, const char *endpoint, br_error_t *reterr)
{
    static const struct {
        const char *before, *behind; //  the address
    } texts[] = {
        [BR_REMOTE_TRYING] = { "no answer from ",
                               "; look at the address and at firewalls" },
        [BR_REMOTE_OPEN] = { "", " listens, and does not answer" },
        [BR_REMOTE_NOBODY] = { "nothing listens at ", "; start bitrouter there, with "
                                                      "server.remote in its "
                                                      "bitrouter.yaml" },
        [BR_REMOTE_UNKNOWN_KEY] = { "",
                                    " does not know our key; take curve/client.pub to "
                                    "curve/clients/NAME.pub in its home" },
        [BR_REMOTE_OTHER] = { "",
                              " is no bitrouter with the key in curve/broker.pub; take "
                              "that file from its home again" },
    };
    return br_error_set (reterr, BR_EUNAVAILABLE, "%s%s%s", texts[state].before, endpoint,
                         texts[state].behind);
}
