//  breaker_settings: when an endpoint goes out of use, and for how long; from the slice.

#ifndef BR_BREAKER_SETTINGS_H
#define BR_BREAKER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/error.h"

typedef struct _breaker_settings_t {
    uint64_t failures;      //  in a row open it; 0 = however many do not
    uint64_t window_ms;     //  outcomes count for so long
    uint64_t window_min;    //  outcomes in it, at least, for a share to mean something
    uint64_t error_percent; //  this share of failures opens it; 0 = no share does
    uint64_t open_ms;       //  at first
    uint64_t open_max_ms;   //  at the most
} breaker_settings_t;

//  What is used where the slice says nothing.
breaker_settings_t breaker_settings_default (void);

//  No rule opens anything: nothing is ever out of use.
bool breaker_settings_is_off (const breaker_settings_t *self);

//  Reads the slice (JSON).
//  err:  BR_ECONFIG names the member and what it may be
int breaker_settings_read (const char *slice, breaker_settings_t *ret_settings,
                           br_error_t *reterr);

#endif
