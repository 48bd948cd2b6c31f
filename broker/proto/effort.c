//  effort: the efforts that models take, as rows of data, and the one that is nearest.

#include "broker/proto/effort.h"

#define IS(effort) (1u << BR_EFFORT_##effort)
#define USUAL (IS (LOW) | IS (MEDIUM) | IS (HIGH))

//  The first row that fits counts; globs are as in a dialect.
static const struct {
    const char *provider;
    const char *model;
    const char *source;
    unsigned efforts; //  bits
} s_rows[] = {
    { "openrouter", "*", "OpenRouter docs: it finds what the model takes",
      IS (NONE) | IS (MINIMAL) | USUAL | IS (XHIGH) },
    { "deepseek", "*", "DeepSeek docs: low and medium count as high, xhigh as max",
      USUAL | IS (XHIGH) | IS (MAX) },
    { "xai|x-ai|grok", "grok-3-mini*", "xAI docs: low and high", IS (LOW) | IS (HIGH) },
    { "mistral*", "*", "Mistral docs: none and high", IS (NONE) | IS (HIGH) },
    { "google*|gemini*|vertex*", "gemini-2.5-*pro*|gemini-[3-9]*",
      "Gemini docs, OpenAI compatibility: these always think", IS (MINIMAL) | USUAL },
    { "google*|gemini*|vertex*", "gemini-2.5-*", "Gemini docs, OpenAI compatibility",
      IS (NONE) | IS (MINIMAL) | USUAL },
    { "*", "gpt-5-pro*", "OpenAI model pages: high alone", IS (HIGH) },
    { "*", "gpt-5.?-pro*", "OpenAI model pages", IS (MEDIUM) | IS (HIGH) | IS (XHIGH) },
    { "*", "gpt-5.1-codex-max*|gpt-5.[2-9]-codex*",
      "OpenAI model pages: xhigh since gpt-5.1-codex-max", USUAL | IS (XHIGH) },
    { "*", "gpt-5-codex*|gpt-5.1-codex*", "OpenAI model pages: no minimal", USUAL },
    { "*", "gpt-5.1|gpt-5.1-*", "OpenAI API reference: none since gpt-5.1",
      IS (NONE) | USUAL },
    { "*", "gpt-5.*|gpt-[6-9]*", "OpenAI API reference: xhigh since gpt-5.2",
      IS (NONE) | USUAL | IS (XHIGH) },
    { "*", "gpt-5*", "OpenAI API reference: minimal is of gpt-5 alone",
      IS (MINIMAL) | USUAL },
    { "*", "*", "o-series, gpt-oss, and whoever else takes an effort", USUAL },
};

//  Tokens of reasoning up to which an effort goes.
static const struct {
    double most;
    br_effort_t effort;
} s_budgets[] = {
    { 0, BR_EFFORT_NONE },       { 1024, BR_EFFORT_MINIMAL }, { 4096, BR_EFFORT_LOW },
    { 12000, BR_EFFORT_MEDIUM }, { 24000, BR_EFFORT_HIGH },
};

static unsigned
s_efforts_of (const br_target_t *target)
{
    size_t i = 0;
    while (!br_dialect_fits (s_rows[i].provider, target->provider)
           || !br_dialect_fits (s_rows[i].model, target->model))
        i++; // the last row fits all
    return s_rows[i].efforts;
}

static br_effort_t
s_nearest (unsigned efforts, br_effort_t wanted)
{
    if (efforts & 1u << wanted)
        return wanted;
    for (br_effort_t lower = wanted; lower > BR_EFFORT_MINIMAL; lower--)
        if (efforts & 1u << (lower - 1))
            return lower - 1;
    br_effort_t higher = wanted;
    while (!(efforts & 1u << higher))
        higher++; // every row has HIGH
    return higher;
}

br_effort_t
br_effort_wanted (const br_call_t *call)
{
    if (call->reasoning == BR_NO)
        return BR_EFFORT_NONE;
    if (call->effort != BR_EFFORT_UNSET)
        return call->effort;
    if (!call->budget.raw.at || call->budget.value < 0)
        return BR_EFFORT_UNSET;
    for (size_t i = 0; i < sizeof s_budgets / sizeof *s_budgets; i++)
        if (call->budget.value <= s_budgets[i].most)
            return s_budgets[i].effort;
    return BR_EFFORT_XHIGH;
}

br_effort_choice_t
br_effort_choose (const br_call_t *call, const br_target_t *target)
{
    br_effort_t wanted = br_effort_wanted (call);
    br_effort_choice_t choice = { .effort = wanted, .field = BR_FIELD_REASONING };
    bool is_said = call->effort != BR_EFFORT_UNSET;
    if (wanted == BR_EFFORT_UNSET)
        return choice;
    if (is_said && wanted == call->effort)
        choice.field = BR_FIELD_EFFORT;
    else if (call->budget.raw.at)
        choice.field = BR_FIELD_BUDGET;
    bool is_own = choice.field == BR_FIELD_EFFORT && call->protocol == target->protocol;
    if (!is_own)
        choice.effort = s_nearest (s_efforts_of (target), wanted);
    //  a word for tokens is never quite the same
    bool is_rough = choice.field == BR_FIELD_BUDGET && wanted != BR_EFFORT_NONE;
    choice.changed = is_rough || choice.effort != wanted;
    return choice;
}
