//  messages_call_write: writes a request.

#include "broker/proto/messages/messages_parts.h"

#define TOP_P_LEAST 0.99          //  what models without sampling let pass
#define TOP_P_LEAST_THINKING 0.95 //  and any model that thinks
#define JSON_LINE                                                                        \
    "Answer with one JSON object and nothing else: no text around it, no code fence."

//  ---- what cannot be carried

static int
s_check_modalities (messages_out_t *self)
{
    const br_text_t modalities = self->call->modalities;
    if (!modalities.size)
        return 0;
    const json_node_t *list = json_tree_parse (self->tree, modalities.at, modalities.size,
                                               NULL);
    for (const json_node_t *item = json_first (self->tree, list); item;
         item = json_next (self->tree, item)) {
        bool text = json_node_is (self->tree, item, "text")
                    || json_node_is (self->tree, item, "TEXT");
        if (!text)
            return messages_refuse (
                self, br_text (br_field_name (BR_FIELD_MODALITIES, self->call->protocol)),
                "answers text alone");
    }
    return 0;
}

static int
s_check (messages_out_t *self)
{
    const br_call_t *call = self->call;
    if (call->n.raw.at && call->n.value > 1)
        return messages_refuse (self,
                                br_text (br_field_name (BR_FIELD_N, call->protocol)),
                                "gives one answer a call");
    if (call->previous_id.size)
        return messages_refuse (
            self, br_text (br_field_name (BR_FIELD_PREVIOUS, call->protocol)),
            "keeps no answers to go on from");
    return s_check_modalities (self);
}

static void
s_note_losses (messages_out_t *self)
{
    const br_call_t *call = self->call;
    const struct {
        bool given;
        br_field_t field;
    } rows[] = {
        { call->min_p.raw.at != NULL, BR_FIELD_MIN_P },
        { call->frequency_penalty.raw.at != NULL, BR_FIELD_FREQUENCY_PENALTY },
        { call->presence_penalty.raw.at != NULL, BR_FIELD_PRESENCE_PENALTY },
        { call->seed.raw.at != NULL, BR_FIELD_SEED },
        { call->logprobs == BR_YES, BR_FIELD_LOGPROBS },
        { call->top_logprobs.raw.at != NULL, BR_FIELD_TOP_LOGPROBS },
        { call->logit_bias.size > 0, BR_FIELD_LOGIT_BIAS },
        { call->verbosity.size > 0, BR_FIELD_VERBOSITY },
        { call->store == BR_YES, BR_FIELD_STORE },
        { call->metadata.size > 0, BR_FIELD_METADATA },
        { call->cache_key.size > 0, BR_FIELD_CACHE_KEY },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].given)
            messages_lose (self, rows[i].field, false);
}

//  ---- sampling

static void
s_put_temperature (messages_out_t *self)
{
    const br_number_t *temperature = &self->call->temperature;
    if (!temperature->raw.at)
        return;
    bool fixed = self->target->dialect->no_sampling || self->plan.on;
    if (fixed && temperature->value != 1)
        messages_lose (self, BR_FIELD_TEMPERATURE, false);
    if (fixed)
        return;
    if (temperature->value <= 1) {
        json_put_raw (&self->json, "temperature", temperature->raw);
        return;
    }
    json_put_integer (&self->json, "temperature", 1);
    messages_lose (self, BR_FIELD_TEMPERATURE, true);
}

//  Claude 4 takes one of temperature and top_p.
static void
s_put_top_p (messages_out_t *self)
{
    const br_call_t *call = self->call;
    const br_dialect_t *dialect = self->target->dialect;
    if (!call->top_p.raw.at)
        return;
    bool newer = dialect->family == BR_FAMILY_ANTHROPIC
                 && (dialect->thinking != BR_THINKING_NONE || dialect->structured);
    bool both = newer && call->temperature.raw.at && !self->plan.on;
    double least = self->plan.on ? TOP_P_LEAST_THINKING : 0;
    if (dialect->no_sampling)
        least = TOP_P_LEAST;
    if (!both && call->top_p.value >= least)
        json_put_raw (&self->json, "top_p", call->top_p.raw);
    else
        messages_lose (self, BR_FIELD_TOP_P, false);
}

static void
s_put_top_k (messages_out_t *self)
{
    if (!self->call->top_k.raw.at)
        return;
    if (self->target->dialect->no_sampling || self->plan.on)
        messages_lose (self, BR_FIELD_TOP_K, false);
    else
        json_put_raw (&self->json, "top_k", self->call->top_k.raw);
}

static void
s_put_stop (messages_out_t *self)
{
    const br_texts_t *stop = &self->call->stop;
    size_t good = 0;
    for (size_t i = 0; i < stop->size; i++)
        good += !br_text_is_blank (stop->at[i]);
    if (good < stop->size)
        messages_lose (self, BR_FIELD_STOP, good > 0);
    if (good == 0)
        return;
    json_open (&self->json, "stop_sequences", '[');
    for (size_t i = 0; i < stop->size; i++)
        if (!br_text_is_blank (stop->at[i]))
            json_put (&self->json, NULL, stop->at[i]);
    json_close (&self->json, ']');
}

//  ---- members

static void
s_put_head (messages_out_t *self)
{
    const br_call_t *call = self->call;
    json_put_string (&self->json, "model", self->target->model);
    if (call->count_only)
        return;
    if (self->plan.max_tokens)
        json_put_integer (&self->json, "max_tokens", (int64_t) self->plan.max_tokens);
    else
        json_put_raw (&self->json, "max_tokens", call->max_output.raw);
    if (call->stream)
        json_put_bool (&self->json, "stream", true);
}

static void
s_put_system (messages_out_t *self)
{
    bool open = false;
    for (const br_block_t *block = self->call->system; block; block = block->next) {
        if (br_text_is_blank (block->text))
            continue;
        if (!open)
            json_open (&self->json, "system", '[');
        open = true;
        json_open (&self->json, NULL, '{');
        json_put_string (&self->json, "type", "text");
        json_put (&self->json, "text", block->text);
        messages_put_cache (self, block->cache, block->path);
        json_close (&self->json, '}');
    }
    if (self->call->format == BR_FORMAT_JSON) {
        if (!open)
            json_open (&self->json, "system", '[');
        open = true;
        json_put_raw (&self->json, NULL,
                      BR_TEXT ("{\"type\":\"text\",\"text\":\"" JSON_LINE "\"}"));
        messages_lose (self, BR_FIELD_FORMAT, true);
    }
    if (open)
        json_close (&self->json, ']');
}

static const char *const s_thinks[] = {
    [MESSAGES_THINK_OFF] = "disabled",
    [MESSAGES_THINK_BUDGET] = "enabled",
    [MESSAGES_THINK_ADAPTIVE] = "adaptive",
    [MESSAGES_THINK_ON] = "enabled",
};

//  What is shown without a word: the summary by models with a budget, nothing by newer.
static void
s_put_thinking (messages_out_t *self)
{
    const messages_plan_t *plan = &self->plan;
    br_tri_t show = self->call->show_reasoning;
    if (plan->think == MESSAGES_THINK_UNSAID)
        return;
    json_open (&self->json, "thinking", '{');
    json_put_string (&self->json, "type", s_thinks[plan->think]);
    if (plan->budget)
        json_put_integer (&self->json, "budget_tokens", (int64_t) plan->budget);
    if (plan->think == MESSAGES_THINK_ADAPTIVE && show == BR_YES)
        json_put_string (&self->json, "display", "summarized");
    if (plan->on && show == BR_NO && self->target->dialect->family == BR_FAMILY_ANTHROPIC)
        json_put_string (&self->json, "display", "omitted");
    json_close (&self->json, '}');
}

static void
s_put_output_config (messages_out_t *self)
{
    const br_call_t *call = self->call;
    bool format = call->format == BR_FORMAT_SCHEMA && self->target->dialect->structured;
    if (!format && !self->plan.effort)
        return;
    json_open (&self->json, "output_config", '{');
    if (self->plan.effort)
        json_put_string (&self->json, "effort", self->plan.effort);
    if (format) {
        json_open (&self->json, "format", '{');
        json_put_string (&self->json, "type", "json_schema");
        bool changed = messages_put_answer_schema (&self->json, "schema", call->schema,
                                                   self->tree);
        json_close (&self->json, '}');
        if (changed)
            messages_lose (self, BR_FIELD_FORMAT, true);
    }
    json_close (&self->json, '}');
}

typedef struct {
    const char *theirs;
    const char *ours;
    bool exact;
} tier_row_t;

static const tier_row_t s_tiers[] = {
    { "auto", "auto", true },
    { "default", "standard_only", true },
    { "priority", "auto", false },
    { "fast", "auto", false },
    { "standard", "standard_only", true },
};

static void
s_put_tier (messages_out_t *self)
{
    br_text_t tier = self->call->service_tier;
    if (!tier.size)
        return;
    for (size_t i = 0; i < sizeof s_tiers / sizeof s_tiers[0]; i++) {
        if (!br_text_is (tier, s_tiers[i].theirs))
            continue;
        json_put_string (&self->json, "service_tier", s_tiers[i].ours);
        if (!s_tiers[i].exact)
            messages_lose (self, BR_FIELD_TIER, true);
        return;
    }
    messages_lose (self, BR_FIELD_TIER, false);
}

static void
s_put_said_once (messages_out_t *self)
{
    if (self->call->count_only)
        return;
    s_put_temperature (self);
    s_put_top_p (self);
    s_put_top_k (self);
    s_put_stop (self);
    s_put_tier (self);
    if (!self->call->user.size)
        return;
    json_open (&self->json, "metadata", '{');
    json_put (&self->json, "user_id", self->call->user);
    json_close (&self->json, '}');
}

//  Tools stand first, as their cache marks count first.
static int
s_put_call (messages_out_t *self)
{
    json_open (&self->json, NULL, '{');
    s_put_head (self);
    int rc = messages_put_tools (self);
    if (rc)
        return rc;
    messages_put_choice (self);
    s_put_system (self);
    rc = messages_put_turns (self);
    if (rc)
        return rc;
    s_put_thinking (self);
    s_put_output_config (self);
    s_put_said_once (self);
    json_close (&self->json, '}');
    if (self->json.out->overflow)
        return br_error_set (self->reterr, BR_ETOOBIG,
                             "the request for %s is over %zu bytes", self->target->model,
                             self->json.out->max);
    return 0;
}

int
messages_write_call (const br_call_t *call, const br_target_t *target, br_loss_t **losses,
                     br_buf_t *out, br_error_t *reterr)
{
    messages_out_t self = { .call = call,
                            .target = target,
                            .arena = call->arena,
                            .losses = losses,
                            .reterr = reterr,
                            .json = json_writer (out),
                            .tree = json_tree_new () };
    int rc = s_check (&self);
    if (rc == 0) {
        self.plan = messages_plan (&self);
        s_note_losses (&self);
        rc = s_put_call (&self);
    }
    json_tree_destroy (&self.tree);
    return rc;
}
