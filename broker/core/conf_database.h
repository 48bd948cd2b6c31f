//  conf_database: the address of the database.

#ifndef BR_CONF_DATABASE_H
#define BR_CONF_DATABASE_H

#include "broker/core/error.h"

//  The address as the meter gets it: the default file of a home for NULL, and a relative
//  SQLite path made absolute by it. "caller frees"
//  err:  BR_ECONFIG for a scheme other than sqlite, postgres, postgresql and mysql; the
//        text holds nothing of the address
char *br_conf_database_url (const char *url, const char *home, br_error_t *reterr);

//  The address for people: its passwords, in the user part and in the query, are masked.
//  "caller frees"
char *br_conf_database_masked (const char *url);

#endif
