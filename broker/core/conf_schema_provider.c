//  conf_schema_provider: the rows of providers and of their catalogues.

#include "broker/core/conf_rows.h"

#define PORT_MOST 65535

const cyaml_strval_t br_conf_protocol_words[] = {
    { "chat_completions", BR_CONF_CHAT },
    { "responses", BR_CONF_RESPONSES },
    { "messages", BR_CONF_MESSAGES },
    { "generate_content", BR_CONF_GENERATE },
    { "completions", BR_CONF_COMPLETIONS },
    { "echo", BR_CONF_ECHO },
    { "mcp", BR_CONF_MCP },
    { "rest", BR_CONF_REST },
    { "openai", BR_CONF_CHAT },
    { "openai_chat", BR_CONF_CHAT },
    { "anthropic", BR_CONF_MESSAGES },
    { "google", BR_CONF_GENERATE },
};
const uint32_t br_conf_protocol_words_count = sizeof br_conf_protocol_words
                                              / sizeof *br_conf_protocol_words;

const cyaml_strval_t br_conf_auth_words[] = {
    { "bearer", BR_CONF_AUTH_BEARER },     { "header", BR_CONF_AUTH_HEADER },
    { "custom", BR_CONF_AUTH_CUSTOM },     { "mpp", BR_CONF_AUTH_MPP },
    { "x402", BR_CONF_AUTH_X402 },         { "none", BR_CONF_AUTH_NONE },
    { "wallet", BR_CONF_AUTH_WALLET },     { "oauth", BR_CONF_AUTH_OAUTH },
    { "protocol", BR_CONF_AUTH_PROTOCOL },
};
const uint32_t br_conf_auth_words_count = sizeof br_conf_auth_words
                                          / sizeof *br_conf_auth_words;

const cyaml_strval_t br_conf_modality_words[] = {
    { "text", 0 }, { "image", 1 }, { "audio", 2 }, { "video", 3 }, { "file", 4 },
};
const uint32_t br_conf_modality_words_count = sizeof br_conf_modality_words
                                              / sizeof *br_conf_modality_words;

static const cyaml_schema_value_t s_modality_entry = { CYAML_VALUE_ENUM (
    CYAML_FLAG_STRICT, int, br_conf_modality_words,
    sizeof br_conf_modality_words / sizeof *br_conf_modality_words) };

static const cyaml_schema_field_t s_match_fields[] = {
    NEED (br_conf_match_t, glob),
    CYAML_FIELD_ENUM ("protocol", CYAML_FLAG_STRICT, br_conf_match_t, protocol,
                      br_conf_protocol_words,
                      sizeof br_conf_protocol_words / sizeof *br_conf_protocol_words),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_match_entry = ENTRY (br_conf_match_t, s_match_fields);

const cyaml_schema_field_t br_conf_timeouts_fields[] = {
    NUMBER (br_conf_timeouts_t, connect_secs),
    NUMBER (br_conf_timeouts_t, first_byte_secs),
    NUMBER (br_conf_timeouts_t, read_secs),
    NUMBER (br_conf_timeouts_t, idle_secs),
    NUMBER (br_conf_timeouts_t, total_secs),
    NUMBER (br_conf_timeouts_t, pool_idle_secs),
    NUMBER (br_conf_timeouts_t, tcp_keepalive_secs),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_input_price_fields[] = {
    MONEY (br_conf_input_price_t, no_cache),
    MONEY (br_conf_input_price_t, cache_read),
    MONEY (br_conf_input_price_t, cache_write),
    MONEY (br_conf_input_price_t, cache_write_1h),
    MONEY (br_conf_input_price_t, audio),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_output_price_fields[] = {
    MONEY (br_conf_output_price_t, text),
    MONEY (br_conf_output_price_t, reasoning),
    MONEY (br_conf_output_price_t, audio),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t br_conf_tier_fields[] = {
    CYAML_FIELD_UINT ("above_input_tokens", CYAML_FLAG_DEFAULT, br_conf_tier_t,
                      above_input_tokens),
    PART (br_conf_tier_t, input_tokens, s_input_price_fields),
    PART (br_conf_tier_t, output_tokens, s_output_price_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_tier_entry = ENTRY (br_conf_tier_t,
                                                        br_conf_tier_fields);

const cyaml_schema_field_t br_conf_pricing_fields[] = {
    PART (br_conf_pricing_t, input_tokens, s_input_price_fields),
    PART (br_conf_pricing_t, output_tokens, s_output_price_fields),
    LIST (br_conf_pricing_t, context_tiers, s_tier_entry),
    CYAML_FIELD_END,
};

//  The rows of br_conf_about_t, inside of a struct that has one as "about".
#define ABOUT(type)                                                                      \
    TEXT_AT ("name", type, about.name),                                                  \
        TEXT_AT ("description", type, about.description),                                \
        CYAML_FIELD_UINT_PTR ("max_input_tokens", ROW_OPTIONAL, type,                    \
                              about.max_input_tokens),                                   \
        CYAML_FIELD_UINT_PTR ("max_output_tokens", ROW_OPTIONAL, type,                   \
                              about.max_output_tokens),                                  \
        LIST_AT ("input_modalities", type, about.input_modalities, s_modality_entry),    \
        LIST_AT ("output_modalities", type, about.output_modalities, s_modality_entry),  \
        CYAML_FIELD_MAPPING_PTR ("pricing", ROW_OPTIONAL, type, about.pricing,           \
                                 br_conf_pricing_fields)

const cyaml_schema_field_t br_conf_model_fields[] = {
    NEED (br_conf_model_t, id),
    ABOUT (br_conf_model_t),
    TEXT (br_conf_model_t, provider_model_id),
    LIST (br_conf_model_t, api_protocol, s_match_entry),
    LIST (br_conf_model_t, rate_limits, br_conf_rate_limit_entry),
    FREE (br_conf_model_t, capabilities),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_model_entry = ENTRY (br_conf_model_t,
                                                         br_conf_model_fields);

static const cyaml_schema_field_t s_auth_fields[] = {
    CYAML_FIELD_ENUM ("type", CYAML_FLAG_STRICT, br_conf_auth_t, type, br_conf_auth_words,
                      sizeof br_conf_auth_words / sizeof *br_conf_auth_words),
    SECRET (br_conf_auth_t, api_key),
    TEXT (br_conf_auth_t, header_name),
    TEXT (br_conf_auth_t, method),
    FREE (br_conf_auth_t, params),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_login_fields[] = {
    TEXT (br_conf_login_t, authorize_url),
    TEXT (br_conf_login_t, device_url),
    TEXT (br_conf_login_t, token_url),
    TEXT (br_conf_login_t, client_id),
    TEXT (br_conf_login_t, scope),
    TEXT (br_conf_login_t, token_format),
    TEXT (br_conf_login_t, redirect_host),
    TEXT (br_conf_login_t, redirect_path),
    WHOLE_IN (br_conf_login_t, redirect_port, 0, PORT_MOST),
    LIST (br_conf_login_t, params, br_conf_pair_entry),
    LIST (br_conf_login_t, headers, br_conf_header_entry),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_account_fields[] = {
    TEXT (br_conf_account_t, label),
    SECRET (br_conf_account_t, api_key),
    TEXT (br_conf_account_t, api_base),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_account_entry = ENTRY (br_conf_account_t,
                                                           s_account_fields);

static const cyaml_strval_t s_account_strategies[] = {
    { "failover", 0 }, { "balance", 1 }, { "priority", 0 }, { "load_balance", 1 }
};

const cyaml_schema_field_t br_conf_provider_fields[] = {
    NEED (br_conf_provider_t, id),
    TEXT (br_conf_provider_t, name),
    TEXT (br_conf_provider_t, description),
    TEXT (br_conf_provider_t, derives),
    LIST (br_conf_provider_t, api_protocol, s_match_entry),
    TEXT (br_conf_provider_t, api_base),
    SECRET (br_conf_provider_t, api_key),
    TEXT (br_conf_provider_t, env_prefix),
    LIST (br_conf_provider_t, env_aliases, br_conf_text_entry),
    LIST (br_conf_provider_t, aliases, br_conf_text_entry),
    PART (br_conf_provider_t, auth, s_auth_fields),
    PART (br_conf_provider_t, login, s_login_fields),
    LIST (br_conf_provider_t, default_headers, br_conf_header_entry),
    LIST (br_conf_provider_t, default_query, br_conf_header_entry),
    LIST (br_conf_provider_t, protocol_endpoints, br_conf_pair_entry),
    LIST (br_conf_provider_t, models, s_model_entry),
    YESNO (br_conf_provider_t, bridge),
    YESNO (br_conf_provider_t, active),
    YESNO (br_conf_provider_t, auto_discover),
    LIST (br_conf_provider_t, tags, br_conf_text_entry),
    LIST (br_conf_provider_t, accounts, s_account_entry),
    WORD (br_conf_provider_t, account_strategy, s_account_strategies),
    TEXT_AT ("class", br_conf_provider_t, class),
    SIGNED (br_conf_provider_t, priority),
    LIST (br_conf_provider_t, rate_limits, br_conf_rate_limit_entry),
    CYAML_FIELD_MAPPING_PTR ("timeouts", ROW_OPTIONAL, br_conf_provider_t, link.timeouts,
                             br_conf_timeouts_fields),
    TEXT_AT ("proxy", br_conf_provider_t, link.proxy),
    TEXT_AT ("no_proxy", br_conf_provider_t, link.no_proxy),
    TEXT_AT ("ca_file", br_conf_provider_t, link.ca_file),
    TEXT_AT ("client_cert", br_conf_provider_t, link.client_cert),
    TEXT_AT ("client_key", br_conf_provider_t, link.client_key),
    CYAML_FIELD_BOOL_PTR ("http2", ROW_OPTIONAL, br_conf_provider_t, link.http2),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_provider_entry = ENTRY (br_conf_provider_t,
                                                           br_conf_provider_fields);

//  ---- model routes

const cyaml_strval_t br_conf_strategy_words[] = {
    { "priority", BR_CONF_PRIORITY },        { "load_balance", BR_CONF_LOAD_BALANCE },
    { "failover", BR_CONF_PRIORITY },        { "cascade", BR_CONF_PRIORITY },
    { "balance", BR_CONF_LOAD_BALANCE },     { "round_robin", BR_CONF_LOAD_BALANCE },
    { "loadbalance", BR_CONF_LOAD_BALANCE }, { "least_latency", BR_CONF_LEAST_LATENCY },
    { "least_busy", BR_CONF_LEAST_BUSY },    { "cheapest", BR_CONF_CHEAPEST },
};
const uint32_t br_conf_strategy_words_count = sizeof br_conf_strategy_words
                                              / sizeof *br_conf_strategy_words;

const cyaml_schema_field_t br_conf_endpoint_fields[] = {
    NEED (br_conf_endpoint_t, provider),
    NEED (br_conf_endpoint_t, service_id),
    SECRET (br_conf_endpoint_t, api_key),
    TEXT (br_conf_endpoint_t, api_base),
    WORD (br_conf_endpoint_t, api_protocol, br_conf_protocol_words),
    WHOLE (br_conf_endpoint_t, weight),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_endpoint_entry = ENTRY (br_conf_endpoint_t,
                                                            br_conf_endpoint_fields);

const cyaml_schema_field_t br_conf_route_fields[] = {
    NEED (br_conf_route_t, id),
    WORD (br_conf_route_t, strategy, br_conf_strategy_words),
    LIST (br_conf_route_t, endpoints, s_endpoint_entry),
    ABOUT (br_conf_route_t),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_route_entry = ENTRY (br_conf_route_t,
                                                        br_conf_route_fields);

const cyaml_schema_field_t br_conf_tool_pricing_fields[] = {
    MONEY_AT ("default", br_conf_tool_pricing_t, default_nusd),
    LIST (br_conf_tool_pricing_t, overrides, br_conf_amount_entry),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_tool_fields[] = {
    NEED (br_conf_tool_t, id),
    WORD (br_conf_tool_t, strategy, br_conf_strategy_words),
    LIST (br_conf_tool_t, endpoints, s_endpoint_entry),
    PART (br_conf_tool_t, pricing, br_conf_tool_pricing_fields),
    TEXT (br_conf_tool_t, description),
    FREE (br_conf_tool_t, input_schema),
    TEXT (br_conf_tool_t, skill),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t br_conf_tool_entry = ENTRY (br_conf_tool_t, s_tool_fields);
