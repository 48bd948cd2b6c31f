//  upstream_choice: whether and how an endpoint can be asked for a call.

#include "actors/upstream/upstream_choice.h"

//  NULL when it can.
static const char *
s_why_not (const upstream_ask_t *ask, const br_surface_row_t *row)
{
    if (!row || !row->upstream)
        return "the operation is not one that a provider knows";
    if (!ask->endpoint)
        return "the endpoint is not configured any more";
    if (ask->surface == BR_SURFACE_NONE)
        return "it does not speak the client's protocol";
    if (!upstream_endpoint_url (ask->endpoint, ask->surface))
        return "there is no api_base; nothing was sent";
    return upstream_endpoint_refusal (ask->endpoint);
}

int
upstream_choose (const upstream_table_t *table, const char *provider,
                 const struct br_attempt_start *start, upstream_ask_t *ret_ask,
                 br_error_t *reterr)
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
    bool is_auth = ask.endpoint && why == upstream_endpoint_refusal (ask.endpoint);
    return br_error_set (reterr, is_auth ? BR_EUPAUTH : BR_EUPBAD, "provider %.100s: %s",
                         provider, why);
}
