//  router_events: what those hear who watch.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "broker/core/ctx.h"
#include "actors/router/router_events.h"
#include "tests/actors/router/inside.h"
#include "tests/actors/stage.h"

static void
all_of_a_call_is_told (void **state)
{
    (void) state;
    static const br_candidate_t asked = { .provider = "a", .endpoint = "", .model = "m" };
    stage_t stage;
    stage_begin (&stage, &inside_actor, false);
    stage_start (&stage, "router");
    br_ctx_t *ctx = br_host_ctx (stage.host, "router");
    br_id_t call = { 1, 1 };
    router_failure_t failure = { .code = BR_EUPBAD, .text = "it is bad" };
    router_end_t end = { .outcome = BR_OUTCOME_OK };
    struct br_call_settle settle = { .attempts = 2, .first_us = 9012 };
    router_events_started (ctx, call, 1, &asked);
    router_events_begun (ctx, call, 1, 678);
    router_events_failed (ctx, call, 1, &asked, &failure);
    router_events_delayed (ctx, call, 2, 345);
    router_events_ended (ctx, call, &end, &settle);
    stage_pass (&stage, 100);
    const char *events = br_buf_text (&stage.events);
    static const char *const words[] = {
        "\"attempt.started\"", "\"attempt.begun\"",   "678", "\"attempt.failed\"",
        "it is bad",           "\"attempt.delayed\"", "345", "\"call.ended\"",
        "\"first_ms\":9"
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        events = strstr (events, words[i]);
        assert_non_null (events);
    }
    stage_end (&stage);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (all_of_a_call_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
