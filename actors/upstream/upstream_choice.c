//  upstream_choice: whether and how an endpoint can be asked for a call.

#include "actors/upstream/upstream_choice.h"

static const char s_unknown[] =
    "it has nothing of this kind: it does not speak the client's protocol";

//  NULL when it can.
static const char *
s_why_not (const upstream_ask_t *ask, const br_surface_row_t *row)
{
    if (!row || !row->upstream)
        return "the operation is not one that a provider knows";
    if (!ask->endpoint)
        return "the endpoint is not configured any more";
    if (ask->surface == BR_SURFACE_NONE)
        return s_unknown;
    if (!upstream_endpoint_url (ask->endpoint, ask->surface))
        return "there is no api_base; nothing was sent";
    return upstream_endpoint_refusal (ask->endpoint);
}

int
upstream_choose (const upstream_table_t *table, const char *provider,
                 const struct br_attempt_start *start, upstream_ask_t *ret_ask,
                 br_failure_t *ret_failure, br_error_t *reterr)
{
    const br_surface_row_t *row = br_surface_row ((unsigned) start->surface);
    upstream_ask_t ask = { .endpoint = upstream_table_find (table, start->endpoint) };
    if (row && ask.endpoint)
        ask.surface = upstream_table_ask (table, ask.endpoint,
                                          (br_surface_t) start->surface, start->model,
                                          start->stream != 0);
    const char *why = s_why_not (&ask, row);
    if (!why) {
        *ret_ask = ask;
        return 0;
    }
    //  What it will never have is not found; no other try mends that.
    bool is_auth = ask.endpoint && why == upstream_endpoint_refusal (ask.endpoint);
    br_code_t code = why == s_unknown ? BR_ENOTFOUND : BR_EUPBAD;
    *ret_failure = is_auth ? BR_FAILURE_AUTH : BR_FAILURE_UNFIT;
    return br_error_set (reterr, is_auth ? BR_EUPAUTH : code, "provider %.100s: %s",
                         provider, why);
}
