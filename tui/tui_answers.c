//  tui_answers: what the admin door has last said.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "tui/tui_answers.h"

#define COUNT_MAX 9e18 //  what a number of nano-USD or tokens may be

//  How often; in the order in which a first picture wants them.
static const struct {
    const char *command;
    unsigned period_ms;
} s_questions[TUI_QUESTIONS] = {
    [TUI_SNAPSHOT] = { "snapshot", 1000 },   [TUI_CALLS] = { "calls", 2000 },
    [TUI_PROVIDERS] = { "providers", 5000 }, [TUI_ROUTES] = { "routes", 3000 },
    [TUI_LEDGER] = { "ledger", 3000 },       [TUI_HEALTH] = { "health", 2000 },
    [TUI_BREAKERS] = { "breakers", 1000 },   [TUI_METRICS] = { "metrics", 3000 },
    [TUI_BUDGETS] = { "budgets", 2000 },     [TUI_GUARD] = { "guard", 3000 },
    [TUI_LIMITS] = { "limits", 3000 },
};

struct _tui_answers_t {
    cJSON *results[TUI_ANSWERS];      //  owned
    uint64_t asked_ms[TUI_QUESTIONS]; //  0 = never
};

tui_answers_t *
tui_answers_new (void)
{
    return BR_NEW (tui_answers_t);
}

void
tui_answers_destroy (tui_answers_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    tui_answers_forget (*self_p);
    free (*self_p);
    *self_p = NULL;
}

const char *
tui_question_command (tui_question_t question)
{
    return s_questions[question].command;
}

tui_question_t
tui_answers_next (tui_answers_t *self, uint64_t now_ms)
{
    tui_question_t found = TUI_QUESTIONS;
    uint64_t late_ms = 0;
    for (unsigned i = 0; i < TUI_QUESTIONS; i++) {
        uint64_t due_ms = self->asked_ms[i] ? self->asked_ms[i] + s_questions[i].period_ms
                                            : 0;
        if (due_ms > now_ms || (found != TUI_QUESTIONS && now_ms - due_ms <= late_ms))
            continue;
        found = (tui_question_t) i;
        late_ms = now_ms - due_ms;
    }
    if (found != TUI_QUESTIONS)
        self->asked_ms[found] = now_ms;
    return found;
}

void
tui_answers_hurry (tui_answers_t *self)
{
    for (unsigned i = 0; i < TUI_QUESTIONS; i++)
        self->asked_ms[i] = 0;
}

void
tui_answers_take (tui_answers_t *self, tui_question_t question, cJSON **result)
{
    cJSON_Delete (self->results[question]);
    self->results[question] = *result;
    *result = NULL;
}

void
tui_answers_forget (tui_answers_t *self)
{
    for (unsigned i = 0; i < TUI_ANSWERS; i++) {
        cJSON_Delete (self->results[i]);
        self->results[i] = NULL;
    }
}

const cJSON *
tui_answers_at (const tui_answers_t *self, tui_question_t question)
{
    return self->results[question];
}

//  ---- reading answers

const cJSON *
tui_json (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

const char *
tui_json_text (const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue (tui_json (object, name));
    return text ? text : "";
}

double
tui_json_number (const cJSON *object, const char *name)
{
    const cJSON *item = tui_json (object, name);
    return cJSON_IsNumber (item) ? item->valuedouble : 0;
}

uint64_t
tui_json_count (const cJSON *object, const char *name)
{
    double number = tui_json_number (object, name);
    return number > 0 ? (uint64_t) (number < COUNT_MAX ? number : COUNT_MAX) : 0;
}

bool
tui_json_is (const cJSON *object, const char *name)
{
    return cJSON_IsTrue (tui_json (object, name)) || tui_json_number (object, name) != 0;
}
