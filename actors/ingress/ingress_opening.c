//  ingress_opening: from a request to call.open.

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_attribution.h"
#include "actors/ingress/ingress_opening.h"
#include "actors/ingress/ingress_permit.h"
#include "actors/ingress/ingress_request.h"
#include "actors/ingress/ingress_resolve.h"
#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "broker/core/slip.h"
#include "broker/proto/candidates.h"
#include "broker/proto/conversation.h"

#define TOKENS_MAX (1u << 30) //  of a call; more counts as so many
#define LOOK_MIN 16384        //  bytes of a body that may hold media worth the look
#define MEDIA (BR_NEED_IMAGES | BR_NEED_AUDIO | BR_NEED_FILES)

//  ---- what is found out

//  The address of "127.0.0.1:41234" or "[::1]:41234".
static void
s_read_caller (ingress_opening_t *self, const http_call_t *http)
{
    const char *peer = http_call_peer (http);
    const char *colon = peer ? strrchr (peer, ':') : NULL;
    size_t size = colon ? (size_t) (colon - peer) : 0;
    if (size >= sizeof self->caller)
        size = sizeof self->caller - 1;
    memcpy (self->caller, peer ? peer : "", size);
    self->caller[size] = 0;
}

//  Media are looked for when a candidate could not deal with them, or when they would make
//  a wrong estimate.
static void
s_read_cargo (ingress_opening_t *self, br_protocol_t wire, br_blob_t *body)
{
    request_place_t place = self->asked.known.place;
    size_t size = br_blob_size (body);
    if (place != REQUEST_BODY && place != REQUEST_PATH)
        return;
    if (size >= LOOK_MIN || (self->target.lacks & MEDIA))
        self->cargo = br_cargo_read (wire, br_blob_data (body), size);
    else
        self->cargo.input_tokens = br_cargo_tokens (size);
}

int
ingress_opening_renew (ingress_t *self, const ingress_asker_t *asker,
                       ingress_opening_t *opening, br_error_t *reterr)
{
    br_surface_kind_t kind = br_surface_row (asker->surface)->kind;
    const char *account = asker->identity ? asker->identity->account : "";
    opening->generation = self->generation;
    if (ingress_resolve (self, kind, opening->asked.name, account, &opening->request,
                         &opening->target, reterr))
        return -1;
    return ingress_permit_filter (asker->identity, opening->request.model, &self->allowed,
                                  &opening->target, reterr);
}

ingress_opening_t *
ingress_opening_new (ingress_t *self, const ingress_asker_t *asker,
                     const request_t *request, br_error_t *reterr)
{
    ingress_opening_t *opening = BR_NEW (ingress_opening_t);
    opening->request = *request;
    int rc = ingress_asked_read (&opening->asked, asker->surface, asker->http, reterr);
    opening->wishes = *asker->wishes;
    if (rc == 0)
        rc = ingress_request_hops (http_call_header (asker->http, BR_HOPS_HEADER),
                                   &opening->hops, reterr);
    if (rc == 0)
        rc = ingress_opening_renew (self, asker, opening, reterr);
    if (rc) {
        free (opening);
        return NULL;
    }
    s_read_caller (opening, asker->http);
    s_read_cargo (opening, br_surface_row (asker->surface)->wire,
                  http_call_body (asker->http));
    return opening;
}

uint64_t
ingress_opening_left_ms (const ingress_t *self, const ingress_asker_t *asker)
{
    uint64_t timeout_ms = asker->wishes->timeout_ms;
    uint64_t spent_ms = (br_ctx_now_us (self->ctx) - asker->started_us) / 1000;
    if (timeout_ms == 0)
        return 0;
    return timeout_ms > spent_ms ? timeout_ms - spent_ms : 1;
}

const char *
ingress_opening_limited_model (const ingress_t *self, const ingress_opening_t *opening)
{
    for (char **glob = self->conf.settings->limit_models; *glob; glob++)
        if (fnmatch (*glob, opening->request.model, 0) == 0)
            return opening->request.model;
    return NULL;
}

uint64_t
ingress_opening_tokens (const ingress_opening_t *opening)
{
    uint64_t input = opening->cargo.input_tokens;
    uint64_t output = opening->request.has_max_output ? opening->request.max_output : 0;
    if (input > TOKENS_MAX || output > TOKENS_MAX - input)
        return TOKENS_MAX;
    return input + output;
}

bool
ingress_opening_is_unattended (const ingress_t *self, const ingress_opening_t *opening)
{
    return self->conf.settings->finish_unattended && !opening->request.stream;
}

bool
ingress_opening_continues (const ingress_opening_t *opening, br_surface_t surface)
{
    return opening->wishes.continues && opening->request.stream
           && br_surface_row (surface)->kind == BR_SURFACE_TALK;
}

//  ---- the message

static br_bytes_t
s_bytes (const br_buf_t *buf)
{
    return (br_bytes_t) { buf->data, buf->size };
}

//  The guard stands before the router, and on the way back before us.
static void
s_encode_slip (ingress_t *self, const ingress_guard_t *guard, br_addr_t router)
{
    br_slip_t slip = { .up_size = 0 };
    if (guard->stands_up)
        slip.up[slip.up_size++] = guard->guard;
    slip.up[slip.up_size++] = router;
    if (guard->stands_down)
        slip.down[slip.down_size++] = guard->guard;
    slip.down[slip.down_size++] = br_ctx_self (self->ctx);
    br_buf_clear (&self->slip);
    br_slip_encode (&slip, &self->slip);
}

//  Caller and conversation, where that has something to choose from.
static uint64_t
s_affinity (const ingress_asker_t *asker, const ingress_opening_t *opening)
{
    if (!opening->target.spreads)
        return 0;
    const char *session = ingress_attribution_session (asker->http);
    const char *caller = asker->identity ? asker->identity->account : opening->caller;
    br_blob_t *body = http_call_body (asker->http);
    return br_conversation_hash (caller, session, &opening->request, br_blob_data (body),
                                 br_blob_size (body));
}

//  What the router may choose by.
static void
s_put_choice (struct br_call_open *open, const ingress_asker_t *asker,
              const ingress_opening_t *opening)
{
    open->strategy = opening->target.strategy;
    open->candidates = opening->target.candidates;
    open->affinity = s_affinity (asker, opening);
    open->input_tokens = opening->cargo.input_tokens;
    open->needs = opening->cargo.media | (opening->request.tools ? BR_NEED_TOOLS : 0);
}

static void
s_put_wishes (const ingress_t *self, struct br_call_open *open,
              const ingress_asker_t *asker, const ingress_opening_t *opening)
{
    const ingress_wishes_t *wishes = &opening->wishes;
    open->timeout_ms = ingress_opening_left_ms (self, asker);
    open->connect_ms = wishes->connect_ms;
    open->first_byte_ms = wishes->first_byte_ms;
    open->idle_ms = wishes->idle_ms;
    open->continues = ingress_opening_continues (opening, asker->surface);
    open->unattended = ingress_opening_is_unattended (self, opening);
}

//  As a header of the client's, which upstream passes on where it may concern somebody.
static void
s_add_hops (br_buf_t *headers, unsigned hops)
{
    const char text[] = { (char) ('1' + hops), 0 };
    _Static_assert(BR_HOPS_MAX < 9, "one digit");
    (void) br_pairs_add (headers, BR_HOPS_HEADER, text);
}

int
ingress_opening_send (ingress_t *self, const ingress_asker_t *asker,
                      const ingress_opening_t *opening, br_addr_t router)
{
    const br_surface_row_t *row = br_surface_row (asker->surface);
    const request_t *request = &opening->request;
    const ingress_asked_t *asked = &opening->asked;
    bool is_form = asked->known.place == REQUEST_FORM;
    s_encode_slip (self, asker->guard, router);
    ingress_request_headers (asker->http, row->wire, self->conf.settings->pass_headers,
                             &self->headers);
    s_add_hops (&self->headers, opening->hops);
    ingress_request_query (http_call_query (asker->http), asked->alt, &self->query);
    struct br_call_open open = { .slip = s_bytes (&self->slip) };
    open.generation = self->generation;
    open.surface = asker->surface;
    open.stream = request->stream;
    open.request_id = asker->request_id;
    open.model = request->model;
    open.model_at = request->model_offset;
    open.model_size = request->model_size;
    open.model_bare = request->model_bare;
    open.object = row->kind == BR_SURFACE_OBJECT ? asked->name : "";
    open.content_type = is_form ? asked->known.content_type : "";
    open.query = br_buf_text (&self->query);
    open.headers = s_bytes (&self->headers);
    open.max_output = asker->max_output;
    open.who = asker->who;
    open.guard_sets = asker->guard->sets;
    open.request_hash = asker->request_hash;
    s_put_choice (&open, asker, opening);
    s_put_wishes (self, &open, asker, opening);
    br_blob_t *body = http_call_take_body (asker->http); //  the message keeps it alive
    br_addr_t first = asker->guard->stands_up ? asker->guard->guard : router;
    int rc = br_ctx_send (self->ctx, first, BR_CALL_OPEN, asker->id, 0, &open, body);
    br_blob_destroy (&body);
    return rc;
}
