//  ledger_remote: what the databases on other machines have in common: their bounds, and how
//  they complain.

#ifndef BR_LEDGER_REMOTE_H
#define BR_LEDGER_REMOTE_H

#include <stdint.h>

#include "broker/core/error.h"

#define LEDGER_CONNECT_S 5             //  for a connection, seconds
#define LEDGER_STATEMENT_S 30          //  for one statement, seconds
#define LEDGER_REMOTE_ROWS 1000        //  of one statement, at the most
#define LEDGER_REMOTE_BYTES (4u << 20) //  of one statement, about
#define LEDGER_SQL_MAX (1u << 20)      //  bytes of a statement's text

//  BR_ESYSTEM: what was attempted, and what the database says to it: on one line, in which
//  the password, should it be there, is not. password may be NULL. Returns -1.
int ledger_remote_fail (br_error_t *reterr, const char *what, const char *reason,
                        const char *password);

//  What becomes of a version of the tables, when ours is `known`: 1 they are to be brought
//  up to date, 0 they are, -1 with BR_ECONFIG when they are newer.
int ledger_remote_version (int64_t version, int known, br_error_t *reterr);

#endif
