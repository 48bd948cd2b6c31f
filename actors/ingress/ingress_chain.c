//  ingress_chain: the answer of one question as JSON.

#include <cjson/cJSON.h>

#include "actors/ingress/ingress_chain.h"
#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"

static void
s_add_candidate (cJSON *chain, const br_candidate_t *candidate)
{
    cJSON *item = cJSON_CreateObject ();
    cJSON_AddStringToObject (item, "provider", candidate->provider);
    cJSON_AddStringToObject (item, "service_id", candidate->model);
    if (*candidate->endpoint)
        cJSON_AddStringToObject (item, "endpoint", candidate->endpoint);
    cJSON_AddNumberToObject (item, "weight", candidate->weight);
    if (candidate->context)
        cJSON_AddNumberToObject (item, "context", (double) candidate->context);
    if (candidate->price_nusd)
        cJSON_AddNumberToObject (item, "price_nusd", (double) candidate->price_nusd);
    cJSON_AddItemToArray (chain, item);
}

static void
s_add_target (cJSON *answer, const ingress_target_t *target)
{
    br_candidate_t rows[BR_CANDIDATES_MAX];
    cJSON_AddStringToObject (answer, "how", target->how);
    cJSON_AddStringToObject (answer, "strategy", target->strategy);
    cJSON *chain = cJSON_AddArrayToObject (answer, "chain");
    int count = br_candidates_read (target->candidates, rows, BR_CANDIDATES_MAX);
    for (int i = 0; i < count; i++)
        s_add_candidate (chain, &rows[i]);
}

void
ingress_chain_print (const ingress_routes_t *routes, const char *args, br_buf_t *buf)
{
    cJSON *question = cJSON_Parse (args);
    const char *model = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (question, "model"));
    cJSON *answer = cJSON_CreateObject ();
    br_buf_t scratch;
    br_buf_init (&scratch, BR_PAIRS_MAX);
    ingress_target_t target;
    br_error_t error;
    if (!model || !*model)
        br_error_set (&error, BR_EINVALID, "give args {\"model\": NAME}");
    else if (!routes)
        br_error_set (&error, BR_EBUSY, "there is no configuration yet");
    if (!model || !*model || !routes
        || ingress_routes_resolve (routes, model, &scratch, &target, &error))
        cJSON_AddStringToObject (answer, "error", error.text);
    else {
        cJSON_AddStringToObject (answer, "model", model);
        s_add_target (answer, &target);
    }
    char *text = cJSON_PrintUnformatted (answer);
    br_buf_adds (buf, text);
    cJSON_free (text);
    br_buf_free (&scratch);
    cJSON_Delete (answer);
    cJSON_Delete (question);
}
