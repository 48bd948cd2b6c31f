//  The tables in PostgreSQL have every column of a row; that they can be made is seen in
//  tests/ledger/test_databases.sh.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "broker/ledger/ledger_column.h"
#include "broker/ledger/ledger_postgres_schema.h"

//  What makes a table, from its name on; NULL for none.
static const char *
s_table (const char *name)
{
    char start[64];
    snprintf (start, sizeof start, "%s (", name);
    for (int i = 0; i < ledger_postgres_steps_count; i++) {
        const char *at = strstr (ledger_postgres_steps[i], start);
        if (at)
            return at;
    }
    return NULL;
}

static void
given_a_table_when_made_then_it_has_each_column_in_order (void **state)
{
    (void) state;
    const ledger_table_t *const tables[] = { &ledger_entries, &ledger_attempts };
    for (size_t i = 0; i < 2; i++) {
        const char *at = s_table (tables[i]->name);
        assert_non_null (at);
        for (size_t j = 0; j < tables[i]->columns_count; j++) {
            char column[64];
            snprintf (column, sizeof column, " %s ", tables[i]->columns[j].name);
            at = strstr (at, column);
            if (!at)
                fail_msg ("%s has no column%s", tables[i]->name, column);
        }
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_table_when_made_then_it_has_each_column_in_order),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
