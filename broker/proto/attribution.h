//  attribution: whose call it is, and of what it is a part, as it travels in call.open and
//  in all that is settled. Only ingress reads it from a request; who passes it on need not
//  look inside.

#ifndef BR_ATTRIBUTION_H
#define BR_ATTRIBUTION_H

#include "broker/core/buf.h"
#include "broker/core/verbs.h"

#define BR_ATTRIBUTION_TEXT 255 //  bytes of one text at the most, without its end
#define BR_ATTRIBUTION_MAX 4096 //  bytes of all

//  Texts are "" when they are not known; never NULL.
typedef struct _br_attribution_t {
    const char *account; //  CAIP-10, or the account of a virtual key; "" = open mode
    const char *key;     //  id of the credential
    const char *session; //  the client's own word for a conversation
    const char *run;     //  ... for a run of an agent
    const char *agent;   //  name of the agent
    const char *step;    //  ... of the step of the run
    const char *trace;   //  W3C trace id, 32 hexadecimal digits
    const char *parent;  //  span id of who called us, 16 digits
    const char *span;    //  span id of this call, 16 digits
    bool sampled;        //  the flag of the traceparent; true without one
} br_attribution_t;

void br_attribution_init (br_attribution_t *self);

//  Appends it to a buffer; longer texts are cut at a character's end. -1 when it does not fit.
int br_attribution_write (const br_attribution_t *self, br_buf_t *buf);

//  Reads one; texts are "owned by bytes". Names that it does not know are ignored; nothing
//  at all is all unknown.
void br_attribution_read (br_attribution_t *self, br_bytes_t bytes);

#endif
