//  metrics_text: what Prometheus reads.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/metrics/metrics_text.h"
#include "broker/core/failure.h"
#include "tests/actors/metrics/calls.h"

static void
s_has (br_buf_t *out, const char *line)
{
    if (!strstr (br_buf_text (out), line))
        fail_msg ("missing: %s\n%s", line, br_buf_text (out));
}

static void
families_have_help_type_and_rows (void **state)
{
    (void) state;
    metrics_series_t *series = metrics_series_new ();
    metrics_hosts_t hosts = { .rows = NULL };
    metrics_breakers_t breakers = { .rows = NULL };
    struct br_call_metered call = calls_good ();
    metrics_series_add (series, &call);
    call = calls_failed ();
    metrics_series_add (series, &call);
    struct br_bus_pulse pulse = { .host = "shard-1", .queued_bytes = 12, .slow = 2 };
    metrics_hosts_set (&hosts, &pulse);
    struct br_breaker_state told = { .provider = "openai", .endpoint = "", .model = "" };
    told.state = BR_BREAKER_OPEN;
    metrics_breakers_set (&breakers, &told);
    struct br_guard_found found = { .family = "api_keys", .action = "redact" };
    found.direction = "upgoing";
    found.count = 3;
    found.failed = 1;
    metrics_findings_t findings = { .rows = NULL };
    metrics_findings_add (&findings, &found);
    metrics_figures_t figures = { series, &hosts, &breakers, &findings, 1.5 };
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    metrics_text_write (&figures, &out);
    s_has (&out, "# TYPE bitrouter_calls_total counter\n"
                 "bitrouter_calls_total{route=\"smart\",provider=\"openai\","
                 "model=\"gpt-4o\",outcome=\"ok\"} 1\n");
    s_has (&out, "type=\"upstream_timeout\"} 1\n");
    s_has (&out, "kind=\"cache_read\"} 4\n");
    s_has (&out, "bitrouter_cost_usd_total{route=\"smart\",provider=\"openai\","
                 "model=\"gpt-4o\"} 0.000001500\n");
    s_has (&out,
           "gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name="
           "\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"smart\","
           "gen_ai_response_model=\"gpt-4o\",le=\"0.16\"} 1\n");
    s_has (&out, "le=\"+Inf\"} 2\n");
    s_has (&out, "gen_ai_token_type=\"output\",le=\"16\"} 1\n");
    s_has (&out,
           "bitrouter_breaker_state{provider=\"openai\",endpoint=\"\",model=\"\"} 1\n");
    s_has (&out, "bitrouter_host_queued_bytes{host=\"shard-1\"} 12\n");
    s_has (&out, "bitrouter_uptime_seconds 1.5\n");
    s_has (&out, "bitrouter_guard_findings_total{family=\"api_keys\",action=\"redact\","
                 "direction=\"upgoing\"} 3\n");
    s_has (&out, "bitrouter_guard_failures_total{family=\"api_keys\",action=\"redact\","
                 "direction=\"upgoing\"} 1\n");
    metrics_findings_free (&findings);
    br_buf_free (&out);
    metrics_breakers_free (&breakers);
    metrics_hosts_free (&hosts);
    metrics_series_destroy (&series);
}

//  A name that somebody made up cannot begin a line of its own.
static void
labels_are_escaped (void **state)
{
    (void) state;
    metrics_series_t *series = metrics_series_new ();
    metrics_hosts_t hosts = { .rows = NULL };
    metrics_breakers_t breakers = { .rows = NULL };
    struct br_call_metered call = calls_good ();
    call.route = "a\"b\\c\nd";
    metrics_series_add (series, &call);
    metrics_findings_t findings = { .rows = NULL };
    metrics_figures_t figures = { series, &hosts, &breakers, &findings, 1 };
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    metrics_text_write (&figures, &out);
    s_has (&out, "route=\"a\\\"b\\\\c\\nd\"");
    br_buf_free (&out);
    metrics_series_destroy (&series);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (families_have_help_type_and_rows),
        cmocka_unit_test (labels_are_escaped),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
