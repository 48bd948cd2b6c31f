//  guard_tools: which tools of which servers may be seen and called, and with which
//  arguments. It knows names and arguments alone, no protocol and no call.
//
//  It reads the member "tools" of a slice:
//
//      {"github-mcp": {"allow": ["get_*"], "deny": ["delete_repo"],
//                      "params": {"create_issue": {"allow": ["title", "body"],
//                                                  "deny": ["assignees"],
//                                                  "action": "strip"}}},
//       "*": {"deny": ["bash"]}}
//
//  A list that is absent allows or denies nothing special; deny wins. Names in lists may
//  hold '*' for any bytes. What several servers say of a tool holds together.
//
//  A list of allowed ones knows a tool by its exact spellings, a list of denied ones and
//  rules for arguments by all that may mean it (guard_spelling), and by the tool's name
//  alone, whoever has it, unless the list says "*" and no name. What may be a tool of a
//  server that has a list of allowed ones must be in it. A name that is exactly one of a
//  server's with rules is not taken for another one's.
//
//  Denied arguments are known in any case, with any marks between their words (guard_keys),
//  those that are allowed by their bytes alone.
//
//  "*" concerns every tool, by each of the parts of its name: in a list of allowed ones, one
//  part is enough; in a list of denied ones too. A name with more parts than
//  GUARD_SPELLING_PARTS_MAX is not allowed where there is any rule.

#ifndef BR_GUARD_TOOLS_H
#define BR_GUARD_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/buf.h"
#include "broker/core/error.h"

#define GUARD_TOOLS_ARGS_MAX 4096 //  members of arguments with rules; more are rejected

typedef struct _guard_tools_t guard_tools_t;

typedef enum {
    GUARD_ARGS_AS_IS,
    GUARD_ARGS_STRIPPED, //  some were taken out
    GUARD_ARGS_REJECTED
} guard_args_t;

//  in:   slice, of guard; without "tools" all may be seen
//  err:  BR_ECONFIG. "caller destroys"
guard_tools_t *guard_tools_new (const char *slice, br_error_t *reterr);
void guard_tools_destroy (guard_tools_t **self_p);

//  Whether there is any rule at all.
bool guard_tools_has_rules (const guard_tools_t *self);

//  Whether a tool may be offered and called. in: name, that of its server in front where it
//  is known: "SERVER/TOOL"
bool guard_tools_allows (const guard_tools_t *self, const char *name);

//  Whether a list of denied ones has it; lists of allowed ones do not count. One with too
//  many parts is in none.
bool guard_tools_denies (const guard_tools_t *self, const char *name);

//  Whether arguments of this tool have rules.
bool guard_tools_has_params (const guard_tools_t *self, const char *name);

//  ... of any tool at all.
bool guard_tools_has_any_params (const guard_tools_t *self);

//  Whether anything concerns tools of a server, of which only the name is known.
bool guard_tools_concern (const guard_tools_t *self, const char *server);

//  The arguments of one call, a JSON object; none at all are an empty one.
//  out:  when they are stripped, the rest of them, else nothing
//  err:  when they are rejected: BR_EGUARD "parameter 'p' denied on tool 't'", also for
//        arguments that have rules and are no JSON object; BR_ETOOBIG
guard_args_t guard_tools_args (const guard_tools_t *self, const char *name,
                               const void *bytes, size_t size, br_buf_t *out,
                               br_error_t *reterr);

#endif
