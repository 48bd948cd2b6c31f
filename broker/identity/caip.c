//  caip: the letters that each part may have, and how many.

#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/caip.h"
#include "broker/identity/evm.h"
#include "broker/identity/solana.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static const struct {
    const char *letters;
    size_t min; //  bytes
    size_t max;
} s_parts[] = {
    { "-" LOWER DIGITS, 3, 8 },
    { "-_" LOWER UPPER DIGITS, 1, 32 },
    { "-.%" LOWER UPPER DIGITS, 1, 128 },
};

//  Behind so many parts and the colons between them, or NULL.
static const char *
s_skip (const char *text, size_t parts)
{
    for (size_t i = 0; i < parts; i++) {
        if (i > 0 && *text++ != ':')
            return NULL;
        size_t size = strspn (text, s_parts[i].letters);
        if (size < s_parts[i].min || size > s_parts[i].max)
            return NULL;
        text += size;
    }
    return text;
}

bool
br_caip2_is (const char *text)
{
    const char *end = s_skip (text, 2);
    return end && !*end;
}

bool
br_caip10_is (const char *text)
{
    const char *end = s_skip (text, 3);
    return end && !*end;
}

const char *
br_caip10_address (const char *text)
{
    return br_caip10_is (text) ? s_skip (text, 2) + 1 : NULL;
}

bool
br_caip_has_namespace (const char *text, const char *space)
{
    size_t size = strlen (space);
    return strncmp (text, space, size) == 0 && text[size] == ':';
}

int
br_caip10_canonical (const char *text, char **ret_text)
{
    const char *address = br_caip10_address (text);
    if (!address)
        return -1;
    uint8_t key[BR_SOLANA_KEY_BYTES];
    if (br_caip_has_namespace (text, "solana") && br_solana_key (address, key))
        return -1;
    if (!br_caip_has_namespace (text, "eip155")) {
        *ret_text = br_strdup (text);
        return 0;
    }
    uint8_t bytes[BR_EVM_ADDRESS_BYTES];
    if (br_evm_address_read (address, bytes))
        return -1;
    char letters[BR_EVM_ADDRESS_ROOM];
    br_evm_address_text (bytes, letters);
    *ret_text = br_strf ("%.*s%s", (int) (address - text), text, letters);
    return 0;
}
