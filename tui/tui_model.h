//  tui_model: all that the view knows of a bitrouter: fed with events and answers as they
//  come, read by the panes. It knows no sockets and no screen; all of it is bounded.

#ifndef BR_TUI_MODEL_H
#define BR_TUI_MODEL_H

#include "tui/tui_answers.h"
#include "tui/tui_calls.h"
#include "tui/tui_notes.h"
#include "tui/tui_rate.h"
#include "tui/tui_sums.h"

typedef struct _tui_model_t tui_model_t;

//  now_ms: unix time, here and below. "caller destroys"
tui_model_t *tui_model_new (uint64_t now_ms);
void tui_model_destroy (tui_model_t **self_p);

//  Time goes on.
void tui_model_tick (tui_model_t *self, uint64_t now_ms);

//  One event of the bus, a JSON object. 0, or -1 when it makes no sense; then nothing changed.
int tui_model_event (tui_model_t *self, const char *json, size_t size);

//  An answer. *result is taken.
void tui_model_answer (tui_model_t *self, tui_question_t question, cJSON **result);

//  Whether the server can be reached; reason, of why not, is copied.
void tui_model_link (tui_model_t *self, bool is_up, const char *reason);

//  From now on it is known that no events will come.
void tui_model_be_deaf (tui_model_t *self);

//  ---- reading; all "owned by self, until next change"

typedef struct _tui_totals_t {
    uint64_t started_ms; //  since when the view counts
    uint64_t events;     //  counts from here on
    uint64_t calls;
    uint64_t settled;
    uint64_t failed;
    uint64_t findings;
    uint64_t tokens;
    int64_t cost_nusd;
    tui_rate_t begun;  //  calls, by second
    tui_rate_t broken; //  calls that failed, by second
    tui_rate_t output; //  tokens, by second
    tui_rate_t spent;  //  nano-USD, by second
} tui_totals_t;

uint64_t tui_model_now (const tui_model_t *self);
bool tui_model_is_up (const tui_model_t *self);
bool tui_model_is_deaf (const tui_model_t *self);
const char *tui_model_reason (const tui_model_t *self); //  why it is not up
const tui_calls_t *tui_model_calls (const tui_model_t *self);
const tui_sums_t *tui_model_sums (const tui_model_t *self, tui_by_t by);
const tui_notes_t *tui_model_notes (const tui_model_t *self);
const tui_totals_t *tui_model_totals (const tui_model_t *self);
const cJSON *tui_model_said (const tui_model_t *self, tui_question_t question);

//  What feeds may use: which question is next, and lines of a log.
tui_answers_t *tui_model_answers (tui_model_t *self);
void tui_model_log (tui_model_t *self, const char *line);

#endif
