//  door: the admin door.

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/door.h"
#include "broker/core/json.h"

#define REQUEST_MAX (1u << 20)          //  bytes
#define IDENTITY_MAX 256                //  bytes of ZeroMQ's name of a peer
#define REMOTE_MAX (REQUEST_MAX + 1024) //  bytes of a frame with what CURVE adds
#define TICKETS_MAX 256                 //  questions under way
#define READS_A_TURN 64 //  questions of the socket; the loop has more to do

static const char s_overloaded[] = "{\"ok\":false,\"error\":{\"code\":\"overloaded\","
                                   "\"message\":\"too many questions are under way; "
                                   "try again\"}}";

static const br_admin_row_t s_rows[] = {
#define BR_ADMIN(name, role, merge, effect, about)                                       \
    { #name, BR_ROLE_##role, BR_MERGE_##merge, BR_ADMIN_##effect, about },
#include "broker/core/br_admin.def"
#undef BR_ADMIN
};

//  Who asks by the socket.
typedef struct _asker_t {
    uint8_t identity[IDENTITY_MAX];
    size_t identity_size;
    bool delimiter; //  it is a REQ
} asker_t;

typedef struct _ticket_t {
    struct _ticket_t *next;
    br_door_t *door;
    uint64_t number;
    const br_admin_row_t *row;
    asker_t asker;        //  by the socket
    br_door_reply_fn *fn; //  asked from inside; NULL: by the socket
    void *arg;            //  borrowed
    unsigned open;        //  answers that are due
    cJSON *result;        //  owned; NULL while there is none
    br_timer_t timer;
} ticket_t;

struct _br_door_t {
    br_loop_t *loop;
    void *socket;
    int fd;
    const br_door_handler_t *handler;
    void *arg;
    ticket_t *first;
    size_t count;
    uint64_t number;              //  of the last ticket
    char remote[BR_ENDPOINT_MAX]; //  over tcp; empty: not open
};

const br_admin_row_t *
br_admin_row (size_t i)
{
    return i < sizeof s_rows / sizeof *s_rows ? &s_rows[i] : NULL;
}

const br_admin_row_t *
br_admin_row_of (const char *name)
{
    for (size_t i = 0; br_admin_row (i); i++)
        if (strcmp (s_rows[i].name, name) == 0)
            return &s_rows[i];
    return NULL;
}

//  ---- tickets

static ticket_t *
s_find (const br_door_t *self, uint64_t number)
{
    for (ticket_t *ticket = self->first; ticket; ticket = ticket->next)
        if (ticket->number == number)
            return ticket;
    return NULL;
}

static void
s_drop (ticket_t *ticket)
{
    br_door_t *self = ticket->door;
    ticket_t **at = &self->first;
    while (*at != ticket)
        at = &(*at)->next;
    *at = ticket->next;
    self->count--;
    br_timer_cancel (self->loop, &ticket->timer);
    cJSON_Delete (ticket->result);
    free (ticket);
}

//  Who is not there any more, or reads nothing, gets nothing.
static void
s_send (const br_door_t *self, const asker_t *asker, const char *text)
{
    const int flags = ZMQ_DONTWAIT | ZMQ_SNDMORE;
    zmq_send (self->socket, asker->identity, asker->identity_size, flags);
    if (asker->delimiter)
        zmq_send (self->socket, "", 0, flags);
    zmq_send (self->socket, text, strlen (text), ZMQ_DONTWAIT);
}

//  Sends the reply and forgets the ticket. Takes the object.
static void
s_reply (ticket_t *ticket, cJSON *reply)
{
    char *text = cJSON_PrintUnformatted (reply);
    cJSON_Delete (reply);
    if (ticket->fn) {
        br_door_reply_fn *fn = ticket->fn;
        void *arg = ticket->arg;
        s_drop (ticket);
        fn (arg, text);
        cJSON_free (text);
        return;
    }
    s_send (ticket->door, &ticket->asker, text);
    cJSON_free (text);
    s_drop (ticket);
}

static void
s_refuse (ticket_t *ticket, br_code_t code, const char *text)
{
    cJSON *reply = cJSON_CreateObject ();
    cJSON_AddFalseToObject (reply, "ok");
    cJSON *error = cJSON_AddObjectToObject (reply, "error");
    cJSON_AddStringToObject (error, "code", br_code_label (code));
    cJSON_AddStringToObject (error, "message", text);
    s_reply (ticket, reply);
}

static void
s_finish (ticket_t *ticket)
{
    cJSON *reply = cJSON_CreateObject ();
    cJSON_AddTrueToObject (reply, "ok");
    cJSON *result = ticket->result;
    ticket->result = NULL;
    if (!result)
        result = ticket->row->merge == BR_MERGE_LIST ? cJSON_CreateArray ()
                                                     : cJSON_CreateNull ();
    cJSON_AddItemToObject (reply, "result", result);
    cJSON_AddNumberToObject (reply, "missing", ticket->open);
    s_reply (ticket, reply);
}

static void
s_time_over (void *arg)
{
    s_finish (arg);
}

//  ---- how answers become one

//  Tells in a row which host it comes from.
static void
s_add_host (cJSON *row, const char *host)
{
    if (host && cJSON_IsObject (row) && !cJSON_HasObjectItem (row, "host"))
        cJSON_AddStringToObject (row, "host", host);
}

static void
s_merge_list (ticket_t *ticket, cJSON *answer, const char *host)
{
    if (!ticket->result)
        ticket->result = cJSON_CreateArray ();
    s_add_host (answer, host);
    cJSON *row;
    cJSON_ArrayForEach (row, answer) s_add_host (row, host);
    if (!cJSON_IsArray (answer)) {
        cJSON_AddItemToArray (ticket->result, answer);
        return;
    }
    while (cJSON_GetArraySize (answer))
        cJSON_AddItemToArray (ticket->result, cJSON_DetachItemFromArray (answer, 0));
    cJSON_Delete (answer);
}

static void
s_merge_sum (ticket_t *ticket, cJSON *answer)
{
    if (!ticket->result) {
        ticket->result = answer;
        return;
    }
    const cJSON *item;
    cJSON_ArrayForEach (item, answer)
    {
        cJSON *sum = cJSON_GetObjectItemCaseSensitive (ticket->result, item->string);
        if (sum && cJSON_IsNumber (sum) && cJSON_IsNumber (item))
            cJSON_SetNumberValue (sum, sum->valuedouble + item->valuedouble);
        else if (!sum && item->string) //  what is no object has nothing to add
            cJSON_AddItemToObject (ticket->result, item->string,
                                   cJSON_Duplicate (item, 1));
    }
    cJSON_Delete (answer);
}

static void
s_merge (ticket_t *ticket, cJSON *answer, const char *host)
{
    if (!answer || cJSON_IsNull (answer))
        cJSON_Delete (answer);
    else if (ticket->row->merge == BR_MERGE_LIST)
        s_merge_list (ticket, answer, host);
    else if (ticket->row->merge == BR_MERGE_SUM)
        s_merge_sum (ticket, answer);
    else if (!ticket->result)
        ticket->result = answer;
    else
        cJSON_Delete (answer);
}

void
br_door_answer (br_door_t *self, uint64_t number, const char *host, const char *json)
{
    ticket_t *ticket = s_find (self, number);
    if (!ticket)
        return;
    s_merge (ticket, cJSON_Parse (json), host);
    if (ticket->open > 0 && --ticket->open == 0)
        s_finish (ticket);
}

void
br_door_refuse (br_door_t *self, uint64_t number, br_code_t code, const char *text)
{
    ticket_t *ticket = s_find (self, number);
    if (ticket)
        s_refuse (ticket, code, text);
}

void
br_door_hold (br_door_t *self, uint64_t number)
{
    ticket_t *ticket = s_find (self, number);
    if (ticket)
        br_timer_cancel (self->loop, &ticket->timer);
}

//  ---- requests

//  Whether there is an escape of U+0000: of two backslashes the second is no beginning.
static bool
s_has_zero (const char *text, size_t size)
{
    for (size_t i = 0; i + 6 <= size; i++) {
        if (text[i] != '\\')
            continue;
        if (memcmp (text + i, "\\u0000", 6) == 0)
            return true;
        i++;
    }
    return false;
}

int
br_door_check (const void *text, size_t size, br_error_t *reterr)
{
    if (json_members (text, size, NULL, 0, reterr))
        return -1;
    if (!s_has_zero (text, size))
        return 0;
    return br_error_set (reterr, BR_EINVALID, "a text may not hold U+0000");
}

static void
s_ask (ticket_t *ticket, const cJSON *request)
{
    br_door_t *self = ticket->door;
    const cJSON *command = cJSON_GetObjectItemCaseSensitive (request, "command");
    const cJSON *args = cJSON_GetObjectItemCaseSensitive (request, "args");
    if (!cJSON_IsString (command)) {
        s_refuse (ticket, BR_EINVALID, "send {\"command\": NAME, \"args\": {}}");
        return;
    }
    ticket->row = br_admin_row_of (command->valuestring);
    if (!ticket->row) {
        s_refuse (ticket, BR_ENOTFOUND, "no such command; see `bitrouter admin --help`");
        return;
    }
    br_timer_set (self->loop, &ticket->timer, BR_DOOR_MS, s_time_over, ticket);
    uint64_t number = ticket->number;
    ticket->open = UINT32_MAX; //  answers may come before ask returns
    char *text = cJSON_IsObject (args) ? cJSON_PrintUnformatted (args) : br_strdup ("{}");
    unsigned asked = self->handler->ask (self->arg, ticket->row, number, text);
    free (text);
    ticket = s_find (self, number);
    if (!ticket)
        return;
    unsigned answered = UINT32_MAX - ticket->open;
    ticket->open = asked > answered ? asked - answered : 0;
    if (!ticket->open)
        s_finish (ticket);
}

static ticket_t *
s_add (br_door_t *self)
{
    ticket_t *ticket = BR_NEW (ticket_t);
    ticket->door = self;
    ticket->number = ++self->number;
    ticket->next = self->first;
    self->first = ticket;
    self->count++;
    return ticket;
}

static void
s_read_question (ticket_t *ticket, const char *text, size_t size)
{
    br_error_t error;
    if (br_door_check (text, size, &error)) {
        char *why = br_strf ("send {\"command\": NAME, \"args\": {}}: %s", error.text);
        s_refuse (ticket, BR_EINVALID, why);
        free (why);
        return;
    }
    cJSON *request = cJSON_ParseWithLength (text, size);
    s_ask (ticket, request);
    cJSON_Delete (request);
}

static void
s_take (br_door_t *self, const asker_t *asker, const char *text, size_t size)
{
    if (self->count == TICKETS_MAX) {
        s_send (self, asker, s_overloaded);
        return;
    }
    ticket_t *ticket = s_add (self);
    ticket->asker = *asker;
    s_read_question (ticket, text, size);
}

uint64_t
br_door_question (br_door_t *self, const char *request, size_t size, br_door_reply_fn *fn,
                  void *arg)
{
    if (self->count == TICKETS_MAX) {
        fn (arg, s_overloaded);
        return 0;
    }
    ticket_t *ticket = s_add (self);
    uint64_t number = ticket->number;
    ticket->fn = fn;
    ticket->arg = arg;
    s_read_question (ticket, request, size);
    return s_find (self, number) ? number : 0;
}

void
br_door_forget (br_door_t *self, uint64_t number)
{
    ticket_t *ticket = s_find (self, number);
    if (ticket)
        s_drop (ticket);
}

//  Reads the frames of one request; false when there is none.
static bool
s_read (br_door_t *self)
{
    asker_t asker = { .delimiter = false };
    int identity_size = zmq_recv (self->socket, asker.identity, sizeof asker.identity,
                                  ZMQ_DONTWAIT);
    if (identity_size < 0)
        return false;
    asker.identity_size = (size_t) identity_size;
    br_buf_t text;
    br_buf_init (&text, REQUEST_MAX);
    int more = 1;
    for (int i = 0; more; i++) {
        zmq_msg_t frame;
        zmq_msg_init (&frame);
        if (zmq_msg_recv (&frame, self->socket, ZMQ_DONTWAIT) < 0)
            break;
        asker.delimiter |= i == 0 && zmq_msg_size (&frame) == 0;
        br_buf_add (&text, zmq_msg_data (&frame), zmq_msg_size (&frame));
        more = zmq_msg_more (&frame);
        zmq_msg_close (&frame);
    }
    if (identity_size <= IDENTITY_MAX)
        s_take (self, &asker, br_buf_text (&text), text.size);
    br_buf_free (&text);
    return true;
}

static uint64_t
s_hook (void *arg)
{
    for (unsigned i = 0; i < READS_A_TURN; i++)
        if (!s_read (arg))
            return UINT64_MAX;
    return 0;
}

static void
s_readable (void *arg, int fd, uint32_t events)
{
    (void) arg;
    (void) fd;
    (void) events; //  the hook of the next turn reads
}

br_door_t *
br_door_new (br_loop_t *loop, void *zmq, const char *endpoint,
             const br_door_handler_t *handler, void *arg, br_error_t *reterr)
{
    br_door_t *self = BR_NEW (br_door_t);
    self->loop = loop;
    self->handler = handler;
    self->arg = arg;
    self->fd = -1;
    self->socket = zmq_socket (zmq, ZMQ_ROUTER);
    const int linger = 200;
    size_t size = sizeof self->fd;
    int rc = self->socket ? 0 : -1;
    if (rc == 0) {
        zmq_setsockopt (self->socket, ZMQ_LINGER, &linger, sizeof linger);
        mode_t before = umask (0177); //  whoever may open it may ask
        rc = zmq_bind (self->socket, endpoint);
        umask (before);
    }
    if (rc == 0)
        rc = zmq_getsockopt (self->socket, ZMQ_FD, &self->fd, &size);
    if (rc == 0)
        rc = br_loop_watch (loop, self->fd, EPOLLIN, s_readable, self);
    if (rc) {
        br_error_set (reterr, BR_ESYSTEM, "cannot bind the admin door %s: %s", endpoint,
                      zmq_strerror (zmq_errno ()));
        br_door_destroy (&self);
        return NULL;
    }
    br_loop_hook (loop, s_hook, self);
    return self;
}

void
br_door_destroy (br_door_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_door_t *self = *self_p;
    while (self->first) { //  who asks from inside owns something until then
        if (self->first->fn)
            s_refuse (self->first, BR_EGONE, "bitrouter is stopping");
        else
            s_drop (self->first);
    }
    br_loop_unhook (self->loop, s_hook, self);
    if (self->fd >= 0)
        br_loop_unwatch (self->loop, self->fd);
    if (self->socket)
        zmq_close (self->socket);
    free (self);
    *self_p = NULL;
}

int
br_door_open_remote (br_door_t *self, void *zmq, const char *endpoint,
                     const br_curve_t *keys, br_error_t *reterr)
{
    return br_remote_bind (zmq, self->socket, endpoint, keys, REMOTE_MAX, self->remote,
                           reterr);
}

const char *
br_door_remote (const br_door_t *self)
{
    return *self->remote ? self->remote : NULL;
}
