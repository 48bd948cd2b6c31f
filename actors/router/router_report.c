//  router_report: what this router knows of each endpoint.

#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "actors/router/router_report.h"

#define JSON_MAX (1u << 20) //  bytes of an answer

static void
s_add_text (br_buf_t *out, const char *label, const char *text)
{
    br_buf_adds (out, label);
    br_buf_add_json (out, text, strlen (text));
}

static void
s_add (const router_env_t *env, br_buf_t *out, unsigned endpoint)
{
    router_health_row_t row = router_health_row (env->health, endpoint);
    uint64_t first_us = router_health_first_us (env->health, endpoint,
                                                br_ctx_now_us (env->ctx));
    s_add_text (out,
                "{\"provider\":", router_endpoints_provider (env->endpoints, endpoint));
    s_add_text (out, ",\"endpoint\":", router_endpoints_name (env->endpoints, endpoint));
    s_add_text (out, ",\"state\":", router_breaker_state (env->breaker, endpoint));
    br_buf_addf (out, ",\"ok\":%llu,\"fail\":%llu,\"under_way\":%llu",
                 (unsigned long long) row.ok, (unsigned long long) row.fail,
                 (unsigned long long) row.under_way);
    br_buf_addf (out, ",\"first_ms\":%.1f}", (double) first_us / 1000);
}

char *
router_report_json (const router_env_t *env)
{
    br_buf_t out;
    br_buf_init (&out, JSON_MAX);
    br_buf_addc (&out, '[');
    for (unsigned i = 0; i < router_endpoints_size (env->endpoints); i++) {
        size_t before = out.size;
        if (i)
            br_buf_addc (&out, ',');
        s_add (env, &out, i);
        if (out.overflow || out.size > JSON_MAX - 2) {
            out.size = before;
            out.overflow = false;
            break;
        }
    }
    br_buf_addc (&out, ']');
    char *json = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return json;
}
