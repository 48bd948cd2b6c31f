//  tui_feed: two sockets: a subscriber of the event bus, and a dealer at the admin door with
//  one question under way at a time.

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
#define RECONNECT_MS 100
#define RECONNECT_MAX_MS 500

struct _tui_feed_t {
    char *run_dir;        //  owned
    char *door_path;      //  owned
    void *zmq;            //  owned
    void *events;         //  owned SUB
    void *door;           //  owned DEALER
    tui_question_t asked; //  under way; TUI_QUESTIONS = none
    uint64_t asked_ms;
    uint64_t heard_ms; //  the last answer, or the begin
};

static void *
s_connect (tui_feed_t *self, int type, const char *name, int64_t bytes_max)
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
    char *endpoint = br_strf ("ipc://%s/%s", self->run_dir, name);
    int rc = zmq_connect (socket, endpoint);
    free (endpoint);
    if (rc)
        zmq_close (socket);
    return rc ? NULL : socket;
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

tui_feed_t *
tui_feed_new (const char *run_dir, br_error_t *reterr)
{
    tui_feed_t *self = BR_NEW (tui_feed_t);
    self->run_dir = br_strdup (run_dir);
    self->door_path = br_strf ("%s/admin.sock", run_dir);
    self->asked = TUI_QUESTIONS;
    self->zmq = zmq_ctx_new ();
    self->events = s_connect (self, ZMQ_SUB, "events.sock", EVENT_BYTES);
    self->door = s_connect (self, ZMQ_DEALER, "admin.sock", ANSWER_BYTES);
    if (!self->events || !self->door) {
        br_error_set (reterr, BR_ESYSTEM, "cannot connect to sockets in %s: %s", run_dir,
                      zmq_strerror (zmq_errno ()));
        tui_feed_destroy (&self);
        return NULL;
    }
    s_subscribe (self->events);
    return self;
}

void
tui_feed_destroy (tui_feed_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    tui_feed_t *self = *self_p;
    if (self->door)
        zmq_close (self->door);
    if (self->events)
        zmq_close (self->events);
    zmq_ctx_term (self->zmq);
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

static void
s_note_silence (tui_feed_t *self, tui_model_t *model, uint64_t now_ms)
{
    if (now_ms - self->heard_ms < SILENCE_MS)
        return;
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

//  An answer that comes too late must not be taken for another one: the socket goes with it.
static void
s_drop_question (tui_feed_t *self)
{
    void *door = s_connect (self, ZMQ_DEALER, "admin.sock", ANSWER_BYTES);
    if (!door)
        return;
    zmq_close (self->door);
    self->door = door;
    self->asked = TUI_QUESTIONS;
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
