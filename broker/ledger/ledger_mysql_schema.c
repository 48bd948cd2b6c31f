//  ledger_mysql_schema: the tables of a ledger in MariaDB and MySQL.
//
//  A step is never changed once it was released: what is to be different becomes a new
//  step at the end. Texts are compared byte by byte, and may be long.

#include "broker/ledger/ledger_mysql_schema.h"

#define TEXT " MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,"
#define NUMBER " BIGINT NOT NULL,"
#define FLAG " TINYINT NOT NULL,"

const char *const ledger_mysql_steps[] = {
    //  1: one row for each call that is over. Names end with their unit; nusd: nano-USD,
    //  NULL = unknown.
    "CREATE TABLE IF NOT EXISTS bitrouter_entries ("
    " seq BIGINT NOT NULL PRIMARY KEY,"
    " call_id BINARY(16) NOT NULL,"
    " is_lost" FLAG " request_id" TEXT " route" TEXT " provider" TEXT " model" TEXT
    " account" TEXT " key_id" TEXT " session" TEXT " run" TEXT " agent" TEXT " step" TEXT
    " trace" TEXT " surface" TEXT " outcome" TEXT " error_type" TEXT " status" NUMBER
    " stream" FLAG " attempts" NUMBER " usage_known" FLAG " input_tokens" NUMBER
    " cache_read_tokens" NUMBER " cache_write_tokens" NUMBER " output_tokens" NUMBER
    " reasoning_tokens" NUMBER " cache_write_1h_tokens" NUMBER
    " audio_input_tokens" NUMBER " audio_output_tokens" NUMBER " cost_nusd BIGINT NULL,"
    " operator_nusd BIGINT NULL,"
    " price_version" TEXT " started_ms" NUMBER " latency_us" NUMBER " first_us" NUMBER
    " elsewhere_us" NUMBER " settled_ms" NUMBER " hash BINARY(32) NOT NULL,"
    " UNIQUE KEY bitrouter_entries_call (call_id, is_lost),"
    " KEY bitrouter_entries_settled (settled_ms),"
    " KEY bitrouter_entries_account (account(128), settled_ms),"
    " KEY bitrouter_entries_run (run(128), settled_ms)"
    ") ENGINE=InnoDB",
    //  2: its attempts.
    "CREATE TABLE IF NOT EXISTS bitrouter_attempts ("
    " seq" NUMBER " place" NUMBER " attempt" NUMBER " provider" TEXT " endpoint" TEXT
    " model" TEXT " outcome" NUMBER " code" NUMBER " status" NUMBER " after_us" NUMBER
    " latency_us" NUMBER " first_us" NUMBER " usage_known" FLAG " input_tokens" NUMBER
    " cache_read_tokens" NUMBER " cache_write_tokens" NUMBER " output_tokens" NUMBER
    " reasoning_tokens" NUMBER " cache_write_1h_tokens" NUMBER
    " audio_input_tokens" NUMBER " audio_output_tokens" NUMBER
    " PRIMARY KEY (seq, place),"
    " FOREIGN KEY (seq) REFERENCES bitrouter_entries (seq)"
    ") ENGINE=InnoDB",
};

const int ledger_mysql_steps_count = (int) (sizeof ledger_mysql_steps
                                            / sizeof *ledger_mysql_steps);
