//  hops: how often a call came through a bitrouter already. It is told to providers of this
//  network alone, since one of them may be a bitrouter, and the api_base of a provider may
//  lead back to where the call came from: it would go in circles until nothing is left.

#ifndef BR_HOPS_H
#define BR_HOPS_H

#define BR_HOPS_HEADER "x-bitrouter-hops"
#define BR_HOPS_MAX 4 //  a call that came through so many is refused

#endif
