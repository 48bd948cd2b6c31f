//  conf_schema_limit: the rows of what bounds calls and of what keeps them alive: rates,
//  back-off, breaker, kept answers.

#include "broker/core/conf_rows.h"

#define RATE_MOST 1000000000u    //  requests or tokens a minute
#define CONCURRENCY_MOST 1000000 //  calls at the same time
#define ANSWERS_MOST 1000000     //  that a breaker looks at, count
#define SECOND 1000u             //  ms
#define HOUR (3600u * SECOND)
#define DAY (24u * HOUR)
#define PAUSE_MOST (300u * SECOND) //  between two attempts
#define WINDOW_LEAST 100           //  ms
#define OPEN_LEAST 10              //  ms
#define KEPT_LEAST SECOND          //  how long an answer is kept
#define KEPT_MOST (30u * DAY)
#define KEPT_BYTES_MOST (2048u << 20) //  of all kept answers
#define ANSWER_BYTES_MOST (64u << 20) //  of one

//  ---- rates

static const cyaml_schema_field_t s_rate_fields[] = {
    WHOLE_IN (br_conf_rate_t, requests_per_minute, 0, RATE_MOST),
    WHOLE_IN (br_conf_rate_t, tokens_per_minute, 0, RATE_MOST),
    WHOLE_IN (br_conf_rate_t, concurrency, 0, CONCURRENCY_MOST),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_rate_limit_fields[] = {
    NEED (br_conf_rate_limit_t, id),
    WHOLE_IN_AT ("requests_per_minute", br_conf_rate_limit_t, rate.requests_per_minute, 0,
                 RATE_MOST),
    WHOLE_IN_AT ("tokens_per_minute", br_conf_rate_limit_t, rate.tokens_per_minute, 0,
                 RATE_MOST),
    WHOLE_IN_AT ("concurrency", br_conf_rate_limit_t, rate.concurrency, 0,
                 CONCURRENCY_MOST),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_rate_limit_entry = ENTRY (br_conf_rate_limit_t,
                                                             s_rate_limit_fields);

const cyaml_schema_field_t br_conf_limits_fields[] = {
    PART (br_conf_limits_t, callers, s_rate_fields),
    LIST (br_conf_limits_t, models, br_conf_rate_limit_entry),
    CYAML_FIELD_END,
};

//  ---- care

const cyaml_schema_field_t br_conf_backoff_fields[] = {
    WHOLE_IN (br_conf_backoff_t, base_ms, 0, PAUSE_MOST),
    WHOLE_IN (br_conf_backoff_t, max_ms, 0, PAUSE_MOST),
    SECS_IN (br_conf_backoff_t, retry_after_max_secs, 0, HOUR),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t br_conf_breaker_fields[] = {
    WHOLE_IN (br_conf_breaker_t, failures, 0, ANSWERS_MOST),
    SECS_IN (br_conf_breaker_t, window_secs, WINDOW_LEAST, HOUR),
    WHOLE_IN (br_conf_breaker_t, window_min, 1, ANSWERS_MOST),
    WHOLE_IN (br_conf_breaker_t, error_percent, 0, 100),
    SECS_IN (br_conf_breaker_t, open_secs, OPEN_LEAST, HOUR),
    SECS_IN (br_conf_breaker_t, open_max_secs, OPEN_LEAST, DAY),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t br_conf_idempotency_fields[] = {
    SECS_IN (br_conf_idempotency_t, window_secs, KEPT_LEAST, KEPT_MOST),
    WHOLE_IN (br_conf_idempotency_t, bytes_max, 0, KEPT_BYTES_MOST),
    WHOLE_IN (br_conf_idempotency_t, answer_max, 0, ANSWER_BYTES_MOST),
    CYAML_FIELD_END,
};
