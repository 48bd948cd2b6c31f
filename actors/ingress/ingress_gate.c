//  ingress_gate: one look at a credential.

#include "actors/ingress/ingress_credential.h"
#include "actors/ingress/ingress_gate.h"

static bool
s_is_open (const ingress_gate_t *self)
{
    const ingress_settings_t *settings = self->settings;
    return (self->loopback || settings->skip_auth) && !settings->auth_required;
}

ingress_verdict_t
ingress_gate_judge (const ingress_gate_t *self, const http_call_t *http,
                    br_protocol_t wire, ingress_identity_t **ret_identity,
                    br_error_t *reterr)
{
    const ingress_shown_t shown = {
        .authorization = http_call_header (http, "authorization"),
        .api_key = http_call_header (http, "x-api-key"),
        .google_key = http_call_header (http, "x-goog-api-key"),
        .query = http_call_query (http),
    };
    *ret_identity = NULL;
    bool open = s_is_open (self);
    if (ingress_credential_read (&shown, open, self->credential, reterr))
        return INGRESS_REFUSE;
    if (!self->credential->size && open)
        return INGRESS_ADMIT;
    if (!self->credential->size) {
        ingress_credential_miss (wire, reterr);
        return INGRESS_REFUSE;
    }
    static const ingress_verdict_t verdicts[] = { [INGRESS_UNKNOWN] = INGRESS_ASK,
                                                  [INGRESS_KNOWN] = INGRESS_ADMIT,
                                                  [INGRESS_REFUSED] = INGRESS_REFUSE };
    ingress_known_t known = ingress_identities_look (
        self->identities, br_buf_text (self->credential), ret_identity, reterr);
    return verdicts[known];
}

int
ingress_gate_check_admin (const ingress_identity_t *identity, br_error_t *reterr)
{
    if (!identity || identity->is_admin)
        return 0;
    return br_error_set (reterr, BR_EFORBIDDEN,
                         "this needs a credential whose scope is admin");
}

int
ingress_gate_check_operator (const ingress_identity_t *identity, bool loopback,
                             br_error_t *reterr)
{
    if (identity || loopback)
        return ingress_gate_check_admin (identity, reterr);
    return br_error_set (reterr, BR_EAUTH,
                         "from elsewhere this needs a credential whose scope is admin, "
                         "skip_auth or not");
}
