//  bad_world: a whole bitrouter, with a mock provider and one that lies, and what must hold
//  however wrong a request or an answer was: an error of its own for that caller, and the
//  next call on another connection answered as if nothing had been.

#ifndef BAD_WORLD_H
#define BAD_WORLD_H

#include <sys/types.h>

#include "tests/flow/raw.h"

//  A body that is answered with "hi".
#define BAD_WORLD_GOOD                                                                   \
    "{\"model\":\"echo:echo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"

typedef struct _world_t {
    char *folder; //  home of the server, and place of all logs
    unsigned port;
    unsigned mock_port;
    unsigned liar_port;
    pid_t mock;
    pid_t liar;
    pid_t server;
} world_t;

//  Fixtures of cmocka; the end fails when the server does not end with 0.
int bad_world_begin (void **state);
int bad_world_end (void **state);

//  Starts the server in the folder; what it says goes to the file output. Its process id.
pid_t bad_world_serve (const world_t *world, const char *output);

//  A file of the folder: its text, "caller frees"; and one to be written.
char *bad_world_file (const world_t *world, const char *name);
void bad_world_write (const world_t *world, const char *name, const char *text);

//  A good call on a connection of its own is answered.
void bad_world_check_well (const world_t *world, const char *after);

//  The answer is an error in OpenAI's shape with a request id; code and words (which must
//  stand in its message) may be NULL. what names it in failures.
void bad_world_check_error (const raw_t *raw, const char *what, unsigned status,
                            const char *code, const char *words);

//  Asks with body; checks the error, and that all is well behind it.
void bad_world_check_answer (const world_t *world, const char *body, unsigned status,
                             const char *code, const char *words);

//  Waits until the mock provider has a request for a model: from then on its end is told.
void bad_world_check_asked (const world_t *world, const char *model);

//  Waits until the mock provider tells that its request for a model has ended so.
void bad_world_check_ended (const world_t *world, const char *model, const char *how);

#endif
