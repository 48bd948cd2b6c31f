//  ledger_mysql_schema: the tables of a ledger in MariaDB and MySQL.

#ifndef BR_LEDGER_MYSQL_SCHEMA_H
#define BR_LEDGER_MYSQL_SCHEMA_H

//  Statements that make the tables; each has a number of its own, and may be repeated: there
//  are no transactions around them. The count is the version that we know.
extern const char *const ledger_mysql_steps[];
extern const int ledger_mysql_steps_count;

#endif
