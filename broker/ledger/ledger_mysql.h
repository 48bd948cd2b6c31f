//  ledger_mysql: the kind of database "mysql": MariaDB from 10.2, MySQL from 8. The address is
//  described in ledger_mysql_url.h.

#ifndef BR_LEDGER_MYSQL_H
#define BR_LEDGER_MYSQL_H

#include "broker/ledger/ledger_store.h"

//  Opening connects. A connection that broke is made anew by the next call.
extern const ledger_kind_t ledger_mysql;

#endif
