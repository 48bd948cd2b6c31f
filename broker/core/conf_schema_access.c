//  conf_schema_access: the rows of who may call and of what is told about calls: "auth",
//  "telemetry" and "request_log".

#include "broker/core/conf_rows.h"

#define SECOND 1000u //  ms
#define HOUR (3600u * SECOND)
#define INTERVAL_LEAST 100  //  ms
#define LABELS_MOST 10000   //  of one kind, count
#define LOG_MB_MOST 1000000 //  of one file
#define LOG_KEEP_MOST 1000  //  older files, count

//  ---- auth

const cyaml_strval_t br_conf_unpriced_words[] = {
    { "refuse", BR_CONF_UNPRICED_REFUSE },
    { "allow", BR_CONF_UNPRICED_ALLOW },
};
const uint32_t br_conf_unpriced_words_count = sizeof br_conf_unpriced_words
                                              / sizeof *br_conf_unpriced_words;

const cyaml_schema_field_t br_conf_auth_rules_fields[] = {
    LIST (br_conf_auth_rules_t, trusted_issuers, br_conf_text_entry),
    WORD (br_conf_auth_rules_t, unpriced, br_conf_unpriced_words),
    SECS_IN (br_conf_auth_rules_t, budget_wait_secs, 0, HOUR),
    CYAML_FIELD_END,
};

//  ---- telemetry

static const cyaml_schema_field_t s_otlp_fields[] = {
    ROW_LIKE (ADDRESS, br_conf_otlp_t, endpoint),
    LIST (br_conf_otlp_t, headers, br_conf_secret_entry),
    SECS_IN (br_conf_otlp_t, interval_secs, INTERVAL_LEAST, HOUR),
    YESNO (br_conf_otlp_t, traces),
    YESNO (br_conf_otlp_t, metrics),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t br_conf_telemetry_fields[] = {
    WHOLE_IN (br_conf_telemetry_t, labels_max, 1, LABELS_MOST),
    PART (br_conf_telemetry_t, otlp, s_otlp_fields),
    CYAML_FIELD_END,
};

//  ---- request_log

static const cyaml_strval_t s_bodies_words[] = { { "false", 0 }, { "none", 0 } };

const cyaml_schema_field_t br_conf_request_log_fields[] = {
    YESNO (br_conf_request_log_t, enabled),
    TEXT (br_conf_request_log_t, path),
    WORD (br_conf_request_log_t, bodies, s_bodies_words),
    WHOLE_IN (br_conf_request_log_t, max_mb, 1, LOG_MB_MOST),
    WHOLE_IN (br_conf_request_log_t, keep, 0, LOG_KEEP_MOST),
    CYAML_FIELD_END,
};
