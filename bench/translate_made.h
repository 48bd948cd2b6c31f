//  translate_made: what the measurement of translations reads: one conversation, one answer
//  and streams, of recorded texts, in the form of each protocol.

#ifndef TRANSLATE_MADE_H
#define TRANSLATE_MADE_H

#include "broker/core/buf.h"
#include "broker/proto/translate.h"

#define MADE_PROTOCOLS (BR_PROTOCOL_GOOGLE + 1)
#define MADE_BYTES_MAX (16u << 20)
#define MADE_DELTAS 2000 //  of a stream

//  Texts of recorded requests and answers, one behind the other, with at least so many
//  bytes, unescaped. 0, or -1 when the folder has none.
int made_texts (const char *corpus, size_t bytes, br_buf_t *out);

//  Who is asked where a protocol is the provider's.
br_target_t made_target (br_protocol_t protocol);

//  A request that the protocol's client sends, and whose answer may be awaited from
//  target. "caller destroys"
br_translate_t *made_asked (br_protocol_t client, const br_buf_t *request, bool stream,
                            const br_target_t *target);

//  The small request of a client.
void made_small (br_protocol_t client, bool stream, br_buf_t *out);

//  Each adds what the protocol's client sends, or its provider answers.
void made_request (br_protocol_t protocol, const br_buf_t *texts, size_t bytes,
                   br_buf_t *out);
void made_answer (br_protocol_t protocol, const br_buf_t *texts, size_t bytes,
                  br_buf_t *out);
void made_stream (br_protocol_t protocol, const br_buf_t *texts, bool args,
                  br_buf_t *out);

#endif
