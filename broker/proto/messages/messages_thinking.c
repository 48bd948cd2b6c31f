//  messages_thinking: what is asked of the model's thinking, and how many tokens it gets.
//  Pure arithmetic on the call; what is lost by it is noted.

#include <string.h>

#include "broker/proto/messages/messages_parts.h"

#define TOKENS_MAX 1000000000   //  more is as much as that
#define BUDGET_MIN 1024         //  tokens; less is refused
#define BUDGET_DEFAULT 8192     //  tokens, where nobody says how much
#define MAX_TOKENS_DEFAULT 8192 //  where nobody says how much

//  An effort as a budget, and as the word that adaptive models take.
typedef struct {
    uint32_t budget; //  tokens
    const char *word;
} effort_row_t;

static const effort_row_t s_efforts[] = {
    [BR_EFFORT_UNSET] = { BUDGET_DEFAULT, NULL }, [BR_EFFORT_NONE] = { 0, NULL },
    [BR_EFFORT_MINIMAL] = { 1024, "low" },        [BR_EFFORT_LOW] = { 2048, "low" },
    [BR_EFFORT_MEDIUM] = { 8192, "medium" },      [BR_EFFORT_HIGH] = { 16384, "high" },
    [BR_EFFORT_XHIGH] = { 32768, "xhigh" },       [BR_EFFORT_MAX] = { 64000, "max" },
};

//  The least budget that is more than an effort's.
typedef struct {
    double most; //  tokens
    br_effort_t effort;
} budget_row_t;

static const budget_row_t s_budgets[] = {
    { 4096, BR_EFFORT_LOW },
    { 12000, BR_EFFORT_MEDIUM },
    { 24000, BR_EFFORT_HIGH },
};

//  ---- what the client wants

static bool
s_has_budget (const br_call_t *call)
{
    return call->budget.raw.at && call->budget.value > 0;
}

static br_effort_t
s_effort (const br_call_t *call)
{
    if (call->effort != BR_EFFORT_UNSET || !s_has_budget (call))
        return call->effort;
    for (size_t i = 0; i < sizeof s_budgets / sizeof s_budgets[0]; i++)
        if (call->budget.value <= s_budgets[i].most)
            return s_budgets[i].effort;
    return BR_EFFORT_XHIGH;
}

static br_tri_t
s_wanted (const br_call_t *call)
{
    if (call->reasoning == BR_NO || call->effort == BR_EFFORT_NONE)
        return BR_NO;
    if (call->budget.raw.at && call->budget.value == 0)
        return BR_NO;
    if (call->reasoning == BR_YES || call->effort != BR_EFFORT_UNSET
        || call->budget.raw.at)
        return BR_YES;
    return BR_UNSET;
}

//  ---- what the turns allow

//  A block that is written before all others of its turn, in truth.
static bool
s_is_written (const br_block_t *block, const br_target_t *target)
{
    if (block->kind == BR_BLOCK_REASONING)
        return messages_sends_reasoning (block, target);
    if (block->kind == BR_BLOCK_TEXT || block->kind == BR_BLOCK_REFUSAL)
        return !br_text_is_blank (block->text);
    return block->kind == BR_BLOCK_CALL
           || (block->kind == BR_BLOCK_HOSTED && block->family == BR_FAMILY_ANTHROPIC);
}

static const br_block_t *
s_first_written (const br_turn_t *turn, const br_target_t *target)
{
    for (; turn && turn->role == BR_TURN_ASSISTANT; turn = turn->next)
        for (const br_block_t *block = turn->blocks; block; block = block->next)
            if (s_is_written (block, target))
                return block;
    return NULL;
}

//  Whether the first message of the assistant from here on begins with thinking, or there
//  is nothing in it.
static bool
s_begins_well (const br_turn_t *turn, const br_target_t *target)
{
    const br_block_t *first = s_first_written (turn, target);
    return !first || first->kind == BR_BLOCK_REASONING;
}

//  Anthropic checks that the turn which a tool's results go back to began with thinking.
//  Such a turn may be many messages, with nothing but results in between: models that do
//  not think between their calls begin the first of them with it, others each.
static bool
s_lacks_thinking (const messages_out_t *self)
{
    const br_turn_t *first = NULL;
    const br_turn_t *last = NULL;
    br_turn_role_t before = BR_TURN_USER;
    if (self->target->dialect->family != BR_FAMILY_ANTHROPIC)
        return false;
    for (const br_turn_t *turn = self->call->turns; turn; turn = turn->next) {
        bool results = turn->blocks && turn->blocks->kind == BR_BLOCK_RESULT;
        if (turn->role == BR_TURN_USER && !results)
            first = last = NULL;
        if (turn->role == BR_TURN_ASSISTANT && before != BR_TURN_ASSISTANT)
            last = turn;
        if (!first)
            first = last;
        before = turn->role;
    }
    return first && !s_begins_well (first, self->target)
           && !s_begins_well (last, self->target);
}

//  ---- tokens

static uint64_t
s_default_max (const br_target_t *target)
{
    if (target->max_output)
        return target->max_output;
    return target->dialect->max_output ? target->dialect->max_output : MAX_TOKENS_DEFAULT;
}

//  A client may write any number.
static uint64_t
s_tokens (br_number_t number)
{
    return number.value < TOKENS_MAX ? (uint64_t) number.value : TOKENS_MAX;
}

//  The budget has to lie below max_tokens, which is raised by it where the model allows.
static void
s_fit_budget (messages_out_t *self, messages_plan_t *plan)
{
    const br_call_t *call = self->call;
    const br_target_t *target = self->target;
    bool given = call->max_output.raw.at && call->max_output.value >= 1;
    uint64_t asked = given ? s_tokens (call->max_output) : plan->max_tokens;
    plan->budget = s_has_budget (call) ? s_tokens (call->budget)
                                       : s_efforts[s_effort (call)].budget;
    if (plan->budget < BUDGET_MIN)
        plan->budget = BUDGET_MIN;
    if (asked > plan->budget)
        return;
    uint64_t most = target->max_output ? target->max_output : UINT32_MAX;
    plan->max_tokens = plan->budget + asked;
    if (plan->max_tokens > most) {
        plan->max_tokens = most > asked ? most : asked;
        uint64_t room = plan->max_tokens > asked ? plan->max_tokens - asked : 0;
        plan->budget = room > BUDGET_MIN ? room : BUDGET_MIN;
    }
    if (plan->budget >= plan->max_tokens)
        plan->max_tokens = plan->budget + 1;
    if (given)
        messages_lose (self, BR_FIELD_MAX_OUTPUT, true);
}

//  ---- the plan

//  4.6 knows low, medium, high and max alone.
//  src: Anthropic's guide to effort, 2026-08
static const char *
s_word (const br_call_t *call, const char *model)
{
    const char *word = s_efforts[s_effort (call)].word;
    bool older = strstr (model, "-4-6") || strstr (model, "-4.6");
    return older && s_effort (call) == BR_EFFORT_XHIGH ? "max" : word;
}

static void
s_plan_on (messages_out_t *self, messages_plan_t *plan)
{
    br_thinking_t way = self->target->dialect->thinking;
    if (way == BR_THINKING_NONE) {
        messages_lose (self, BR_FIELD_REASONING, false);
        return;
    }
    if (way == BR_THINKING_ADAPTIVE || way == BR_THINKING_EFFORT)
        plan->effort = s_word (self->call, self->target->model);
    if (way == BR_THINKING_EFFORT)
        return;
    //  An answer by a tool that must be called cannot go with thinking.
    bool answer = messages_unwraps (self->call, self->target)
                  && self->target->dialect->no_forced_choice;
    if (answer || s_lacks_thinking (self)) {
        messages_lose (self, BR_FIELD_REASONING, false);
        plan->think = MESSAGES_THINK_OFF;
        return;
    }
    plan->on = true;
    plan->think = way == BR_THINKING_ADAPTIVE ? MESSAGES_THINK_ADAPTIVE
                                              : MESSAGES_THINK_ON;
    if (way == BR_THINKING_BUDGET) {
        plan->think = MESSAGES_THINK_BUDGET;
        s_fit_budget (self, plan);
    }
}

messages_plan_t
messages_plan (messages_out_t *self)
{
    messages_plan_t plan = { .think = MESSAGES_THINK_UNSAID };
    br_tri_t wanted = s_wanted (self->call);
    if (!self->call->max_output.raw.at)
        plan.max_tokens = s_default_max (self->target);
    if (wanted == BR_YES)
        s_plan_on (self, &plan);
    else if (wanted == BR_NO && self->target->dialect->thinking != BR_THINKING_NONE
             && self->target->dialect->thinking != BR_THINKING_EFFORT)
        plan.think = MESSAGES_THINK_OFF;
    return plan;
}
