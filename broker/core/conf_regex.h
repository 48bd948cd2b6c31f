//  conf_regex: whether a regular expression of the configuration can be used. It is checked
//  when the configuration is read, and compiled again by who looks for it.
//
//  Regexes run on bytes. "$" is the end of the text alone. "\Z", "\G" and verbs as (*COMMIT)
//  are errors: what they say depends on where a search began, or on what comes behind a
//  text's end, and a text comes in pieces.

#ifndef BR_CONF_REGEX_H
#define BR_CONF_REGEX_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

#define BR_CONF_REGEX_MAX 16384      //  bytes of one
#define BR_CONF_COMPILED_MAX 1048576 //  bytes of one, compiled, without machine code
#define BR_CONF_BEHIND_MAX 512       //  bytes that a lookbehind may look at

//  in:   regex, pcre2's syntax, over bytes
//  err:  BR_ECONFIG: what is wrong with it, and at which offset (bytes, from 0)
int br_conf_regex_check (const char *regex, br_error_t *reterr);

//  in:   options, pcre2's, beside those that all have: PCRE2_CASELESS, PCRE2_ANCHORED
//  ret:  NULL = as above. "caller frees with pcre2_code_free"
pcre2_code *br_conf_regex_compile (const char *regex, uint32_t options,
                                   br_error_t *reterr);

#endif
