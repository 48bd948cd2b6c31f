//  table: columns of text for a terminal.

#include <stdarg.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "cli/table.h"

#define GAP 2 //  blanks between columns

struct _cli_table_t {
    const char *const *heads; //  borrowed
    size_t columns;           //  count
    char **cells;             //  owned; line by line
    size_t cells_size;        //  count
};

char *
cli_table_clean (const char *text)
{
    char *clean = br_strdup (text ? text : "");
    for (char *at = clean; *at; at++)
        if ((unsigned char) *at < ' ' || *at == 0x7f)
            *at = '?';
    return clean;
}

//  Characters of UTF-8, each taken as one column wide.
static size_t
s_width (const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += (*text & 0xc0) != 0x80;
    return width;
}

cli_table_t *
cli_table_new (const char *const *heads)
{
    cli_table_t *self = BR_NEW (cli_table_t);
    self->heads = heads;
    while (heads[self->columns])
        self->columns++;
    return self;
}

void
cli_table_destroy (cli_table_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    cli_table_t *self = *self_p;
    for (size_t i = 0; i < self->cells_size; i++)
        free (self->cells[i]);
    free (self->cells);
    free (self);
    *self_p = NULL;
}

void
cli_table_add (cli_table_t *self, const char *text)
{
    self->cells = br_realloc (self->cells, (self->cells_size + 1) * sizeof *self->cells);
    self->cells[self->cells_size++] = cli_table_clean (text);
}

void
cli_table_addf (cli_table_t *self, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    cli_table_add (self, text);
}

static size_t
s_column_width (const cli_table_t *self, size_t column)
{
    size_t width = s_width (self->heads[column]);
    for (size_t i = column; i < self->cells_size; i += self->columns)
        if (s_width (self->cells[i]) > width)
            width = s_width (self->cells[i]);
    return width;
}

//  One line; the last column is not filled with blanks.
static void
s_print_line (const cli_table_t *self, FILE *file, const char *const *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fputs (cells[i], file);
        if (i + 1 < count) {
            size_t blanks = s_column_width (self, i) - s_width (cells[i]) + GAP;
            fprintf (file, "%*s", (int) blanks, "");
        }
    }
    fputc ('\n', file);
}

void
cli_table_print (const cli_table_t *self, FILE *file)
{
    if (self->cells_size == 0)
        return;
    s_print_line (self, file, self->heads, self->columns);
    for (size_t i = 0; i < self->cells_size; i += self->columns) {
        size_t left = self->cells_size - i;
        s_print_line (self, file, (const char *const *) self->cells + i,
                      left < self->columns ? left : self->columns);
    }
}
