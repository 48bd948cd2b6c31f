//  router_events: what the router tells those who watch.

#include "actors/router/router_events.h"

void
router_events_started (br_ctx_t *ctx, br_id_t call, uint32_t attempt,
                       const br_candidate_t *asked)
{
    if (!br_ctx_is_watched (ctx))
        return;
    char text[BR_ID_TEXT];
    struct br_event_attempt_started event = { .call = br_id_text (call, text) };
    event.attempt = attempt;
    event.provider = asked->provider;
    event.model = asked->model;
    br_ctx_event (ctx, BR_EVENT_ATTEMPT_STARTED, &event);
}

void
router_events_begun (br_ctx_t *ctx, br_id_t call, uint32_t attempt, uint64_t first_ms)
{
    if (!br_ctx_is_watched (ctx))
        return;
    char text[BR_ID_TEXT];
    struct br_event_attempt_begun event = { .call = br_id_text (call, text) };
    event.attempt = attempt;
    event.first_ms = first_ms;
    br_ctx_event (ctx, BR_EVENT_ATTEMPT_BEGUN, &event);
}

void
router_events_failed (br_ctx_t *ctx, br_id_t call, uint32_t attempt,
                      const br_candidate_t *asked, const router_failure_t *failure)
{
    if (!br_ctx_is_watched (ctx))
        return;
    char text[BR_ID_TEXT];
    struct br_event_attempt_failed event = { .call = br_id_text (call, text) };
    event.attempt = attempt;
    event.provider = asked->provider;
    event.error_type = br_code_label (failure->code);
    event.error = failure->text;
    br_ctx_event (ctx, BR_EVENT_ATTEMPT_FAILED, &event);
}

void
router_events_delayed (br_ctx_t *ctx, br_id_t call, uint32_t attempt, uint64_t delay_ms)
{
    if (!br_ctx_is_watched (ctx))
        return;
    char text[BR_ID_TEXT];
    struct br_event_attempt_delayed event = { .call = br_id_text (call, text) };
    event.attempt = attempt;
    event.delay_ms = delay_ms;
    br_ctx_event (ctx, BR_EVENT_ATTEMPT_DELAYED, &event);
}

void
router_events_ended (br_ctx_t *ctx, br_id_t call, const router_end_t *end,
                     const struct br_call_settle *settle)
{
    if (!br_ctx_is_watched (ctx))
        return;
    char text[BR_ID_TEXT];
    struct br_event_call_ended event = { .call = br_id_text (call, text) };
    event.request_id = settle->request_id;
    event.route = settle->route;
    event.provider = settle->provider;
    event.model = settle->model;
    event.outcome = br_outcome_name (end->outcome);
    event.error_type = end->code ? br_code_label (end->code) : "";
    event.attempts = settle->attempts;
    event.latency_ms = settle->latency_us / 1000;
    event.input_tokens = end->usage.input;
    event.output_tokens = end->usage.output;
    event.first_ms = settle->first_us / 1000;
    br_ctx_event (ctx, BR_EVENT_CALL_ENDED, &event);
}
