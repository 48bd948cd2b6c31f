//  translate_teller: the end of a translation that faces the client. It takes the deltas
//  of an answer in order, gives tools the names that the client knows, calls the ids that
//  the provider left out, and finishes their client's sense; then it has them written as
//  a stream, or collects them and has the whole written. It notes what a tap would note.
//
//  The start of an answer is held back until something follows it: an error that comes
//  right behind it can then still be answered by another provider. While what is told is
//  recorded and can be gone on with, an error that comes later is not written either.

#ifndef BR_TRANSLATE_TELLER_H
#define BR_TRANSLATE_TELLER_H

#include "broker/proto/codec.h"
#include "broker/proto/resume.h"
#include "broker/proto/tap.h"

typedef struct _translate_teller_t translate_teller_t;

//  Who speaks to whom; all borrowed until destroy.
typedef struct _translate_sides_t {
    const br_codec_t *client;
    const br_codec_t *provider;
    const br_asked_t *asked;
    const char *answer_tool; //  a call of it is the answer's text; NULL = of none
    br_resume_t *record;     //  where it is noted what is told; NULL = nowhere
    //  What others told a client that wants a stream, which the answer goes on with; or
    //  NULL.
    const br_resume_t *told;
    size_t untold; //  blanks at its end that the provider does not know of
} translate_sides_t;

//  in:   result, what is noted is written there; borrowed until destroy
//  "caller destroys"
translate_teller_t *translate_teller_new (const translate_sides_t *sides,
                                          tap_result_t *result);
void translate_teller_destroy (translate_teller_t **self_p);

//  Where bytes for the client go from now on. Borrowed.
void translate_teller_set_out (translate_teller_t *self, br_buf_t *out);

//  Takes a delta. Nothing is taken behind an END or an error.
void translate_teller_take (translate_teller_t *self, const br_delta_t *delta);

//  An event of the provider's is over: the start waits for one more at the most.
void translate_teller_next (translate_teller_t *self);

bool translate_teller_is_over (const translate_teller_t *self); //  END or an error came
bool
translate_teller_has_told (const translate_teller_t *self); //  bytes went to the client

#endif
