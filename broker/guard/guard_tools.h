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
//  hold '*' for any bytes. A tool belongs to a server when clients write it as
//  mcp__SERVER__TOOL, SERVER__TOOL, SERVER/TOOL or SERVER.TOOL; where the server's name
//  holds what tool names may not, clients write '_'. "*" concerns every tool, by its whole
//  name and by each part of it behind such a separator: in a list of allowed ones, one part
//  is enough; in a list of denied ones too. What several of these say holds together.

#ifndef BR_GUARD_TOOLS_H
#define BR_GUARD_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/buf.h"
#include "broker/core/error.h"

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

//  Whether a tool may be offered and called.
bool guard_tools_allows (const guard_tools_t *self, const char *name);

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
