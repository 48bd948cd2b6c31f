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

//  Bytes of the character of UTF-8 that begins here, without a control of C1, which some
//  terminals obey as they do an escape; 0 when it is none.
static size_t
s_character (const char *text)
{
    const unsigned char *at = (const unsigned char *) text;
    size_t size = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
    if (*at > 0xf4 || (*at == 0xc2 && at[1] < 0xa0))
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

char *
cli_table_clean (const char *text)
{
    char *clean = br_strdup (text ? text : "");
    for (char *at = clean; *at;) {
        size_t size = (unsigned char) *at < ' ' || *at == 0x7f ? 0 : s_character (at);
        if (size == 0)
            *at = '?';
        at += size ? size : 1;
    }
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

//  One line, without blanks at its end.
static void
s_print_line (const size_t *widths, FILE *file, const char *const *cells, size_t count)
{
    while (count && !*cells[count - 1])
        count--;
    for (size_t i = 0; i < count; i++) {
        fputs (cells[i], file);
        if (i + 1 < count)
            fprintf (file, "%*s", (int) (widths[i] - s_width (cells[i])) + GAP, "");
    }
    fputc ('\n', file);
}

void
cli_table_print (const cli_table_t *self, FILE *file)
{
    if (self->cells_size == 0)
        return;
    size_t *widths = br_alloc (self->columns, sizeof *widths);
    for (size_t i = 0; i < self->columns; i++)
        widths[i] = s_column_width (self, i);
    s_print_line (widths, file, self->heads, self->columns);
    for (size_t i = 0; i < self->cells_size; i += self->columns) {
        size_t left = self->cells_size - i;
        s_print_line (widths, file, (const char *const *) self->cells + i,
                      left < self->columns ? left : self->columns);
    }
    free (widths);
}

void
cli_table_line (const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start (args, format);
    int size = vasprintf (&text, format, args);
    va_end (args);
    char *clean = size < 0 ? NULL : cli_table_clean (text);
    puts (clean ? clean : "");
    free (clean);
    if (size >= 0)
        free (text);
}
