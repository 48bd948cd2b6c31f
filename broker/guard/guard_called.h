//  guard_called: one call of a tool in an answer. Its names are judged as they come. Arguments
//  that no rule concerns pass; those of a tool that has rules for them are collected until
//  the last bracket is there, judged as a whole, and given in one.
//
//  A call without a name is treated as if all rules concerned it, and is refused when its
//  arguments are there.

#ifndef BR_GUARD_CALLED_H
#define BR_GUARD_CALLED_H

#include <stdint.h>

#include "broker/core/text.h"
#include "broker/guard/guard_tools.h"

#define GUARD_CALLED_NAME_MAX 1024 //  bytes of a name; a longer one is refused
#define GUARD_CALLED_NAMES_MAX 8   //  names of one call; more are refused

typedef struct _guard_called_t guard_called_t;

//  in:   number, the caller's own. "caller destroys"
guard_called_t *guard_called_new (const guard_tools_t *tools, uint64_t number);
void guard_called_destroy (guard_called_t **self_p);

uint64_t guard_called_number (const guard_called_t *self);

//  Whether any rule concerns its arguments.
bool guard_called_is_ruled (const guard_called_t *self);

//  It takes the place of another one with its number: what that has let pass counts for it.
//  err:  BR_EGUARD arguments of the other one are not complete
int guard_called_follow (guard_called_t *self, const guard_called_t *other,
                         br_error_t *reterr);

//  in:   id, made of the one that the client is told, 0 = none; is_whole, it has a name and
//        all arguments, and nothing need come behind
void guard_called_tell (guard_called_t *self, uint64_t id, bool is_whole);

//  Whether it was told with this id.
bool guard_called_has_id (const guard_called_t *self, uint64_t id);

//  Whether what comes with an id is another call for most clients, as this one is whole.
bool guard_called_is_other (const guard_called_t *self, uint64_t id);

//  It comes behind another one with its number, and there are clients that make one call of
//  both. Where most would not (the id is new, or both are whole), the name of both together
//  counts for what is denied alone. in: self, told, without a name
//  err:  BR_EGUARD arguments of the other one are not complete
int guard_called_join (guard_called_t *self, const guard_called_t *before,
                       br_error_t *reterr);

//  Arguments of it passed without a look.
void guard_called_pass (guard_called_t *self);

//  A name, or whose tool it is, JSON strings as they stand. in: is_piece, clients put it
//  behind the name before; one that is the same says nothing. is_space, clients may pass
//  over whose it is: then what is denied or restricted of the name alone counts too.
//  err:  BR_EGUARD it cannot be read, or is said to be two servers'
int guard_called_name (guard_called_t *self, br_text_t value, bool is_piece,
                       br_error_t *reterr);
int guard_called_server (guard_called_t *self, br_text_t value, bool is_space,
                         br_error_t *reterr);

//  What kind of call it is, a JSON string: some of those without a name say it by that.
int guard_called_type (guard_called_t *self, br_text_t value, br_error_t *reterr);

//  A name in our words.
int guard_called_say (guard_called_t *self, const char *name, br_error_t *reterr);

//  Whether it may be called, by all that is known.
//  err:  BR_EGUARD "tool 't' is not allowed", or arguments passed before their rules were
//        known
int guard_called_judge (const guard_called_t *self, br_error_t *reterr);

//  Arguments that are whole; as guard_tools_args.
guard_args_t guard_called_args (const guard_called_t *self, br_text_t text, br_buf_t *out,
                                br_error_t *reterr);

//  Arguments in Google's pieces, an array of {"jsonPath": "$.key...", ...}; 0 or -1. None is
//  stripped: a call whose pieces would be is refused.
int guard_called_paths (const guard_called_t *self, br_text_t array, br_error_t *reterr);

//  A piece of arguments, a JSON string as it stands.
//  out:  value, appended, what is to stand in its place, when it is not the same
//  ret:  1 = see value, 0 = it stays, -1 = it is refused
//  err:  BR_EGUARD, as guard_tools_args
int guard_called_push (guard_called_t *self, br_text_t piece, br_buf_t *value,
                       br_error_t *reterr);

//  Bytes that were taken and not given.
size_t guard_called_held (const guard_called_t *self);

//  There is no more of it. err: BR_EGUARD arguments with rules are not complete
int guard_called_end (const guard_called_t *self, br_error_t *reterr);

#endif
