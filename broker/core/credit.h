//  credit: how much of an answer may be on its way to a client that does not read. What
//  a slow reader costs is this window, and the buffers of two sockets.
//  src:  docs/rfc/4-CALL.md, rule 8

#ifndef BR_CREDIT_H
#define BR_CREDIT_H

#define BR_CREDIT_WINDOW (64u << 10) //  bytes beyond those that the client's socket took
#define BR_CREDIT_STEP (16u << 10)   //  bytes taken before a new credit is told
#define BR_CREDIT_PIECE (32u << 10)  //  bytes of one message at the most

#endif
