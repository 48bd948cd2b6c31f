//  conf_default: what holds where the configuration is silent: for the slices, and for
//  numbers that may not contradict each other.

#ifndef BR_CONF_DEFAULT_H
#define BR_CONF_DEFAULT_H

#define BR_CONF_CALLS_MAX 16384 //  at the same time, count
#define BR_CONF_DRAIN_SECS 30
#define BR_CONF_DRAIN_NOTICE_SECS 0
#define BR_CONF_TIMEOUT_CAP_SECS 3600

#define BR_CONF_ATTEMPTS 8 //  of one call, count
#define BR_CONF_RETRIES 2  //  of one endpoint, count
#define BR_CONF_BACKOFF_BASE_MS 250
#define BR_CONF_BACKOFF_MAX_MS 8000
#define BR_CONF_RETRY_AFTER_MAX_SECS 10

#define BR_CONF_BREAKER_FAILURES 5 //  in a row
#define BR_CONF_BREAKER_WINDOW_SECS 30
#define BR_CONF_BREAKER_WINDOW_MIN 20 //  answers, count
#define BR_CONF_BREAKER_ERROR_PERCENT 50
#define BR_CONF_BREAKER_OPEN_SECS 15
#define BR_CONF_BREAKER_OPEN_MAX_SECS 300

#define BR_CONF_BUDGET_WAIT_SECS 30

#define BR_CONF_LABELS_MAX 200 //  of one kind, count
#define BR_CONF_OTLP_ENDPOINT "http://127.0.0.1:4318"
#define BR_CONF_OTLP_INTERVAL_SECS 10

#define BR_CONF_REQUEST_LOG "requests.jsonl" //  in the folder of logs
#define BR_CONF_REQUEST_LOG_MB 100           //  of one file
#define BR_CONF_REQUEST_LOG_KEEP 7           //  older files, count

#define BR_CONF_IDEM_WINDOW_SECS 86400
#define BR_CONF_IDEM_BYTES_MAX 67108864 //  of all answers
#define BR_CONF_IDEM_ANSWER_MAX 4194304 //  of one, bytes

#endif
