//  breaker_endpoint: whether one endpoint is in use: closed, it is; open, it is not, until
//  its time has passed; half-open, one call tries it. It knows no messages.
//
//      closed --------- failures ---------> open
//      open ----------- its time, a probe -> half-open
//      half-open ------ a good answer -----> closed
//      half-open ------ a failure ---------> open, for twice as long
//      half-open ------ no answer ---------> open, its time has passed
//      any ------------ a good answer to a probe, however late -> closed

#ifndef BR_BREAKER_ENDPOINT_H
#define BR_BREAKER_ENDPOINT_H

#include <stdbool.h>

#include "broker/core/failure.h"
#include "broker/core/msg.h"
#include "actors/breaker/breaker_settings.h"

#define BREAKER_LEASE_MS 60000 //  a probe that is not reported by then has no end
#define BREAKER_SPANS 30       //  parts of the window: seconds, for one of 30 s

typedef struct _breaker_span_t {
    uint64_t number; //  which one it is, counted from the start of time
    uint32_t good;   //  outcomes in it, count
    uint32_t bad;
} breaker_span_t;

//  Zeroed is one that is closed.
typedef struct _breaker_endpoint_t {
    br_breaker_t state;
    const char *reason;   //  why it is open; "" or NULL when closed
    uint64_t until_ms;    //  open until then
    uint64_t open_ms;     //  how long it was opened last; 0 = it closed since
    uint64_t row;         //  failures in a row, count
    uint64_t lease;       //  of the call that tries it; 0 = none
    uint64_t lease_ms;    //  it ends then
    br_addr_t lease_for;  //  who makes that call
    uint64_t first_lease; //  that was given since it was closed; 0 = none was
    uint64_t last_lease;
    breaker_span_t spans[BREAKER_SPANS];
} breaker_endpoint_t;

typedef struct _breaker_report_t {
    uint64_t good;        //  answers, count; before the failure
    br_failure_t failure; //  BR_FAILURE_NONE = none
    uint64_t retry_after_ms;
    uint64_t lease; //  of the probe whose end this is; 0 = none
} breaker_report_t;

//  Each tells whether the state is another one now, or the same for longer.

bool breaker_endpoint_report (breaker_endpoint_t *self,
                              const breaker_settings_t *settings,
                              const breaker_report_t *report, uint64_t now_ms);

//  May one try it? When it may, it does so under this lease, which is not 0 and greater
//  than all before.
bool breaker_endpoint_probe (breaker_endpoint_t *self, uint64_t lease, br_addr_t who,
                             uint64_t now_ms);

//  A lease that has ended without a report is free again.
bool breaker_endpoint_expire (breaker_endpoint_t *self, uint64_t now_ms);

//  So is one whose host is gone.
bool breaker_endpoint_gone (breaker_endpoint_t *self, uint32_t host, uint32_t life);

//  It is in use again, whatever was before.
bool breaker_endpoint_close (breaker_endpoint_t *self);

//  How long it stays open, milliseconds; 0 = its time has passed, or it is not open.
uint64_t breaker_endpoint_for_ms (const breaker_endpoint_t *self, uint64_t now_ms);

//  Outcomes in the window.
void breaker_endpoint_count (const breaker_endpoint_t *self,
                             const breaker_settings_t *settings, uint64_t now_ms,
                             uint64_t *ret_good, uint64_t *ret_bad);

const char *breaker_state_name (br_breaker_t state); //  "half-open"

#endif
