//  peers: the two roles that a test of the call plays itself: providers' actors that say
//  one word of their script at a time, and a meter that counts. What they did stands in
//  a book, which outlives their hosts.

#ifndef BR_TESTS_FLOW_PEERS_H
#define BR_TESTS_FLOW_PEERS_H

#include "broker/core/actor.h"

#define BOOK_ATTEMPTS_MAX 32
#define BOOK_SETTLES_MAX 16
#define PIECE_LARGE 40000 //  bytes of a piece of a "large" answer
#define PIECE_BLOCKED "xyzzy"

typedef enum {
    ATTEMPT_RUNS,  //  nothing was said yet
    ATTEMPT_FLOWS, //  the head was sent
    ATTEMPT_SAID,  //  the last word was sent down; attempt.done was not
    ATTEMPT_ENDED  //  the router was told
} attempt_state_t;

//  One attempt at a provider.
typedef struct _attempt_t {
    unsigned client; //  index, from the request id
    uint32_t number;
    uint32_t host;
    uint32_t life;
    br_id_t call;
    br_addr_t router;
    br_addr_t ingress;
    br_addr_t down;
    bool stream;
    bool large;
    bool router_gone;
    bool continues;   //  another attempt may go on with its answer
    bool guarded;     //  a guard reads it: pieces are Chat's
    unsigned blocked; //  the piece that a guard must not let through, from 1; 0 = none
    br_code_t code;   //  why it was cancelled
    unsigned behind;  //  the attempt that it goes on from: its place in the book, from 1
    //  What it will say, a letter each: h head, d delta, e end, x error; H and D are head
    //  and delta with a word that a guard blocks; f, o, l, c and F
    //  are failures: cut, overload, limit, overflow, refusal; b breaks off, so that another
    //  attempt may go on. "" waits for ever. Done is said behind e and x.
    const char *script;
    attempt_state_t state;
    br_outcome_t outcome;
    bool complete; //  the end was sent down
    uint64_t seq;
    unsigned pieces; //  of the answer that were sent
    uint64_t upto;
} attempt_t;

//  All that one sender asked the meter to settle for one client.
typedef struct _settle_t {
    unsigned client;
    uint32_t host;
    br_outcome_t outcome;
    br_code_t code;
    uint64_t output;   //  tokens: of an attempt, its pieces
    unsigned asked;    //  times
    bool answered;     //  call.settled was sent
    bool inconsistent; //  asked again with other words
    char *words;       //  of the message; owned
} settle_t;

typedef struct _book_t {
    //  Script of a client's attempt; [client][0] is alpha's, [1] beta's. NULL is "". "f|he"
    //  is "f" for the first attempt there, and "he" for all others.
    const char *scripts[4][2];
    bool slow_meter; //  answers the second ask of each settle
    uint32_t dead;   //  bits of the numbers of hosts that died; set by the net
    attempt_t attempts[BOOK_ATTEMPTS_MAX];
    size_t attempts_size;
    settle_t settles[BOOK_SETTLES_MAX];
    size_t settles_size;
    const char *misuse; //  what a peer heard that it must not, or NULL
} book_t;

//  The part of a script that is for the number-th attempt at a provider, from 0.
const char *peers_part (const char *script, unsigned number);

extern const br_actor_t peers_upstream, peers_meter;

//  Must be called before the peer hears its first message; book is borrowed.
void peers_set_book (br_ctx_t *ctx, book_t *book);

//  Whether the attempt has something to say, and what: a letter of its script, or '.' for
//  attempt.done; 0 for nothing.
char peers_next_word (const attempt_t *attempt);
const char *peers_word (char word); //  "head"; NULL when it is none
void peers_say (br_ctx_t *ctx, attempt_t *attempt);

//  Appends the i-th piece of an attempt's answer.
void peers_piece (const attempt_t *attempt, unsigned i, br_buf_t *buf);

void book_destroy (book_t **self_p);

#endif
