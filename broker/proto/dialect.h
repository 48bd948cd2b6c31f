//  dialect: how one provider's model differs from its protocol's book, as rows of data. A
//  target is a protocol and the dialect of the model that is asked.

#ifndef BR_DIALECT_H
#define BR_DIALECT_H

#include <stdint.h>

#include "broker/core/text.h"
#include "broker/proto/block.h"
#include "broker/proto/protocol.h"

//  Which ids of calls it takes.
typedef enum {
    BR_IDS_ANY,       //  up to 64 characters
    BR_IDS_WORD,      //  [a-zA-Z0-9_-]+, up to 64: Anthropic
    BR_IDS_NINE,      //  [A-Za-z0-9]{9}: Mistral
    BR_IDS_FUNCTIONS, //  functions.NAME:N: Kimi
    BR_IDS_OMIT       //  none are sent, results match by order: Google before 3
} br_ids_t;

//  How reasoning of earlier turns goes back.
typedef enum {
    BR_REPLAY_NONE,     //  it is left out
    BR_REPLAY_CONTENT,  //  reasoning_content of turns that call tools
    BR_REPLAY_PLAIN,    //  the same, but only what came without a blob of another family
    BR_REPLAY_REQUIRED, //  the same, and "" where there is none: DeepSeek, Kimi
    BR_REPLAY_DETAILS   //  reasoning_details: OpenRouter
} br_replay_t;

typedef enum {
    BR_THINKING_NONE,
    BR_THINKING_EFFORT,   //  reasoning_effort, reasoning.effort
    BR_THINKING_BUDGET,   //  thinking enabled with budget_tokens; thinkingBudget
    BR_THINKING_ADAPTIVE, //  thinking adaptive with output_config.effort
    BR_THINKING_LEVEL,    //  thinkingLevel
    BR_THINKING_SWITCH,   //  thinking {type: enabled | disabled}
    BR_THINKING_ENABLE    //  enable_thinking true | false: Qwen
} br_thinking_t;

typedef struct _br_dialect_t {
    const char *provider; //  globs of the provider's name: "mistral", "zai|z-ai"; "*"
    const char *model;    //  globs of the provider's name of the model: "o3|o3-*"
    const char *source;   //  one line: where this is known from
    br_ids_t ids;
    br_replay_t replay;
    br_thinking_t thinking;
    br_family_t family;     //  whose opaque blobs it reads
    bool max_completion;    //  Chat: max_completion_tokens, not max_tokens
    bool developer;         //  Chat, Responses: role developer, not system
    bool no_stream_options; //  Chat: refuses stream_options
    bool no_sampling;       //  refuses temperature, top_p, top_k, penalties
    bool no_prefill;        //  refuses a last turn of the assistant
    bool takes_top_k;       //  Chat: knows top_k
    bool takes_cache_marks; //  Chat: knows cache_control on parts
    bool cache_points;      //  Chat: knows prompt_cache_breakpoint on parts
    bool choice_any;        //  Chat: tool_choice "any", not "required": Mistral
    bool random_seed;       //  Chat: seed is called random_seed: Mistral
    bool no_forced_choice;  //  refuses required and named choices while thinking
    bool json_schema;       //  Google: takes parametersJsonSchema and responseJsonSchema
    bool signatures;        //  Google: wants a thoughtSignature on each call of a turn
    bool structured;        //  Messages: takes output_config.format
    uint32_t max_output;    //  Messages: what max_tokens is when nobody says; 0 = 8192
} br_dialect_t;

//  The row of a provider's model for a protocol: the first that fits; always one.
const br_dialect_t *br_dialect_of (br_protocol_t protocol, const char *provider,
                                   const char *model);

//  Whether a name fits globs as those of a row; a vendor in front of it may be there or not.
bool br_dialect_fits (const char *globs, const char *name);

//  Who is asked.
typedef struct _br_target_t {
    br_protocol_t protocol;
    const char *provider; //  borrowed
    const char *model;    //  the provider's name of it; borrowed
    const br_dialect_t *dialect;
    uint32_t max_output; //  tokens that the catalogue says; 0 = unknown
} br_target_t;

//  ---- ids and names of tools: pure functions, so that the same comes out in every request

//  The id as the dialect wants it; place: number of the call in the whole request, from 0.
br_text_t br_tool_id (br_text_t id, br_text_t name, unsigned place,
                      const br_dialect_t *dialect, br_arena_t *arena);

//  A name as the protocol wants it: characters that it refuses become "_"; cut or changed
//  names end with a hash. The same text comes back when it is fine as it is.
br_text_t br_tool_name (br_text_t name, br_protocol_t protocol, br_arena_t *arena);

//  ---- what tools take

//  A schema of parameters as OpenAI takes it: an object that tells its properties, even if
//  there are none. The same text comes back when it is fine as it is.
//  in:   schema, JSON as received; absent or no object when there are no parameters
br_text_t br_tool_schema (br_text_t schema, br_arena_t *arena);

#endif
