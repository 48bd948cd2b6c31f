//  ledger_postgres: the kind of database "postgres", which the scheme postgresql means, too.
//  The address is what libpq takes: postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=require,
//  a Unix socket's folder as ?host=/run/postgresql.

#ifndef BR_LEDGER_POSTGRES_H
#define BR_LEDGER_POSTGRES_H

#include "broker/ledger/ledger_store.h"

//  Opening connects. A connection that broke is made anew by the next call.
extern const ledger_kind_t ledger_postgres;

#endif
