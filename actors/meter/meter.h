//  meter: prices each call and keeps it in the spend ledger. A call counts as settled
//  only once its row is on disk.

#ifndef BR_METER_H
#define BR_METER_H

#include "broker/core/actor.h"

extern const br_actor_t br_meter_actor;

#endif
