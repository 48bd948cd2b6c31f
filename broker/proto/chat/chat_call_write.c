//  chat_call_write: writes a request as the provider's dialect of the protocol has it.

#include <sodium.h>
#include <stddef.h>

#include "broker/proto/chat/chat_parts.h"

#define STOPS_MAX 4 //  of a request
#define USER_MAX 64 //  bytes of safety_identifier

//  ---- what the parts share

void
chat_lose (const chat_write_t *self, br_text_t field, bool changed)
{
    br_loss_add (self->losses, self->call->arena, field, changed);
}

void
chat_lose_field (const chat_write_t *self, br_field_t field, bool changed)
{
    chat_lose (self, br_text (br_field_name (field, self->call->protocol)), changed);
}

int
chat_refuse_write (const chat_write_t *self, br_text_t field, const char *why)
{
    return br_error_set (
        self->reterr, BR_EINVALID, "`%.*s` cannot be carried to %s of %s: %s",
        field.size > CHAT_PATH_MAX ? CHAT_PATH_MAX : (int) field.size,
        field.at ? field.at : "", self->target->model, self->target->provider, why);
}

//  ---- numbers

typedef enum {
    TAKEN_ALWAYS,
    TAKEN_SAMPLING, //  unless no_sampling
    TAKEN_TOP_K     //  with takes_top_k
} taken_t;

static const struct {
    const char *key;
    size_t offset; //  in br_call_t
    br_field_t field;
    taken_t taken;
} s_numbers[] = {
    { "temperature", offsetof (br_call_t, temperature), BR_FIELD_TEMPERATURE,
      TAKEN_SAMPLING },
    { "top_p", offsetof (br_call_t, top_p), BR_FIELD_TOP_P, TAKEN_SAMPLING },
    { "top_k", offsetof (br_call_t, top_k), BR_FIELD_TOP_K, TAKEN_TOP_K },
    { "min_p", offsetof (br_call_t, min_p), BR_FIELD_MIN_P, TAKEN_TOP_K },
    { "frequency_penalty", offsetof (br_call_t, frequency_penalty),
      BR_FIELD_FREQUENCY_PENALTY, TAKEN_SAMPLING },
    { "presence_penalty", offsetof (br_call_t, presence_penalty),
      BR_FIELD_PRESENCE_PENALTY, TAKEN_SAMPLING },
    { "n", offsetof (br_call_t, n), BR_FIELDS, TAKEN_ALWAYS },
};

static void
s_write_numbers (chat_write_t *self)
{
    const br_dialect_t *dialect = self->target->dialect;
    bool taken[] = {
        [TAKEN_ALWAYS] = true,
        [TAKEN_SAMPLING] = !dialect->no_sampling,
        [TAKEN_TOP_K] = dialect->takes_top_k && !dialect->no_sampling,
    };
    for (size_t i = 0; i < sizeof s_numbers / sizeof s_numbers[0]; i++) {
        const br_number_t *number = (const void *) ((const char *) self->call
                                                    + s_numbers[i].offset);
        if (!number->raw.at)
            continue;
        if (taken[s_numbers[i].taken])
            json_put_raw (&self->out, s_numbers[i].key, number->raw);
        else
            chat_lose_field (self, s_numbers[i].field, false);
    }
    json_put_raw_given (&self->out, dialect->random_seed ? "random_seed" : "seed",
                        self->call->seed.raw);
    json_put_raw_given (&self->out,
                        dialect->max_completion ? "max_completion_tokens" : "max_tokens",
                        self->call->max_output.raw);
}

//  How many others is only heard behind the switch. Models that take no temperature tell no
//  logprobs.
static void
s_write_logprobs (chat_write_t *self)
{
    const br_call_t *call = self->call;
    const br_number_t *top = &call->top_logprobs;
    if (br_call_wants_logprobs (call) && !self->target->dialect->no_sampling) {
        json_put_bool (&self->out, "logprobs", true);
        json_put_raw_given (&self->out, "top_logprobs", top->raw);
        return;
    }
    if (call->logprobs == BR_YES)
        chat_lose_field (self, BR_FIELD_LOGPROBS, false);
    if (top->raw.at && top->value > 0)
        chat_lose_field (self, BR_FIELD_TOP_LOGPROBS, false);
    if (call->logprobs == BR_NO)
        json_put_bool (&self->out, "logprobs", false);
}

//  ---- texts that only OpenAI and lenient hosts know

static const struct {
    const char *key;
    size_t offset; //  in br_call_t
    br_field_t field;
} s_texts[] = {
    { "verbosity", offsetof (br_call_t, verbosity), BR_FIELD_VERBOSITY },
    { "service_tier", offsetof (br_call_t, service_tier), BR_FIELD_TIER },
    { "prompt_cache_key", offsetof (br_call_t, cache_key), BR_FIELD_CACHE_KEY },
};

//  Longer ones are told by their hash.
static void
s_write_user (chat_write_t *self)
{
    br_text_t user = self->call->user;
    if (!user.size)
        return;
    if (!self->lenient) {
        chat_lose_field (self, BR_FIELD_USER, false);
        return;
    }
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    if (user.size > USER_MAX) {
        unsigned char hash[crypto_hash_sha256_BYTES];
        crypto_hash_sha256 (hash, (const unsigned char *) user.at, user.size);
        sodium_bin2hex (hex, sizeof hex, hash, sizeof hash);
        user = br_text (hex);
        chat_lose_field (self, BR_FIELD_USER, true);
    }
    bool openai = self->target->dialect->developer
                  || br_text_is (br_text (self->target->provider), "openai");
    json_put (&self->out, openai ? "safety_identifier" : "user", user);
}

//  OpenAI takes metadata of answers that it keeps.
static void
s_write_kept (chat_write_t *self)
{
    const br_call_t *call = self->call;
    bool keeps = call->store == BR_YES && self->lenient
                 && call->protocol == BR_PROTOCOL_CHAT;
    if (keeps)
        json_put_bool (&self->out, "store", true);
    else if (call->store == BR_YES)
        chat_lose_field (self, BR_FIELD_STORE, false);
    if (keeps)
        json_put_raw_given (&self->out, "metadata", call->metadata);
    else if (call->metadata.size)
        chat_lose_field (self, BR_FIELD_METADATA, false);
    if (call->protocol == BR_PROTOCOL_CHAT)
        json_put_raw_given (&self->out, "modalities", call->modalities);
    else if (call->modalities.size)
        chat_lose_field (self, BR_FIELD_MODALITIES, false);
}

static void
s_write_texts (chat_write_t *self)
{
    for (size_t i = 0; i < sizeof s_texts / sizeof s_texts[0]; i++) {
        const br_text_t *text = (const void *) ((const char *) self->call
                                                + s_texts[i].offset);
        if (self->lenient)
            json_put_given (&self->out, s_texts[i].key, *text);
        else if (text->size)
            chat_lose_field (self, s_texts[i].field, false);
    }
    s_write_user (self);
    s_write_kept (self);
}

//  ---- the rest

static void
s_write_stop (chat_write_t *self)
{
    const br_texts_t *stop = &self->call->stop;
    if (stop->size == 0)
        return;
    json_open (&self->out, "stop", '[');
    for (size_t i = 0; i < stop->size && i < STOPS_MAX; i++)
        json_put (&self->out, NULL, stop->at[i]);
    json_close (&self->out, ']');
    if (stop->size > STOPS_MAX)
        chat_lose_field (self, BR_FIELD_STOP, true);
}

static void
s_write_format (chat_write_t *self)
{
    const br_call_t *call = self->call;
    if (call->format == BR_FORMAT_TEXT)
        return;
    bool is_schema = call->format == BR_FORMAT_SCHEMA;
    json_open (&self->out, "response_format", '{');
    json_put_string (&self->out, "type", is_schema ? "json_schema" : "json_object");
    if (is_schema) {
        json_open (&self->out, "json_schema", '{');
        json_put (&self->out, "name",
                  call->schema_name.size ? call->schema_name : BR_TEXT ("response"));
        json_put_given (&self->out, "description", call->schema_description);
        json_put_raw (&self->out, "schema",
                      call->schema.size ? call->schema : BR_TEXT ("{}"));
        if (call->schema_strict != BR_UNSET)
            json_put_bool (&self->out, "strict", call->schema_strict == BR_YES);
        json_close (&self->out, '}');
    }
    json_close (&self->out, '}');
}

static void
s_write_stream (chat_write_t *self)
{
    if (!self->call->stream)
        return;
    json_put_bool (&self->out, "stream", true);
    if (self->target->dialect->no_stream_options)
        return;
    json_open (&self->out, "stream_options", '{');
    json_put_bool (&self->out, "include_usage", true);
    json_close (&self->out, '}');
}

static int
s_check (const chat_write_t *self)
{
    const br_call_t *call = self->call;
    if (call->previous_id.size)
        return chat_refuse_write (
            self, br_text (br_field_name (BR_FIELD_PREVIOUS, call->protocol)),
            "it keeps no answers; send the whole conversation");
    if (call->count_only)
        return chat_refuse_write (self, BR_TEXT ("count"), "it does not count tokens");
    return 0;
}

//  Members that its own protocol gave, OpenAI's models and OpenRouter may be sent in
//  OpenAI's full set; others answer 400 or 422 to members that they do not know.
static bool
s_is_lenient (const br_call_t *call, const br_target_t *target)
{
    br_text_t provider = br_text (target->provider);
    return call->protocol == BR_PROTOCOL_CHAT || target->dialect->developer
           || target->dialect->replay == BR_REPLAY_DETAILS
           || br_text_is (provider, "openai") || br_text_starts (provider, "azure");
}

static void
s_write_members (chat_write_t *self)
{
    const br_call_t *call = self->call;
    s_write_numbers (self);
    s_write_stop (self);
    s_write_logprobs (self);
    json_put_raw_given (&self->out, "logit_bias", call->logit_bias);
    s_write_format (self);
    chat_write_thinking (self);
    s_write_texts (self);
}

int
chat_write_call (const br_call_t *call, const br_target_t *target, br_loss_t **losses,
                 br_buf_t *out, br_error_t *reterr)
{
    chat_write_t self = {
        .call = call,
        .target = target,
        .losses = losses,
        .reterr = reterr,
        .out = json_writer (out),
        .thinks = chat_thinks (call),
        .lenient = s_is_lenient (call, target),
    };
    int rc = s_check (&self);
    if (rc)
        return -1;
    json_open (&self.out, NULL, '{');
    json_put_string (&self.out, "model", target->model);
    s_write_stream (&self);
    rc = chat_write_messages (&self);
    if (rc == 0)
        rc = chat_write_tools (&self);
    if (rc == 0)
        s_write_members (&self);
    json_close (&self.out, '}');
    if (rc == 0 && out->overflow)
        return br_error_set (reterr, BR_ETOOBIG,
                             "the request for %s of %s is over %zu bytes", target->model,
                             target->provider, out->max);
    return rc;
}
