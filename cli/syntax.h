//  syntax: the options and arguments of a command, read from the words in which its help
//  tells them; there is no second table.

#ifndef BR_CLI_SYNTAX_H
#define BR_CLI_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#define CLI_SYNTAX_NAME_BYTES 48 //  of an option or the word for a value, with its end

typedef struct _cli_option_t {
    char name[CLI_SYNTAX_NAME_BYTES];  //  "--provider" or "-g"
    char value[CLI_SYNTAX_NAME_BYTES]; //  "NAME", the word for its value; "" for none
} cli_option_t;

//  The next option in a text like "[--count N] [NAME...]", or in lines of help like
//  "  --count N  end after N events"; *at goes on behind it. False at the end.
//  in:   *at may be NULL
bool cli_syntax_next (const char **at, cli_option_t *ret_option);

#endif
