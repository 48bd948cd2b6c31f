//  history: what happened, as lines for people: messages without what would be noise.

#ifndef BR_TESTS_FLOW_HISTORY_H
#define BR_TESTS_FLOW_HISTORY_H

#include "broker/core/msg.h"
#include "tests/flow/client.h"

//  "    router  -> alpha    attempt.start attempt=1 model=m": fields that are empty, that
//  change from run to run, or that tell nothing about the order are left out.
void history_message (br_buf_t *self, const char *from, const char *to,
                      const br_msg_t *msg);

//  What a client has got since the last look.
typedef struct _history_seen_t {
    unsigned status;
    size_t size;
    client_end_t end;
} history_seen_t;

void history_client (br_buf_t *self, unsigned number, const http_call_t *client,
                     history_seen_t *seen);

#endif
