//  completions_call_write: writes a request. One text of a user is the prompt as it is; a
//  conversation becomes lines, the last of which is the model's to go on with.

#include <stddef.h>

#include "broker/proto/completions/completions_parts.h"
#include "broker/proto/field.h"

#define STOPS_MAX 4 //  of a request

//  A request that is being written; pointers are borrowed.
typedef struct {
    const br_call_t *call;
    const br_target_t *target;
    br_loss_t **losses;
    br_error_t *reterr;
    json_writer_t out;
} write_t;

static void
s_lose (const write_t *self, br_field_t field, bool changed)
{
    br_loss_add (self->losses, self->call->arena,
                 br_text (br_field_name (field, self->call->protocol)), changed);
}

static int
s_refuse (const write_t *self, br_text_t field, const char *what)
{
    return br_error_set (
        self->reterr, BR_EINVALID, "`%.*s` cannot be carried to %s of %s: it takes %s",
        (int) field.size, field.at, self->target->model, self->target->provider, what);
}

static int
s_refuse_field (const write_t *self, br_field_t field, const char *what)
{
    return s_refuse (self, br_text (br_field_name (field, self->call->protocol)), what);
}

//  ---- the prompt

//  A conversation is more than one text of a user.
static bool
s_is_talk (const br_call_t *call)
{
    const br_turn_t *turn = call->turns;
    return call->system || !turn || turn->next || turn->role != BR_TURN_USER;
}

static int
s_add_blocks (write_t *self, const br_block_t *list, br_text_t path)
{
    for (const br_block_t *block = list; block; block = block->next) {
        if (block->kind == BR_BLOCK_REASONING)
            br_loss_add (self->losses, self->call->arena,
                         block->path.size ? block->path : path, false);
        else if (block->kind == BR_BLOCK_TEXT || block->kind == BR_BLOCK_REFUSAL)
            json_text_add (&self->out, block->text);
        else
            return s_refuse (self, block->path.size ? block->path : path, "text alone");
    }
    return 0;
}

static int
s_add_turn (write_t *self, const br_turn_t *turn)
{
    static const char *const heads[] = {
        [BR_TURN_USER] = "user: ",
        [BR_TURN_ASSISTANT] = "assistant: ",
        [BR_TURN_SYSTEM] = "system: ",
    };
    json_text_add (&self->out, br_text (heads[turn->role]));
    int rc = s_add_blocks (self, turn->blocks, turn->path);
    if (turn->next || turn->role != BR_TURN_ASSISTANT)
        json_text_add (&self->out, BR_TEXT ("\n"));
    if (!turn->next && turn->role != BR_TURN_ASSISTANT)
        json_text_add (&self->out, BR_TEXT ("assistant:"));
    return rc;
}

static int
s_add_talk (write_t *self)
{
    const br_call_t *call = self->call;
    const br_turn_t system = { .next = call->turns,
                               .role = BR_TURN_SYSTEM,
                               .blocks = call->system,
                               .path = BR_TEXT ("system") };
    int rc = 0;
    s_lose (self, BR_FIELD_MESSAGES, true);
    for (const br_turn_t *turn = call->system ? &system : call->turns; turn && rc == 0;
         turn = turn->next)
        rc = s_add_turn (self, turn);
    return rc;
}

static int
s_write_prompt (write_t *self)
{
    const br_call_t *call = self->call;
    json_text_begin (&self->out, "prompt");
    int rc = s_is_talk (call)
                 ? s_add_talk (self)
                 : s_add_blocks (self, call->turns->blocks, call->turns->path);
    json_text_end (&self->out);
    return rc;
}

//  ---- all else

static const struct {
    const char *key; //  NULL = it has no place here
    br_field_t field;
    size_t offset; //  of a br_number_t in br_call_t
} s_numbers[] = {
    { "max_tokens", BR_FIELD_MAX_OUTPUT, offsetof (br_call_t, max_output) },
    { "temperature", BR_FIELD_TEMPERATURE, offsetof (br_call_t, temperature) },
    { "top_p", BR_FIELD_TOP_P, offsetof (br_call_t, top_p) },
    { "frequency_penalty", BR_FIELD_FREQUENCY_PENALTY,
      offsetof (br_call_t, frequency_penalty) },
    { "presence_penalty", BR_FIELD_PRESENCE_PENALTY,
      offsetof (br_call_t, presence_penalty) },
    { "seed", BR_FIELD_SEED, offsetof (br_call_t, seed) },
    { "n", BR_FIELD_N, offsetof (br_call_t, n) },
    { NULL, BR_FIELD_TOP_K, offsetof (br_call_t, top_k) },
    { NULL, BR_FIELD_MIN_P, offsetof (br_call_t, min_p) },
    { NULL, BR_FIELD_TOP_LOGPROBS, offsetof (br_call_t, top_logprobs) },
    { NULL, BR_FIELD_REASONING, offsetof (br_call_t, budget) },
};

static void
s_write_numbers (write_t *self)
{
    for (size_t i = 0; i < sizeof s_numbers / sizeof s_numbers[0]; i++) {
        const br_number_t *number = (const void *) ((const char *) self->call
                                                    + s_numbers[i].offset);
        if (s_numbers[i].key)
            json_put_raw_given (&self->out, s_numbers[i].key, number->raw);
        else if (number->raw.at)
            s_lose (self, s_numbers[i].field, false);
    }
}

//  Who goes on with a conversation would go on with its next speaker, too.
static void
s_write_stop (write_t *self)
{
    const br_texts_t *stop = &self->call->stop;
    bool is_talk = s_is_talk (self->call);
    if (stop->size == 0 && !is_talk)
        return;
    json_open (&self->out, "stop", '[');
    for (size_t i = 0; i < stop->size && i < STOPS_MAX; i++)
        json_put (&self->out, NULL, stop->at[i]);
    if (is_talk && stop->size < STOPS_MAX)
        json_put_string (&self->out, NULL, "\nuser:");
    json_close (&self->out, ']');
    if (stop->size > STOPS_MAX)
        s_lose (self, BR_FIELD_STOP, true);
}

static void
s_write_stream (write_t *self)
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

static void
s_lose_rest (const write_t *self)
{
    const br_call_t *call = self->call;
    const struct {
        br_field_t field;
        bool given;
    } rows[] = {
        { BR_FIELD_TOOLS, call->tools != NULL }, //  none of which was to be called
        { BR_FIELD_REASONING,
          call->effort > BR_EFFORT_NONE || call->reasoning == BR_YES },
        { BR_FIELD_LOGPROBS, call->logprobs == BR_YES },
        { BR_FIELD_LOGIT_BIAS, call->logit_bias.size > 0 },
        { BR_FIELD_VERBOSITY, call->verbosity.size > 0 },
        { BR_FIELD_MODALITIES, call->modalities.size > 0 },
        { BR_FIELD_STORE, call->store == BR_YES },
        { BR_FIELD_METADATA, call->metadata.size > 0 },
        { BR_FIELD_USER, call->user.size > 0 },
        { BR_FIELD_TIER, call->service_tier.size > 0 },
        { BR_FIELD_CACHE_KEY, call->cache_key.size > 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].given)
            s_lose (self, rows[i].field, false);
}

//  What would change the answer's meaning in silence.
static int
s_check (const write_t *self)
{
    const br_call_t *call = self->call;
    if (call->count_only)
        return s_refuse_field (self, BR_FIELD_MESSAGES, "no request to count tokens");
    if (call->previous_id.size)
        return s_refuse_field (self, BR_FIELD_PREVIOUS, "whole conversations");
    if (call->tools && call->choice != BR_CHOICE_NONE)
        return s_refuse_field (self, BR_FIELD_TOOLS, "no tools");
    if (call->format != BR_FORMAT_TEXT)
        return s_refuse_field (self, BR_FIELD_FORMAT, "no format of the answer");
    return 0;
}

int
completions_write_call (const br_call_t *call, const br_target_t *target,
                        br_loss_t **losses, br_buf_t *out, br_error_t *reterr)
{
    write_t self = { .call = call,
                     .target = target,
                     .losses = losses,
                     .reterr = reterr,
                     .out = json_writer (out) };
    if (s_check (&self))
        return -1;
    json_open (&self.out, NULL, '{');
    json_put_string (&self.out, "model", target->model);
    s_write_stream (&self);
    if (s_write_prompt (&self))
        return -1;
    s_write_numbers (&self);
    s_write_stop (&self);
    s_lose_rest (&self);
    json_close (&self.out, '}');
    return 0;
}
