//  Fuzzer of the configuration: any bytes give a configuration or one line of error, and
//  what loads can be shown and sliced.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/conf.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static void
s_use (const br_conf_t *conf)
{
    free (br_conf_show (conf));
    free (br_conf_slice (conf, "ingress"));
    free (br_conf_slice (conf, "router"));
    free (br_conf_slice (conf, "meter"));
    free (br_conf_slice (conf, "breaker"));
    free (br_conf_slice (conf, "limits"));
    free (br_conf_slice (conf, "idempotency"));
    free (br_conf_slice (conf, "auth"));
    free (br_conf_slice (conf, "metrics"));
    const char *name = br_conf_slice_names (conf, 0);
    for (size_t i = 0; name; name = br_conf_slice_names (conf, ++i)) {
        char *slice = br_conf_slice (conf, name);
        assert (slice);
        free (slice);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    static const char *const s_environ[] = { "A=value", "XAI_API_KEY=key", "E=", NULL };
    br_error_t error = { BR_OK, "" };
    br_conf_t *conf = br_conf_parse ("fuzz.yaml", bytes, size, s_environ, &error);
    assert (conf || (error.code != BR_OK && *error.text && !strchr (error.text, '\n')));
    if (conf)
        s_use (conf);
    br_conf_destroy (&conf);
    return 0;
}
