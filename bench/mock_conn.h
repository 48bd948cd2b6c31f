//  mock_conn: one connection of the mock provider: requests in, answers out, and every
//  misbehaviour that a script asks for. Lives on one loop.

#ifndef MOCK_CONN_H
#define MOCK_CONN_H

#include "bench/mock_server.h"
#include "broker/core/loop.h"

typedef struct _mock_conn_t mock_conn_t;

//  Takes a connected, non-blocking socket. It destroys itself when the connection ends.
//  list: head of the list of all connections of the loop; server, loop are borrowed.
void mock_conn_open (mock_server_t *server, br_loop_t *loop, mock_conn_t **list, int fd);

//  Closes all connections of a list.
void mock_conn_close_all (mock_conn_t **list);

#endif
