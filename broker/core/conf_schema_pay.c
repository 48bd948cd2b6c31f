//  conf_schema_pay: the rows of "wallet" and "mpp".

#include "broker/core/conf_rows.h"

static const cyaml_schema_field_t s_payment_fields[] = {
    TEXT (br_conf_payment_t, tempo_rpc_url),
    TEXT (br_conf_payment_t, solana_rpc_url),
    WHOLE (br_conf_payment_t, session_max_deposit),
    WHOLE (br_conf_payment_t, session_default_deposit),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t br_conf_wallet_fields[] = {
    TEXT (br_conf_wallet_t, name),
    TEXT (br_conf_wallet_t, vault_path),
    PART (br_conf_wallet_t, payment, s_payment_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t s_network_fields[] = {
    NEED (br_conf_network_t, id),
    TEXT (br_conf_network_t, recipient),
    TEXT (br_conf_network_t, escrow_contract),
    TEXT (br_conf_network_t, rpc_url),
    TEXT (br_conf_network_t, currency),
    YESNO (br_conf_network_t, fee_payer),
    TEXT (br_conf_network_t, default_deposit),
    TEXT (br_conf_network_t, suggested_deposit),
    SECRET (br_conf_network_t, close_signer),
    WHOLE (br_conf_network_t, chain_id),
    TEXT (br_conf_network_t, channel_program),
    TEXT (br_conf_network_t, network),
    FREE (br_conf_network_t, asset),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t s_network_entry = ENTRY (br_conf_network_t,
                                                           s_network_fields);

const cyaml_schema_field_t br_conf_mpp_fields[] = {
    YESNO (br_conf_mpp_t, enabled),
    TEXT (br_conf_mpp_t, realm),
    SECRET (br_conf_mpp_t, secret_key),
    LIST (br_conf_mpp_t, networks, s_network_entry),
    CYAML_FIELD_END,
};
