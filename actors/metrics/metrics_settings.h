//  metrics_settings: how much is kept apart, and where figures and spans go. The actor's
//  slice, read.

#ifndef BR_METRICS_SETTINGS_H
#define BR_METRICS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/error.h"

#define METRICS_INTERVAL_MS 10000    //  from one export to the next
#define METRICS_INTERVAL_LEAST_MS 10 //  the least that the slice may say
#define METRICS_INTERVAL_MOST_MS 3600000
#define METRICS_HEADERS_MAX 32 //  lines
#define METRICS_REQUESTS_BYTES 104857600
#define METRICS_REQUESTS_BYTES_MOST (1ull << 40)
#define METRICS_REQUESTS_KEEP 7

typedef struct _metrics_settings_t {
    uint64_t labels_max;  //  rows of figures
    char *endpoint;       //  "http://127.0.0.1:4318", without its last slash; NULL = none
    char **headers;       //  "Name: value", which may be a secret; NULL ends
    uint64_t interval_ms; //  between two exports
    bool traces;          //  spans are exported
    bool metrics;         //  figures are
    char *requests;       //  path of the log of requests, NULL = none is written
    uint64_t requests_bytes; //  of one of its files, at the most
    uint64_t requests_keep;  //  older ones, count
} metrics_settings_t;

//  Reads the slice (JSON); members that are absent have their defaults. "caller destroys"
//  err:  BR_ECONFIG names the member
metrics_settings_t *metrics_settings_new (const char *slice, br_error_t *reterr);
void metrics_settings_destroy (metrics_settings_t **self_p);

#endif
