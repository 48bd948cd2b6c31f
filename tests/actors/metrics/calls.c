//  calls: a call that was metered.

#include "broker/core/error.h"
#include "broker/proto/surface.h"
#include "tests/actors/metrics/calls.h"

struct br_call_metered
calls_good (void)
{
    return (struct br_call_metered) {
        .seq = 1,
        .request_id = "req-1",
        .route = "smart",
        .provider = "openai",
        .model = "gpt-4o",
        .surface = BR_SURFACE_CHAT,
        .outcome = BR_OUTCOME_OK,
        .status = 200,
        .attempts = 1,
        .usage_known = 1,
        .input_tokens = 10,
        .cache_read_tokens = 4,
        .output_tokens = 6,
        .reasoning_tokens = 2,
        .cost_known = 1,
        .cost_nusd = 1500,
        .operator_nusd = 1500,
        .started_ms = 1750000000000,
        .latency_us = 100000,
        .first_us = 95000,
        .elsewhere_us = 90000,
    };
}

struct br_call_metered
calls_failed (void)
{
    struct br_call_metered call = calls_good ();
    call.outcome = BR_OUTCOME_FAILED;
    call.code = BR_ETIMEOUT;
    call.status = 504;
    call.stream = 1;
    call.attempts = 2;
    call.usage_known = 0;
    call.input_tokens = call.cache_read_tokens = 0;
    call.output_tokens = call.reasoning_tokens = 0;
    call.cost_nusd = call.operator_nusd = 0;
    call.latency_us = 2000000;
    call.first_us = 0;
    return call;
}
