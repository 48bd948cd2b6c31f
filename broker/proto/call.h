//  call: a request in canonical form. Each protocol reads its own bytes into one and
//  writes one as its own bytes; between the two there is nothing that knows both.
//  src:  docs/rfc/8-CANONICAL.md

#ifndef BR_CALL_H
#define BR_CALL_H

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/core/json_tree.h"
#include "broker/proto/block.h"
#include "broker/proto/dialect.h"

#define BR_CALL_BYTES_MAX (256u << 20) //  of a request that is written

typedef enum {
    BR_TURN_USER,
    BR_TURN_ASSISTANT,
    BR_TURN_SYSTEM //  an instruction between turns; the leading ones are call->system
} br_turn_role_t;

//  RESULT blocks stand in user turns. Turns of one role may follow each other.
typedef struct _br_turn_t {
    struct _br_turn_t *next;
    br_turn_role_t role;
    br_block_t *blocks;
    br_text_t name; //  of the speaker
    br_text_t path; //  "messages[2]"
} br_turn_t;

typedef enum {
    BR_TOOL_FUNCTION,
    BR_TOOL_CUSTOM, //  freeform input
    BR_TOOL_HOSTED  //  run by the provider: raw, for its family; name is what a choice
                    //  calls it: its type, or with Anthropic its name
} br_tool_kind_t;

typedef enum {
    BR_UNSET = 0,
    BR_NO,
    BR_YES
} br_tri_t;

typedef struct _br_tool_t {
    struct _br_tool_t *next;
    br_tool_kind_t kind;
    br_text_t name;
    br_text_t description;
    br_text_t schema; //  JSON as received; absent when there are no parameters
    br_text_t format; //  CUSTOM: JSON of its grammar
    br_text_t raw;    //  HOSTED: the whole item
    br_family_t family;
    br_tri_t strict;
    br_text_t cache; //  as in a block
    br_text_t path;
} br_tool_t;

typedef enum {
    BR_CHOICE_UNSET,
    BR_CHOICE_AUTO,
    BR_CHOICE_NONE,
    BR_CHOICE_REQUIRED,
    BR_CHOICE_NAMED,   //  names[0]
    BR_CHOICE_ALLOWED, //  one of names, or none
    BR_CHOICE_ALLOWED_REQUIRED
} br_choice_t;

typedef enum {
    BR_EFFORT_UNSET,
    BR_EFFORT_NONE,
    BR_EFFORT_MINIMAL,
    BR_EFFORT_LOW,
    BR_EFFORT_MEDIUM,
    BR_EFFORT_HIGH,
    BR_EFFORT_XHIGH,
    BR_EFFORT_MAX
} br_effort_t;

typedef enum {
    BR_FORMAT_TEXT,
    BR_FORMAT_JSON, //  any object
    BR_FORMAT_SCHEMA
} br_format_t;

//  A list of texts, such as stop sequences.
typedef struct _br_texts_t {
    const br_text_t *at; //  "owned by arena"
    size_t size;
} br_texts_t;

//  A member of the request that has no place in here, or that a target cannot carry.
typedef struct _br_loss_t {
    struct _br_loss_t *next;
    br_text_t field; //  by the client's name: "logit_bias", "messages[1].name"
    bool changed;    //  sent in another form, not dropped
} br_loss_t;

//  Absent numbers have raw.at NULL.
typedef struct _br_number_t {
    br_text_t raw; //  as received
    double value;
} br_number_t;

typedef struct _br_call_t {
    br_arena_t *arena; //  owned; holds all of it
    br_protocol_t protocol;
    br_text_t model; //  as the client names it
    bool stream;
    bool count_only; //  its tokens are to be counted, nothing is to be said

    br_block_t *system; //  TEXT blocks
    br_turn_t *turns;
    br_tool_t *tools;
    br_choice_t choice;
    br_texts_t choice_names;
    br_tri_t parallel; //  several tools may be called at once

    br_number_t temperature, top_p, top_k, min_p;
    br_number_t frequency_penalty, presence_penalty;
    br_number_t seed, n;
    br_number_t max_output; //  tokens
    br_texts_t stop;
    br_tri_t logprobs;
    br_number_t top_logprobs;
    br_text_t logit_bias; //  JSON

    br_effort_t effort;
    br_number_t budget;      //  tokens of reasoning; -1 = the model decides
    br_tri_t reasoning;      //  YES: adaptive or enabled, NO: off
    br_tri_t show_reasoning; //  a summary or thoughts are wanted
    bool want_encrypted;     //  Responses: include reasoning.encrypted_content

    br_format_t format;
    br_text_t schema; //  of FORMAT_SCHEMA: JSON
    br_text_t schema_name;
    br_text_t schema_description;
    br_tri_t schema_strict;
    br_text_t verbosity;
    br_text_t modalities; //  JSON array

    br_tri_t store;
    br_text_t previous_id; //  of a response that it goes on from
    br_text_t user;        //  who the end user is
    br_text_t metadata;    //  JSON object
    br_text_t service_tier;
    br_text_t cache_key;
    bool want_usage;       //  Chat: stream_options.include_usage
    bool legacy_functions; //  Chat: functions instead of tools; the answer is so, too

    br_text_t echo;    //  Responses: the request's own bytes, for what the answer repeats
    br_loss_t *extras; //  members that are not in here, by the reader

    br_turn_t *last_turn; //  for br_call_add_turn alone
    br_tool_t *last_tool; //  for br_call_add_tool alone
} br_call_t;

//  An empty one. "caller destroys"
br_call_t *br_call_new (br_protocol_t protocol);
void br_call_destroy (br_call_t **self_p);

br_turn_t *br_call_add_turn (br_call_t *self, br_turn_role_t role);
br_tool_t *br_call_add_tool (br_call_t *self, br_tool_kind_t kind);
void br_call_add_extra (br_call_t *self, br_text_t field);

//  The tool whose name is this at a target of the protocol (br_tool_name), or NULL.
const br_tool_t *br_call_tool (const br_call_t *self, br_protocol_t protocol,
                               br_text_t wire_name);

//  Whether it asks how likely its tokens are: by the switch, or, where nothing is said of
//  that, by asking for others than those that came.
bool br_call_wants_logprobs (const br_call_t *self);

//  ---- forced choices (tool_choice.c)

//  How a target gets a tool.
typedef enum {
    BR_SENT_NOT,
    BR_SENT_FREE, //  the model may call it, but cannot be made to
    BR_SENT
} br_sent_t;

//  in:   writer, of the target's protocol
typedef br_sent_t (br_tool_sent_fn) (const void *writer, const br_tool_t *tool);

//  The tool that a choice calls by this name, or NULL.
const br_tool_t *br_call_chosen (const br_call_t *self, br_text_t name);

//  What is forced must be possible, or the meaning would change in silence.
//  ret:  NULL when the choice forces nothing, or a tool that can be forced; else why not,
//        for a refusal that names the field
const char *br_call_why_not_forced (const br_call_t *self, br_tool_sent_fn *fn,
                                    const void *writer);

//  "minimal" and so on; BR_EFFORT_UNSET for a word that is none.
br_effort_t br_effort_of (br_text_t word);
const char *br_effort_name (br_effort_t effort);

//  ---- what every protocol asks of a call before it writes it

//  Brings turns into the form that all targets want: turns of one role are merged,
//  results stand first in the turn behind their calls and carry the name of their tool; a
//  call without a result gets one when a later user turn exists; a result without a call
//  is dropped; ids that repeat are made different, calls and results alike. Losses are
//  noted.
void br_call_settle_turns (br_call_t *call, br_loss_t **losses);

//  Items of a provider's own tools inside of results become texts of their JSON, for
//  targets that do not know them; which is noted.
//  ret:  the same list when there are none; else "owned by arena"
br_block_t *br_call_spell_results (br_block_t *blocks, br_arena_t *arena,
                                   br_loss_t **losses);

//  ---- losses

#define BR_LOSSES_MAX 64      //  of a list; more are not kept
#define BR_LOSS_LINE_MAX 1024 //  bytes of a header's value

//  Each field is kept once.
void br_loss_add (br_loss_t **list, br_arena_t *arena, br_text_t field, bool changed);

//  "dropped top_k, changed temperature": the value of x-bitrouter-warnings. Each field
//  once; what would break a header line is left out. "" when there are none.
void br_loss_write (const br_loss_t *list, br_buf_t *out);

#endif
