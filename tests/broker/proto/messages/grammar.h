//  grammar: checks a stream of Anthropic Messages against its grammar, strictly, as the
//  strictest of its clients would: what we write has to pass, what others write need not.

#ifndef BR_TEST_MESSAGES_GRAMMAR_H
#define BR_TEST_MESSAGES_GRAMMAR_H

#include <stddef.h>

//  in:   sse, the whole body of the answer
//  ret:  0, or -1 and the reason in why, of room bytes
int messages_grammar_check (const char *sse, size_t size, char *why, size_t room);

#endif
