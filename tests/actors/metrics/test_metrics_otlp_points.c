//  metrics_otlp_points: figures as metrics.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "actors/metrics/metrics_otlp.h"
#include "tests/actors/metrics/calls.h"

static const cJSON *
s_metric (const cJSON *root, const char *name)
{
    const cJSON *resource = cJSON_GetArrayItem (
        cJSON_GetObjectItem (root, "resourceMetrics"), 0);
    const cJSON *scope = cJSON_GetArrayItem (
        cJSON_GetObjectItem (resource, "scopeMetrics"), 0);
    const cJSON *metric;
    cJSON_ArrayForEach (metric, cJSON_GetObjectItem (scope, "metrics"))
    {
        if (strcmp (cJSON_GetStringValue (cJSON_GetObjectItem (metric, "name")), name)
            == 0)
            return metric;
    }
    fail_msg ("no metric %s", name);
    return NULL;
}

static void
figures_are_cumulative (void **state)
{
    (void) state;
    metrics_series_t *series = metrics_series_new ();
    struct br_call_metered call = calls_good ();
    metrics_series_add (series, &call);
    call = calls_failed ();
    metrics_series_add (series, &call);
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    metrics_otlp_metrics (series, 1000, 2000, &out);
    cJSON *root = cJSON_Parse (br_buf_text (&out));
    assert_non_null (root);
    const cJSON *histogram = cJSON_GetObjectItem (
        s_metric (root, "gen_ai.client.operation.duration"), "histogram");
    const cJSON *point = cJSON_GetArrayItem (
        cJSON_GetObjectItem (histogram, "dataPoints"), 0);
    assert_int_equal (cJSON_GetObjectItem (histogram, "aggregationTemporality")->valueint,
                      2);
    assert_string_equal (cJSON_GetStringValue (cJSON_GetObjectItem (point, "count")),
                         "2");
    assert_string_equal (
        cJSON_GetStringValue (cJSON_GetObjectItem (point, "startTimeUnixNano")),
        "1000000000");
    int buckets = cJSON_GetArraySize (cJSON_GetObjectItem (point, "bucketCounts"));
    int bounds = cJSON_GetArraySize (cJSON_GetObjectItem (point, "explicitBounds"));
    assert_int_equal (buckets, bounds + 1);
    const cJSON *sum = cJSON_GetObjectItem (s_metric (root, "bitrouter.requests"), "sum");
    assert_int_equal (cJSON_GetArraySize (cJSON_GetObjectItem (sum, "dataPoints")), 2);
    assert_true (cJSON_IsTrue (cJSON_GetObjectItem (sum, "isMonotonic")));
    cJSON_Delete (root);
    br_buf_free (&out);
    metrics_series_destroy (&series);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (figures_are_cumulative),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
