//  control: connections of the control socket. Each asks one question at a time; what it
//  sends meanwhile waits.

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/control.h"

#define READ_BYTES 4096
#define OUT_MAX (16u << 20) //  bytes of an answer
#define BACKLOG 16
#define LINES_A_TURN 64 //  of one connection; the loop has more to do
#define SHORTAGE_MS                                                                      \
    100 //  until the next try, when no descriptor was left for a connection

typedef struct _control_conn_t control_conn_t;

//  How a command of the manual's is asked and answered.
typedef struct {
    const char *cmd;
    const char *command; //  of the admin door
    void (*answer) (control_conn_t *conn, cJSON *result);
} control_word_t;

struct _control_conn_t {
    control_conn_t *next;
    br_control_t *control;
    int fd;
    br_buf_t in;
    br_buf_t out;
    uint64_t question; //  number at the door; 0 = none
    const control_word_t *word;
    cJSON *status;    //  owned; while its second half is asked for
    bool asks;        //  a question is under way
    bool is_over;     //  the other side sends no more
    bool is_busy;     //  s_go_on is at work
    br_timer_t again; //  set while lines wait for the next turn
};

struct _br_control_t {
    br_loop_t *loop;
    br_door_t *door;
    char *path; //  owned
    int fd;
    control_conn_t *first;
    size_t count;
    br_timer_t shortage;
};

static const char s_too_long[] = "{\"resp\":\"error\",\"message\":\"the answer is too "
                                 "long; ask the admin door\"}";
static const char s_too_many[] = "{\"resp\":\"error\",\"message\":\"too many connections "
                                 "are open; close one, and try again\"}\n";

static void s_go_on (control_conn_t *conn);

//  ---- connections

static void
s_close (control_conn_t *conn)
{
    br_control_t *self = conn->control;
    control_conn_t **at = &self->first;
    while (*at != conn)
        at = &(*at)->next;
    *at = conn->next;
    self->count--;
    br_door_forget (self->door, conn->question);
    br_timer_cancel (self->loop, &conn->again);
    br_loop_unwatch (self->loop, conn->fd);
    close (conn->fd);
    br_buf_free (&conn->in);
    br_buf_free (&conn->out);
    cJSON_Delete (conn->status);
    free (conn);
}

//  Sends what goes. False when the connection is broken.
static bool
s_send (control_conn_t *conn)
{
    while (conn->out.size) {
        ssize_t sent = send (conn->fd, conn->out.data, conn->out.size,
                             MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        br_buf_shift (&conn->out, (size_t) sent);
    }
    return true;
}

//  Takes the object.
static void
s_say (control_conn_t *conn, cJSON *reply)
{
    char *text = cJSON_PrintUnformatted (reply);
    cJSON_Delete (reply);
    if (br_buf_adds (&conn->out, text))
        br_buf_adds (&conn->out, s_too_long);
    br_buf_addc (&conn->out, '\n');
    cJSON_free (text);
    conn->asks = false;
}

static cJSON *
s_reply (const char *resp)
{
    cJSON *reply = cJSON_CreateObject ();
    cJSON_AddStringToObject (reply, "resp", resp);
    return reply;
}

static void
s_say_error (control_conn_t *conn, const char *message)
{
    cJSON *reply = s_reply ("error");
    cJSON_AddStringToObject (reply, "message", message);
    s_say (conn, reply);
}

//  ---- answers

static void s_ask (control_conn_t *conn, const char *command, const cJSON *args);

static void
s_answer_ok (control_conn_t *conn, cJSON *result)
{
    (void) result;
    s_say (conn, s_reply ("ok"));
}

static void
s_answer_result (control_conn_t *conn, cJSON *result)
{
    cJSON *reply = s_reply ("ok");
    cJSON_AddItemToObject (reply, "result", cJSON_Duplicate (result, true));
    s_say (conn, reply);
}

static void
s_move (cJSON *to, cJSON *from, const char *key)
{
    cJSON *item = cJSON_DetachItemFromObjectCaseSensitive (from, key);
    if (item)
        cJSON_AddItemToObject (to, key, item);
}

//  It comes in two halves: the broker's status, and then the routes.
static void
s_answer_status (control_conn_t *conn, cJSON *result)
{
    if (!conn->status) {
        conn->status = cJSON_Duplicate (result, true);
        s_ask (conn, "routes", NULL);
        return;
    }
    cJSON *reply = s_reply ("status");
    s_move (reply, conn->status, "pid");
    s_move (reply, conn->status, "version");
    const cJSON *listen = cJSON_GetObjectItemCaseSensitive (conn->status, "listen");
    const char *address = cJSON_GetStringValue (cJSON_GetArrayItem (listen, 0));
    cJSON_AddStringToObject (reply, "listen", address ? address : "");
    cJSON *models = cJSON_AddArrayToObject (reply, "models");
    const cJSON *route;
    cJSON_ArrayForEach (route, result)
    {
        const char *name = cJSON_GetStringValue (
            cJSON_GetObjectItemCaseSensitive (route, "name"));
        cJSON_AddItemToArray (models, cJSON_CreateString (name ? name : ""));
    }
    cJSON_Delete (conn->status);
    conn->status = NULL;
    s_say (conn, reply);
}

static void
s_answer_route (control_conn_t *conn, cJSON *result)
{
    const char *error = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (result, "error"));
    if (error) {
        s_say_error (conn, error);
        return;
    }
    cJSON *reply = s_reply ("route");
    s_move (reply, result, "how");
    s_move (reply, result, "strategy");
    s_move (reply, result, "chain");
    s_say (conn, reply);
}

static const control_word_t s_words[] = {
    { "stop", "stop", s_answer_ok },
    { "reload", "reload", s_answer_ok },
    { "status", "status", s_answer_status },
    { "route", "resolve", s_answer_route },
};

static const control_word_t s_other = { NULL, NULL, s_answer_result };

//  What the door says.
static void
s_on_reply (void *arg, const char *text)
{
    control_conn_t *conn = arg;
    conn->question = 0;
    cJSON *reply = cJSON_Parse (text);
    cJSON *result = cJSON_GetObjectItemCaseSensitive (reply, "result");
    const cJSON *error = cJSON_GetObjectItemCaseSensitive (reply, "error");
    const char *message = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (error, "message"));
    if (cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (reply, "ok")))
        conn->word->answer (conn, result);
    else
        s_say_error (conn, message ? message : "no answer");
    cJSON_Delete (reply);
    if (!conn->is_busy)
        s_go_on (conn);
}

//  ---- questions

static void
s_ask (control_conn_t *conn, const char *command, const cJSON *args)
{
    cJSON *request = cJSON_CreateObject ();
    cJSON_AddStringToObject (request, "command", command);
    if (args)
        cJSON_AddItemToObject (request, "args", cJSON_Duplicate (args, true));
    char *text = cJSON_PrintUnformatted (request);
    cJSON_Delete (request);
    conn->asks = true;
    uint64_t number = br_door_question (conn->control->door, text, strlen (text),
                                        s_on_reply, conn);
    if (number)
        conn->question = number;
    cJSON_free (text);
}

static void
s_take_line (control_conn_t *conn, const char *line, size_t size)
{
    br_error_t error;
    bool is_sound = br_door_check (line, size, &error) == 0;
    cJSON *json = is_sound ? cJSON_ParseWithLength (line, size) : NULL;
    const char *cmd = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (json, "cmd"));
    cJSON *args = cJSON_GetObjectItemCaseSensitive (json, "args");
    conn->word = &s_other;
    for (size_t i = 0; cmd && i < sizeof s_words / sizeof *s_words; i++)
        if (strcmp (cmd, s_words[i].cmd) == 0)
            conn->word = &s_words[i];
    if (!cmd)
        s_say_error (conn, "send a line like {\"cmd\": \"status\"}");
    else
        s_ask (conn, conn->word->command ? conn->word->command : cmd,
               conn->word->answer == s_answer_route ? json : args);
    cJSON_Delete (json);
}

//  The end of the first line, or NULL while it is not whole.
static const uint8_t *
s_line_end (const control_conn_t *conn)
{
    return conn->in.size ? memchr (conn->in.data, '\n', conn->in.size) : NULL;
}

//  The next line, when it is whole and nothing is under way. False when there is none.
static bool
s_take (control_conn_t *conn)
{
    const uint8_t *end = s_line_end (conn);
    if (conn->asks || conn->out.size || !end)
        return false;
    size_t size = (size_t) (end - conn->in.data);
    s_take_line (conn, (const char *) conn->in.data, size);
    br_buf_shift (&conn->in, size + 1);
    return true;
}

//  Whether more bytes are of use: what stands behind a whole line can wait where it is.
static bool
s_wants_more (const control_conn_t *conn)
{
    return !conn->is_over && conn->in.size < BR_CONTROL_LINE_MAX && !s_line_end (conn);
}

//  Reads until a line is whole. False when the connection is broken, or a line too long.
static bool
s_read (control_conn_t *conn)
{
    char bytes[READ_BYTES];
    while (s_wants_more (conn)) {
        ssize_t size = recv (conn->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size < 0)
            return errno == EAGAIN || errno == EINTR;
        conn->is_over = size == 0;
        if (br_buf_add (&conn->in, bytes, (size_t) size))
            return false;
    }
    return true;
}

static void
s_on_ready (void *arg, int fd, uint32_t events)
{
    (void) fd;
    (void) events;
    s_go_on (arg);
}

static void
s_on_again (void *arg)
{
    s_go_on (arg);
}

//  Waits for what may come. Where nothing but an answer of the door may, the descriptor is
//  let alone: of one that the other side has closed epoll would tell without an end.
static void
s_watch (control_conn_t *conn)
{
    br_loop_t *loop = conn->control->loop;
    uint32_t events = (s_wants_more (conn) ? EPOLLIN : 0)
                      | (conn->out.size ? EPOLLOUT : 0);
    if (events)
        br_loop_watch (loop, conn->fd, events, s_on_ready, conn);
    else
        br_loop_unwatch (loop, conn->fd);
    if (!conn->asks && !conn->out.size && s_line_end (conn))
        br_timer_set (loop, &conn->again, 0, s_on_again, conn);
}

//  Does what can be done in a turn, and closes when nothing is left to do.
static void
s_go_on (control_conn_t *conn)
{
    conn->is_busy = true;
    bool is_well = true;
    bool took = true;
    for (unsigned i = 0; is_well && took && i < LINES_A_TURN; i++) {
        is_well = s_read (conn) && s_send (conn);
        took = is_well && s_take (conn);
    }
    is_well = is_well && s_send (conn);
    conn->is_busy = false;
    bool is_idle = !conn->asks && conn->out.size == 0 && !s_line_end (conn);
    bool is_long = is_idle && conn->in.size >= BR_CONTROL_LINE_MAX;
    if (!is_well || is_long || (is_idle && conn->is_over))
        s_close (conn);
    else
        s_watch (conn);
}

//  ---- the socket

static void s_on_connect (void *arg, int fd, uint32_t events);

static void
s_on_shortage_over (void *arg)
{
    br_control_t *self = arg;
    br_loop_watch (self->loop, self->fd, EPOLLIN, s_on_connect, self);
}

//  Whoever could not be accepted still waits: without a pause the loop would turn for that.
static void
s_pause (br_control_t *self)
{
    br_loop_unwatch (self->loop, self->fd);
    br_timer_set (self->loop, &self->shortage, SHORTAGE_MS, s_on_shortage_over, self);
}

static void
s_on_connect (void *arg, int fd, uint32_t events)
{
    (void) events;
    br_control_t *self = arg;
    int peer = accept4 (fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (peer < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            s_pause (self);
        return;
    }
    if (self->count == BR_CONTROL_CONNECTIONS_MAX) {
        (void) send (peer, s_too_many, strlen (s_too_many), MSG_DONTWAIT | MSG_NOSIGNAL);
        close (peer);
        return;
    }
    control_conn_t *conn = BR_NEW (control_conn_t);
    conn->control = self;
    conn->fd = peer;
    br_buf_init (&conn->in, BR_CONTROL_LINE_MAX + READ_BYTES);
    br_buf_init (&conn->out, OUT_MAX);
    conn->next = self->first;
    self->first = conn;
    self->count++;
    s_go_on (conn);
}

//  Whether a socket of that path has nobody behind it.
static bool
s_is_stale (const struct sockaddr_un *address)
{
    struct stat facts; //  a file that is no socket, or a link, is somebody's
    if (lstat (address->sun_path, &facts) || !S_ISSOCK (facts.st_mode))
        return false;
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_stale = fd >= 0
                    && connect (fd, (const struct sockaddr *) address, sizeof *address)
                    && errno == ECONNREFUSED;
    if (fd >= 0)
        close (fd);
    return is_stale;
}

//  What stands at the path, and what to do.
static const char *
s_why_in_use (const struct sockaddr_un *address)
{
    struct stat facts;
    if (lstat (address->sun_path, &facts) == 0 && S_ISSOCK (facts.st_mode))
        return "; another program listens there";
    return "; something else than a socket has that name: move it away, or set "
           "server.control.socket";
}

static int
s_bind (br_control_t *self, br_error_t *reterr)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen (self->path) >= sizeof address.sun_path)
        return br_error_set (reterr, BR_ESYSTEM,
                             "cannot bind the control socket %s: its path has over %zu "
                             "bytes; set server.control.socket to a shorter one",
                             self->path, sizeof address.sun_path - 1);
    strcpy (address.sun_path, self->path);
    if (s_is_stale (&address))
        unlink (self->path);
    self->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask (0177);
    int rc = self->fd < 0 ? -1
                          : bind (self->fd, (struct sockaddr *) &address, sizeof address);
    umask (before);
    if (rc == 0)
        rc = listen (self->fd, BACKLOG);
    if (rc == 0)
        return br_loop_watch (self->loop, self->fd, EPOLLIN, s_on_connect, self);
    br_error_set (reterr, BR_ESYSTEM, "cannot bind the control socket %s: %s%s",
                  self->path, strerror (errno),
                  errno == EADDRINUSE ? s_why_in_use (&address) : "");
    free (self->path); //  it is not ours to be removed
    self->path = NULL;
    return -1;
}

br_control_t *
br_control_new (br_loop_t *loop, br_door_t *door, const char *path, br_error_t *reterr)
{
    br_control_t *self = BR_NEW (br_control_t);
    self->loop = loop;
    self->door = door;
    self->path = br_strdup (path);
    self->fd = -1;
    if (s_bind (self, reterr))
        br_control_destroy (&self);
    return self;
}

void
br_control_destroy (br_control_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_control_t *self = *self_p;
    while (self->first)
        s_close (self->first);
    br_timer_cancel (self->loop, &self->shortage);
    if (self->fd >= 0) {
        br_loop_unwatch (self->loop, self->fd);
        close (self->fd);
        if (self->path)
            unlink (self->path);
    }
    free (self->path);
    free (self);
    *self_p = NULL;
}
