//  control: the socket that the manual gives to scripts: a Unix stream, a line of JSON in,
//  a line of JSON out. It asks the admin door, and says the answer in the manual's words.
//      {"cmd": "status"}              {"resp": "status", "pid", "listen", "models"}
//      {"cmd": "stop"} or reload      {"resp": "ok"}
//      {"cmd": "route", "model": M}   {"resp": "route", "chain": [...]}
//      {"cmd": COMMAND, "args": {}}   {"resp": "ok", "result": ...}, of the admin door
//      anything else                  {"resp": "error", "message": ...}

#ifndef BR_CONTROL_H
#define BR_CONTROL_H

#include "broker/core/door.h"

#define BR_CONTROL_CONNECTIONS_MAX 64  //  more are closed at once
#define BR_CONTROL_LINE_MAX (1u << 20) //  bytes of a line

typedef struct _br_control_t br_control_t;

//  Binds the socket, for its user alone; one that nobody listens to any more is replaced.
//  loop and door are borrowed, and live longer than self. "caller destroys"
//  err:  BR_ESYSTEM, what was tried, and what to do
br_control_t *br_control_new (br_loop_t *loop, br_door_t *door, const char *path,
                              br_error_t *reterr);

//  Closes all connections and removes the socket.
void br_control_destroy (br_control_t **self_p);

#endif
