//  guard_parallel: the tool "multi_tool_use.parallel", which models know and which calls
//  others: {"tool_uses": [{"recipient_name": "functions.t", "parameters": {...}}]}. Each of
//  them is judged as a call of its own.

#ifndef BR_GUARD_PARALLEL_H
#define BR_GUARD_PARALLEL_H

#include "broker/core/text.h"
#include "broker/guard/guard_tools.h"

//  Whether a name is that tool's, in any spelling.
bool guard_parallel_is (const char *name);

//  Its arguments. Nothing is stripped in there: what would be is refused.
//  err:  BR_EGUARD "tool 't' is not allowed", "parameter 'p' denied on tool 't'", or they
//        cannot be read
int guard_parallel_judge (const guard_tools_t *tools, br_text_t args, br_error_t *reterr);

#endif
