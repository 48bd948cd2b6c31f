//  guard_world: a stage with a guard that has rules, and words of a call to and from it; for
//  its tests and those of its parts, which borrow its window.

#ifndef BR_TESTS_GUARD_WORLD_H
#define BR_TESTS_GUARD_WORLD_H

#include "actors/guard/guard_looks.h"
#include "tests/actors/stage.h"

//  The sets of the rules.
#define KEYS 1u     //  keys are redacted both ways, "rm -rf /" is blocked on the way down
#define MAILS 2u    //  addresses of mail are only told, both ways
#define WORDS 4u    //  "xyzzy" is blocked on the way up
#define LENIENT 8u  //  keys are redacted on the way up, and it fails open
#define PATIENT 16u //  ... on the way down
#define GUARD_LINK " For more information, see https://github.com/bitrouter/bitrouter"
#define EVENTS "text/event-stream"

typedef struct _guard_world_t {
    stage_t stage;
    br_addr_t guard;
    br_addr_t router;
    br_addr_t upstream;
    guard_env_t env;    //  parts of a test's own, in the actor's window
    guard_conf_t *conf; //  the same rules
    uint64_t seq;       //  of upstream's next word
    uint64_t upto;
    uint8_t slip[512]; //  up: guard, router; down: guard, ingress
    size_t slip_size;  //  bytes
    br_buf_t text;     //  what guard_world_body returned last
} guard_world_t;

extern const char guard_world_slice[];

//  For cmocka: *state is a world whose guard has taken the slice.
int guard_world_setup (void **state);
int guard_world_teardown (void **state);

//  Has the guard take a slice under a generation; what the peer "router" heard of it.
const char *guard_world_configure (guard_world_t *self, uint64_t generation,
                                   const char *slice);

//  The parts' rules are the same, and these for tools (JSON).
void guard_world_use_tools (guard_world_t *self, const char *tools);

//  ---- words of a call, sent and handled; attempts are upstream's

//  in:   body: Chat; its model is where "m-1" stands, if it does
void guard_world_open (guard_world_t *self, uint64_t call, uint64_t sets,
                       const char *body);
void guard_world_open_with (guard_world_t *self, uint64_t call, struct br_call_open open,
                            const char *body, size_t size);

//  seq starts at 0, upto at the size of the text.
void guard_world_head (guard_world_t *self, uint64_t call, uint32_t attempt,
                       const char *type, const char *text);
void guard_world_delta (guard_world_t *self, uint64_t call, uint32_t attempt,
                        const char *text);
void guard_world_end (guard_world_t *self, uint64_t call, uint32_t attempt);

//  Any word: handled from `from`.
void guard_world_say (guard_world_t *self, const char *from, br_verb_t verb,
                      uint64_t call, uint32_t attempt, const void *fields,
                      const char *text);

//  A word as it comes to a part.
br_msg_t *guard_world_word (guard_world_t *self, br_verb_t verb, uint32_t attempt,
                            const void *fields, const char *text);

//  ---- what was heard

//  The body of the newest message of a verb. "owned by self, until the next look"
const char *guard_world_body (guard_world_t *self, const char *peer, br_verb_t verb);

//  Events that were raised, all of them.
const char *guard_world_events (guard_world_t *self);

//  An event of a Chat stream that says something.
#define SAYS(text)                                                                       \
    "data: "                                                                             \
    "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"      \
    "\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define STOPS                                                                            \
    "data: "                                                                             \
    "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"      \
    "\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"

//  A whole answer of Chat.
#define ANSWER(text)                                                                     \
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","       \
    "\"content\":\"" text "\"},\"finish_reason\":\"stop\"}]}"

//  A request of Chat.
#define ASKS(text)                                                                       \
    "{\"messages\":[{\"role\":\"user\",\"content\":\"" text "\"}],\"model\":\"m-1\"}"

#endif
