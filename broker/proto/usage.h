//  usage: what a call used, in one normal form for all protocols. Parts lie inside of their
//  totals: cached tokens count as input, reasoning counts as output.

#ifndef BR_USAGE_H
#define BR_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/json_writer.h"
#include "broker/proto/protocol.h"

typedef struct _br_usage_t {
    bool known;              //  the provider told; else all is 0, or an estimate
    uint64_t input;          //  tokens, all of them
    uint64_t cache_read;     //  tokens of input that were read from a cache
    uint64_t cache_write;    //  tokens of input that were written to a cache
    uint64_t output;         //  tokens, all of them
    uint64_t reasoning;      //  tokens of output that were reasoning
    uint64_t cache_write_1h; //  tokens of cache_write that are kept for an hour
    uint64_t audio_input;    //  tokens of input that were sound
    uint64_t audio_output;   //  tokens of output that were sound
    bool open;               //  known of the beginning only: what was said comes later
} br_usage_t;

//  Tokens of input that no cache had a part in.
uint64_t br_usage_input_uncached (const br_usage_t *self);

//  Tokens of output that were not reasoning.
uint64_t br_usage_output_text (const br_usage_t *self);

//  Reads a provider's usage object. Members that are absent or null count 0; parts that are
//  greater than their total are cut down to it.
//  ret:  0, or -1 when the bytes are no object, or hold no count of input and output, or
//        nothing but zeros, which some say who do not know; *ret_usage is written on
//        success only
int br_usage_read (br_protocol_t protocol, const void *bytes, size_t size,
                   br_usage_t *ret_usage);

//  Reads a piece of a Messages stream's usage over what earlier pieces said: counts that it
//  holds replace, all others stay. It is not known while all of them are 0. Whether it is
//  open is for the caller to say.
//  ret:  0, or -1 when the bytes are no object; then nothing changed
int br_usage_merge (br_usage_t *self, const void *bytes, size_t size);

//  Writes the protocol's usage object as a member; an element when key is NULL. What is not
//  known is written as zeros.
void br_usage_write (const br_usage_t *self, br_protocol_t protocol, const char *key,
                     json_writer_t *writer);

#endif
