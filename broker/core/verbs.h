//  verbs: the message catalogue, made from br_verbs.def: numbers, field structs, tables.

#ifndef BR_VERBS_H
#define BR_VERBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

//  ---- what fields are made of

typedef struct _br_addr_t {
    uint32_t host;  //  number of the host; 0 = nowhere
    uint32_t life;  //  incarnation of the host
    uint32_t actor; //  number of the actor in it; 0 = the host itself
} br_addr_t;

typedef struct _br_bytes_t {
    const uint8_t *data; //  borrowed
    size_t size;         //  bytes
} br_bytes_t;

typedef uint64_t br_wire_num;
typedef const char *br_wire_text;
typedef br_bytes_t br_wire_bytes;
typedef br_addr_t br_wire_addr;

typedef enum {
    BR_TYPE_num,
    BR_TYPE_text,
    BR_TYPE_bytes,
    BR_TYPE_addr
} br_type_t;

//  ---- roles

typedef enum {
#define BR_ROLE(id, name, about) BR_ROLE_##id,
#include "broker/core/br_roles.def"
#undef BR_ROLE
    BR_ROLE_COUNT
} br_role_t;

const char *br_role_name (br_role_t role);

//  ---- verbs

typedef enum {
#define BR_VERB(id, name, text, senders, handlers, about) BR_##id,
#define BR_FIELD(id, type, name, about)
#include "broker/core/br_verbs.def"
#undef BR_VERB
#undef BR_FIELD
    BR_VERB_COUNT
} br_verb_t;

//  struct br_call_open and so on, one for each verb
// clang-format off
struct _br_verbs_begin {
    char none;
#define BR_VERB(id, name, text, senders, handlers, about) \
};                        \
struct br_##name { \
    char none;
#define BR_FIELD(id, type, name, about) br_wire_##type name;
#include "broker/core/br_verbs.def"
#undef BR_VERB
#undef BR_FIELD
};
// clang-format on

typedef struct _br_field_row_t {
    const char *name;
    const char *about;
    br_type_t type;
    size_t offset; //  in the verb's struct
} br_field_row_t;

typedef struct _br_verb_row_t {
    const char *name; //  "call.open"
    const char *about;
    uint32_t senders;  //  bits of roles
    uint32_t handlers; //  bits of roles
    size_t size;       //  of the struct, bytes
} br_verb_row_t;

#define BR_ROLE_BIT(role) (1u << (role))

//  NULL when verb is none.
const br_verb_row_t *br_verb_row (unsigned verb);
const char *br_verb_name (unsigned verb); //  "?" when it is none

//  The fields of a verb in the order on the wire. verb < BR_VERB_COUNT.
const br_field_row_t *br_verb_fields (br_verb_t verb, size_t *ret_count);

bool br_verb_is_sent_by (unsigned verb, br_role_t role);
bool br_verb_is_handled_by (unsigned verb, br_role_t role);

//  Whether an actor of role `from` sends anything that one of role `to` handles.
bool br_role_talks_to (br_role_t from, br_role_t to);

//  ---- how a call ended

typedef enum {
    BR_OUTCOME_OK,
    BR_OUTCOME_FAILED,
    BR_OUTCOME_CANCELLED,
    BR_OUTCOME_LOST,
    BR_OUTCOME_COUNT
} br_outcome_t;

const char *br_outcome_name (unsigned outcome);

//  What a credential is good for.
typedef enum {
    BR_SCOPE_API,
    BR_SCOPE_ADMIN
} br_scope_t;

//  Whose spending a budget bounds: that of one credential, or that of its account.
typedef enum {
    BR_BUDGET_SESSION,
    BR_BUDGET_ACCOUNT
} br_budget_scope_t;

//  Over what: all there ever was (of a session: since its credential was issued), so many
//  calls that ended well, or so many seconds up to now.
typedef enum {
    BR_BUDGET_ALL,
    BR_BUDGET_ROUNDS,
    BR_BUDGET_DURATION
} br_budget_range_t;

#endif
