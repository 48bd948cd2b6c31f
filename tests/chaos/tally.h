//  tally: all calls of a storm, and all losses in it, and what must hold at the end: of
//  what clients saw, what the provider received, and what the ledger has.

#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stdint.h>

//  Milliseconds: some ticks of router and meter, on a loaded machine. What happens so
//  near a loss may be lost with it.
#define TALLY_TICK_MS 100

typedef enum {
    TALLY_NONE,     //  it never got through
    TALLY_COMPLETE, //  a whole answer
    TALLY_FAILED,   //  a clear error, or the connection was closed before the end
    TALLY_WRONG     //  it hung, or looked complete and was not
} tally_end_t;

typedef struct _tally_t tally_t;

//  calls: how many there will be. "caller destroys"
tally_t *tally_new (unsigned calls);
void tally_destroy (tally_t **self_p);

//  From any thread. number: of the call, below calls.
void tally_began (tally_t *self, unsigned number);
void tally_ended (tally_t *self, unsigned number, tally_end_t end);

//  A host was killed.
void tally_lost (tally_t *self, const char *name);

//  Hosts cannot reach each other now, so that the router may not hear how a call ended. To
//  be told again, more often than each tick, until they can.
void tally_cut (tally_t *self);

//  Whether that one was lost, or may have been, while the call was under way or just
//  before.
bool tally_was_lost (tally_t *self, unsigned number, const char *name);

//  Calls that have ended so.
unsigned tally_count (tally_t *self, tally_end_t end);

//  Reads what the provider received, whose models end with -tagNUMBER, and the ledger,
//  whose request ids are storm-NUMBER; prints what is wrong, and the counts. How much is
//  wrong, or -1 when it cannot be read.
int tally_judge (tally_t *self, const char *mock_log, const char *database);

#endif
