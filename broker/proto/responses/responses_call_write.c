//  responses_call_write: writes a request: its members, but for the input and the tools.

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "broker/proto/effort.h"
#include "broker/proto/responses/responses_parts.h"

#define OUTPUT_MIN 16 //  tokens; less is refused
#define USER_MAX 64   //  bytes of safety_identifier

int
responses_cannot (responses_write_t *self, br_text_t field, const char *why)
{
    return br_error_set (self->reterr, BR_EINVALID,
                         "%.*s cannot be sent to %s %s (OpenAI Responses): %s",
                         (int) field.size, field.at ? field.at : "",
                         self->target->provider, self->target->model, why);
}

void
responses_lose (responses_write_t *self, br_text_t field, bool changed)
{
    br_loss_add (self->losses, self->arena, field, changed);
}

//  ---- what a field is called where the client wrote it

static br_text_t
s_name (responses_write_t *self, br_field_t field)
{
    return br_text (br_field_name (field, self->call->protocol));
}

//  ---- sampling

static void
s_lose_unknown (responses_write_t *self)
{
    const br_call_t *call = self->call;
    const struct {
        br_field_t field;
        bool given;
    } rows[] = {
        { BR_FIELD_STOP, call->stop.size > 0 },
        { BR_FIELD_SEED, call->seed.raw.at != NULL },
        { BR_FIELD_TOP_K, call->top_k.raw.at != NULL },
        { BR_FIELD_MIN_P, call->min_p.raw.at != NULL },
        { BR_FIELD_FREQUENCY_PENALTY, call->frequency_penalty.raw.at != NULL },
        { BR_FIELD_PRESENCE_PENALTY, call->presence_penalty.raw.at != NULL },
        { BR_FIELD_LOGIT_BIAS, call->logit_bias.at != NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].given)
            responses_lose (self, s_name (self, rows[i].field), false);
}

static void
s_put_sampling (responses_write_t *self, const char *key, br_field_t field,
                const br_number_t *number)
{
    if (!number->raw.at)
        return;
    if (self->target->dialect->no_sampling)
        responses_lose (self, s_name (self, field), false);
    else
        json_put_raw (&self->w, key, number->raw);
}

static void
s_write_max_output (responses_write_t *self)
{
    const br_number_t *most = &self->call->max_output;
    if (!most->raw.at)
        return;
    if (most->value >= OUTPUT_MIN) {
        json_put_raw (&self->w, "max_output_tokens", most->raw);
        return;
    }
    json_put_integer (&self->w, "max_output_tokens", OUTPUT_MIN);
    responses_lose (self, s_name (self, BR_FIELD_MAX_OUTPUT), true);
}

//  Models that take no temperature tell no logprobs.
static bool
s_wants_logprobs (const responses_write_t *self)
{
    return br_call_wants_logprobs (self->call) && !self->target->dialect->no_sampling;
}

static void
s_lose_logprobs (responses_write_t *self)
{
    const br_call_t *call = self->call;
    if (call->logprobs == BR_YES)
        responses_lose (self, s_name (self, BR_FIELD_LOGPROBS), false);
    if (call->top_logprobs.raw.at && call->top_logprobs.value > 0)
        responses_lose (self, s_name (self, BR_FIELD_TOP_LOGPROBS), false);
}

static int
s_write_limits (responses_write_t *self)
{
    const br_call_t *call = self->call;
    if (call->n.raw.at && call->n.value > 1)
        return responses_cannot (self, s_name (self, BR_FIELD_N), "it gives one answer");
    if (br_text_has (call->modalities, "audio")
        || br_text_has (call->modalities, "AUDIO"))
        return responses_cannot (self, s_name (self, BR_FIELD_MODALITIES),
                                 "it answers with text");
    if (br_text_has (call->modalities, "image")
        || br_text_has (call->modalities, "IMAGE"))
        responses_lose (self, s_name (self, BR_FIELD_MODALITIES), false);
    s_lose_unknown (self);
    s_write_max_output (self);
    s_put_sampling (self, "temperature", BR_FIELD_TEMPERATURE, &call->temperature);
    s_put_sampling (self, "top_p", BR_FIELD_TOP_P, &call->top_p);
    if (s_wants_logprobs (self))
        json_put_raw_given (&self->w, "top_logprobs", call->top_logprobs.raw);
    else
        s_lose_logprobs (self);
    return 0;
}

//  ---- reasoning

//  No word that the model does not take: it would refuse the request.
static br_effort_t
s_effort (responses_write_t *self)
{
    br_effort_choice_t choice = br_effort_choose (self->call, self->target);
    if (self->target->dialect->thinking == BR_THINKING_NONE) {
        if (br_effort_wanted (self->call) > BR_EFFORT_NONE)
            responses_lose (self, s_name (self, choice.field), false);
        return BR_EFFORT_UNSET;
    }
    if (choice.changed)
        responses_lose (self, s_name (self, choice.field), true);
    return choice.effort;
}

static void
s_write_reasoning (responses_write_t *self)
{
    br_effort_t effort = s_effort (self);
    bool show = self->call->show_reasoning == BR_YES
                && self->target->dialect->thinking != BR_THINKING_NONE;
    if (effort == BR_EFFORT_UNSET && !show)
        return;
    json_open (&self->w, "reasoning", '{');
    if (effort != BR_EFFORT_UNSET)
        json_put_string (&self->w, "effort", br_effort_name (effort));
    if (show)
        json_put_string (&self->w, "summary", "auto");
    json_close (&self->w, '}');
}

//  ---- text

static void
s_write_schema (responses_write_t *self)
{
    const br_call_t *call = self->call;
    bool strict = call->schema_strict == BR_YES
                  && responses_schema_is_strict (call->schema);
    br_text_t name = call->schema_name.size ? call->schema_name : BR_TEXT ("response");
    json_put_string (&self->w, "type", "json_schema");
    json_put (&self->w, "name", br_tool_name (name, BR_PROTOCOL_RESPONSES, self->arena));
    json_put_given (&self->w, "description", call->schema_description);
    json_put_raw (&self->w, "schema", call->schema);
    json_put_bool (&self->w, "strict", strict);
    if (call->schema_strict == BR_YES && !strict)
        responses_lose (self, s_name (self, BR_FIELD_STRICT), true);
}

static void
s_write_text (responses_write_t *self)
{
    const br_call_t *call = self->call;
    if (call->format == BR_FORMAT_TEXT && !call->verbosity.size)
        return;
    json_open (&self->w, "text", '{');
    if (call->format != BR_FORMAT_TEXT) {
        json_open (&self->w, "format", '{');
        if (call->format == BR_FORMAT_SCHEMA)
            s_write_schema (self);
        else
            json_put_string (&self->w, "type", "json_object");
        json_close (&self->w, '}');
    }
    json_put_given (&self->w, "verbosity", call->verbosity);
    json_close (&self->w, '}');
}

//  ---- who asks, and what is kept

static void
s_write_user (responses_write_t *self)
{
    br_text_t user = self->call->user;
    if (!user.size)
        return;
    if (user.size <= USER_MAX) {
        json_put (&self->w, "safety_identifier", user);
        return;
    }
    uint8_t hash[crypto_hash_sha256_BYTES];
    char text[2 * sizeof hash + 1];
    crypto_hash_sha256 (hash, (const uint8_t *) user.at, user.size);
    sodium_bin2hex (text, sizeof text, hash, sizeof hash);
    json_put_string (&self->w, "safety_identifier", text);
    responses_lose (self, s_name (self, BR_FIELD_USER), true);
}

static void
s_write_tier (responses_write_t *self)
{
    static const char *const known[] = { "auto", "default", "flex", "priority", "fast" };
    br_text_t tier = self->call->service_tier;
    if (!tier.size)
        return;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (br_text_is (tier, known[i])) {
            json_put (&self->w, "service_tier", tier);
            return;
        }
    responses_lose (self, s_name (self, BR_FIELD_TIER), true);
    json_put_string (&self->w, "service_tier", "default");
}

//  Models that do not reason refuse to be asked for what they thought.
static bool
s_wants_encrypted (const responses_write_t *self, bool own)
{
    const br_dialect_t *dialect = self->target->dialect;
    return own ? self->call->want_encrypted
               : dialect->thinking != BR_THINKING_NONE
                     && dialect->family == BR_FAMILY_OPENAI;
}

static void
s_write_include (responses_write_t *self, bool own)
{
    bool encrypted = s_wants_encrypted (self, own);
    bool logprobs = s_wants_logprobs (self);
    if (!encrypted && !logprobs)
        return;
    json_open (&self->w, "include", '[');
    if (encrypted)
        json_put_string (&self->w, NULL, "reasoning.encrypted_content");
    if (logprobs)
        json_put_string (&self->w, NULL, "message.output_text.logprobs");
    json_close (&self->w, ']');
}

//  Nothing is kept by the provider: what a client of another protocol says is all there
//  is.
static void
s_write_keeping (responses_write_t *self)
{
    const br_call_t *call = self->call;
    bool own = call->protocol == BR_PROTOCOL_RESPONSES;
    if (!own || call->store != BR_UNSET)
        json_put_bool (&self->w, "store", own && call->store == BR_YES);
    s_write_include (self, own);
    s_write_user (self);
    s_write_tier (self);
    if (call->metadata.size && call->protocol == BR_PROTOCOL_GOOGLE)
        responses_lose (self, s_name (self, BR_FIELD_METADATA), false);
    else
        json_put_raw_given (&self->w, "metadata", call->metadata);
    json_put_given (&self->w, "prompt_cache_key", call->cache_key);
    if (call->stream)
        json_put_bool (&self->w, "stream", true);
}

static int
s_write_previous (responses_write_t *self)
{
    const br_call_t *call = self->call;
    if (!call->previous_id.size)
        return 0;
    if (call->protocol != BR_PROTOCOL_RESPONSES)
        return responses_cannot (self, BR_TEXT ("previous_response_id"),
                                 "it is no answer of this provider");
    json_put (&self->w, "previous_response_id", call->previous_id);
    return 0;
}

static int
s_write (responses_write_t *self)
{
    const br_call_t *call = self->call;
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "model", self->target->model);
    if (call->system)
        json_put (&self->w, "instructions",
                  br_block_join (call->system, "\n\n", self->arena));
    for (const br_block_t *block = call->system; block; block = block->next)
        if (block->cache.at)
            responses_lose (self, BR_TEXT ("cache_control"), false);
    if (s_write_previous (self) || responses_write_input (self)
        || responses_write_tools (self))
        return -1;
    s_write_reasoning (self);
    s_write_text (self);
    if (!call->count_only) {
        if (s_write_limits (self))
            return -1;
        s_write_keeping (self);
    }
    json_close (&self->w, '}');
    return 0;
}

int
responses_write_call (const br_call_t *call, const br_target_t *target,
                      br_loss_t **losses, br_buf_t *out, br_error_t *reterr)
{
    responses_write_t self = {
        .call = call,
        .target = target,
        .losses = losses,
        .arena = call->arena,
        .w = json_writer (out),
        .reterr = reterr,
    };
    if (s_write (&self))
        return -1;
    for (const br_loss_t *extra = call->extras; extra; extra = extra->next)
        responses_lose (&self, extra->field, extra->changed);
    if (out->overflow)
        return br_error_set (reterr, BR_ETOOBIG,
                             "the request for %s %s is over %zu bytes", target->provider,
                             target->model, out->max);
    return 0;
}
