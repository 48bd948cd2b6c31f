//  guard_offer: one tool that a request offers, or that it demands: whether it may be seen.

#ifndef BR_GUARD_OFFER_H
#define BR_GUARD_OFFER_H

#include "broker/core/json_iter.h"
#include "broker/guard/guard_tools.h"

#define GUARD_OFFER_NAME_MAX 1024 //  bytes of a tool's name; a longer one is not offered

//  An element of a list of tools: an object with a name, with a "function" that has one,
//  with a server, or with a type alone. What is none of these may be seen: it offers nothing.
//  in:   value, JSON, already checked in its depth
bool guard_offer_is_allowed (const guard_tools_t *tools, const uint8_t *value,
                             size_t size);

//  An element of a list of servers that the provider calls itself.
bool guard_offer_is_server_allowed (const guard_tools_t *tools, const uint8_t *value,
                                    size_t size);

//  A JSON string that is a tool's name.
bool guard_offer_is_name_allowed (const guard_tools_t *tools, const uint8_t *value,
                                  size_t size);

//  What the request demands of the model: tool_choice, function_call, toolConfig. Every tool
//  that it names must be one that may be seen.
bool guard_offer_is_choice_allowed (const guard_tools_t *tools, const uint8_t *value,
                                    size_t size);

#endif
