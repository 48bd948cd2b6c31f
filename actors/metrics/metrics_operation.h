//  metrics_operation: what OpenTelemetry calls what a client asks for.
//  src:  semantic conventions for generative AI, gen_ai.operation.name

#ifndef BR_METRICS_OPERATION_H
#define BR_METRICS_OPERATION_H

#include <stdint.h>

//  in:   surface, br_surface_t; any other is "other"
const char *metrics_operation (uint64_t surface);

#endif
