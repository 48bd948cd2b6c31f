//  cargo: what a request body carries: how much text, and which media. A look over the
//  bytes, not a parse: it is meant for the order of candidates and for limits, where being
//  wrong now and then costs nothing but a detour.

#ifndef BR_CARGO_H
#define BR_CARGO_H

#include <stddef.h>
#include <stdint.h>

#include "broker/proto/protocol.h"

#define BR_CARGO_RUNS_MAX 65536 //  texts that are looked at; the rest counts as text
#define BR_CARGO_MEDIA_MIN 1024 //  bytes of a text that may be media in base64

typedef struct _br_cargo_t {
    uint64_t input_tokens; //  estimate: a token for each 4 bytes, without media in base64
    unsigned media;        //  BR_NEED_IMAGES, _AUDIO and _FILES, see candidates.h
} br_cargo_t;

//  Looks over a JSON body of this protocol. Other bytes are nothing but bytes.
br_cargo_t br_cargo_read (br_protocol_t wire, const void *body, size_t size);

//  The estimate alone, of a body too small to hold media worth the look.
uint64_t br_cargo_tokens (size_t size);

#endif
