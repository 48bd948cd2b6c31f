//  upstream_retry: what a provider says of another try: when, and whether at all. Pure
//  functions over its response headers (broker/core/pairs.h), which know no failure's
//  consequences but their rows.

#ifndef BR_UPSTREAM_RETRY_H
#define BR_UPSTREAM_RETRY_H

#include "broker/core/failure.h"
#include "broker/core/pairs.h"

#define UPSTREAM_RETRY_MAX_MS 86400000u //  whatever it says

//  All of these: milliseconds, rounded up, at most UPSTREAM_RETRY_MAX_MS; 0 = it does not
//  say. unix_ms is the wall clock.

//  retry-after-ms, or retry-after: seconds, or a date.
uint64_t upstream_retry_after_ms (br_bytes_t headers, uint64_t unix_ms);

//  When the limits that have nothing left are full again: the longest of anthropic-
//  ratelimit-*-reset and x-ratelimit-reset-*.
uint64_t upstream_retry_reset_ms (br_bytes_t headers, uint64_t unix_ms);

//  "34.4s", "6m0s", "250ms", "1h2m": of a header, and of Google's RetryInfo.
uint64_t upstream_retry_duration_ms (const char *text);

//  The failure, now that x-should-retry is heard.
br_failure_t upstream_retry_advise (br_bytes_t headers, br_failure_t failure);

#endif
