//! What the Azure CLI prints of Azure, in the form of ARM.
//!
//! The typed commands (`az vm list`, `az network nic list`, `az role assignment list`) print a resource with what
//! ARM keeps under `properties` beside `id` and `name`, and so for each element that has an id below the resource's
//! own; some keys have other names. `az account list` prints subscriptions by their bare identifiers.

use serde_json::{Map, Value as Json};

use crate::azure_id;

/// Keys that stand beside `properties` in ARM, and what the CLI adds of its own.
const BESIDE: [&str; 25] = [
    "apiVersion",
    "changedTime",
    "createdTime",
    "etag",
    "extendedLocation",
    "id",
    "identity",
    "kind",
    "location",
    "managedBy",
    "name",
    "plan",
    "resourceGroup",
    "resources",
    "scope",
    "sku",
    "subscriptionId",
    "systemData",
    "tags",
    "tenantId",
    "type",
    "zones",
    "powerState",
    "resource_group",
    "subscription_id",
];
/// Of a resource in ARM's form without properties, a list tells no more than this.
const OF_PLAIN_LISTS: [&str; 1] = ["provisioningState"];
/// Elements with properties of their own that have no id to tell them by.
const WITHOUT_ID: [&str; 3] =
    ["networkInterfaceConfigurations", "ipConfigurations", "publicIPAddressConfiguration"];
/// The type of which that is so of containers, too.
const CONTAINER_GROUPS: &str = "microsoft.containerinstance/containergroups";
/// Types of which ARM, too, prints no properties.
const PLAIN: [&str; 2] =
    ["microsoft.resources/subscriptions", "microsoft.resources/resourcegroups"];
/// Types of which the scope is one of the properties: role assignments and the like.
const ASSIGNMENTS: &str = "microsoft.authorization/";
/// Names of the CLI and of ARM.
const RENAMED: [(&str, &str, &str); 3] = [
    ("microsoft.storage/storageaccounts", "networkRuleSet", "networkAcls"),
    ("microsoft.storage/storageaccounts", "enableHttpsTrafficOnly", "supportsHttpsTrafficOnly"),
    ("microsoft.authorization/roledefinitions", "roleType", "type"),
];

/// A row of `az account list` under the id that ARM gives a subscription.
pub(crate) fn subscription(json: &mut Json) {
    let Json::Object(map) = json else { return };
    let is_row = ["cloudName", "tenantId", "state"].iter().all(|it| map.contains_key(*it));
    let Some(id) = map.get("id").and_then(Json::as_str).filter(|it| !it.contains('/') && is_row)
    else {
        return;
    };
    let (id, name) = (id.to_owned(), map.get("name").cloned().unwrap_or_default());
    map.insert("displayName".to_owned(), name);
    map.insert("id".to_owned(), Json::from(format!("/subscriptions/{id}")));
    map.insert("subscriptionId".to_owned(), Json::from(id));
}

/// Puts under `properties` what ARM has there; `id` is the id and `native` the type, both in lower case.
pub(crate) fn unflatten(json: &mut Json, id: &str, native: &str) {
    let Json::Object(map) = json else { return };
    if map.contains_key("properties") || PLAIN.contains(&native) || !is_flat(map, native) {
        return;
    }
    let mut properties = Map::new();
    for (key, value) in std::mem::take(map) {
        if key == "tenantId" {
            // Resource Graph says it beside the properties, some resources have one of their own
            properties.insert(key.clone(), value.clone());
        }
        if stands_beside(&key, native) {
            map.insert(key, value);
        } else {
            properties.insert(key, value);
        }
    }
    for (of, from, to) in RENAMED {
        if of == native
            && let Some(value) = properties.remove(from)
        {
            properties.insert(to.to_owned(), value);
        }
    }
    for (key, value) in &mut properties {
        unflatten_below(value, key, id, native);
    }
    for rule in list_of(&mut properties, "networkAcls", "virtualNetworkRules") {
        if let Some(subnet) = rule.remove("virtualNetworkResourceId") {
            rule.insert("id".to_owned(), subnet);
        }
    }
    map.insert("properties".to_owned(), Json::Object(properties));
}

fn stands_beside(key: &str, native: &str) -> bool {
    BESIDE.contains(&key) && !(key == "scope" && native.starts_with(ASSIGNMENTS))
}

/// Whether it says more than a plain list does, where properties are unread.
fn is_flat(map: &Map<String, Json>, native: &str) -> bool {
    let is_more =
        |it: &String| !stands_beside(it, native) && !OF_PLAIN_LISTS.contains(&it.as_str());
    map.keys().any(is_more)
}

fn list_of<'a>(
    map: &'a mut Map<String, Json>,
    holder: &str,
    key: &str,
) -> impl Iterator<Item = &'a mut Map<String, Json>> {
    let list = map.get_mut(holder).and_then(|it| it.get_mut(key)).and_then(Json::as_array_mut);
    list.into_iter().flatten().filter_map(Json::as_object_mut)
}

/// Gives elements that have an id below the resource's, or are known to have properties, theirs.
fn unflatten_below(value: &mut Json, key: &str, id: &str, native: &str) {
    match value {
        Json::Array(items) => {
            for item in items {
                unflatten_below(item, key, id, native);
            }
        }
        Json::Object(map) => {
            for (key, value) in map.iter_mut() {
                unflatten_below(value, key, id, native);
            }
            let is_container =
                native == CONTAINER_GROUPS && (key == "containers" || key == "initContainers");
            if !map.contains_key("properties")
                && (is_container || WITHOUT_ID.contains(&key) || is_below(map, id))
            {
                wrap(map);
            }
        }
        _ => {}
    }
}

fn is_below(map: &Map<String, Json>, id: &str) -> bool {
    let own = map.get("id").and_then(Json::as_str).and_then(azure_id::canonical);
    own.is_some_and(|it| it.strip_prefix(id).is_some_and(|rest| rest.starts_with('/')))
}

/// Puts what is not the name of an element under `properties`; a mere reference stays as it is.
fn wrap(map: &mut Map<String, Json>) {
    let is_name =
        |key: &str| ["etag", "id", "name", "resourceGroup", "type", "zones"].contains(&key);
    if map.keys().all(|it| is_name(it)) {
        return;
    }
    let mut properties = Map::new();
    for (key, value) in std::mem::take(map) {
        if is_name(&key) {
            map.insert(key, value);
        } else {
            properties.insert(key, value);
        }
    }
    map.insert("properties".to_owned(), Json::Object(properties));
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{subscription, unflatten};
    use crate::azure_id;

    const NIC: &str =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n";

    #[track_caller]
    fn check(mut printed: Json, want: &Json) {
        let id = printed["id"].as_str().and_then(azure_id::canonical).unwrap_or_default();
        let native = azure_id::resource_type(&id).unwrap_or_default();
        unflatten(&mut printed, &id, &native);
        assert_eq!(&printed, want);
    }

    #[test]
    fn an_interface_and_its_addresses_get_their_properties() {
        let address = format!("{NIC}/ipConfigurations/a");
        check(
            json!({
                "id": NIC, "name": "n", "location": "westeurope", "resourceGroup": "g", "tags": null,
                "enableIPForwarding": false,
                "ipConfigurations": [{ "id": address, "name": "a", "etag": "x", "subnet": { "id": "/subscriptions/s/x" } }],
                "virtualMachine": { "id": "/subscriptions/s/vm", "resourceGroup": "g" },
            }),
            &json!({
                "id": NIC, "name": "n", "location": "westeurope", "resourceGroup": "g", "tags": null,
                "properties": {
                    "enableIPForwarding": false,
                    "ipConfigurations": [{
                        "id": address, "name": "a", "etag": "x",
                        "properties": { "subnet": { "id": "/subscriptions/s/x" } },
                    }],
                    "virtualMachine": { "id": "/subscriptions/s/vm", "resourceGroup": "g" },
                },
            }),
        );
    }

    #[test]
    fn a_role_assignment_keeps_its_scope_and_a_definition_its_kind() {
        let id = "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/r";
        check(
            json!({ "id": id, "name": "r", "scope": "/subscriptions/s", "principalId": "p" }),
            &json!({ "id": id, "name": "r", "properties": { "scope": "/subscriptions/s", "principalId": "p" } }),
        );
        let id = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/r";
        check(
            json!({ "id": id, "type": "Microsoft.Authorization/roleDefinitions", "roleType": "CustomRole" }),
            &json!({
                "id": id, "type": "Microsoft.Authorization/roleDefinitions",
                "properties": { "type": "CustomRole" },
            }),
        );
    }

    #[test]
    fn the_network_rules_of_an_account_have_the_names_of_arm() {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";
        check(
            json!({ "id": id, "networkRuleSet": { "virtualNetworkRules": [{ "virtualNetworkResourceId": "/v" }] } }),
            &json!({ "id": id, "properties": { "networkAcls": { "virtualNetworkRules": [{ "id": "/v" }] } } }),
        );
    }

    #[test]
    fn what_is_in_arms_form_or_says_nothing_stays() {
        let plain =
            json!({ "id": NIC, "name": "n", "properties": null, "provisioningState": "Succeeded" });
        check(plain.clone(), &plain);
        let plain = json!({ "id": NIC, "name": "n", "resourceGroup": "g" });
        check(plain.clone(), &plain);
        let group = json!({ "id": "/subscriptions/s/resourceGroups/g", "managedBy": null, "x": 1 });
        check(group.clone(), &group);
    }

    #[test]
    fn a_row_of_accounts_is_a_subscription() {
        let mut row = json!({ "id": "s", "name": "Prod", "cloudName": "AzureCloud", "state": "Enabled", "tenantId": "t" });
        subscription(&mut row);
        assert_eq!(row["id"], "/subscriptions/s");
        assert_eq!(row["displayName"], "Prod");
        let mut other = json!({ "id": "s", "displayName": "a user" });
        subscription(&mut other);
        assert_eq!(other["id"], "s");
    }
}
