//  Fuzzer of the check of request heads: any bytes, cut anywhere, are refused or give facts,
//  and nothing outside them is read.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/net/http_head_check.h"

#define PLACES 3 //  bytes that say where target and version lie

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    if (size < PLACES + 1)
        return 0;
    size_t target = bytes[0];
    size_t version = bytes[1];
    size -= PLACES;
    if (target >= size || version + 8 > size)
        return 0; //  the parser's pointers lie inside
    char *head = malloc (size);
    memcpy (head, bytes + PLACES, size);
    http_head_t parsed = { .bytes = head,
                           .size = size,
                           .target = head + target,
                           .target_size = bytes[2],
                           .target_is_clean = true,
                           .version = head + version };
    http_head_facts_t facts = { 0 };
    br_error_t error = { 0 };
    if (http_head_check (&parsed, &facts, &error))
        assert (error.code == BR_EINVALID && error.text[0]);
    else
        assert (!(facts.chunked && facts.has_length) && facts.cookie_bytes <= size);
    free (head);
    return 0;
}
