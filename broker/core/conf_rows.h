//  conf_rows: short words for the rows of the schemas. For the conf_schema*.c files, and
//  for those that read a file of another kind.

#ifndef BR_CONF_ROWS_H
#define BR_CONF_ROWS_H

#include <stddef.h>

#include "broker/core/conf_schema.h"

#define ROW_OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

//  A string: as it is, a secret, a header's value, or any YAML as JSON.
#define ROW_LIKE(kind, type, member)                                                     \
    CYAML_FIELD_STRING_PTR (#member, ROW_OPTIONAL, type, member, 0, BR_CONF_LIKE_##kind)
#define TEXT(type, member) ROW_LIKE (TEXT, type, member)
#define SECRET(type, member) ROW_LIKE (SECRET, type, member)
#define FREE(type, member) ROW_LIKE (FREE, type, member)

//  A string that must be there; under a key of another name than the member.
#define NEED(type, member)                                                               \
    CYAML_FIELD_STRING_PTR (#member, CYAML_FLAG_POINTER, type, member, 0,                \
                            BR_CONF_LIKE_TEXT)
#define TEXT_AT(key, type, member)                                                       \
    CYAML_FIELD_STRING_PTR (key, ROW_OPTIONAL, type, member, 0, BR_CONF_LIKE_TEXT)

//  Whole numbers from 0, signed ones, any from 0, and yes or no.
#define WHOLE(type, member) CYAML_FIELD_UINT_PTR (#member, ROW_OPTIONAL, type, member)
#define SIGNED(type, member) CYAML_FIELD_INT_PTR (#member, ROW_OPTIONAL, type, member)
#define NUMBER(type, member) CYAML_FIELD_FLOAT_PTR (#member, ROW_OPTIONAL, type, member)
#define YESNO(type, member) CYAML_FIELD_BOOL_PTR (#member, ROW_OPTIONAL, type, member)

//  A whole number between two bounds; also under a key of another name than the member.
#define WHOLE_IN(row, member, least, most) WHOLE_IN_AT (#member, row, member, least, most)
#define WHOLE_IN_AT(name, row, member, least, most)                                      \
    {                                                                                    \
        .key = name, .data_offset = offsetof (row, member),                              \
        .value = {                                                                       \
            .type = CYAML_UINT,                                                          \
            .flags = (enum cyaml_flag) ROW_OPTIONAL,                                     \
            .data_size = sizeof *((row *) NULL)->member,                                 \
            .string = { .min = least, .max = most },                                     \
        },                                                                               \
    }

//  Seconds, with decimals, between two bounds in milliseconds.
#define SECS_IN(row, member, least_ms, most_ms)                                          \
    {                                                                                    \
        .key = #member, .data_offset = offsetof (row, member),                           \
        .value = {                                                                       \
            .type = CYAML_FLOAT,                                                         \
            .flags = (enum cyaml_flag) ROW_OPTIONAL,                                     \
            .data_size = sizeof *((row *) NULL)->member,                                 \
            .string = { .min = least_ms, .max = most_ms },                               \
        },                                                                               \
    }

//  An amount of USD, which is never floating point.
#define MONEY(row, member) MONEY_AT (#member, row, member)
#define MONEY_AT(name, row, member)                                                      \
    {                                                                                    \
        .key = name, .data_offset = offsetof (row, member),                              \
        .value = {                                                                       \
            .type = CYAML_INT,                                                           \
            .flags = (enum cyaml_flag) ROW_OPTIONAL,                                     \
            .data_size = sizeof *((row *) NULL)->member,                                 \
            .string = { .max = BR_CONF_LIKE_MONEY },                                     \
        },                                                                               \
    }

//  One word of a table.
#define WORD(type, member, words)                                                        \
    CYAML_FIELD_ENUM_PTR (#member, ROW_OPTIONAL | CYAML_FLAG_STRICT, type, member,       \
                          words, sizeof words / sizeof *words)

//  A section, and a list or map of entries.
#define PART(type, member, fields)                                                       \
    CYAML_FIELD_MAPPING_PTR (#member, ROW_OPTIONAL, type, member, fields)
#define LIST_AT(key, type, member, entry)                                                \
    CYAML_FIELD_SEQUENCE (key, ROW_OPTIONAL, type, member, &entry, 0, CYAML_UNLIMITED)
#define LIST(type, member, entry) LIST_AT (#member, type, member, entry)

//  The entry of a list: a struct with fields.
#define ENTRY(type, fields)                                                              \
    {                                                                                    \
        CYAML_VALUE_MAPPING (CYAML_FLAG_DEFAULT, type, fields)                           \
    }

#endif
