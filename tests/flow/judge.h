//  judge: brings a history to its end, and says what of it was wrong.

#ifndef BR_TESTS_FLOW_JUDGE_H
#define BR_TESTS_FLOW_JUDGE_H

#include "tests/flow/net.h"

//  Lets everything happen that still can, in one order: messages, then words, then time;
//  a dead meter is replaced, clients that wait for a silent provider leave. Appends a line
//  to complaints for each rule of docs/rfc/4-CALL.md that was broken.
void judge (net_t *net, const net_conf_t *conf, br_buf_t *complaints);

#endif
