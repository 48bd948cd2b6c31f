//  idempotency_book: who came with which key, and what becomes of each: the first one goes,
//  others wait for its answer, a kept answer is told again. It knows the rules and neither
//  messages nor a bus: claims to which something is to be said stand in a queue.

#ifndef BR_IDEMPOTENCY_BOOK_H
#define BR_IDEMPOTENCY_BOOK_H

#include "actors/idempotency/idempotency_replay.h"
#include "actors/idempotency/idempotency_settings.h"

#define IDEMPOTENCY_WAITERS_MAX 64      //  claims that wait for one answer
#define IDEMPOTENCY_CLAIMS_MAX 65536    //  of all keys; more are refused
#define IDEMPOTENCY_ENTRIES_MAX 1048576 //  keys
#define IDEMPOTENCY_ENTRY_BYTES 512     //  what a key counts for beside its answer
#define IDEMPOTENCY_FINGERPRINT 32      //  bytes

typedef struct _idempotency_book_t idempotency_book_t;
typedef struct _idempotency_entry_t idempotency_entry_t;
typedef struct _idempotency_line_t idempotency_line_t;

//  What is to be said to a claim, or was.
typedef enum {
    IDEMPOTENCY_GO,     //  that it is the first one
    IDEMPOTENCY_FIRST,  //  nothing: it is the first one, and knows it
    IDEMPOTENCY_WAITS,  //  nothing, until the first one has ended
    IDEMPOTENCY_HEARS,  //  the answer
    IDEMPOTENCY_REFUSED //  the code
} idempotency_place_t;

//  One call with a key. Others may read its members, and set replay, which ends with it.
typedef struct _idempotency_claim_t {
    br_id_t call;
    br_addr_t from; //  its ingress
    idempotency_place_t place;
    br_code_t code;               //  of a refused one
    idempotency_answer_t *answer; //  that it hears; own reference
    bool replayed;                //  replay is in use
    idempotency_replay_t replay;
    //  ---- the book's own
    idempotency_entry_t *entry; //  of one that goes or waits
    idempotency_line_t *line;   //  where it stands, or NULL
    struct _idempotency_claim_t *next;
    struct _idempotency_claim_t *prev;
} idempotency_claim_t;

//  Settings are copied. "caller destroys"
idempotency_book_t *idempotency_book_new (const idempotency_settings_t *settings);
void idempotency_book_destroy (idempotency_book_t **self_p);

//  From now on; what is too much then is forgotten.
void idempotency_book_set (idempotency_book_t *self,
                           const idempotency_settings_t *settings);

//  ---- what happens; times in microseconds of a clock that never goes back

//  A call comes with a key. A call that is known already is ignored.
//  in:   asked, as it came from a wire
//  ret:  -1 when there are too many: then nothing is known of it
int idempotency_book_claim (idempotency_book_t *self, br_id_t call, br_addr_t from,
                            const struct br_idem_claim *asked, uint64_t now_us);

//  "owned by self, until it leaves or has heard all", or NULL
idempotency_claim_t *idempotency_book_get (const idempotency_book_t *self, br_id_t call);

//  The first one tells of its answer; of others it is ignored.
void idempotency_book_head (idempotency_book_t *self, idempotency_claim_t *claim,
                            const struct br_idem_head *head);
void idempotency_book_part (idempotency_book_t *self, idempotency_claim_t *claim,
                            const br_blob_t *body);

//  Its call is over, and with it the claim. Who waits hears the answer, if it is a complete
//  success that can be kept; else the one that has waited longest is the next one to go.
void idempotency_book_end (idempotency_book_t *self, idempotency_claim_t *claim,
                           bool complete, uint64_t now_us);

//  It is gone, whatever it was about.
void idempotency_book_leave (idempotency_book_t *self, idempotency_claim_t *claim);

//  So are all of a host.
void idempotency_book_gone (idempotency_book_t *self, uint32_t host, uint32_t life);

//  Forgets answers whose time has passed; those that were told again lately go later, but
//  are told no more.
void idempotency_book_expire (idempotency_book_t *self, uint64_t now_us);

//  ---- what is to be said

size_t idempotency_book_ready (const idempotency_book_t *self); //  claims in the queue

//  Takes the next one out of the queue. NULL when there is none.
idempotency_claim_t *idempotency_book_next (idempotency_book_t *self);

//  It has heard all: a refused one or one with an answer ends, one that goes is the first.
void idempotency_book_said (idempotency_book_t *self, idempotency_claim_t *claim);

//  It has something to hear again: to the end of the queue, unless it stands there.
void idempotency_book_again (idempotency_book_t *self, idempotency_claim_t *claim);

//  ---- counts

typedef struct _idempotency_counts_t {
    size_t kept;    //  answers
    size_t running; //  keys whose first call is under way
    size_t waiting; //  claims
    size_t bytes;
} idempotency_counts_t;

idempotency_counts_t idempotency_book_counts (const idempotency_book_t *self);

#endif
