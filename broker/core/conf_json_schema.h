//  conf_json_schema: what bitrouter.yaml may say, as a JSON Schema for editors, made from
//  the rows of the schema and the other spellings of conf_dialect.

#ifndef BR_CONF_JSON_SCHEMA_H
#define BR_CONF_JSON_SCHEMA_H

//  A JSON Schema of draft 2020-12. It takes every file that conf_check takes without a
//  warning, and refuses unknown keys, wrong words, numbers out of their bounds, and values
//  of the wrong shape; what depends on several keys is for conf_check alone. "caller frees"
char *br_conf_json_schema (void);

#endif
