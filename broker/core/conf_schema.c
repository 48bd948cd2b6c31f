//  conf_schema: the top level of bitrouter.yaml, the parts that its sections share, and
//  how the rows are read.

#include <assert.h>
#include <string.h>

#include "broker/core/conf.h"
#include "broker/core/conf_rows.h"

#define BODY_MOST (1u << 30)   //  bytes of a request's body
#define HEADER_LEAST 1024      //  bytes of a request's head: what any client sends
#define HEADER_MOST (1u << 20) //  the most of it
#define CALLS_MOST 65536       //  calls at the same time, as many as a router holds
#define RETRIES_MOST 10        //  of one endpoint, for one call
#define SECOND 1000u           //  ms
#define HOUR (3600u * SECOND)
#define DAY (24u * HOUR)

//  ---- shared parts

const cyaml_schema_value_t br_conf_text_entry = { CYAML_VALUE_STRING (
    CYAML_FLAG_POINTER, char, 0, BR_CONF_LIKE_TEXT) };
const cyaml_schema_value_t br_conf_number_entry = { CYAML_VALUE_UINT (CYAML_FLAG_DEFAULT,
                                                                      uint64_t) };

static const cyaml_schema_field_t s_pair_fields[] = {
    NEED (br_conf_pair_t, key),
    NEED (br_conf_pair_t, value),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_pair_entry = ENTRY (br_conf_pair_t, s_pair_fields);

static const cyaml_schema_field_t s_header_fields[] = {
    NEED (br_conf_pair_t, key),
    ROW_LIKE (HEADER, br_conf_pair_t, value),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_header_entry = ENTRY (br_conf_pair_t, s_header_fields);

static const cyaml_schema_field_t s_secret_fields[] = {
    NEED (br_conf_pair_t, key),
    SECRET (br_conf_pair_t, value),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_secret_entry = ENTRY (br_conf_pair_t, s_secret_fields);

static const cyaml_schema_field_t s_amount_fields[] = {
    NEED (br_conf_amount_t, key),
    {
        .key = "value",
        .data_offset = offsetof (br_conf_amount_t, value),
        .value = {
            .type = CYAML_INT,
            .flags = CYAML_FLAG_DEFAULT,
            .data_size = sizeof (int64_t),
            .string = { .max = BR_CONF_LIKE_MONEY },
        },
    },
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_amount_entry = ENTRY (br_conf_amount_t,
                                                         s_amount_fields);

//  ---- sections of a few lines

const cyaml_strval_t br_conf_log_level_words[] = {
    { "trace", 0 }, { "debug", 1 },   { "info", 2 },
    { "warn", 3 },  { "warning", 3 }, { "error", 4 },
};
const uint32_t br_conf_log_level_words_count = sizeof br_conf_log_level_words
                                               / sizeof *br_conf_log_level_words;

const cyaml_strval_t br_conf_log_format_words[] = { { "text", 0 }, { "json", 1 } };
const uint32_t br_conf_log_format_words_count = sizeof br_conf_log_format_words
                                                / sizeof *br_conf_log_format_words;

static const cyaml_schema_field_t s_control_fields[] = {
    TEXT (br_conf_control_t, socket),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_cors_fields[] = {
    LIST (br_conf_cors_t, origins, br_conf_text_entry),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_tls_fields[] = {
    TEXT (br_conf_tls_t, cert_file),
    TEXT (br_conf_tls_t, key_file),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_remote_fields[] = {
    TEXT (br_conf_remote_t, admin),
    TEXT (br_conf_remote_t, events),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t br_conf_server_fields[] = {
    LIST (br_conf_server_t, listen, br_conf_text_entry),
    LIST (br_conf_server_t, extra_listen, br_conf_text_entry),
    LIST (br_conf_server_t, hosts, br_conf_text_entry),
    WORD (br_conf_server_t, log_level, br_conf_log_level_words),
    WORD (br_conf_server_t, log_format, br_conf_log_format_words),
    PART (br_conf_server_t, control, s_control_fields),
    TEXT (br_conf_server_t, control_socket),
    YESNO (br_conf_server_t, skip_auth),
    YESNO (br_conf_server_t, require_auth),
    PART (br_conf_server_t, cors, s_cors_fields),
    WHOLE_IN (br_conf_server_t, body_max, 1, BODY_MOST),
    WHOLE_IN (br_conf_server_t, header_max, HEADER_LEAST, HEADER_MOST),
    PART (br_conf_server_t, tls, s_tls_fields),
    PART (br_conf_server_t, remote, s_remote_fields),
    WHOLE_IN (br_conf_server_t, calls_max, 1, CALLS_MOST),
    SECS_IN (br_conf_server_t, drain_secs, 0, DAY),
    SECS_IN (br_conf_server_t, drain_notice_secs, 0, HOUR),
    YESNO (br_conf_server_t, watch),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_database_fields[] = {
    ROW_LIKE (ADDRESS, br_conf_database_t, url),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_upstream_fields[] = {
    CYAML_FIELD_MAPPING_PTR ("timeouts", ROW_OPTIONAL, br_conf_upstream_t, link.timeouts,
                             br_conf_timeouts_fields),
    TEXT_AT ("proxy", br_conf_upstream_t, link.proxy),
    TEXT_AT ("no_proxy", br_conf_upstream_t, link.no_proxy),
    TEXT_AT ("ca_file", br_conf_upstream_t, link.ca_file),
    TEXT_AT ("client_cert", br_conf_upstream_t, link.client_cert),
    TEXT_AT ("client_key", br_conf_upstream_t, link.client_key),
    CYAML_FIELD_BOOL_PTR ("http2", ROW_OPTIONAL, br_conf_upstream_t, link.http2),
    WHOLE_IN (br_conf_upstream_t, attempts_max, 1, BR_CONF_ATTEMPTS_MAX),
    LIST (br_conf_upstream_t, fallback_backoff_ms, br_conf_number_entry),
    WHOLE_IN (br_conf_upstream_t, retries, 0, RETRIES_MOST),
    PART (br_conf_upstream_t, backoff, br_conf_backoff_fields),
    PART (br_conf_upstream_t, breaker, br_conf_breaker_fields),
    YESNO (br_conf_upstream_t, affinity),
    YESNO (br_conf_upstream_t, finish_unattended),
    SECS_IN (br_conf_upstream_t, timeout_cap_secs, 1, 7 * DAY),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_registry_fields[] = {
    YESNO (br_conf_registry_t, enabled),
    TEXT (br_conf_registry_t, url),
    LIST (br_conf_registry_t, provider_priority, br_conf_text_entry),
    CYAML_FIELD_END,
};

static const cyaml_strval_t s_policy_modes[] = { { "frozen", 0 }, { "adaptive", 1 } };

static const cyaml_schema_field_t s_policy_fields[] = {
    TEXT (br_conf_policy_t, path),
    WORD (br_conf_policy_t, mode, s_policy_modes),
    CYAML_FIELD_END,
};

//  ---- the whole

const cyaml_schema_field_t br_conf_root_fields[] = {
    PART (br_conf_root_t, server, br_conf_server_fields),
    PART (br_conf_root_t, database, s_database_fields),
    YESNO (br_conf_root_t, inherit_defaults),
    YESNO (br_conf_root_t, update_check),
    LIST (br_conf_root_t, providers, br_conf_provider_entry),
    LIST (br_conf_root_t, models, br_conf_route_entry),
    LIST (br_conf_root_t, tools, br_conf_tool_entry),
    PART (br_conf_root_t, guardrails, br_conf_guardrails_fields),
    PART (br_conf_root_t, wallet, br_conf_wallet_fields),
    PART (br_conf_root_t, mpp, br_conf_mpp_fields),
    TEXT (br_conf_root_t, solana_rpc_url),
    LIST (br_conf_root_t, routing, br_conf_rule_entry),
    LIST (br_conf_root_t, presets, br_conf_preset_entry),
    LIST (br_conf_root_t, variants, br_conf_preset_entry),
    PART (br_conf_root_t, upstream, s_upstream_fields),
    PART (br_conf_root_t, limits, br_conf_limits_fields),
    PART (br_conf_root_t, auth, br_conf_auth_rules_fields),
    PART (br_conf_root_t, telemetry, br_conf_telemetry_fields),
    PART (br_conf_root_t, request_log, br_conf_request_log_fields),
    PART (br_conf_root_t, idempotency, br_conf_idempotency_fields),
    YESNO (br_conf_root_t, receipts),
    PART (br_conf_root_t, registry, s_registry_fields),
    PART (br_conf_root_t, mcp, br_conf_mcp_fields),
    LIST (br_conf_root_t, mcp_servers, br_conf_server_row_entry),
    LIST (br_conf_root_t, agents, br_conf_server_row_entry),
    LIST (br_conf_root_t, a2a_agents, br_conf_a2a_agent_entry),
    PART (br_conf_root_t, policy, s_policy_fields),
    PART (br_conf_root_t, server_tools, br_conf_server_tools_fields),
    FREE (br_conf_root_t, mcp_groups),
    FREE (br_conf_root_t, plugins),
    FREE (br_conf_root_t, trajectory),
    FREE (br_conf_root_t, continuation),
    FREE (br_conf_root_t, eval),
    CYAML_FIELD_END,
};

const cyaml_schema_value_t br_conf_root_schema = { CYAML_VALUE_MAPPING (
    CYAML_FLAG_POINTER, br_conf_root_t, br_conf_root_fields) };

//  ---- how rows are read

const char *
br_conf_word (const cyaml_strval_t *words, uint32_t count, int64_t value)
{
    for (uint32_t i = 0; i < count; i++)
        if (words[i].val == value)
            return words[i].str;
    assert (!"a value without a word");
    return "";
}

//  The first field of a list of structs, or NULL.
static const cyaml_schema_field_t *
s_first_field (const cyaml_schema_value_t *schema)
{
    if (schema->type != CYAML_SEQUENCE || schema->sequence.entry->type != CYAML_MAPPING)
        return NULL;
    return schema->sequence.entry->mapping.fields;
}

bool
br_conf_schema_is_keyed (const cyaml_schema_value_t *schema)
{
    const cyaml_schema_field_t *first = s_first_field (schema);
    return first && strcmp (first->key, "id") == 0;
}

bool
br_conf_schema_is_pairs (const cyaml_schema_value_t *schema)
{
    const cyaml_schema_field_t *first = s_first_field (schema);
    return first && strcmp (first->key, "key") == 0;
}

bool
br_conf_schema_is_like (const cyaml_schema_value_t *schema, uint32_t like)
{
    return schema->type == CYAML_STRING && schema->string.max == like;
}

bool
br_conf_schema_is_money (const cyaml_schema_value_t *schema)
{
    return schema->type == CYAML_INT && schema->string.max == BR_CONF_LIKE_MONEY;
}

const cyaml_schema_field_t *
br_conf_schema_field (const cyaml_schema_field_t *fields, const char *key)
{
    for (const cyaml_schema_field_t *field = fields; field->key; field++)
        if (strcmp (field->key, key) == 0)
            return field;
    return NULL;
}
