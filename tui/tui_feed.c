//  tui_feed: two sockets: a subscriber of the event bus, and a dealer at the admin door with
//  one question under way at a time. Of another machine, the door tells where its events are.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/events.h"
#include "tui/tui_feed.h"

#define TURN_MAX 5000           //  events of one turn
#define EVENTS_MAX 20000        //  that wait in the socket; later ones are lost
#define EVENT_BYTES (1 << 20)   //  of one event
#define ANSWER_BYTES (16 << 20) //  of one answer
#define PATIENCE_MS 4000        //  for an answer; the door gives one within 2000
#define SILENCE_MS 1500         //  without a word, after which it is looked who listens
#define RETRY_MS 3000           //  between two tries of one who is refused
#define RECONNECT_MS 100
#define RECONNECT_MAX_MS 500

struct _tui_feed_t {
    char *run_dir;   //  owned; NULL: another machine
    char *door_path; //  owned; NULL: another machine
    char *broker;    //  owned; the other machine's door, or NULL
    char *told;      //  owned; where its events are; NULL: not known yet
    br_remote_keys_t keys;
    br_remote_watch_t *watch; //  owned; over the door of another machine
    void *zmq;                //  owned
    void *events;             //  owned SUB
    void *door;               //  owned DEALER
    tui_question_t asked;     //  under way; TUI_QUESTIONS = none
    uint64_t asked_ms;
    uint64_t heard_ms;   //  the last answer, or the begin
    uint64_t retried_ms; //  the last try of one who was refused
};

static void *
s_socket (tui_feed_t *self, int type, int64_t bytes_max)
{
    const int zero = 0, one = 1, every = RECONNECT_MS, most = RECONNECT_MAX_MS;
    const int waiting = EVENTS_MAX;
    void *socket = zmq_socket (self->zmq, type);
    if (!socket)
        return NULL;
    zmq_setsockopt (socket, ZMQ_LINGER, &zero, sizeof zero);
    if (type == ZMQ_DEALER) //  a question is for who listens now
        zmq_setsockopt (socket, ZMQ_IMMEDIATE, &one, sizeof one);
    zmq_setsockopt (socket, ZMQ_RECONNECT_IVL, &every, sizeof every);
    zmq_setsockopt (socket, ZMQ_RECONNECT_IVL_MAX, &most, sizeof most);
    zmq_setsockopt (socket, ZMQ_RCVHWM, &waiting, sizeof waiting);
    zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &bytes_max, sizeof bytes_max);
    return socket;
}

static void *
s_connect_here (tui_feed_t *self, int type, const char *name, int64_t bytes_max)
{
    void *socket = s_socket (self, type, bytes_max);
    if (!socket)
        return NULL;
    char *endpoint = br_strf ("ipc://%s/%s", self->run_dir, name);
    int rc = zmq_connect (socket, endpoint);
    free (endpoint);
    if (rc)
        zmq_close (socket);
    return rc ? NULL : socket;
}

static int
s_connect_door (tui_feed_t *self, br_error_t *reterr)
{
    if (!self->broker) {
        self->door = s_connect_here (self, ZMQ_DEALER, "admin.sock", ANSWER_BYTES);
        return self->door ? 0
                          : br_error_set (reterr, BR_ESYSTEM,
                                          "cannot connect to sockets in %s: %s",
                                          self->run_dir, zmq_strerror (zmq_errno ()));
    }
    self->door = s_socket (self, ZMQ_DEALER, ANSWER_BYTES);
    if (!self->door)
        return br_error_set (reterr, BR_ESYSTEM, "cannot make a socket: %s",
                             zmq_strerror (zmq_errno ()));
    self->watch = br_remote_watch_new (self->zmq, self->door, reterr);
    return self->watch ? br_remote_connect (self->door, self->broker, &self->keys, reterr)
                       : -1;
}

static void
s_close_door (tui_feed_t *self)
{
    br_remote_watch_destroy (&self->watch);
    if (self->door)
        zmq_close (self->door);
    self->door = NULL;
}

//  The events of another machine move with its door; what was subscribed stays.
static void
s_follow (tui_feed_t *self, const cJSON *snapshot)
{
    const char *told = tui_json_text (tui_json (snapshot, "remote"), "events");
    char *endpoint = self->broker ? br_remote_events (self->broker, told) : NULL;
    if (!endpoint || (self->told && strcmp (self->told, endpoint) == 0)) {
        free (endpoint);
        return;
    }
    if (self->told)
        zmq_disconnect (self->events, self->told);
    free (self->told);
    self->told = endpoint;
    br_remote_connect (self->events, endpoint, &self->keys, NULL);
}

//  All but "message", which is made only for those who name it.
static void
s_subscribe (void *socket)
{
    for (unsigned i = 0; i < BR_EVENT_COUNT; i++) {
        const char *name = br_event_name (i);
        if (i != BR_EVENT_MESSAGE)
            zmq_setsockopt (socket, ZMQ_SUBSCRIBE, name, strlen (name));
    }
}

//  The door, once there is a socket for the events.
static tui_feed_t *
s_open (tui_feed_t *self, br_error_t *reterr)
{
    int rc = self->events
                 ? s_connect_door (self, reterr)
                 : br_error_set (reterr, BR_ESYSTEM, "cannot connect to the events: %s",
                                 zmq_strerror (zmq_errno ()));
    if (rc)
        tui_feed_destroy (&self);
    else
        s_subscribe (self->events);
    return self;
}

tui_feed_t *
tui_feed_new (const char *run_dir, br_error_t *reterr)
{
    tui_feed_t *self = BR_NEW (tui_feed_t);
    self->run_dir = br_strdup (run_dir);
    self->door_path = br_strf ("%s/admin.sock", run_dir);
    self->asked = TUI_QUESTIONS;
    self->zmq = zmq_ctx_new ();
    self->events = s_connect_here (self, ZMQ_SUB, "events.sock", EVENT_BYTES);
    return s_open (self, reterr);
}

tui_feed_t *
tui_feed_new_remote (const char *broker, const br_remote_keys_t *keys, br_error_t *reterr)
{
    tui_feed_t *self = BR_NEW (tui_feed_t);
    self->broker = br_strdup (broker);
    self->keys = *keys;
    self->asked = TUI_QUESTIONS;
    self->zmq = zmq_ctx_new ();
    self->events = s_socket (self, ZMQ_SUB, EVENT_BYTES);
    return s_open (self, reterr);
}

void
tui_feed_destroy (tui_feed_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    tui_feed_t *self = *self_p;
    s_close_door (self);
    if (self->events)
        zmq_close (self->events);
    zmq_ctx_term (self->zmq);
    free (self->told);
    free (self->broker);
    free (self->door_path);
    free (self->run_dir);
    free (self);
    *self_p = NULL;
}

void
tui_feed_polls (const tui_feed_t *self, zmq_pollitem_t *items)
{
    items[0] = (zmq_pollitem_t) { .socket = self->events, .events = ZMQ_POLLIN };
    items[1] = (zmq_pollitem_t) { .socket = self->door, .events = ZMQ_POLLIN };
}

//  ---- events

//  The last frame of a message that is there; false when none is.
static bool
s_receive (void *socket, zmq_msg_t *ret_last)
{
    do {
        if (zmq_msg_recv (ret_last, socket, ZMQ_DONTWAIT) < 0)
            return false;
    } while (zmq_msg_more (ret_last));
    return true;
}

static unsigned
s_take_events (tui_feed_t *self, tui_model_t *model)
{
    unsigned count = 0;
    zmq_msg_t line;
    zmq_msg_init (&line);
    while (count < TURN_MAX && s_receive (self->events, &line)) {
        tui_model_event (model, zmq_msg_data (&line), zmq_msg_size (&line));
        count++;
    }
    zmq_msg_close (&line);
    return count;
}

//  ---- questions

//  ZeroMQ would wait for somebody to come; a plain connection tells at once who listens.
static int
s_probe (const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen (path) >= sizeof address.sun_path)
        return ENAMETOOLONG;
    memcpy (address.sun_path, path, strlen (path) + 1);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    int rc = connect (fd, (const void *) &address, sizeof address) ? errno : 0;
    close (fd);
    return rc == EAGAIN ? 0 : rc;
}

//  An answer that comes too late must not be taken for another one: the socket goes with it.
static void
s_drop_question (tui_feed_t *self)
{
    void *door = self->door;
    br_remote_watch_t *watch = self->watch;
    self->watch = NULL;
    if (s_connect_door (self, NULL)) { //  as before
        s_close_door (self);
        self->door = door;
        self->watch = watch;
        return;
    }
    br_remote_watch_destroy (&watch);
    zmq_close (door);
    self->asked = TUI_QUESTIONS;
}

//  Why another machine's door gives no answer. Who was refused is not tried again by libzmq,
//  and the key may be known by now: all is connected anew.
static void
s_note_refusal (tui_feed_t *self, tui_model_t *model, uint64_t now_ms)
{
    br_error_t error;
    br_remote_state_t state = br_remote_watch_state (self->watch);
    if (state == BR_REMOTE_TRYING && now_ms - self->retried_ms < RETRY_MS)
        return; //  what was said before holds
    br_remote_refuse (state, self->broker, &error);
    tui_model_link (model, false, error.text);
    bool is_refused = state == BR_REMOTE_UNKNOWN_KEY || state == BR_REMOTE_OTHER;
    if (!is_refused || now_ms - self->retried_ms < RETRY_MS)
        return;
    self->retried_ms = now_ms;
    if (self->told)
        zmq_disconnect (self->events, self->told);
    free (self->told);
    self->told = NULL;
    s_drop_question (self);
}

static void
s_note_silence (tui_feed_t *self, tui_model_t *model, uint64_t now_ms)
{
    if (self->watch)
        br_remote_watch_state (self->watch); //  its news must not heap up
    if (now_ms - self->heard_ms < SILENCE_MS)
        return;
    if (self->broker) {
        s_note_refusal (self, model, now_ms);
        return;
    }
    int reason = s_probe (self->door_path);
    char *text = reason == 0
                     ? br_strf ("It listens at %s, and does not answer", self->door_path)
                 : reason == EACCES || reason == EPERM
                     ? br_strf ("Cannot open %s: be the user that it runs as",
                                self->door_path)
                     : br_strf ("Nothing listens at %s; start it with `bitrouter serve`",
                                self->door_path);
    tui_model_link (model, false, text);
    free (text);
}

static void
s_read_answer (tui_feed_t *self, tui_model_t *model, zmq_msg_t *msg)
{
    cJSON *reply = cJSON_ParseWithLength (zmq_msg_data (msg), zmq_msg_size (msg));
    cJSON *result = cJSON_DetachItemFromObjectCaseSensitive (reply, "result");
    if (self->asked == TUI_SNAPSHOT)
        s_follow (self, result);
    if (self->asked != TUI_QUESTIONS && tui_json (reply, "ok"))
        tui_model_answer (model, self->asked, &result);
    self->asked = TUI_QUESTIONS;
    cJSON_Delete (result);
    cJSON_Delete (reply);
}

static unsigned
s_take_answer (tui_feed_t *self, tui_model_t *model, uint64_t now_ms)
{
    zmq_msg_t reply;
    zmq_msg_init (&reply);
    unsigned count = 0;
    while (s_receive (self->door, &reply)) {
        self->heard_ms = now_ms;
        tui_model_link (model, true, "");
        s_read_answer (self, model, &reply);
        count++;
    }
    zmq_msg_close (&reply);
    return count;
}

static void
s_ask (tui_feed_t *self, tui_model_t *model, uint64_t now_ms)
{
    int events = 0;
    size_t size = sizeof events;
    zmq_getsockopt (self->door, ZMQ_EVENTS, &events, &size);
    if (!(events & ZMQ_POLLOUT)) {
        s_note_silence (self, model, now_ms);
        return;
    }
    tui_question_t question = tui_answers_next (tui_model_answers (model), now_ms);
    if (question == TUI_QUESTIONS)
        return;
    char *text = br_strf ("{\"command\":\"%s\",\"args\":{}}",
                          tui_question_command (question));
    if (zmq_send (self->door, text, strlen (text), ZMQ_DONTWAIT) >= 0) {
        self->asked = question;
        self->asked_ms = now_ms;
    }
    free (text);
}

unsigned
tui_feed_turn (tui_feed_t *self, tui_model_t *model, uint64_t now_ms)
{
    if (self->heard_ms == 0 || self->heard_ms > now_ms)
        self->heard_ms = now_ms;
    unsigned count = s_take_events (self, model) + s_take_answer (self, model, now_ms);
    bool is_late = self->asked != TUI_QUESTIONS
                   && (now_ms < self->asked_ms || now_ms - self->asked_ms > PATIENCE_MS);
    if (is_late) {
        s_note_silence (self, model, now_ms);
        s_drop_question (self);
    }
    if (self->asked == TUI_QUESTIONS)
        s_ask (self, model, now_ms);
    return count;
}
