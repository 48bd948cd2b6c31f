//  table: columns of text for a terminal, as wide as they must be.

#ifndef BR_CLI_TABLE_H
#define BR_CLI_TABLE_H

#include <stdio.h>

typedef struct _cli_table_t cli_table_t;

//  heads: names of the columns, NULL ends them; borrowed while the table lives.
//  "caller destroys"
cli_table_t *cli_table_new (const char *const *heads);
void cli_table_destroy (cli_table_t **self_p);

//  Adds the next cell, from left to right and line by line. A copy is taken, in which
//  control characters are replaced; NULL is empty.
void cli_table_add (cli_table_t *self, const char *text);
void cli_table_addf (cli_table_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

//  The heads and all lines; nothing at all without a line.
void cli_table_print (const cli_table_t *self, FILE *file);

//  A copy of a text without control characters, which a terminal would obey: strangers
//  choose the names of routes and models. "caller frees"
char *cli_table_clean (const char *text);

//  Prints one line on stdout, without control characters, and with an end of line.
void cli_table_line (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

#endif
