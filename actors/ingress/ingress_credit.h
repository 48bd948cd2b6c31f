//  ingress_credit: how far the provider's bytes may flow. Words of an answer say up to
//  which offset of the provider they reach; once the client's socket has taken their
//  bytes, the window moves on behind them.

#ifndef BR_INGRESS_CREDIT_H
#define BR_INGRESS_CREDIT_H

#include <stdint.h>

#include "broker/core/credit.h"

#define INGRESS_MARK_STEP (4u << 10) //  bytes that one mark may stand for
#define INGRESS_MARKS 32

typedef struct _ingress_mark_t {
    uint64_t start; //  offset of the provider where it begins
    uint64_t upto;  //  offset of the provider, reached when
    uint64_t end;   //  ... so many bytes of the answer are written
} ingress_mark_t;

typedef struct _ingress_credit_t {
    ingress_mark_t marks[INGRESS_MARKS]; //  a ring
    unsigned first;
    unsigned count;
    uint64_t written; //  bytes of the answer that the socket took
    uint64_t reached; //  offset of the provider that is written
    uint64_t told;    //  reached, as of the last credit
} ingress_credit_t;

void ingress_credit_init (ingress_credit_t *self);

//  Another attempt goes on with the answer: its offsets begin at 0, what is written stays.
void ingress_credit_go_on (ingress_credit_t *self);

//  A word reaches up to the provider's offset upto; its bytes end at offset end of the
//  answer. Offsets that go back are ignored.
void ingress_credit_mark (ingress_credit_t *self, uint64_t upto, uint64_t end);

//  The socket has taken so many bytes of the answer, from its start on.
void ingress_credit_written (ingress_credit_t *self, uint64_t written);

//  The credit to tell now, or 0 while there is none.
uint64_t ingress_credit_due (ingress_credit_t *self);

#endif
