//  Fuzzer of what travels with a call that is over, and of amounts: attempts that can be read
//  are the same when they are written and read again, whose call it is never points outside
//  of its bytes, an amount that is read is printed and read as the same.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/money.h"
#include "broker/core/pairs.h"
#include "broker/proto/attribution.h"
#include "broker/proto/tries.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static void
s_try_tries (br_bytes_t bytes)
{
    br_try_t rows[BR_TRIES_MAX];
    br_try_t again[BR_TRIES_MAX];
    int count = br_tries_read (bytes, rows, BR_TRIES_MAX);
    br_buf_t buf;
    br_buf_init (&buf, 1 << 20);
    for (int i = 0; i < count; i++)
        assert (br_tries_add (&buf, &rows[i]) == 0 || buf.overflow);
    if (count > 0 && !buf.overflow) {
        br_bytes_t copy = { buf.data, buf.size };
        assert (br_tries_read (copy, again, BR_TRIES_MAX) == count);
        assert (strcmp (again[count - 1].model, rows[count - 1].model) == 0);
        assert (again[count - 1].usage.output == rows[count - 1].usage.output);
    }
    br_buf_free (&buf);
}

static void
s_try_attribution (br_bytes_t bytes)
{
    br_attribution_t who;
    br_attribution_read (&who, bytes);
    br_buf_t buf;
    br_buf_init (&buf, BR_ATTRIBUTION_MAX);
    assert (br_attribution_write (&who, &buf) == 0);
    br_attribution_t again;
    br_attribution_read (&again, (br_bytes_t) { buf.data, buf.size });
    assert (strncmp (again.step, who.step, strlen (again.step)) == 0);
    assert (again.sampled == who.sampled);
    br_buf_free (&buf);
}

static void
s_try_money (const uint8_t *bytes, size_t size)
{
    char *text = malloc (size + 1);
    memcpy (text, bytes, size);
    text[size] = 0;
    int64_t nusd;
    if (br_money_parse (text, &nusd) == 0) {
        char printed[BR_MONEY_TEXT_MAX];
        int64_t again = -1;
        assert (nusd >= 0 && nusd <= BR_MONEY_USD_MAX * BR_MONEY_NUSD_PER_USD);
        br_money_print (nusd, printed);
        assert (br_money_parse (printed, &again) == 0 && again == nusd);
    }
    free (text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    br_bytes_t all = { bytes, size };
    s_try_tries (all);
    s_try_attribution (all);
    s_try_money (bytes, size);
    return 0;
}
