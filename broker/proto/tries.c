//  tries: the attempts of a call, as bytes of a message.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "broker/proto/tries.h"

#define NUMBERS 16      //  of an attempt
#define NUMBERS_MAX 352 //  bytes of them as text: twenty digits and a blank each

//  The numbers in the order on the wire.
static void
s_numbers (const br_try_t *row, uint64_t *ret_numbers)
{
    const br_usage_t *usage = &row->usage;
    const uint64_t numbers[NUMBERS] = {
        row->attempt,     row->outcome,          row->code,          row->status,
        row->after_us,    row->latency_us,       row->first_us,      usage->known,
        usage->input,     usage->cache_read,     usage->cache_write, usage->output,
        usage->reasoning, usage->cache_write_1h, usage->audio_input, usage->audio_output
    };
    memcpy (ret_numbers, numbers, sizeof numbers);
}

//  Each attempt is two pairs: provider and endpoint, model and its numbers.
int
br_tries_add (br_buf_t *buf, const br_try_t *row)
{
    uint64_t numbers[NUMBERS];
    s_numbers (row, numbers);
    char text[NUMBERS_MAX];
    int size = 0;
    for (size_t i = 0; i < NUMBERS; i++)
        size += snprintf (text + size, sizeof text - (size_t) size,
                          i ? " %" PRIu64 : "%" PRIu64, numbers[i]);
    size_t before = buf->size;
    int rc = br_pairs_add (buf, row->provider, row->endpoint);
    if (rc == 0)
        rc = br_pairs_add (buf, row->model, text);
    if (rc)
        buf->size = before;
    return rc;
}

//  Digits up to a blank or the end. -1 when there are none, or too many for the number.
static int
s_read_number (const char **cursor, uint64_t *ret_number)
{
    const char *at = *cursor;
    uint64_t number = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow (number, (uint64_t) 10, &number)
            || __builtin_add_overflow (number, (uint64_t) (*at - '0'), &number))
            return -1;
    if (at == *cursor)
        return -1;
    *cursor = at;
    *ret_number = number;
    return 0;
}

//  NUMBERS numbers with a blank between them.
static int
s_read_numbers (const char *text, uint64_t *ret_numbers)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        if (s_read_number (&text, &ret_numbers[i])
            || *text != (i + 1 < NUMBERS ? ' ' : 0))
            return -1;
        text++;
    }
    return 0;
}

static int
s_read_row (br_try_t *row, const char *text)
{
    uint64_t numbers[NUMBERS];
    if (s_read_numbers (text, numbers))
        return -1;
    for (size_t i = 0; i < 4; i++)
        if (numbers[i] > UINT32_MAX)
            return -1;
    row->attempt = (uint32_t) numbers[0];
    row->outcome = (unsigned) numbers[1];
    row->code = (unsigned) numbers[2];
    row->status = (unsigned) numbers[3];
    row->after_us = numbers[4];
    row->latency_us = numbers[5];
    row->first_us = numbers[6];
    row->usage = (br_usage_t) { .known = numbers[7] != 0,
                                .input = numbers[8],
                                .cache_read = numbers[9],
                                .cache_write = numbers[10],
                                .output = numbers[11],
                                .reasoning = numbers[12],
                                .cache_write_1h = numbers[13],
                                .audio_input = numbers[14],
                                .audio_output = numbers[15] };
    return 0;
}

int
br_tries_read (br_bytes_t bytes, br_try_t *ret_rows, int max)
{
    size_t cursor = 0;
    int count = 0;
    while (cursor < bytes.size && count < max) {
        br_try_t *row = &ret_rows[count++];
        const char *numbers;
        if (!br_pairs_next (bytes, &cursor, &row->provider, &row->endpoint)
            || !br_pairs_next (bytes, &cursor, &row->model, &numbers)
            || s_read_row (row, numbers))
            return -1;
    }
    return count;
}
