//  auth_spend: what is spent of one budget: a sum that the ledger has told, and the rows that
//  came behind it. A budget that counts the last seconds alone keeps rows until they are older
//  than that. No messages here, no limits, no clock of its own: times are those of any clock
//  that never goes back.

#ifndef BR_AUTH_SPEND_H
#define BR_AUTH_SPEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUTH_SPEND_SLOTS 256     //  parts of a window: rows of one part fall out together
#define AUTH_SPEND_ROWS_MAX 4096 //  that are kept at the same time
#define AUTH_SPEND_SLACK_MS                                                              \
    10000 //  a row is heard of so long after its settling, at most

typedef struct _auth_row_t {
    uint64_t seq;     //  of its newest row in the ledger
    uint64_t nusd;    //  nano-USD
    uint64_t rounds;  //  calls that ended well, count
    uint64_t from_ms; //  when its oldest row was heard of
    uint64_t at_ms;   //  when its newest row was
} auth_row_t;

typedef struct _auth_spend_t {
    uint64_t extent_ms;     //  of the window; 0 = all there ever was
    bool is_known;          //  the ledger has told
    bool is_asked;          //  a question is under way
    bool is_spoilt;         //  more rows came meanwhile than can be told apart
    uint64_t asked_ms;      //  when the last question was asked
    uint64_t seq;           //  newest row that was heard of or told
    uint64_t base_nusd;     //  what the ledger has told, without rows
    uint64_t base_rounds;   //  likewise, count
    uint64_t base_until_ms; //  by then all of it has left the window
    uint64_t rows_nusd;     //  sums over rows
    uint64_t rows_rounds;
    auth_row_t *rows; //  the oldest first; owned
    size_t rows_size;
    size_t rows_room;
} auth_spend_t;

//  extent_ms: 0 for no window.
void auth_spend_init (auth_spend_t *self, uint64_t extent_ms);
void auth_spend_free (auth_spend_t *self);

//  A question is under way: rows from here on are told apart from its answer by seq.
void auth_spend_asked (auth_spend_t *self, uint64_t now_ms);

//  The answer: the sum over rows up to seq. False when it is of no use: ask again.
bool auth_spend_told (auth_spend_t *self, uint64_t seq, uint64_t nusd, uint64_t rounds);

//  There is no answer; what was known stays known.
void auth_spend_failed (auth_spend_t *self);

//  Nothing is known any more: rows were missed, or the ledger is another one.
void auth_spend_forget (auth_spend_t *self);

//  A row of the ledger; one that was counted is not counted again.
void auth_spend_add (auth_spend_t *self, uint64_t seq, uint64_t nusd, uint64_t rounds,
                     uint64_t now_ms);

//  What is spent, nano-USD, and calls that ended well, count.
uint64_t auth_spend_nusd (auth_spend_t *self, uint64_t now_ms);
uint64_t auth_spend_rounds (auth_spend_t *self, uint64_t now_ms);

//  Milliseconds until so much has left the window, or 0 when it never does.
uint64_t auth_spend_reset_ms (auth_spend_t *self, uint64_t nusd, uint64_t now_ms);

#endif
