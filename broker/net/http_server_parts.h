//  http_server_parts: what server, connection and call know of each other. Only the files
//  http_server*.c, http_daemon.c, http_conn.c, http_call.c, http_answer.c and http_refuse.c
//  include it.
//
//  libmicrohttpd parses requests and writes heads, single answers and last chunks; it
//  calls back into http_server.c. A call that waits for its answer is suspended there, and
//  the chunks of a streamed answer go straight to the socket (http_chunks); with TLS it
//  encrypts and sends them too, and is suspended when it has sent all. So these stay true:
//   - A suspended connection is out of libmicrohttpd's sight: a client that leaves is seen
//     by our own watch of its descriptor.
//   - A resumed connection moves only when MHD_run is called: each resume is followed by
//     http_daemon_kick.
//   - MHD_run looks at all suspended connections of its daemon when one is resumed; so a
//     server has many daemons of few connections.
//   - libmicrohttpd's request ends once, in its completion callback; the call is freed
//     there and nowhere else. The handler's end is told earlier or there, never later.

#ifndef BR_HTTP_SERVER_PARTS_H
#define BR_HTTP_SERVER_PARTS_H

#include <microhttpd.h>

#include "broker/net/http_chunks.h"
#include "broker/net/http_head_check.h"
#include "broker/net/http_linger.h"
#include "broker/net/http_listen.h"
#include "broker/net/http_secure.h"
#include "broker/net/http_server.h"

typedef struct _http_conn_t http_conn_t;
typedef struct _http_daemon_t http_daemon_t;

struct _http_server_t {
    br_loop_t *loop;                      //  borrowed
    http_server_conf_t conf;              //  without addresses and files
    const http_server_handler_t *handler; //  borrowed
    void *arg;                            //  borrowed, for the handler
    http_listen_t *listen;                //  owned
    http_linger_t *linger;
    http_tls_t *tls;        //  owned; NULL without TLS
    http_conn_t *conns;     //  all, newest first
    unsigned connections;   //  count of conns
    unsigned calls;         //  count of calls that the handler holds
    size_t pool_bytes;      //  libmicrohttpd's memory of one connection
    uint64_t tick_ms;       //  how often a connection looks at its limits
    http_call_t *told;      //  calls whose `written` is due
    http_daemon_t *daemons; //  owned; those with room first
    http_daemon_t *last;    //  of daemons
    http_daemon_t *adding;  //  takes a connection just now
    http_daemon_t *due;     //  kicked ones
    http_daemon_t *running; //  in MHD_run just now
    br_timer_t kick;        //  keeps the loop awake while some are due
    bool paused;            //  the listener waits for connections to close
    bool draining;
    bool closing; //  in destroy: no callbacks
};

//  One libmicrohttpd with its epoll.
struct _http_daemon_t {
    http_server_t *server;
    struct MHD_Daemon *mhd;
    int epoll_fd;         //  libmicrohttpd's
    unsigned connections; //  count
    http_daemon_t *next;  //  in server->daemons
    http_daemon_t *prev;
    http_daemon_t *due_next; //  in server->due
    bool kicked;             //  in server->due
    br_timer_t empty;        //  runs while it has no connections
};

struct _http_conn_t {
    http_server_t *server;
    http_daemon_t *daemon;
    struct MHD_Connection *mhd;
    http_call_t *call; //  the request under way, or NULL
    http_conn_t *next;
    http_conn_t *prev;
    int fd;                //  libmicrohttpd's
    http_secure_t *secure; //  owned; NULL without TLS
    br_timer_t tick;       //  looks at the limits
    uint64_t since_ns;     //  start of what the limits measure
    uint64_t header_ns; //  when the first bytes of an incomplete header were seen; or 0
    uint64_t sample;    //  bytes received or acknowledged at the last tick
    bool sampled;       //  sample is of this phase
    bool fresh;         //  no request yet
    bool greeted;       //  the TLS handshake was seen to be over
    bool over;          //  beyond the limit of connections: to be refused
    bool suspended;     //  in libmicrohttpd
    bool peer_gone;     //  FIN or RST was seen
    bool clean;         //  nothing is left unread or unsaid: close without lingering
    bool forgotten;     //  see http_conn_reap
    bool wants_room;    //  EPOLLOUT is watched too
    char *peer;         //  text, made when asked for
};

typedef enum {
    CALL_HEAD,    //  the request line is there, the fields are not
    CALL_BODY,    //  the head is checked, the body comes in
    CALL_WAITS,   //  the handler has it
    CALL_REFUSED, //  to be answered by the handler's refuse; no callbacks follow
    CALL_REPLY,   //  a single answer is with libmicrohttpd
    CALL_OPEN,    //  a streamed answer goes on
    CALL_ENDING,  //  the handler ended it, bytes may be held
    CALL_CUTTING, //  the handler cut it, bytes may be held
} http_call_stage_t;

struct _http_call_t {
    http_conn_t *conn;
    http_call_stage_t stage;
    const char *method; //  in libmicrohttpd's memory, as are path and version
    const char *path;
    const char *version;
    size_t target_size;                 //  bytes of path and query as sent
    char *query;                        //  own copy, or NULL
    uint8_t *bytes;                     //  the body so far
    size_t bytes_size;                  //  bytes
    size_t bytes_room;                  //  bytes
    size_t bytes_expected;              //  Content-Length, or 0
    br_blob_t *body;                    //  complete
    void *owner;                        //  the handler's
    uint64_t reply_bytes;               //  size of a single answer's body
    http_chunks_t out;                  //  the body of a streamed answer
    char *unused;                       //  libmicrohttpd's, see http_answer_shrink
    size_t unused_size;                 //  bytes
    uint64_t written_told;              //  bytes told to the handler
    struct MHD_Response *response;      //  of a streamed answer; libmicrohttpd's
    const char *trailer;                //  name of the field behind the body, or NULL;
                                        //  borrowed
    char *trailer_value;                //  owned; NULL = it does not come
    struct MHD_Response *late_response; //  of a stream that has no body: sent at its end
    unsigned late_status;
    http_call_t *told_next; //  in server->told
    http_call_t *told_prev;
    bool told;            //  in server->told
    bool complete;        //  head and body are
    bool target_is_clean; //  see http_head_check
    bool http_11;         //  understands chunks
    bool crowded;         //  its head fills libmicrohttpd's memory
    bool bodyless;        //  HEAD, or a status that has no body
    bool owned;           //  the handler holds it: gone or ended is to be told
    bool inside;          //  the handler runs inside libmicrohttpd's callback
    bool direct;          //  a refusal too late for libmicrohttpd to answer
    bool answered;        //  http_call_reply or http_call_open was called
    bool head_sent;       //  of a streamed answer; without TLS the socket is ours from
                          //  then until its end
    bool dead;            //  libmicrohttpd shall close the connection
};

//  ---- http_server.c

//  Starts libmicrohttpd with the server's callbacks. NULL when descriptors or memory lack;
//  then errno tells.
struct MHD_Daemon *http_server_start_mhd (http_server_t *self);

//  `written` is due for the call.
void http_server_tell (http_call_t *call);
void http_server_untell (http_call_t *call);

//  ---- http_daemon.c

//  One more, in front of server->daemons. NULL with errno.
http_daemon_t *http_daemon_new (http_server_t *server);

//  Cuts its connections, none of which may be suspended. Never while any daemon runs.
void http_daemon_destroy (http_daemon_t **self_p);

//  Gives a new connection to a daemon that has room, which may be a new one. Takes fd.
void http_daemon_accept (http_server_t *server, int fd, const struct sockaddr *address,
                         socklen_t size);

//  A connection has come, or is about to leave.
void http_daemon_entered (http_daemon_t *self);
void http_daemon_left (http_daemon_t *self);

//  MHD_run is due: the server's next hook calls it, once for all kicks until then.
void http_daemon_kick (http_daemon_t *self);

//  Runs those that are due.
void http_daemon_run_due (http_server_t *server);

//  ---- http_conn.c

//  Registers a connection that libmicrohttpd has taken.
http_conn_t *http_conn_new (http_daemon_t *daemon, struct MHD_Connection *mhd);

//  Called before libmicrohttpd closes the descriptor.
void http_conn_destroy (http_conn_t **self_p);

//  Takes the connection out of libmicrohttpd's sight, and back. Only to be suspended from
//  one of its callbacks for the same connection.
void http_conn_suspend (http_conn_t *self);
void http_conn_resume (http_conn_t *self);

//  Makes libmicrohttpd look at a connection that it has just closed because s_read said so.
//  It forgets such a one: neither a list nor epoll leads to it (0.9.75).
void http_conn_reap (http_conn_t *self);

//  Makes libmicrohttpd close it once it has read and answered what the client sent.
void http_conn_hurry (http_conn_t *self);

//  Makes libmicrohttpd close it, in this turn or the next. Its call is dead.
void http_conn_kill (http_conn_t *self);

//  A phase with its own limit begins.
void http_conn_restart (http_conn_t *self);

//  Events when the socket has room again.
void http_conn_want_room (http_conn_t *self);

//  Looks at the limits after the server's tick_ms from now, and so on.
void http_conn_watch_limits (http_conn_t *self);

const char *http_conn_peer (http_conn_t *self);

//  ---- http_call.c

http_call_t *http_call_new (http_conn_t *conn);

//  Takes a part of the body.
//  err: -1 when it is larger than the limit.
int http_call_add_body (http_call_t *self, const void *bytes, size_t size);

//  The body is complete.
void http_call_seal_body (http_call_t *self);

void http_call_destroy (http_call_t **self_p);

//  ---- http_answer.c

//  A field that a handler may set, and that cannot break the head.
bool http_answer_takes_field (const http_header_t *field);

//  libmicrohttpd is through with the request.
void http_answer_completed (http_call_t *call, enum MHD_RequestTerminationCode code);

//  The client is gone: tells the handler, and closes the connection.
void http_answer_gone (http_call_t *call);

//  The socket has room for held bytes.
void http_answer_flush (http_call_t *call);

//  Gives back the memory of a stream that has lasted: whole pages of the buffer that
//  libmicrohttpd keeps for its chunks, where none will come but the last.
void http_answer_shrink (http_call_t *call);

//  ---- http_refuse.c

//  Asks the handler for an error answer to a call that libmicrohttpd has just begun, in
//  its callback. The connection closes afterwards.
void http_refuse (http_call_t *call, const br_error_t *error);

//  The same when libmicrohttpd takes no answer any more or not yet: it goes straight to
//  the socket. call may be NULL when there is not even a request line.
void http_refuse_late (http_conn_t *conn, http_call_t *call, const br_error_t *error);

//  The error of a field that is too large by itself: BR_EINVALID, names it.
int http_refuse_large (br_error_t *reterr, const char *name, size_t size, size_t max);

//  libmicrohttpd is about to refuse a head in its own words, since it fills the memory of
//  a connection: says it in ours, which leaves no way for others. It does not tell of
//  whom it talks; where more than one head of the daemon is incomplete nothing is done.
void http_refuse_overfull (http_daemon_t *daemon);

//  The answer of a call that is refused late.
void http_refuse_write (http_call_t *call, unsigned status, const http_header_t *headers,
                        size_t size, const br_blob_t *body);

#endif
