//  mock_turn: what one request of the scripted conversation says, as the checks of the
//  protocols find it, and the rules that they share: each call has its result.

#ifndef MOCK_TURN_H
#define MOCK_TURN_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "bench/mock_route.h"

#define MOCK_CALLS_MAX 16   //  calls of one turn
#define MOCK_ID_BYTES 128   //  of a call's id, with its end
#define MOCK_VALUE_BYTES 64 //  of a result, with its end
#define MOCK_PLACEHOLDER "skip_thought_signature_validator"

//  What the mock says and wants back, byte for byte, in each protocol.
#define MOCK_THOUGHT "I add, and I multiply."
#define MOCK_SEAL "bW9jay1zZWFsLzAxKzIzPT0vYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo="

//  Needs of a line of an answer, as bits.
typedef enum {
    MOCK_ALWAYS = 0,
    MOCK_THINKS = 1, //  the model reasons
    MOCK_SHOWS = 2,  //  and its reasoning may be seen
    MOCK_SEALS = 4,  //  its opaque state is wanted
    MOCK_COUNTS = 8  //  usage is wanted
} mock_need_t;

typedef struct _mock_open_t {
    char id[MOCK_ID_BYTES]; //  "" = known by name
    char name[64];
    bool is_answered;
} mock_open_t;

typedef struct _mock_turn_t {
    const mock_request_t *request; //  borrowed
    bool is_strict; //  reasoning must come back, and no placeholder will do
    int status;     //  200, or what is answered
    char why[256];  //  with it
    int needs;      //  bits of mock_need_t
    bool has_tools;
    mock_open_t calls[MOCK_CALLS_MAX];
    size_t calls_count;
    char values[2][MOCK_VALUE_BYTES]; //  results of add and of multiply
    size_t values_count;              //  results in the last turn
} mock_turn_t;

//  Remembers the first reason for a 400.
void mock_turn_refuse (mock_turn_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

//  A call in the history. args must be what the mock asked for; NULL is wrong.
void mock_turn_call (mock_turn_t *self, const char *id, const char *name,
                     const cJSON *args);

//  A call's result, found by id or, where id is NULL, by name. value: text.
void mock_turn_result (mock_turn_t *self, const char *id, const char *name,
                       const char *value);

//  Calls without a result.
size_t mock_turn_missing (const mock_turn_t *self);

//  Another turn begins: refuses calls without results, forgets calls and results.
void mock_turn_next (mock_turn_t *self);

//  A member of an object by its exact name, and its text or NULL.
const cJSON *mock_turn_get (const cJSON *object, const char *name);
const char *mock_turn_text (const cJSON *object, const char *name);

//  Refuses members whose names are not in the list, which ends with NULL.
void mock_turn_names (mock_turn_t *self, const cJSON *object, const char *const *names);

//  Refuses a name of a tool that is not 1 to most characters of letters, digits, and
//  those in others.
void mock_turn_tool_name (mock_turn_t *self, const char *name, size_t most,
                          const char *others);

//  The checks of the protocols: body is the request's, an object.
typedef void (mock_check_fn) (mock_turn_t *turn, const cJSON *body);
mock_check_fn mock_check_chat;
mock_check_fn mock_check_responses;
mock_check_fn mock_check_messages;
mock_check_fn mock_check_google;

#endif
