//  unseal_parts: what the walks of unseal share, one for each protocol, and nobody else uses.

#ifndef BR_UNSEAL_PARTS_H
#define BR_UNSEAL_PARTS_H

#include "broker/core/json_tree.h"
#include "broker/proto/call.h"
#include "broker/proto/field.h"
#include "broker/proto/splice.h"

//  What becomes of a value.
typedef enum {
    UNSEAL_KEEP,
    UNSEAL_CUT
} unseal_fate_t;

//  What a message of the assistant's is, for Anthropic.
typedef struct _unseal_said_t {
    bool begun;  //  it has a block
    bool thinks; //  the first one is of thinking
    bool cut;    //  it had more thinking
    bool result; //  a tool's result is in it
} unseal_said_t;

typedef struct _unseal_t {
    const json_tree_t *tree;
    const br_target_t *target;
    br_arena_t *arena;
    br_splice_t *splice;
    br_loss_t *losses;
    unseal_said_t said;        //  Messages: the message under way
    unseal_said_t first, last; //  Messages: of the turn that results go back to
    unsigned messages;         //  Messages: of the assistant's in that turn
    bool goes_on;              //  Messages: the one before was the assistant's
    const json_node_t *part;   //  Google: under way
    bool called;               //  Google: the content has a call already
    bool cut;                  //  Google: the part has lost its signature; Chat: the
                               //  message all of its details
    unsigned depth;            //  Chat: of what a call holds
    const json_node_t *call;   //  Chat: under way
    br_opaque_t *moved;        //  Chat: blobs that stood at calls, for reasoning_details
} unseal_t;

typedef unseal_fate_t (unseal_value_fn) (unseal_t *self, const json_node_t *value);

//  ---- the walks, from the root of a body

void unseal_messages (unseal_t *self, const json_node_t *root); //  unseal_messages.c
void unseal_google (unseal_t *self, const json_node_t *root);   //  unseal_google.c
void unseal_chat (unseal_t *self, const json_node_t *root);     //  unseal_chat.c

//  ---- changes

//  Offsets of a value, with its key, and of the byte behind it.
size_t unseal_start (const json_node_t *value);
size_t unseal_end (const json_node_t *value);

//  Another value stands in its place: JSON in the arena or for good, or a text.
void unseal_put_raw (unseal_t *self, const json_node_t *value, br_text_t json);
void unseal_put (unseal_t *self, const json_node_t *value, br_text_t text);

//  Asks for each item or member, and cuts those of that fate. CUT when all of them are.
unseal_fate_t unseal_each (unseal_t *self, const json_node_t *list, unseal_value_fn *fn);

//  Notes that the target does not get it.
void unseal_lose (unseal_t *self, const json_node_t *value);
void unseal_lose_field (unseal_t *self, br_field_t field);

//  ---- what is found

//  Whether a value is an envelope, be it a damaged one, which counts as one that holds
//  nothing (BR_FAMILY_NONE). Of the plain family is what was there for the client's sake.
bool unseal_is_sealed (const unseal_t *self, const json_node_t *value,
                       br_opaque_t *ret_opaque);

bool unseal_type_is (const unseal_t *self, const json_node_t *value, const char *type);

//  A member that is there, and is no empty string or list.
bool unseal_is_given (const unseal_t *self, const json_node_t *object, const char *key);

//  What becomes of a thought's signature that the target cannot read.
unseal_fate_t unseal_without_thought (unseal_t *self, const json_node_t *slot,
                                      const br_opaque_t *opaque, bool is_first_call);

#endif
