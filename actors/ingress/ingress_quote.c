//  ingress_quote: a body is read, its model resolved, and each endpoint asked for its
//  offer.

#include <string.h>

#include "actors/ingress/ingress_permit.h"
#include "actors/ingress/ingress_quote.h"
#include "actors/ingress/ingress_worst.h"
#include "broker/core/json_value.h"
#include "broker/core/money.h"
#include "broker/proto/candidates.h"
#include "broker/proto/cargo.h"

#define ANSWER_MAX 262144  //  bytes
#define CANDIDATE_MAX 4096 //  bytes of one candidate
#define TOKENS_MAX (INT64_C (1) << 40)

//  A body that was read.
typedef struct {
    request_t request;
    const void *body;
    size_t size;
    bool is_counted;       //  the client has counted the input
    uint64_t input_tokens; //  counted, or estimated
} quote_t;

//  What it costs at one endpoint.
typedef struct {
    br_candidate_t candidate;
    ingress_offer_t offer;
    uint64_t max_output;    //  tokens
    int64_t estimated_nusd; //  or BR_PRICE_UNKNOWN, as the next
    int64_t worst_nusd;
} endpoint_t;

//  ---- the body

enum {
    ROW_MESSAGES,
    ROW_INPUT_TOKENS,
    ROW_MAX_TOKENS,
    ROWS
};

//  A count of tokens as a member; one that is absent or null stays as it is.
static int
s_read_count (const quote_t *self, const json_row_t *row, uint64_t *count, bool *is_given,
              br_error_t *reterr)
{
    int64_t value = -1;
    *is_given = row->type != JSON_NONE && row->type != JSON_NULL;
    if (!*is_given)
        return 0;
    const uint8_t *at = (const uint8_t *) self->body + row->offset;
    if (row->type != JSON_NUMBER || row->count > 1
        || json_integer (at, row->size, &value, NULL) || value < 0 || value > TOKENS_MAX)
        return br_error_set (reterr, BR_EINVALID, "`%s` must be one count of tokens",
                             row->key);
    *count = (uint64_t) value;
    return 0;
}

static int
s_read_members (quote_t *self, br_error_t *reterr)
{
    json_row_t rows[ROWS] = { [ROW_MESSAGES] = { .key = "messages" },
                              [ROW_INPUT_TOKENS] = { .key = "input_tokens" },
                              [ROW_MAX_TOKENS] = { .key = "max_tokens" } };
    uint64_t max_tokens = 0;
    bool has_max = false;
    if (json_members (self->body, self->size, rows, ROWS, reterr)
        || s_read_count (self, &rows[ROW_INPUT_TOKENS], &self->input_tokens,
                         &self->is_counted, reterr)
        || s_read_count (self, &rows[ROW_MAX_TOKENS], &max_tokens, &has_max, reterr))
        return -1;
    if (!self->is_counted && rows[ROW_MESSAGES].type != JSON_ARRAY)
        return br_error_set (reterr, BR_EINVALID,
                             "give `messages`, an array, or `input_tokens`");
    return 0;
}

static int
s_read (quote_t *self, br_error_t *reterr)
{
    if (self->size > INGRESS_QUOTE_MAX)
        return br_error_set (reterr, BR_ETOOBIG,
                             "a quote looks at %d bytes at the most; give `input_tokens` "
                             "instead of `messages`",
                             INGRESS_QUOTE_MAX);
    if (request_scan (self->body, self->size, &self->request, reterr)
        || s_read_members (self, reterr))
        return -1;
    if (!self->is_counted)
        self->input_tokens = br_cargo_read (BR_PROTOCOL_CHAT, self->body, self->size)
                                 .input_tokens;
    return 0;
}

//  ---- one endpoint

//  What a budget would hold if there were these candidates.
static int64_t
s_worst (const quote_t *self, const ingress_offers_t *offers, br_bytes_t candidates)
{
    ingress_worst_ask_t ask = { .surface = BR_SURFACE_CHAT, .request = &self->request };
    ask.body = self->body;
    ask.body_size = self->size;
    ask.input_tokens = self->is_counted ? &self->input_tokens : NULL;
    ask.candidates = candidates;
    ingress_worst_t worst;
    ingress_worst_find (offers, &ask, &worst);
    return worst.unpriced ? BR_PRICE_UNKNOWN : ingress_worst_nusd (&worst);
}

static int64_t
s_worst_of_one (const quote_t *self, const ingress_offers_t *offers,
                const br_candidate_t *candidate)
{
    br_buf_t buf;
    int64_t nusd = BR_PRICE_UNKNOWN;
    br_buf_init (&buf, CANDIDATE_MAX);
    if (br_candidates_add (&buf, candidate) == 0)
        nusd = s_worst (self, offers, (br_bytes_t) { buf.data, buf.size });
    br_buf_free (&buf);
    return nusd;
}

static endpoint_t
s_endpoint (const quote_t *self, const ingress_offers_t *offers,
            const br_candidate_t *candidate)
{
    endpoint_t endpoint = { .candidate = *candidate };
    endpoint.offer = ingress_offers_find (offers, candidate->provider, candidate->model,
                                          self->request.model);
    endpoint.max_output = self->request.has_max_output
                              ? self->request.max_output
                              : ingress_worst_output (&endpoint.offer);
    br_usage_t usage = { .known = true, .input = self->input_tokens };
    usage.output = endpoint.max_output;
    endpoint.estimated_nusd = br_price_nusd (endpoint.offer.price, &usage);
    endpoint.worst_nusd = s_worst_of_one (self, offers, candidate);
    return endpoint;
}

//  ---- writing

static void
s_put_nusd (json_writer_t *writer, const char *key, int64_t nusd)
{
    if (nusd == BR_PRICE_UNKNOWN)
        json_put_null (writer, key);
    else
        json_put_integer (writer, key, nusd);
}

static void
s_put_usd (json_writer_t *writer, const char *key, int64_t nusd)
{
    char text[BR_MONEY_TEXT_MAX];
    if (nusd == BR_PRICE_UNKNOWN) {
        json_put_null (writer, key);
        return;
    }
    br_money_print (nusd, text);
    json_put_string (writer, key, text);
}

//  ---- pricing

static const struct {
    const char *part;
    struct {
        const char *name;
        br_price_bucket_t bucket;
    } rates[5];
} s_parts[] = {
    { "input_tokens",
      { { "no_cache", BR_PRICE_INPUT },
        { "cache_read", BR_PRICE_CACHE_READ },
        { "cache_write", BR_PRICE_CACHE_WRITE },
        { "cache_write_1h", BR_PRICE_CACHE_WRITE_1H },
        { "audio", BR_PRICE_AUDIO_INPUT } } },
    { "output_tokens",
      { { "text", BR_PRICE_OUTPUT },
        { "reasoning", BR_PRICE_REASONING },
        { "audio", BR_PRICE_AUDIO_OUTPUT } } },
};

static void
s_put_rate (json_writer_t *writer, const char *key, int64_t nusd)
{
    char text[BR_MONEY_TEXT_MAX];
    if (nusd == BR_PRICE_NO_RATE) {
        json_put_null (writer, key);
        return;
    }
    br_money_print (nusd, text);
    json_put_raw (writer, key, br_text (text));
}

static void
s_put_rates (json_writer_t *writer, const br_price_rates_t *rates)
{
    for (size_t i = 0; i < sizeof s_parts / sizeof *s_parts; i++) {
        json_open (writer, s_parts[i].part, '{');
        for (size_t k = 0; k < 5 && s_parts[i].rates[k].name; k++)
            s_put_rate (writer, s_parts[i].rates[k].name,
                        rates->nusd[s_parts[i].rates[k].bucket]);
        json_close (writer, '}');
    }
}

void
ingress_quote_write_pricing (const br_price_t *price, const char *key,
                             json_writer_t *writer)
{
    if (!price) {
        json_put_null (writer, key);
        return;
    }
    json_open (writer, key, '{');
    s_put_rates (writer, &price->base);
    if (price->tiers_size)
        json_open (writer, "context_tiers", '[');
    for (size_t i = 0; i < price->tiers_size; i++) {
        json_open (writer, NULL, '{');
        json_put_integer (writer, "above_input_tokens", (int64_t) price->tiers[i].above);
        s_put_rates (writer, &price->tiers[i].rates);
        json_close (writer, '}');
    }
    if (price->tiers_size)
        json_close (writer, ']');
    json_close (writer, '}');
}

//  ---- the answer

static void
s_write_endpoint (const endpoint_t *endpoint, json_writer_t *writer)
{
    json_open (writer, NULL, '{');
    json_put_string (writer, "provider", endpoint->candidate.provider);
    json_put_string (writer, "model", endpoint->candidate.model);
    s_put_nusd (writer, "estimated_cost_nusd", endpoint->estimated_nusd);
    s_put_nusd (writer, "worst_cost_nusd", endpoint->worst_nusd);
    ingress_quote_write_pricing (endpoint->offer.price, "pricing", writer);
    if (endpoint->offer.context)
        json_put_integer (writer, "context", (int64_t) endpoint->offer.context);
    else
        json_put_null (writer, "context");
    json_close (writer, '}');
}

//  Keys of one provider are candidates of their own, at the same price.
static bool
s_is_repeated (const br_candidate_t *rows, int i)
{
    for (int k = 0; k < i; k++)
        if (strcmp (rows[k].provider, rows[i].provider) == 0
            && strcmp (rows[k].model, rows[i].model) == 0)
            return true;
    return false;
}

//  The endpoint that is asked first stands for all of them, but for the worst of all.
static void
s_write (const quote_t *self, const ingress_offers_t *offers, br_bytes_t candidates,
         br_buf_t *out)
{
    br_candidate_t rows[BR_CANDIDATES_MAX];
    int count = br_candidates_read (candidates, rows, BR_CANDIDATES_MAX);
    if (count <= 0)
        return;
    endpoint_t first = s_endpoint (self, offers, &rows[0]);
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    json_put_string (&writer, "object", "quote");
    json_put_string (&writer, "model", self->request.model);
    json_put_string (&writer, "provider", first.candidate.provider);
    json_put_integer (&writer, "input_tokens", (int64_t) self->input_tokens);
    json_put_integer (&writer, "max_output_tokens", (int64_t) first.max_output);
    s_put_nusd (&writer, "estimated_cost_nusd", first.estimated_nusd);
    s_put_nusd (&writer, "worst_cost_nusd", s_worst (self, offers, candidates));
    s_put_usd (&writer, "estimated_cost_usd", first.estimated_nusd);
    ingress_quote_write_pricing (first.offer.price, "pricing", &writer);
    json_open (&writer, "endpoints", '[');
    for (int i = 0; i < count; i++) {
        if (s_is_repeated (rows, i))
            continue;
        endpoint_t endpoint = s_endpoint (self, offers, &rows[i]);
        s_write_endpoint (&endpoint, &writer);
    }
    json_close (&writer, ']');
    json_close (&writer, '}');
}

br_blob_t *
ingress_quote_answer (const ingress_quote_ask_t *ask, const void *body, size_t size,
                      br_error_t *reterr)
{
    quote_t quote = { .body = body, .size = size };
    ingress_target_t target;
    if (s_read (&quote, reterr)
        || ingress_routes_resolve (ask->routes, quote.request.model, ask->candidates,
                                   &target, reterr)
        || ingress_permit_filter (ask->identity, quote.request.model, ask->allowed,
                                  &target, reterr))
        return NULL;
    br_buf_t out;
    br_buf_init (&out, ANSWER_MAX);
    s_write (&quote, ask->offers, target.candidates, &out);
    br_blob_t *answer = NULL;
    if (out.size && !out.overflow) {
        size_t bytes;
        uint8_t *data = br_buf_take (&out, &bytes);
        answer = br_blob_take (data, bytes);
    } else
        br_error_set (reterr, BR_EINVALID, "the route has too many endpoints to quote");
    br_buf_free (&out);
    return answer;
}
