//  http_world: a real server on port 0, its handler, and raw client sockets, all in one
//  thread and on a clock that the test moves. Nothing sleeps: the loop turns until what a
//  test waits for is there.

#ifndef TEST_HTTP_WORLD_H
#define TEST_HTTP_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/net/http_server.h"

#define WORLD_CALLS_MAX 1200
#define WORLD_TEXT_MAX (1u << 20)
#define WORLD_BODY "hello"
#define WORLD_OK "HTTP/1.1 200 OK\r\n"

//  What the handler does by path: /now answers at once, /stream opens at once, /whole
//  opens, writes and ends at once; everything else waits in calls.
typedef struct {
    uint64_t now_ns;
    br_loop_t *loop;
    http_server_t *server;
    http_server_conf_t conf;
    const char *listen[4];
    char notes[4096];                    //  "request /a;ended;" as the callbacks came
    char fields[4096];                   //  "name=value;" of the last request
    http_call_t *calls[WORLD_CALLS_MAX]; //  handed over, in order
    size_t calls_size;
    br_blob_t *body;    //  of the last request; a reference
    uint64_t written;   //  as told last
    br_error_t refused; //  as told last
    size_t refusals;    //  count
    size_t reply_bytes; //  size of /now's body; 0 is WORLD_BODY
    char *text;         //  what a client read last, with a zero byte behind it
    size_t text_size;   //  bytes
    bool text_end;      //  the server closed behind it
} world_t;

int world_setup (void **state);
int world_teardown (void **state);

//  Starts the server of self->conf; world_setup has filled that.
void world_start (world_t *self);

//  A connected client socket that does not block. The caller closes it.
int world_connect (world_t *self);

//  Sends all of it, turning the loop.
void world_send (world_t *self, int fd, const char *bytes, size_t size);
void world_says (world_t *self, int fd, const char *text);

//  Reads into text until the needle is there; NULL reads until the server closes.
void world_read (world_t *self, int fd, const char *needle);

//  Connects, says, reads until closed or needle, and closes.
void world_ask (world_t *self, const char *text, const char *needle);

//  Turns the loop until the handler noted this, or holds so many calls.
void world_until (world_t *self, const char *note);
void world_until_calls (world_t *self, size_t size);

//  Turns often enough for everything that is under way.
void world_settle (world_t *self);

//  Moves the clock in small steps, turning.
void world_wait (world_t *self, uint64_t ms);

size_t world_count (const char *text, const char *needle);

//  A single answer of that text to the call.
void world_reply (http_call_t *call, unsigned status, const char *text);

#endif
