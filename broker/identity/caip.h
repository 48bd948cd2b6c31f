//  caip: names of chains (CAIP-2, "eip155:8453") and of accounts on them (CAIP-10,
//  "eip155:8453:0x...").
//  src:  chainagnostic.org

#ifndef BR_CAIP_H
#define BR_CAIP_H

#include <stdbool.h>
#include <stddef.h>

#define BR_CAIP2_ROOM 42   //  bytes of a chain with its end
#define BR_CAIP10_ROOM 171 //  bytes of an account with its end

#define BR_CHAIN_SOLANA "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"
#define BR_CHAIN_BASE "eip155:8453"
#define BR_CHAIN_TEMPO "eip155:4217"

bool br_caip2_is (const char *text);
bool br_caip10_is (const char *text);

//  Where the address of an account begins, behind the second colon; NULL when the text is no
//  account. The chain is what stands before that colon.
const char *br_caip10_address (const char *text);

//  Whether an account is of a namespace, "solana" or "eip155".
bool br_caip_has_namespace (const char *text, const char *space);

//  Makes one of an account as others may have written it: of eip155 the address gets its
//  EIP-55 letters. 0, or -1 when the text is no account, or an address of solana or eip155
//  is none. "caller frees *ret_text"
int br_caip10_canonical (const char *text, char **ret_text);

#endif
