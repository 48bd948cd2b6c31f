//  address: whether an address to listen on is free. Hosts that share one do so with
//  SO_REUSEPORT, which would share it with a stranger too: the broker looks first.

#ifndef BR_ADDRESS_H
#define BR_ADDRESS_H

#include "broker/core/error.h"

//  Tries to bind "127.0.0.1:8787", "[::1]:8787" or "localhost:8787", and lets go again.
//  0 when it is free, has port 0, or is no address of this kind (who listens will say so).
//  err: BR_ECONFIG when somebody holds it.
int br_address_probe (const char *address, br_error_t *reterr);

#endif
