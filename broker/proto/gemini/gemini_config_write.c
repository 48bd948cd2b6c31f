//  gemini_config_write: writes what a request says beside its contents: generationConfig,
//  tools and toolConfig.

#include <stddef.h>

#include "broker/proto/field.h"
#include "broker/proto/gemini/gemini_parts.h"
#include "broker/proto/gemini/gemini_schema.h"

#define STOP_MAX 5 //  stop sequences that Google takes

//  ---- sampling

//  A number and how it is called there and here.
typedef struct {
    size_t offset; //  in the call
    const char *key;
    bool sampling; //  some models refuse it
    gemini_name_t name;
} number_row_t;

#define S_ROW(field, key, sampling, chat, responses, messages)                           \
    {                                                                                    \
        offsetof (br_call_t, field), key, sampling,                                      \
        {                                                                                \
            {                                                                            \
                chat, responses, messages, "generationConfig." key                       \
            }                                                                            \
        }                                                                                \
    }

static const number_row_t s_numbers[] = {
    S_ROW (temperature, "temperature", true, "temperature", "temperature", "temperature"),
    S_ROW (top_p, "topP", true, "top_p", "top_p", "top_p"),
    S_ROW (top_k, "topK", true, "top_k", "top_k", "top_k"),
    S_ROW (frequency_penalty, "frequencyPenalty", true, "frequency_penalty",
           "frequency_penalty", NULL),
    S_ROW (presence_penalty, "presencePenalty", true, "presence_penalty",
           "presence_penalty", NULL),
    S_ROW (seed, "seed", false, "seed", "seed", NULL),
    S_ROW (n, "candidateCount", false, "n", "n", NULL),
    S_ROW (max_output, "maxOutputTokens", false, "max_tokens", "max_output_tokens",
           "max_tokens"),
};

static void
s_write_numbers (gemini_task_t *task)
{
    for (size_t i = 0; i < sizeof s_numbers / sizeof s_numbers[0]; i++) {
        const br_number_t *number = (const void *) ((const char *) task->call
                                                    + s_numbers[i].offset);
        if (!number->raw.at)
            continue;
        if (s_numbers[i].sampling && task->target->dialect->no_sampling)
            gemini_lose (task, &s_numbers[i].name, false);
        else
            json_put_raw (&task->writer, s_numbers[i].key, number->raw);
    }
}

//  How many others is only heard behind the switch.
static void
s_write_logprobs (gemini_task_t *task)
{
    static const gemini_name_t name = { { "top_logprobs", "top_logprobs", "top_logprobs",
                                          "generationConfig.logprobs" } };
    const br_call_t *call = task->call;
    bool wanted = br_call_wants_logprobs (call);
    if (wanted || call->logprobs == BR_NO)
        json_put_bool (&task->writer, "responseLogprobs", wanted);
    if (wanted)
        json_put_raw_given (&task->writer, "logprobs", call->top_logprobs.raw);
    else if (call->top_logprobs.raw.at && call->top_logprobs.value > 0)
        gemini_lose (task, &name, false);
}

static void
s_write_stop (gemini_task_t *task)
{
    static const gemini_name_t name = { { "stop", "stop", "stop_sequences",
                                          "generationConfig.stopSequences" } };
    const br_texts_t *stop = &task->call->stop;
    if (stop->size == 0)
        return;
    json_open (&task->writer, "stopSequences", '[');
    size_t count = 0;
    for (size_t i = 0; i < stop->size && count < STOP_MAX; i++)
        if (stop->at[i].size) {
            json_put (&task->writer, NULL, stop->at[i]);
            count++;
        }
    json_close (&task->writer, ']');
    if (count < stop->size)
        gemini_lose (task, &name, true);
}

//  ---- the form of the answer

static int
s_write_schema (gemini_task_t *task)
{
    br_buf_t made;
    bool empty = false;
    if (task->target->dialect->json_schema) {
        json_put_raw (&task->writer, "responseJsonSchema", task->call->schema);
        return 0;
    }
    br_buf_init (&made, GEMINI_SCHEMA_MAX);
    int rc = gemini_schema_write (task->call->schema, GEMINI_SCHEMA_ANSWER, &made, &empty,
                                  task->reterr);
    if (rc == 0)
        json_put_raw (&task->writer, "responseSchema",
                      (br_text_t) { (const char *) made.data, made.size });
    br_buf_free (&made);
    return rc;
}

//  Text alone is what comes anyway.
static void
s_write_modalities (gemini_task_t *task)
{
    const br_call_t *call = task->call;
    bool more = br_text_has (call->modalities, "image")
                || br_text_has (call->modalities, "audio");
    if (call->modalities.size == 0 || (!more && call->protocol != BR_PROTOCOL_GOOGLE))
        return;
    const json_node_t *list = json_tree_parse (task->tree, call->modalities.at,
                                               call->modalities.size, NULL);
    json_open (&task->writer, "responseModalities", '[');
    for (const json_node_t *n = json_first (task->tree, list); n;
         n = json_next (task->tree, n))
        if (n->type == JSON_STRING)
            json_put (
                &task->writer, NULL,
                gemini_upper (json_node_text (task->tree, n, call->arena), call->arena));
    json_close (&task->writer, ']');
}

static int
s_write_form (gemini_task_t *task)
{
    const br_call_t *call = task->call;
    if (call->format != BR_FORMAT_TEXT)
        json_put_string (&task->writer, "responseMimeType", "application/json");
    if (call->format == BR_FORMAT_SCHEMA && call->schema.size && s_write_schema (task))
        return -1;
    s_write_modalities (task);
    return 0;
}

//  ---- reasoning

typedef struct {
    const char *level;
    int64_t budget; //  tokens
} effort_row_t;

static const effort_row_t s_efforts[] = {
    [BR_EFFORT_NONE] = { "MINIMAL", 0 },  [BR_EFFORT_MINIMAL] = { "MINIMAL", 512 },
    [BR_EFFORT_LOW] = { "LOW", 1024 },    [BR_EFFORT_MEDIUM] = { "MEDIUM", 8192 },
    [BR_EFFORT_HIGH] = { "HIGH", 24576 }, [BR_EFFORT_XHIGH] = { "HIGH", 32768 },
    [BR_EFFORT_MAX] = { "HIGH", 32768 },
};

#define BUDGET_PRO_LEAST 128  //  Pro models always think
#define BUDGET_PRO_MOST 32768 //  tokens
#define BUDGET_FLASH_MOST 24576

static bool
s_is_pro (const gemini_task_t *task)
{
    return br_text_has (br_text (task->target->model), "-pro");
}

static br_effort_t
s_effort_of_budget (double budget)
{
    static const struct {
        double most; //  tokens
        br_effort_t effort;
    } rows[] = { { 0, BR_EFFORT_NONE },
                 { 1024, BR_EFFORT_MINIMAL },
                 { 4096, BR_EFFORT_LOW },
                 { 12000, BR_EFFORT_MEDIUM },
                 { 24000, BR_EFFORT_HIGH } };
    if (budget < 0)
        return BR_EFFORT_UNSET;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (budget <= rows[i].most)
            return rows[i].effort;
    return BR_EFFORT_XHIGH;
}

static br_effort_t
s_effort (const br_call_t *call)
{
    if (call->effort != BR_EFFORT_UNSET)
        return call->effort;
    if (call->budget.raw.at)
        return s_effort_of_budget (call->budget.value);
    return call->reasoning == BR_NO ? BR_EFFORT_NONE : BR_EFFORT_UNSET;
}

//  Pro models have no MINIMAL.
static void
s_write_level (gemini_task_t *task)
{
    br_effort_t effort = s_effort (task->call);
    if (effort == BR_EFFORT_UNSET)
        return;
    const char *level = s_efforts[effort].level;
    if (effort <= BR_EFFORT_MINIMAL && s_is_pro (task))
        level = "LOW";
    json_put_string (&task->writer, "thinkingLevel", level);
}

static void
s_write_budget (gemini_task_t *task)
{
    const br_call_t *call = task->call;
    bool pro = s_is_pro (task);
    int64_t most = pro ? BUDGET_PRO_MOST : BUDGET_FLASH_MOST;
    int64_t budget = -1;
    if (call->budget.raw.at && call->budget.value <= (double) most)
        budget = (int64_t) call->budget.value;
    else if (call->budget.raw.at)
        budget = most;
    else if (call->effort != BR_EFFORT_UNSET)
        budget = s_efforts[call->effort].budget;
    else if (call->reasoning == BR_NO)
        budget = 0;
    else if (call->reasoning == BR_UNSET)
        return;
    if (pro && budget >= 0 && budget < BUDGET_PRO_LEAST)
        budget = BUDGET_PRO_LEAST;
    json_put_integer (&task->writer, "thinkingBudget",
                      budget < -1     ? -1
                      : budget > most ? most
                                      : budget);
}

static void
s_write_thinking (gemini_task_t *task)
{
    static const gemini_name_t name = { { "reasoning_effort", "reasoning", "thinking",
                                          "generationConfig.thinkingConfig" } };
    const br_call_t *call = task->call;
    br_thinking_t thinking = task->target->dialect->thinking;
    bool asked = call->effort != BR_EFFORT_UNSET || call->budget.raw.at
                 || call->reasoning != BR_UNSET;
    if (!asked && call->show_reasoning == BR_UNSET)
        return;
    if (thinking != BR_THINKING_LEVEL && thinking != BR_THINKING_BUDGET) {
        bool on = call->reasoning != BR_NO && call->effort != BR_EFFORT_NONE;
        if (asked && on)
            gemini_lose (task, &name, false);
        return;
    }
    json_open (&task->writer, "thinkingConfig", '{');
    if (call->show_reasoning != BR_UNSET)
        json_put_bool (&task->writer, "includeThoughts", call->show_reasoning == BR_YES);
    if (thinking == BR_THINKING_LEVEL)
        s_write_level (task);
    else
        s_write_budget (task);
    json_close (&task->writer, '}');
}

//  ---- generationConfig

static void
s_write_tier (gemini_task_t *task)
{
    static const gemini_name_t name = { { "service_tier", "service_tier", "service_tier",
                                          "serviceTier" } };
    static const struct {
        const char *tier;
        const char *word; //  NULL = what comes anyway
    } rows[] = { { "auto", NULL },           { "default", "standard" },
                 { "standard", "standard" }, { "standard_only", "standard" },
                 { "flex", "flex" },         { "priority", "priority" } };
    br_text_t tier = task->call->service_tier;
    if (tier.size == 0)
        return;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (br_text_is (tier, rows[i].tier)) {
            if (rows[i].word)
                json_put_string (&task->writer, "serviceTier", rows[i].word);
            return;
        }
    gemini_lose (task, &name, false);
}

int
gemini_write_config (gemini_task_t *task)
{
    json_open (&task->writer, "generationConfig", '{');
    s_write_numbers (task);
    s_write_stop (task);
    s_write_logprobs (task);
    if (s_write_form (task))
        return -1;
    s_write_thinking (task);
    json_close (&task->writer, '}');
    s_write_tier (task);
    return 0;
}

//  ---- tools

static int
s_write_parameters (gemini_task_t *task, const br_tool_t *tool)
{
    br_buf_t made;
    bool empty = false;
    if (tool->schema.size == 0)
        return 0;
    if (task->target->dialect->json_schema) {
        json_put_raw (&task->writer, "parametersJsonSchema", tool->schema);
        return 0;
    }
    br_buf_init (&made, GEMINI_SCHEMA_MAX);
    int rc = gemini_schema_write (tool->schema, GEMINI_SCHEMA_PARAMETERS, &made, &empty,
                                  task->reterr);
    if (rc == 0 && !empty)
        json_put_raw (&task->writer, "parameters",
                      (br_text_t) { (const char *) made.data, made.size });
    br_buf_free (&made);
    return rc;
}

//  A freeform tool becomes a function of one text.
static int
s_write_function (gemini_task_t *task, const br_tool_t *tool)
{
    int rc = 0;
    json_open (&task->writer, NULL, '{');
    json_put (&task->writer, "name",
              br_tool_name (tool->name, BR_PROTOCOL_GOOGLE, task->call->arena));
    json_put_given (&task->writer, "description", tool->description);
    if (tool->kind == BR_TOOL_CUSTOM) {
        json_put_raw (&task->writer, "parameters",
                      BR_TEXT ("{\"type\":\"OBJECT\",\"properties\":{\"input\":{"
                               "\"type\":\"STRING\"}},\"required\":[\"input\"]}"));
        gemini_lose_path (task, tool->path, "", true);
    } else
        rc = s_write_parameters (task, tool);
    json_close (&task->writer, '}');
    return rc;
}

static bool
s_has (const br_call_t *call, bool hosted)
{
    for (const br_tool_t *t = call->tools; t; t = t->next)
        if (hosted ? t->kind == BR_TOOL_HOSTED && t->family == BR_FAMILY_GOOGLE
                   : t->kind != BR_TOOL_HOSTED)
            return true;
    return false;
}

static int
s_write_functions (gemini_task_t *task)
{
    int rc = 0;
    json_open (&task->writer, NULL, '{');
    json_open (&task->writer, "functionDeclarations", '[');
    for (const br_tool_t *t = task->call->tools; t && rc == 0; t = t->next)
        if (t->kind != BR_TOOL_HOSTED)
            rc = s_write_function (task, t);
    json_close (&task->writer, ']');
    json_close (&task->writer, '}');
    return rc;
}

static void
s_write_hosted (gemini_task_t *task)
{
    for (const br_tool_t *t = task->call->tools; t; t = t->next) {
        if (t->kind != BR_TOOL_HOSTED)
            continue;
        if (t->family == BR_FAMILY_GOOGLE)
            json_put_raw (&task->writer, NULL, t->raw);
        else
            gemini_lose_path (task, t->path, "", false);
    }
}

//  ---- toolConfig

static bool
s_is_strict (const gemini_task_t *task)
{
    for (const br_tool_t *t = task->call->tools; t; t = t->next)
        if (t->strict == BR_YES && task->target->dialect->json_schema)
            return true;
    return false;
}

static bool
s_is_function (const br_call_t *call, br_text_t name)
{
    const br_tool_t *tool = br_call_chosen (call, name);
    return tool && tool->kind != BR_TOOL_HOSTED;
}

static bool
s_is_any_function (const br_call_t *call)
{
    for (size_t i = 0; i < call->choice_names.size; i++)
        if (s_is_function (call, call->choice_names.at[i]))
            return true;
    return false;
}

static void
s_write_names (gemini_task_t *task)
{
    const br_texts_t *names = &task->call->choice_names;
    json_open (&task->writer, "allowedFunctionNames", '[');
    for (size_t i = 0; i < names->size; i++)
        if (s_is_function (task->call, names->at[i]))
            json_put (&task->writer, NULL,
                      br_tool_name (names->at[i], BR_PROTOCOL_GOOGLE, task->call->arena));
    json_close (&task->writer, ']');
}

static const struct {
    const char *mode;
    bool names;
} s_modes[] = {
    [BR_CHOICE_UNSET] = { NULL, false },
    [BR_CHOICE_AUTO] = { "AUTO", false },
    [BR_CHOICE_NONE] = { "NONE", false },
    [BR_CHOICE_REQUIRED] = { "ANY", false },
    [BR_CHOICE_NAMED] = { "ANY", true },
    [BR_CHOICE_ALLOWED] = { "VALIDATED", true },
    [BR_CHOICE_ALLOWED_REQUIRED] = { "ANY", true },
};

//  Google wants to be told when its own tools stand beside functions.
static void
s_write_tool_config (gemini_task_t *task, bool functions, bool hosted)
{
    br_choice_t choice = task->call->choice;
    if (s_modes[choice].names && !s_is_any_function (task->call))
        choice = BR_CHOICE_NONE;
    const char *mode = functions ? s_modes[choice].mode : NULL;
    bool both = functions && hosted && task->target->dialect->signatures;
    if (functions && choice <= BR_CHOICE_AUTO && s_is_strict (task))
        mode = "VALIDATED";
    if (!mode && !both)
        return;
    json_open (&task->writer, "toolConfig", '{');
    if (mode) {
        json_open (&task->writer, "functionCallingConfig", '{');
        json_put_string (&task->writer, "mode", mode);
        if (s_modes[choice].names)
            s_write_names (task);
        json_close (&task->writer, '}');
    }
    if (both)
        json_put_bool (&task->writer, "includeServerSideToolInvocations", true);
    json_close (&task->writer, '}');
}

//  Functions alone can be forced.
static br_sent_t
s_sent (const void *writer, const br_tool_t *tool)
{
    (void) writer;
    if (tool->kind != BR_TOOL_HOSTED)
        return BR_SENT;
    return tool->family == BR_FAMILY_GOOGLE ? BR_SENT_FREE : BR_SENT_NOT;
}

static int
s_check_choice (const gemini_task_t *task)
{
    const br_call_t *call = task->call;
    const char *why = br_call_why_not_forced (call, s_sent, task);
    if (!why)
        return 0;
    return br_error_set (task->reterr, BR_EINVALID, "%s cannot be sent to %s: %s",
                         br_field_name (BR_FIELD_CHOICE, call->protocol),
                         task->target->provider, why);
}

int
gemini_write_tools (gemini_task_t *task)
{
    bool functions = s_has (task->call, false);
    bool hosted = s_has (task->call, true);
    if (s_check_choice (task))
        return -1;
    if (functions || hosted)
        json_open (&task->writer, "tools", '[');
    if (functions && s_write_functions (task))
        return -1;
    s_write_hosted (task);
    if (!functions && !hosted)
        return 0;
    json_close (&task->writer, ']');
    if (!task->call->count_only)
        s_write_tool_config (task, functions, hosted);
    return 0;
}
