//  tui_answers: what the admin door has last said to each question, and which question is to
//  be asked next.

#ifndef BR_TUI_ANSWERS_H
#define BR_TUI_ANSWERS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    TUI_SNAPSHOT,
    TUI_CALLS,
    TUI_PROVIDERS,
    TUI_ROUTES,
    TUI_LEDGER,
    TUI_HEALTH,
    TUI_BREAKERS,
    TUI_METRICS,
    TUI_BUDGETS,
    TUI_GUARD,
    TUI_LIMITS,
    TUI_QUESTIONS,
    TUI_DAYS = TUI_QUESTIONS, //  not of the door: what was spent by day
    TUI_ANSWERS
} tui_question_t;

typedef struct _tui_answers_t tui_answers_t;

tui_answers_t *tui_answers_new (void); //  "caller destroys"
void tui_answers_destroy (tui_answers_t **self_p);

//  The command of the door.
const char *tui_question_command (tui_question_t question);

//  The question that is due the longest, or TUI_QUESTIONS. Notes that it is asked.
tui_question_t tui_answers_next (tui_answers_t *self, uint64_t now_ms);

//  All are due at once: another server, or somebody who is impatient.
void tui_answers_hurry (tui_answers_t *self);

//  Takes an answer. *result is taken and NULL then.
void tui_answers_take (tui_answers_t *self, tui_question_t question, cJSON **result);
void tui_answers_forget (tui_answers_t *self); //  all

//  NULL: there was none yet. "owned by self, until next change"
const cJSON *tui_answers_at (const tui_answers_t *self, tui_question_t question);

//  ---- reading answers, whose members may be anything

const cJSON *tui_json (const cJSON *object, const char *name);
const char *tui_json_text (const cJSON *object, const char *name); //  "" when it is none
double tui_json_number (const cJSON *object, const char *name);    //  0 when it is none
uint64_t tui_json_count (const cJSON *object, const char *name);   //  0 at the least
bool tui_json_is (const cJSON *object, const char *name);          //  true, or not 0

#endif
