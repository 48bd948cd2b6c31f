//  metrics_log: a line of log for each call that has ended.

#include "actors/metrics/metrics_log.h"
#include "broker/core/money.h"
#include "broker/proto/attribution.h"

#define US_PER_MS 1000

void
metrics_log_call (br_ctx_t *ctx, const struct br_call_metered *call)
{
    if (!br_ctx_log_is_on (ctx, BR_LOG_DEBUG))
        return;
    br_attribution_t who;
    char cost[BR_MONEY_TEXT_MAX];
    br_attribution_read (&who, call->who);
    br_money_print ((int64_t) call->cost_nusd, cost);
    const br_log_field_t fields[] = {
        { .name = "request_id", .text = call->request_id },
        { .name = "route", .text = call->route },
        { .name = "provider", .text = call->provider },
        { .name = "model", .text = call->model },
        { .name = "outcome", .text = br_outcome_name ((unsigned) call->outcome) },
        { .name = "status", .number = call->status },
        { .name = "input_tokens", .number = call->input_tokens },
        { .name = "output_tokens", .number = call->output_tokens },
        { .name = "usage", .text = call->usage_known ? "told" : "estimated" },
        { .name = "latency_ms", .number = call->latency_us / US_PER_MS },
        { .name = "cost_usd", .text = call->cost_known ? cost : "unknown" },
        { .name = "account", .text = who.account },
        { .name = "run", .text = who.run },
    };
    br_ctx_log_fields (ctx, BR_LOG_DEBUG, "request finished", fields,
                       sizeof fields / sizeof *fields);
}
