//  verbs: the tables of the message catalogue, made from br_verbs.def.

#include "broker/core/verbs.h"

#define R(role) BR_ROLE_BIT (BR_ROLE_##role)

static const char *const s_roles[BR_ROLE_COUNT] = {
#define BR_ROLE(id, name, about) [BR_ROLE_##id] = name,
#include "broker/core/br_roles.def"
#undef BR_ROLE
};

static const char *const s_outcomes[BR_OUTCOME_COUNT] = {
    [BR_OUTCOME_OK] = "ok",
    [BR_OUTCOME_FAILED] = "failed",
    [BR_OUTCOME_CANCELLED] = "cancelled",
    [BR_OUTCOME_LOST] = "lost",
};

//  All fields stand in one array, in the order of the file. START_x is where the fields of
//  verb x start in it; a verb takes no number of its own.
enum {
#define BR_VERB(id, verb_name, text, from, to, doc)                                      \
    START_##id, BEFORE_##id = START_##id - 1,
#define BR_FIELD(id, kind, field, doc) FIELD_##id##_##field,
#include "broker/core/br_verbs.def"
#undef BR_VERB
#undef BR_FIELD
    START_END
};

//  A field row names its verb by id; this gives the struct of an id.
#define BR_VERB(id, verb_name, text, from, to, doc)                                      \
    typedef struct br_##verb_name struct_##id;
#define BR_FIELD(id, kind, field, doc)
#include "broker/core/br_verbs.def"
#undef BR_VERB
#undef BR_FIELD

static const br_field_row_t s_fields[] = {
#define BR_VERB(id, verb_name, text, from, to, doc)
#define BR_FIELD(id, kind, field, doc)                                                   \
    { #field, doc, BR_TYPE_##kind, offsetof (struct_##id, field) },
#include "broker/core/br_verbs.def"
#undef BR_VERB
#undef BR_FIELD
};

static const int s_starts[BR_VERB_COUNT + 1] = {
#define BR_VERB(id, verb_name, text, from, to, doc) [BR_##id] = START_##id,
#define BR_FIELD(id, kind, field, doc)
#include "broker/core/br_verbs.def"
#undef BR_VERB
#undef BR_FIELD
    [BR_VERB_COUNT] = START_END
};

static const br_verb_row_t s_rows[BR_VERB_COUNT] = {
#define BR_VERB(id, verb_name, text, from, to, doc)                                      \
    [BR_##id] = { text, doc, from, to, sizeof (struct br_##verb_name) },
#define BR_FIELD(id, kind, field, doc)
#include "broker/core/br_verbs.def"
#undef BR_VERB
#undef BR_FIELD
};

const char *
br_role_name (br_role_t role)
{
    return (unsigned) role < BR_ROLE_COUNT ? s_roles[role] : "?";
}

const char *
br_outcome_name (unsigned outcome)
{
    return outcome < BR_OUTCOME_COUNT ? s_outcomes[outcome] : "?";
}

const br_verb_row_t *
br_verb_row (unsigned verb)
{
    return verb < BR_VERB_COUNT ? &s_rows[verb] : NULL;
}

const char *
br_verb_name (unsigned verb)
{
    return verb < BR_VERB_COUNT ? s_rows[verb].name : "?";
}

const br_field_row_t *
br_verb_fields (br_verb_t verb, size_t *ret_count)
{
    *ret_count = (size_t) (s_starts[verb + 1] - s_starts[verb]);
    return s_fields + s_starts[verb];
}

static bool
s_has (uint32_t roles, br_role_t role)
{
    return (roles & (BR_ROLE_BIT (role) | BR_ROLE_BIT (BR_ROLE_ANY))) != 0;
}

bool
br_verb_is_sent_by (unsigned verb, br_role_t role)
{
    return verb < BR_VERB_COUNT && s_has (s_rows[verb].senders, role);
}

bool
br_verb_is_handled_by (unsigned verb, br_role_t role)
{
    return verb < BR_VERB_COUNT && s_has (s_rows[verb].handlers, role);
}

bool
br_role_talks_to (br_role_t from, br_role_t to)
{
    for (unsigned verb = 0; verb < BR_VERB_COUNT; verb++)
        if ((s_rows[verb].senders & BR_ROLE_BIT (from))
            && (s_rows[verb].handlers & BR_ROLE_BIT (to)))
            return true;
    return false;
}
