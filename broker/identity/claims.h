//  claims: what a token says, as JSON, with the long names of claims or the short ones.
//
//      long          short  type
//      iss                  CAIP-10
//      chain                CAIP-2 of iss
//      iat, exp             seconds
//      id, jti              text
//      scope         scp    "admin" | "api", or "adm"
//      models        mdl    list of globs
//      tools         tls    list of globs
//      budget        bgt    micro-USD
//      budget_scope  bsc    "session" | "account", or "ses" | "act"
//      budget_range  brg    {"type":"rounds","count":N} | {"type":"duration","seconds":N}

#ifndef BR_CLAIMS_H
#define BR_CLAIMS_H

#include "broker/identity/jwt.h"

//  Reads claims strictly: a claim given twice, by one name or by both, is refused; so is one
//  of another type, a restriction that is not known here, and an issuer of another namespace
//  than solana and eip155. Claims that mean nothing here are let pass.
//  "caller destroys"
//  err:  BR_EAUTH with the reason
br_claims_t *br_claims_read (const char *json, size_t size, br_error_t *reterr);

//  The claims as a token has them, long names. "caller frees"
//  err:  BR_EINVALID when the budget is no whole micro-USD
char *br_claims_text (const br_claims_t *self, br_error_t *reterr);

#endif
