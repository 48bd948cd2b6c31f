//  tui_calls: the calls that were heard of lately: those under way, and those that have ended,
//  of which the oldest make room. Facts come from events in whatever order: an event of a call
//  that is not known begins a row.

#ifndef BR_TUI_CALLS_H
#define BR_TUI_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TUI_CALLS_MAX 2000 //  rows
#define TUI_HOPS_MAX 8     //  attempts that are kept of a call: the first ones
#define TUI_ID 40          //  bytes of a call's id
#define TUI_NAME 96        //  bytes of a name
#define TUI_REASON 160     //  bytes of a failure's words

typedef enum {
    TUI_CALL_OPEN,    //  came, nobody was asked yet
    TUI_CALL_ASKING,  //  a provider was asked
    TUI_CALL_WAITING, //  in a back-off
    TUI_CALL_ANSWERS, //  its answer goes to the client
    TUI_CALL_OK,
    TUI_CALL_FAILED,
    TUI_CALL_CANCELLED,
    TUI_CALL_LOST, //  its host is gone, or its end was not heard
    TUI_CALL_STATES
} tui_call_state_t;

typedef struct _tui_hop_t {
    unsigned attempt; //  0 = there is none
    char provider[TUI_NAME];
    char model[TUI_NAME];
    char error_type[TUI_NAME]; //  "" = it did not fail
    char error[TUI_REASON];
    uint64_t started_ms; //  unix
    uint64_t ended_ms;   //  unix; 0 = under way
    uint64_t first_ms;   //  unix, of its first bytes; 0 = not known
    uint64_t delay_ms;   //  back-off before it
} tui_hop_t;

//  Texts are as they came, but cut; "" when not known.
typedef struct _tui_call_t {
    char id[TUI_ID];
    char request_id[TUI_NAME];
    char host[TUI_NAME];
    char route[TUI_NAME];
    char provider[TUI_NAME];
    char model[TUI_NAME];
    char account[TUI_NAME];
    char session[TUI_NAME];
    char run[TUI_NAME];
    char agent[TUI_NAME];
    char step[TUI_NAME];
    char error_type[TUI_NAME];
    tui_call_state_t state;
    bool stream;
    bool is_settled; //  its row is on disk
    bool cost_known;
    bool usage_known;
    unsigned attempts;
    unsigned findings;
    uint64_t started_ms; //  unix
    uint64_t ended_ms;   //  unix; 0 = under way
    uint64_t first_ms;   //  from its start
    uint64_t latency_ms; //  when it has ended
    uint64_t input_tokens;
    uint64_t output_tokens;
    int64_t cost_nusd;
    uint64_t settled_ms; //  unix
    tui_hop_t hops[TUI_HOPS_MAX];
} tui_call_t;

typedef struct _tui_calls_t tui_calls_t;

tui_calls_t *tui_calls_new (void); //  "caller destroys"
void tui_calls_destroy (tui_calls_t **self_p);

//  The call of an id, a new one when it is not known. "owned by self, until next change"
tui_call_t *tui_calls_get (tui_calls_t *self, const char *id, uint64_t now_ms);
const tui_call_t *tui_calls_find (const tui_calls_t *self, const char *id); //  or NULL
tui_call_t *tui_calls_known (tui_calls_t *self, const char *id);            //  or NULL

//  The hop of an attempt, a new one when it is not known; NULL when there is no room.
tui_hop_t *tui_call_hop (tui_call_t *call, unsigned attempt);

//  A call is over: it may make room from now on. state: one of the last four.
void tui_calls_end (tui_calls_t *self, tui_call_t *call, tui_call_state_t state,
                    uint64_t now_ms);

//  Those of a host are lost; NULL: all that began before that time, unix.
void tui_calls_lose (tui_calls_t *self, const char *host, uint64_t before_ms,
                     uint64_t now_ms);

bool tui_call_is_open (const tui_call_t *call);
const char *tui_call_state_name (tui_call_state_t state);
const char *tui_call_run (const tui_call_t *call); //  its run, else its session, or ""

size_t tui_calls_open (const tui_calls_t *self); //  count

//  All of them: those under way first, the newest first; then those that have ended, the last
//  one first. Begin with NULL; NULL at the end.
const tui_call_t *tui_calls_next (const tui_calls_t *self, const tui_call_t *call);

#endif
