//  upstream_near: whether a provider is of this network: only there another bitrouter may
//  stand, which must hear how often a call was passed on (broker/proto/hops.h).

#ifndef BR_UPSTREAM_NEAR_H
#define BR_UPSTREAM_NEAR_H

#include <stdbool.h>

//  Whether a URL leads to this machine or to one beside it: a loopback, private or link-local
//  address, or a name without a dot. A name with one is looked up by nobody here: it is far.
bool upstream_near (const char *url);

#endif
