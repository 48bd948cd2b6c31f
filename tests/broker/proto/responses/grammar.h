//  grammar: whether a stream of OpenAI Responses is one. For tests: it knows nothing of
//  the writer, and reads JSON by another library.

#ifndef BR_TEST_RESPONSES_GRAMMAR_H
#define BR_TEST_RESPONSES_GRAMMAR_H

#include <stddef.h>

//  Checks the bytes of a whole stream, strictly: each event has a name and the next
//  sequence number; the stream begins with created and in_progress; items are added and
//  done one after the other, with one id each, their parts likewise; pieces add up to
//  what ends them; one event ends it all, and its output is what was streamed. After
//  response.failed an item may be left open.
//  in:   room, bytes of why
//  ret:  0, or -1; why tells the event and what is wrong with it
int responses_grammar_check (const char *sse, size_t size, char *why, size_t room);

#endif
