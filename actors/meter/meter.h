//  meter: prices each call and keeps it in the spend ledger. A call counts as settled
//  only once its row is on disk.

#ifndef BR_METER_H
#define BR_METER_H

#include "broker/core/actor.h"

#define METER_TICK_MS 10 //  from the first that waits to the commit

extern const br_actor_t br_meter_actor;

#endif
