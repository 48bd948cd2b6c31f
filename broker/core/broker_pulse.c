//  broker_pulse: how hosts do, for those that count.

#include "broker/core/broker_state.h"

void
br_broker_pulse (br_broker_t *self, const br_member_row_t *row,
                 const struct br_sys_beat *beat)
{
    struct br_bus_pulse pulse = { .host = row->host->name };
    pulse.handler_us = beat->handler_us;
    pulse.p999_us = beat->p999_us;
    pulse.slow = beat->slow;
    pulse.messages = beat->messages;
    pulse.queued_bytes = beat->queued_bytes;
    pulse.restarts = br_supervisor_restarts (self->supervisor, row->host->name);
    for (size_t i = 0; i < self->registry.size; i++) {
        const br_member_row_t *member = &self->registry.rows[i];
        for (size_t k = 0; member->life && k < member->seats_size; k++)
            if (member->seats[k].role == BR_ROLE_METRICS
                && br_addr_is_set (member->seats[k].addr))
                (void) br_broker_tell (self, member->seats[k].addr, BR_BUS_PULSE, &pulse);
    }
}
