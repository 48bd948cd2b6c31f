//  conf_schema: every section and field that bitrouter.yaml may hold, as libcyaml schemas
//  and the structs that they fill. The rows are the only place that names a field: the
//  checks, the nearest names in messages and the masks of secrets are read from them.
//
//  A member that the file leaves out is NULL (pointers) or has a count of 0 (lists).
//  Shapes that libcyaml does not know are written as rows of a first field:
//    first field "id"            a map of any names to the other fields
//    first fields "key", "value" a map of any names to one value
//  and strings by their maximum:
//    BR_CONF_LIKE_SECRET         a secret, never shown
//    BR_CONF_LIKE_HEADER         a secret when its key sounds like one
//    BR_CONF_LIKE_FREE           any YAML, kept as JSON text
//    BR_CONF_LIKE_ADDRESS        an address of a database, shown without its password
//  Numbers have the bounds of a string, 0 and 0 for none: libcyaml looks at neither. Those
//  of a number with decimals are in thousandths, which for seconds are milliseconds.
//  A signed number with this maximum is money: decimals of USD in the file and where it is
//  shown, nano-USD in the struct, and never floating point:
//    BR_CONF_LIKE_MONEY

#ifndef BR_CONF_SCHEMA_H
#define BR_CONF_SCHEMA_H

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    BR_CONF_LIKE_TEXT = 1 << 20,
    BR_CONF_LIKE_SECRET,
    BR_CONF_LIKE_HEADER,
    BR_CONF_LIKE_FREE,
    BR_CONF_LIKE_ADDRESS,
    BR_CONF_LIKE_MONEY
};

typedef enum {
    BR_CONF_CHAT,
    BR_CONF_RESPONSES,
    BR_CONF_MESSAGES,
    BR_CONF_GENERATE,
    BR_CONF_COMPLETIONS,
    BR_CONF_ECHO,
    BR_CONF_MCP,
    BR_CONF_REST
} br_conf_protocol_t;

typedef enum {
    BR_CONF_PRIORITY,
    BR_CONF_LOAD_BALANCE,
    BR_CONF_LEAST_LATENCY,
    BR_CONF_LEAST_BUSY,
    BR_CONF_CHEAPEST
} br_conf_strategy_t;

typedef enum {
    BR_CONF_AUTH_BEARER,
    BR_CONF_AUTH_HEADER,
    BR_CONF_AUTH_PROTOCOL,
    BR_CONF_AUTH_NONE,
    BR_CONF_AUTH_CUSTOM,
    BR_CONF_AUTH_MPP,
    BR_CONF_AUTH_X402,
    BR_CONF_AUTH_WALLET,
    BR_CONF_AUTH_OAUTH
} br_conf_auth_type_t;

//  What happens to a call of unknown price under a budget.
typedef enum {
    BR_CONF_UNPRICED_REFUSE,
    BR_CONF_UNPRICED_ALLOW
} br_conf_unpriced_t;

typedef struct {
    char *key;
    char *value;
} br_conf_pair_t;

typedef struct {
    char *key;
    int64_t value; //  nano-USD
} br_conf_amount_t;

typedef struct {
    char *key;
    int value;
} br_conf_choice_t;

//  ---- providers

typedef struct {
    char *glob;
    br_conf_protocol_t protocol;
} br_conf_match_t;

typedef struct {
    double *connect_secs, *first_byte_secs, *read_secs, *idle_secs, *total_secs;
    double *pool_idle_secs, *tcp_keepalive_secs;
} br_conf_timeouts_t;

typedef struct {
    int64_t *no_cache, *cache_read, *cache_write; //  nano-USD per million tokens
    int64_t *cache_write_1h, *audio;              //  likewise
} br_conf_input_price_t;

typedef struct {
    int64_t *text, *reasoning, *audio; //  nano-USD per million tokens
} br_conf_output_price_t;

typedef struct {
    uint64_t above_input_tokens; //  the tier holds for more tokens than this
    br_conf_input_price_t *input_tokens;
    br_conf_output_price_t *output_tokens;
} br_conf_tier_t;

typedef struct {
    br_conf_input_price_t *input_tokens;
    br_conf_output_price_t *output_tokens;
    br_conf_tier_t *context_tiers;
    unsigned context_tiers_count;
} br_conf_pricing_t;

//  What may be used; a member that is 0 or left out does not limit.
typedef struct {
    uint64_t *requests_per_minute, *tokens_per_minute;
    uint64_t *concurrency; //  calls at the same time
} br_conf_rate_t;

typedef struct {
    char *id; //  a glob over model names
    br_conf_rate_t rate;
} br_conf_rate_limit_t;

//  What is known of a model; the first members of catalogue rows and of model routes.
typedef struct {
    char *name, *description;
    uint64_t *max_input_tokens, *max_output_tokens;
    int *input_modalities, *output_modalities;
    unsigned input_modalities_count, output_modalities_count;
    br_conf_pricing_t *pricing;
} br_conf_about_t;

typedef struct {
    char *id;
    br_conf_about_t about;
    char *provider_model_id;
    br_conf_match_t *api_protocol;
    unsigned api_protocol_count;
    br_conf_rate_limit_t *rate_limits;
    unsigned rate_limits_count;
    char *capabilities;
} br_conf_model_t;

typedef struct {
    br_conf_auth_type_t type;
    char *api_key, *header_name, *method, *params;
} br_conf_auth_t;

typedef struct {
    char *label, *api_key, *api_base;
} br_conf_account_t;

//  How somebody logs in to a provider, and how the token is renewed.
typedef struct {
    char *authorize_url, *device_url, *token_url, *client_id, *scope;
    char *redirect_host, *redirect_path, *token_format;
    uint64_t *redirect_port;
    br_conf_pair_t *headers, *params;
    unsigned headers_count, params_count;
} br_conf_login_t;

//  How connections are made; members of providers and of "upstream".
typedef struct {
    br_conf_timeouts_t *timeouts;
    char *proxy, *no_proxy, *ca_file, *client_cert, *client_key;
    bool *http2;
} br_conf_link_t;

typedef struct {
    char *id;
    char *name, *description, *derives, *api_base, *api_key, *env_prefix, *class;
    char **aliases, **env_aliases, **tags;
    unsigned aliases_count, env_aliases_count, tags_count;
    br_conf_match_t *api_protocol;
    unsigned api_protocol_count;
    br_conf_auth_t *auth;
    br_conf_login_t *login;
    br_conf_pair_t *default_headers, *default_query, *protocol_endpoints;
    unsigned default_headers_count, default_query_count, protocol_endpoints_count;
    br_conf_model_t *models;
    unsigned models_count;
    bool *bridge, *active, *auto_discover;
    br_conf_account_t *accounts;
    unsigned accounts_count;
    int *account_strategy;
    int64_t *priority;
    br_conf_rate_limit_t *rate_limits;
    unsigned rate_limits_count;
    br_conf_link_t link;
} br_conf_provider_t;

//  ---- routes

typedef struct {
    char *provider, *service_id, *api_key, *api_base;
    br_conf_protocol_t *api_protocol;
    uint64_t *weight;
} br_conf_endpoint_t;

typedef struct {
    char *id;
    br_conf_strategy_t *strategy;
    br_conf_endpoint_t *endpoints;
    unsigned endpoints_count;
    br_conf_about_t about;
} br_conf_route_t;

typedef struct {
    int64_t *default_nusd; //  nano-USD per call
    br_conf_amount_t *overrides;
    unsigned overrides_count;
} br_conf_tool_pricing_t;

typedef struct {
    char *id;
    br_conf_strategy_t *strategy;
    br_conf_endpoint_t *endpoints;
    unsigned endpoints_count;
    br_conf_tool_pricing_t *pricing;
    char *description, *input_schema, *skill;
} br_conf_tool_t;

typedef struct {
    char *sort;
    char **require_tags, **only, **ignore;
    unsigned require_tags_count, only_count, ignore_count;
} br_conf_preference_t;

typedef struct {
    char *id;
    char *model, *policy, *system_prompt, *params;
    br_conf_preference_t *routing;
} br_conf_preset_t;

typedef struct {
    char *id;
    char **keywords;
    unsigned keywords_count;
} br_conf_signal_t;

typedef struct {
    char **high_keywords;
    unsigned high_keywords_count;
    uint64_t *message_length_threshold, *turn_count_threshold;
    bool *code_blocks_increase_complexity;
} br_conf_complexity_t;

typedef struct {
    char *id;
    bool *inherit_defaults;
    br_conf_signal_t *signals;
    unsigned signals_count;
    br_conf_complexity_t *complexity;
    br_conf_pair_t *models;
    unsigned models_count;
} br_conf_rule_t;

//  ---- guardrails

//  In the order of strictness.
typedef enum {
    BR_CONF_WARN,
    BR_CONF_REDACT,
    BR_CONF_BLOCK
} br_conf_action_t;

//  Bits: the ways that a text goes.
typedef enum {
    BR_CONF_UPGOING = 1,
    BR_CONF_DOWNGOING = 2,
    BR_CONF_BOTH = 3
} br_conf_direction_t;

typedef struct {
    char *name, *regex;
    int *direction, *action;
} br_conf_pattern_t;

typedef struct {
    bool *include_details, *include_help_link;
} br_conf_block_message_t;

typedef struct {
    char **allow, **deny;
    unsigned allow_count, deny_count;
} br_conf_filter_t;

typedef struct {
    char *id;
    char **allow, **deny;
    unsigned allow_count, deny_count;
    int *action;
} br_conf_param_rule_t;

typedef struct {
    br_conf_param_rule_t *rules;
    unsigned rules_count;
} br_conf_params_t;

typedef struct {
    char *id;
    br_conf_filter_t *filter;
    br_conf_params_t *param_restrictions;
} br_conf_tool_guard_t;

typedef struct {
    bool *enabled;
    br_conf_tool_guard_t *providers;
    unsigned providers_count;
} br_conf_tool_guards_t;

//  What is done about patterns by their names, and when they cannot be tried to their end.
typedef struct {
    br_conf_choice_t *upgoing, *downgoing, *custom_upgoing, *custom_downgoing, *fail;
    unsigned upgoing_count, downgoing_count, custom_upgoing_count, custom_downgoing_count;
    unsigned fail_count;
} br_conf_actions_t;

typedef struct {
    char **keys, **routes, **providers;
    unsigned keys_count, routes_count, providers_count;
    br_conf_actions_t actions;
} br_conf_guard_rule_t;

typedef struct {
    bool *enabled;
    char **disabled_patterns, **allow;
    unsigned disabled_patterns_count, allow_count;
    br_conf_pattern_t *custom_patterns;
    unsigned custom_patterns_count;
    br_conf_actions_t actions;
    br_conf_guard_rule_t *rules;
    unsigned rules_count;
    br_conf_block_message_t *block_message;
    br_conf_tool_guards_t *tools;
} br_conf_guardrails_t;

//  ---- money

typedef struct {
    char *tempo_rpc_url, *solana_rpc_url;
    uint64_t *session_max_deposit, *session_default_deposit; //  base units of the token
} br_conf_payment_t;

typedef struct {
    char *name, *vault_path;
    br_conf_payment_t *payment;
} br_conf_wallet_t;

typedef struct {
    char *id;
    char *recipient, *escrow_contract, *rpc_url, *currency, *default_deposit;
    char *close_signer, *channel_program, *network, *asset, *suggested_deposit;
    bool *fee_payer;
    uint64_t *chain_id;
} br_conf_network_t;

typedef struct {
    bool *enabled;
    char *realm, *secret_key;
    br_conf_network_t *networks;
    unsigned networks_count;
} br_conf_mpp_t;

//  ---- tools and agents

typedef struct {
    int *type;
    char *url, *command;
    br_conf_pair_t *headers, *env;
    unsigned headers_count, env_count;
    char **args;
    unsigned args_count;
} br_conf_transport_t;

typedef struct {
    char *id;
    char *name, *tool_prefix;
    br_conf_transport_t *transport;
    br_conf_transport_t inline_transport; //  the same members one level up
    bool *aggregate;
} br_conf_server_row_t;

typedef struct {
    char *name, *url, *card_path;
    br_conf_pair_t *headers;
    unsigned headers_count;
} br_conf_a2a_agent_t;

typedef struct {
    bool *enabled;
    char *route;
} br_conf_aggregate_t;

typedef struct {
    bool *enabled;
    uint64_t *tools_list_ttl_secs, *resources_list_ttl_secs;
    uint64_t *resources_templates_list_ttl_secs, *prompts_list_ttl_secs;
    uint64_t *max_entries_per_server;
} br_conf_mcp_cache_t;

typedef struct {
    br_conf_aggregate_t *aggregate;
    br_conf_mcp_cache_t *cache;
    char *upstream_protocol;
} br_conf_mcp_t;

typedef struct {
    char **mcp_servers;
    unsigned mcp_servers_count;
    uint64_t *max_iterations;
    char *advisor, *subagent, *fusion, *web_search, *web_fetch;
} br_conf_server_tools_t;

//  ---- limits and care

typedef struct {
    br_conf_rate_t *callers; //  of each caller
    br_conf_rate_limit_t *models;
    unsigned models_count;
} br_conf_limits_t;

typedef struct {
    uint64_t *base_ms, *max_ms;
    double *retry_after_max_secs;
} br_conf_backoff_t;

typedef struct {
    uint64_t *failures; //  in a row
    double *window_secs;
    uint64_t *window_min; //  answers in the window, count
    uint64_t *error_percent;
    double *open_secs, *open_max_secs;
} br_conf_breaker_t;

typedef struct {
    double *window_secs;
    uint64_t *bytes_max, *answer_max; //  bytes, of all answers and of one
} br_conf_idempotency_t;

//  ---- the rest

typedef struct {
    char *socket;
} br_conf_control_t;

typedef struct {
    char *cert_file, *key_file; //  absolute once settled
} br_conf_tls_t;

typedef struct {
    char *admin, *events; //  tcp://ADDRESS:PORT
} br_conf_remote_t;

typedef struct {
    char **origins;
    unsigned origins_count;
} br_conf_cors_t;

typedef struct {
    char **listen, **extra_listen, **hosts;
    unsigned listen_count, extra_listen_count, hosts_count;
    int *log_level, *log_format; //  br_log_level_t, br_log_format_t
    br_conf_control_t *control;
    char *control_socket;
    bool *skip_auth, *require_auth;
    br_conf_cors_t *cors;
    uint64_t *body_max, *header_max; //  bytes
    br_conf_tls_t *tls;
    br_conf_remote_t *remote;
    uint64_t *calls_max; //  at the same time, count
    double *drain_secs, *drain_notice_secs;
    bool *watch;
} br_conf_server_t;

typedef struct {
    char *url;
} br_conf_database_t;

typedef struct {
    char **trusted_issuers; //  CAIP-10
    unsigned trusted_issuers_count;
    int *unpriced; //  BR_CONF_UNPRICED_...
    double *budget_wait_secs;
} br_conf_auth_rules_t;

typedef struct {
    char *endpoint;
    br_conf_pair_t *headers;
    unsigned headers_count;
    double *interval_secs;
    bool *traces, *metrics;
} br_conf_otlp_t;

typedef struct {
    uint64_t *labels_max; //  of one kind, count
    br_conf_otlp_t *otlp;
} br_conf_telemetry_t;

typedef struct {
    bool *enabled;
    char *path;
    int *bodies; //  none are kept, whatever it says
    uint64_t *max_mb, *keep;
} br_conf_request_log_t;

typedef struct {
    br_conf_link_t link;
    uint64_t *attempts_max;
    uint64_t *fallback_backoff_ms;
    unsigned fallback_backoff_ms_count;
    uint64_t *retries;
    br_conf_backoff_t *backoff;
    br_conf_breaker_t *breaker;
    bool *affinity, *finish_unattended;
    double *timeout_cap_secs;
} br_conf_upstream_t;

typedef struct {
    bool *enabled;
    char *url;
    char **provider_priority;
    unsigned provider_priority_count;
} br_conf_registry_t;

typedef struct {
    char *path;
    int *mode;
} br_conf_policy_t;

typedef struct {
    br_conf_server_t *server;
    br_conf_database_t *database;
    bool *inherit_defaults, *update_check;
    br_conf_provider_t *providers;
    unsigned providers_count;
    br_conf_route_t *models;
    unsigned models_count;
    br_conf_tool_t *tools;
    unsigned tools_count;
    br_conf_guardrails_t *guardrails;
    br_conf_wallet_t *wallet;
    br_conf_mpp_t *mpp;
    char *solana_rpc_url;
    br_conf_rule_t *routing;
    unsigned routing_count;
    br_conf_preset_t *presets, *variants;
    unsigned presets_count, variants_count;
    br_conf_upstream_t *upstream;
    br_conf_limits_t *limits;
    br_conf_auth_rules_t *auth;
    br_conf_telemetry_t *telemetry;
    br_conf_request_log_t *request_log;
    br_conf_idempotency_t *idempotency;
    bool *receipts;
    br_conf_registry_t *registry;
    br_conf_mcp_t *mcp;
    br_conf_server_row_t *mcp_servers, *agents;
    unsigned mcp_servers_count, agents_count;
    br_conf_a2a_agent_t *a2a_agents;
    unsigned a2a_agents_count;
    br_conf_policy_t *policy;
    br_conf_server_tools_t *server_tools;
    char *mcp_groups, *plugins, *trajectory, *continuation, *eval;
} br_conf_root_t;

//  The whole file.
extern const cyaml_schema_value_t br_conf_root_schema;
extern const cyaml_schema_field_t br_conf_root_fields[];

//  Parts that several sections share.
extern const cyaml_schema_value_t br_conf_text_entry;
extern const cyaml_schema_value_t br_conf_pair_entry;
extern const cyaml_schema_value_t br_conf_header_entry;
extern const cyaml_schema_value_t br_conf_secret_entry;
extern const cyaml_schema_value_t br_conf_amount_entry;
extern const cyaml_schema_value_t br_conf_number_entry;

//  Sections with a file of their own.
extern const cyaml_schema_value_t br_conf_provider_entry;
extern const cyaml_schema_field_t br_conf_provider_fields[];
extern const cyaml_schema_field_t br_conf_model_fields[];
extern const cyaml_schema_field_t br_conf_pricing_fields[];
extern const cyaml_schema_field_t br_conf_tier_fields[];
extern const cyaml_schema_field_t br_conf_timeouts_fields[];
extern const cyaml_schema_value_t br_conf_route_entry;
extern const cyaml_schema_field_t br_conf_route_fields[];
extern const cyaml_schema_value_t br_conf_tool_entry;
extern const cyaml_schema_field_t br_conf_tool_pricing_fields[];
extern const cyaml_schema_field_t br_conf_endpoint_fields[];
extern const cyaml_schema_value_t br_conf_preset_entry;
extern const cyaml_schema_value_t br_conf_rule_entry;
extern const cyaml_schema_field_t br_conf_guardrails_fields[];
extern const cyaml_schema_field_t br_conf_pattern_fields[];
extern const cyaml_schema_field_t br_conf_wallet_fields[];
extern const cyaml_schema_field_t br_conf_mpp_fields[];
extern const cyaml_schema_value_t br_conf_server_row_entry;
extern const cyaml_schema_value_t br_conf_a2a_agent_entry;
extern const cyaml_schema_field_t br_conf_mcp_fields[];
extern const cyaml_schema_field_t br_conf_server_tools_fields[];
extern const cyaml_schema_field_t br_conf_server_fields[];
extern const cyaml_schema_value_t br_conf_rate_limit_entry;
extern const cyaml_schema_field_t br_conf_limits_fields[];
extern const cyaml_schema_field_t br_conf_backoff_fields[];
extern const cyaml_schema_field_t br_conf_breaker_fields[];
extern const cyaml_schema_field_t br_conf_idempotency_fields[];
extern const cyaml_schema_field_t br_conf_auth_rules_fields[];
extern const cyaml_schema_field_t br_conf_telemetry_fields[];
extern const cyaml_schema_field_t br_conf_request_log_fields[];

//  Words, several of which may mean the same value; the first of a value is its name.
extern const cyaml_strval_t br_conf_protocol_words[];
extern const uint32_t br_conf_protocol_words_count;
extern const cyaml_strval_t br_conf_strategy_words[];
extern const uint32_t br_conf_strategy_words_count;
extern const cyaml_strval_t br_conf_auth_words[];
extern const uint32_t br_conf_auth_words_count;
extern const cyaml_strval_t br_conf_modality_words[];
extern const uint32_t br_conf_modality_words_count;
extern const cyaml_strval_t br_conf_log_level_words[];
extern const uint32_t br_conf_log_level_words_count;
extern const cyaml_strval_t br_conf_log_format_words[];
extern const uint32_t br_conf_log_format_words_count;
extern const cyaml_strval_t br_conf_unpriced_words[];
extern const uint32_t br_conf_unpriced_words_count;

extern const cyaml_strval_t br_conf_action_words[];
extern const uint32_t br_conf_action_words_count;

//  The name of a value of such a table. "owned by the table"
const char *br_conf_word (const cyaml_strval_t *words, uint32_t count, int64_t value);
#define BR_CONF_WORD(table, value)                                                       \
    br_conf_word (br_conf_##table##_words, br_conf_##table##_words_count,                \
                  (int64_t) (value))

//  What a row means, read from the conventions above.
bool br_conf_schema_is_keyed (const cyaml_schema_value_t *schema);
bool br_conf_schema_is_pairs (const cyaml_schema_value_t *schema);
bool br_conf_schema_is_like (const cyaml_schema_value_t *schema, uint32_t like);
bool br_conf_schema_is_money (const cyaml_schema_value_t *schema);

//  The field of a key, or NULL.
const cyaml_schema_field_t *br_conf_schema_field (const cyaml_schema_field_t *fields,
                                                  const char *key);

#endif
