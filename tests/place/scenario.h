//  scenario: calls to play, one after the other, as read from text files.
//
//  A line is a word and its value; # begins a comment line. First come routes, then calls:
//
//      route NAME PROVIDER:MODEL...    a route of the configuration, tried in this order
//      call TITLE                      begins a call; what follows belongs to it
//        method METHOD                 POST, where nothing else is said
//        path PATH                     /v1/chat/completions
//        model NAME                    makes a body with this model
//        stream                        ... that asks for a stream
//        fill BYTES                    ... with a prompt of that length
//        body TEXT                     the body itself instead
//        header NAME: VALUE            one more; may be repeated
//        leave EVENTS                  close the connection after that many events
//        local                         it never reaches the bus
//        status NUMBER                 expected; 200
//        end clean|cut|left            expected; clean
//        hash HEX                      expected: of the body, see transcript.h

#ifndef SCENARIO_H
#define SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/buf.h"
#include "tests/place/client.h"

typedef struct _scenario_call_t {
    char *title;
    char *method;
    char *path;
    char *model; //  NULL = none
    char *body;  //  NULL = made from model
    br_buf_t headers;
    bool stream;
    bool local;
    size_t fill;    //  bytes
    unsigned leave; //  events; 0 = stays
    unsigned status;
    client_end_t end;
    char *hash; //  NULL = none expected
} scenario_call_t;

typedef struct _scenario_t {
    br_buf_t routes; //  YAML, rows of the section models
    scenario_call_t *calls;
    size_t calls_size;
} scenario_t;

void scenario_init (scenario_t *self);
void scenario_free (scenario_t *self);

//  Adds what a file says. 0, or -1 with the reason on stderr.
int scenario_load (scenario_t *self, const char *path);

//  The bytes of a call's body. "caller frees"; empty for none
void scenario_body (const scenario_call_t *call, br_buf_t *ret_body);

const char *scenario_end_name (client_end_t end);

#endif
