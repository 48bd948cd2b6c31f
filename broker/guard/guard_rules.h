//  guard_rules: everything that is looked for, compiled once: families of patterns, the
//  user's own, what is done about each, and values that are never a finding. They do not
//  change, but keep what was made while texts were looked at (a part of the automaton of
//  hints, machine code of regexes): so they belong to one thread, with all texts that borrow
//  them.
//
//  A slice of the configuration:
//
//      {"families": [{"id": "api_keys", "about": "API keys from common providers",
//                     "direction": "upgoing",
//                     "patterns": [{"name": "aws_access_key", "regex": "...",
//                                   "hints": ["AKIA"], "lead": 0, "reach": 64,
//                                   "check": "entropy:3.0", "caseless": false}]}],
//       "custom": [{"name": "internal_token", "regex": "myapp_[A-Za-z0-9]{32}"}],
//       "sets": [{"keys": [..], "routes": [..], "providers": [..],
//                 "upgoing": {"api_keys": "redact"}, "downgoing": {..},
//                 "custom_upgoing": {"internal_token": "block"}, "custom_downgoing": {},
//                 "fail": {"api_keys": "open"}}],
//       "allow": ["AKIAIOSFODNN7EXAMPLE"],
//       "block_message": {"include_details": true, "include_help_link": true}}
//
//  Actions stand there as they are in the end: a family that no set names is off. Whoever
//  makes the slice knows defaults, disabled patterns and directions.
//
//  hints: each match of the regex has one of them in it (byte for byte; caseless patterns:
//  ASCII letters of either case), which starts at the most `lead` bytes behind the match's
//  start; the regex is tried there alone. In a hint "\d" is a digit, "\w" a letter, digit or
//  '_', "\\" a backslash. No hints: the regex is tried everywhere. reach: bytes of the longest
//  match; 0 = not bounded. check: what a match must pass besides (guard_check.h).

#ifndef BR_GUARD_RULES_H
#define BR_GUARD_RULES_H

#include "broker/core/buf.h"
#include "broker/guard/guard_scope.h"

#define GUARD_PATTERNS_MAX 512   //  of one configuration
#define GUARD_MATCH_LIMIT 100000 //  pcre2's match limit of one try
#define GUARD_WORK_MAX                                                                   \
    20000000 //  match limits of a pattern's long tries in one text, summed
#define GUARD_HOLD_MAX 16384 //  bytes of a text that a pattern holds back undecided
#define GUARD_HOLD_MS 2000   //  ... and how long in a stream, when it fails open

typedef struct _guard_rules_t guard_rules_t;

//  "caller destroys". err: BR_ECONFIG names the pattern and what is wrong with it
guard_rules_t *guard_rules_new (const char *slice, br_error_t *reterr);
void guard_rules_destroy (guard_rules_t **self_p);

//  Whether anything of these sets does at least so much in that direction.
bool guard_rules_has (const guard_rules_t *self, guard_sets_t sets,
                      guard_direction_t direction, guard_action_t least);

//  ---- a pattern by its number, 0 and up; texts are "owned by self"

size_t guard_rules_count (const guard_rules_t *self);
const char *guard_rules_name (const guard_rules_t *self,
                              unsigned pattern); //  "aws_access_key"
const char *guard_rules_family (const guard_rules_t *self,
                                unsigned pattern); //  "api_keys"

//  As messages name it: "API keys from common providers", "custom pattern 'internal_token'".
const char *guard_rules_about (const guard_rules_t *self, unsigned pattern);

guard_action_t guard_rules_action (const guard_rules_t *self, guard_sets_t sets,
                                   guard_direction_t direction, unsigned pattern);

//  Whether a text goes on though the pattern could not be tried to its end: open. Without a
//  word in the sets, warn is open, redact and block are closed.
bool guard_rules_fails_open (const guard_rules_t *self, guard_sets_t sets,
                             guard_direction_t direction, unsigned pattern);

//  The message of a block: "guardrail blocked WHERE content: A, B. For more information, see
//  ...", as far as block_message wants it. abouts: count texts, each once.
void guard_rules_message (const guard_rules_t *self, const char *where,
                          const char *const *abouts, size_t count, br_buf_t *out);

#endif
