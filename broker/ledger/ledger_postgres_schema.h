//  ledger_postgres_schema: the tables of a ledger in PostgreSQL.

#ifndef BR_LEDGER_POSTGRES_SCHEMA_H
#define BR_LEDGER_POSTGRES_SCHEMA_H

//  Steps from one version of the tables to the next; count is the version that we know.
extern const char *const ledger_postgres_steps[];
extern const int ledger_postgres_steps_count;

#endif
