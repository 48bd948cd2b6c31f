//  meter_entry: a ledger's row from a settle.

#include <string.h>

#include "broker/proto/attribution.h"
#include "broker/proto/surface.h"
#include "broker/proto/tries.h"
#include "actors/meter/meter_entry.h"

//  What the ledger calls a surface; those that are answered here are never settled.
static const char *const s_surfaces[BR_SURFACE_COUNT] = {
    [BR_SURFACE_CHAT] = "chat",
    [BR_SURFACE_RESPONSES] = "responses",
    [BR_SURFACE_MESSAGES] = "messages",
    [BR_SURFACE_GOOGLE] = "google",
    [BR_SURFACE_GOOGLE_STREAM] = "google",
    [BR_SURFACE_RESPONSES_TOKENS] = "responses_tokens",
    [BR_SURFACE_MESSAGES_TOKENS] = "messages_tokens",
    [BR_SURFACE_GOOGLE_TOKENS] = "google_tokens",
    [BR_SURFACE_RESPONSES_COMPACT] = "responses_compact",
    [BR_SURFACE_RESPONSE] = "response",
    [BR_SURFACE_RESPONSE_DELETE] = "response_delete",
    [BR_SURFACE_RESPONSE_CANCEL] = "response_cancel",
    [BR_SURFACE_RESPONSE_ITEMS] = "response_items",
    [BR_SURFACE_GOOGLE_EMBED] = "google_embed",
    [BR_SURFACE_GOOGLE_EMBEDS] = "google_embeds",
    [BR_SURFACE_EMBEDDINGS] = "embeddings",
    [BR_SURFACE_IMAGES] = "images",
    [BR_SURFACE_IMAGE_EDITS] = "image_edits",
    [BR_SURFACE_IMAGE_VARIATIONS] = "image_variations",
    [BR_SURFACE_SPEECH] = "speech",
    [BR_SURFACE_TRANSCRIPTIONS] = "transcriptions",
    [BR_SURFACE_TRANSLATIONS] = "translations",
    [BR_SURFACE_MODERATIONS] = "moderations",
    [BR_SURFACE_RERANK] = "rerank",
    [BR_SURFACE_COMPLETIONS] = "completions",
};

static const char *
s_surface (uint64_t surface)
{
    const char *name = surface < BR_SURFACE_COUNT ? s_surfaces[surface] : NULL;
    return name ? name : "";
}

//  Databases have no greater numbers.
static uint64_t
s_cut (uint64_t number)
{
    return number > INT64_MAX ? INT64_MAX : number;
}

static br_usage_t
s_cut_usage (const br_usage_t *usage)
{
    br_usage_t cut = { .known = usage->known };
    cut.input = s_cut (usage->input);
    cut.cache_read = s_cut (usage->cache_read);
    cut.cache_write = s_cut (usage->cache_write);
    cut.cache_write_1h = s_cut (usage->cache_write_1h);
    cut.audio_input = s_cut (usage->audio_input);
    cut.output = s_cut (usage->output);
    cut.reasoning = s_cut (usage->reasoning);
    cut.audio_output = s_cut (usage->audio_output);
    return cut;
}

br_usage_t
meter_entry_usage (const struct br_call_settle *settle)
{
    br_usage_t usage = { .known = settle->usage_known != 0 };
    usage.input = settle->input_tokens;
    usage.cache_read = settle->cache_read_tokens;
    usage.cache_write = settle->cache_write_tokens;
    usage.cache_write_1h = settle->cache_write_1h_tokens;
    usage.audio_input = settle->audio_input_tokens;
    usage.output = settle->output_tokens;
    usage.reasoning = settle->reasoning_tokens;
    usage.audio_output = settle->audio_output_tokens;
    return s_cut_usage (&usage);
}

//  Attempts that cannot be read are none: the call counts all the same.
static void
s_fill_tries (ledger_entry_t *self, br_bytes_t tries)
{
    int count = br_tries_read (tries, self->tries, BR_TRIES_MAX);
    self->tries_count = count < 0 ? 0 : (size_t) count;
    for (size_t i = 0; i < self->tries_count; i++) {
        br_try_t *row = &self->tries[i];
        row->after_us = s_cut (row->after_us);
        row->latency_us = s_cut (row->latency_us);
        row->first_us = s_cut (row->first_us);
        row->usage = s_cut_usage (&row->usage);
    }
}

static void
s_fill_who (ledger_entry_t *self, br_bytes_t bytes)
{
    br_attribution_t who;
    br_attribution_read (&who, bytes);
    self->account = who.account;
    self->key = who.key;
    self->session = who.session;
    self->run = who.run;
    self->agent = who.agent;
    self->step = who.step;
    self->trace = who.trace;
}

static void
s_fill_end (ledger_entry_t *self, const struct br_call_settle *settle)
{
    bool is_error = settle->code != BR_OK;
    self->is_lost = settle->outcome == BR_OUTCOME_LOST;
    self->outcome = br_outcome_name ((unsigned) settle->outcome);
    self->error_type = is_error ? br_code_label ((br_code_t) settle->code) : "";
    self->status = (unsigned) settle->status;
    self->stream = settle->stream != 0;
    self->attempts = (unsigned) settle->attempts;
    self->started_ms = s_cut (settle->started_ms);
    self->latency_us = s_cut (settle->latency_us);
    self->first_us = s_cut (settle->first_us);
    self->elsewhere_us = s_cut (settle->elsewhere_us);
}

void
meter_entry_fill (ledger_entry_t *self, const br_msg_t *msg, const br_price_cost_t *cost,
                  const char *version, uint64_t settled_ms)
{
    const struct br_call_settle *settle = br_msg_fields (msg);
    ledger_entry_init (self);
    self->call = msg->call;
    self->request_id = settle->request_id;
    self->route = settle->route;
    self->provider = settle->provider;
    self->model = settle->model;
    self->surface = s_surface (settle->surface);
    self->usage = meter_entry_usage (settle);
    self->cost_nusd = cost->nusd;
    self->operator_nusd = cost->operator_nusd;
    self->price_version = version;
    self->settled_ms = settled_ms;
    s_fill_end (self, settle);
    s_fill_who (self, settle->who);
    s_fill_tries (self, settle->tries);
}

void
meter_entry_intent (ledger_intent_t *self, const br_msg_t *msg)
{
    const struct br_call_intent *intent = br_msg_fields (msg);
    br_attribution_t who;
    br_attribution_read (&who, intent->who);
    *self = (ledger_intent_t) { .call = msg->call, .attempt = msg->attempt };
    self->request_id = intent->request_id;
    self->route = intent->route;
    self->provider = intent->provider;
    self->model = intent->model;
    self->account = who.account;
    self->key = who.key;
    self->session = who.session;
    self->run = who.run;
    self->agent = who.agent;
    self->step = who.step;
    self->trace = who.trace;
    self->started_ms = intent->started_ms;
    self->host = msg->from.host;
    self->life = msg->from.life;
}

//  ---- what it costs us

static bool
s_is_used (const br_usage_t *usage)
{
    return usage->input || usage->output;
}

//  What the first attempts are worth, each at its own price; nano-USD, or unknown.
static int64_t
s_worth (const br_try_t *rows, int count, const char *route, br_tariff_t *tariff)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        if (!s_is_used (&rows[i].usage))
            continue;
        const br_price_t *price = br_tariff_find (tariff, rows[i].provider, rows[i].model,
                                                  route);
        int64_t more = br_price_nusd (price, &rows[i].usage);
        if (more == BR_PRICE_UNKNOWN)
            return BR_PRICE_UNKNOWN;
        sum = more > INT64_MAX - sum ? INT64_MAX : sum + more;
    }
    return sum;
}

//  Whether a settle's tokens are those of all attempts together.
static bool
s_is_sum (const struct br_call_settle *settle, const br_try_t *rows, int count)
{
    uint64_t input = 0;
    uint64_t output = 0;
    for (int i = 0; i < count; i++) {
        input += rows[i].usage.input;
        output += rows[i].usage.output;
    }
    return input == settle->input_tokens && output == settle->output_tokens;
}

//  Whether an attempt before the last one has used anything.
static bool
s_has_earlier (const br_try_t *rows, int count)
{
    bool is_used = false;
    for (int i = 0; i + 1 < count; i++)
        is_used |= s_is_used (&rows[i].usage);
    return is_used;
}

bool
meter_entry_is_joined (const struct br_call_settle *settle)
{
    br_try_t rows[BR_TRIES_MAX];
    int count = br_tries_read (settle->tries, rows, BR_TRIES_MAX);
    return s_has_earlier (rows, count) && s_is_sum (settle, rows, count);
}

int64_t
meter_entry_operator (const struct br_call_settle *settle, const br_price_cost_t *cost,
                      br_tariff_t *tariff)
{
    br_try_t rows[BR_TRIES_MAX];
    int count = br_tries_read (settle->tries, rows, BR_TRIES_MAX);
    if (!s_has_earlier (rows, count))
        return cost->operator_nusd;
    if (s_is_sum (settle, rows, count))
        return s_worth (rows, count, settle->route, tariff);
    int64_t earlier = s_worth (rows, count - 1, settle->route, tariff);
    if (earlier == BR_PRICE_UNKNOWN || cost->operator_nusd == BR_PRICE_UNKNOWN)
        return BR_PRICE_UNKNOWN;
    return earlier > INT64_MAX - cost->operator_nusd ? INT64_MAX
                                                     : earlier + cost->operator_nusd;
}

//  ---- for those who are told

static void
s_put_cost (struct br_call_metered *metered, int64_t nusd, int64_t operator_nusd)
{
    metered->cost_known = nusd != LEDGER_UNKNOWN;
    metered->cost_nusd = nusd == LEDGER_UNKNOWN ? 0 : (uint64_t) nusd;
    metered->operator_nusd = operator_nusd == LEDGER_UNKNOWN ? 0
                                                             : (uint64_t) operator_nusd;
}

struct br_call_metered
meter_entry_metered (const struct br_call_settle *settle, const ledger_kept_t *kept)
{
    struct br_call_metered metered = { .seq = kept->seq, .who = settle->who };
    metered.request_id = settle->request_id;
    metered.route = settle->route;
    metered.provider = settle->provider;
    metered.model = settle->model;
    metered.surface = settle->surface;
    metered.outcome = settle->outcome;
    metered.status = settle->status;
    metered.code = settle->code;
    metered.stream = settle->stream;
    metered.attempts = settle->attempts;
    metered.usage_known = settle->usage_known;
    metered.input_tokens = settle->input_tokens;
    metered.cache_read_tokens = settle->cache_read_tokens;
    metered.cache_write_tokens = settle->cache_write_tokens;
    metered.output_tokens = settle->output_tokens;
    metered.reasoning_tokens = settle->reasoning_tokens;
    metered.started_ms = settle->started_ms;
    metered.latency_us = settle->latency_us;
    metered.first_us = settle->first_us;
    metered.elsewhere_us = settle->elsewhere_us;
    metered.tries = settle->tries;
    s_put_cost (&metered, kept->cost_nusd, kept->operator_nusd);
    return metered;
}

struct br_call_metered
meter_entry_lost (const ledger_entry_t *self, br_buf_t *who)
{
    br_attribution_t attribution;
    br_attribution_init (&attribution);
    attribution.account = self->account;
    attribution.key = self->key;
    attribution.session = self->session;
    attribution.run = self->run;
    attribution.agent = self->agent;
    attribution.step = self->step;
    attribution.trace = self->trace;
    br_buf_clear (who);
    (void) br_attribution_write (&attribution, who); //  it came out of one
    struct br_call_metered metered = { .seq = self->seq };
    metered.who = (br_bytes_t) { who->data, who->size };
    metered.request_id = self->request_id;
    metered.route = self->route;
    metered.provider = self->provider;
    metered.model = self->model;
    metered.outcome = BR_OUTCOME_LOST;
    metered.attempts = self->attempts;
    metered.started_ms = self->started_ms;
    s_put_cost (&metered, self->cost_nusd, self->operator_nusd);
    return metered;
}
