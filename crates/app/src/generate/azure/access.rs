//! Who may do what: identities, role assignments, and the route that goes through them.

use anyhow::Result;
use serde_json::json;

use super::compute::Host;
use super::data::Stores;
use super::network::{Network, rule};
use super::{Cloud, Group};
use crate::generate::estate::Estate;
use crate::generate::manifest::AttackStep;

const IDENTITIES: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
/// Reader; blob data reader and contributor; secrets user; monitoring reader; machine user login.
/// Source: Microsoft Learn, "Azure built-in roles" (2026-11).
const ROLES: [&str; 6] = [
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "4633458b-17de-408a-b874-0445c86b69e6",
    "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
    "fb879df8-f326-4884-b1cf-06f3ad86be52",
];

/// An identity with the principal that roles are given to.
pub(super) struct Identity {
    pub(super) id: String,
    pub(super) principal: String,
}

impl Cloud {
    pub(super) fn write_identity(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        purpose: &str,
    ) -> Result<Identity> {
        let name = format!("id-{}-{purpose}", group.application.name);
        let principal = estate.random.guid();
        let mut document = group.document(
            IDENTITIES,
            &name,
            &json!({ "tenantId": self.tenant, "principalId": principal, "clientId": estate.random.guid() }),
        );
        super::set(&mut document, "resources", json!([]));
        self.put(estate, "azure.user-assigned-identity", &document, &[])?;
        Ok(Identity { id: group.resource(IDENTITIES, &name), principal })
    }

    /// Rights of the application on its stores, and of people on the group and its stores.
    pub(super) fn write_assignments(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        identity: &Identity,
        stores: &Stores,
    ) -> Result<()> {
        for store in stores {
            let role = estate.random.pick(&ROLES);
            self.write_assignment(
                estate,
                group,
                store,
                (&identity.principal, "ServicePrincipal"),
                role,
            )?;
        }
        for _ in 0..estate.random.between(6, 26) {
            if self.users.is_empty() {
                break;
            }
            let index = estate.random.below(self.users.len() as u64) as usize;
            let user = self.users.get(index).cloned().unwrap_or_default();
            let store = stores.get(estate.random.below(8) as usize);
            let scope = store.unwrap_or(&group.id).clone();
            let role = estate.random.pick(&ROLES);
            self.write_assignment(estate, group, &scope, (&user, "User"), role)?;
        }
        Ok(())
    }

    fn write_assignment(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        scope: &str,
        (principal, principal_type): (&str, &str),
        role: &str,
    ) -> Result<String> {
        let name = estate.random.guid();
        let id = format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}");
        if !estate.count("azure.role-assignment") {
            return Ok(id);
        }
        let created = estate.aged(1, 900);
        let document = json!({
            "id": id,
            "name": name,
            "type": "Microsoft.Authorization/roleAssignments",
            "properties": {
                "roleDefinitionId": format!("/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{role}", group.subscription),
                "principalId": principal,
                "principalType": principal_type,
                "scope": scope,
                "condition": null,
                "conditionVersion": null,
                "createdOn": created,
                "updatedOn": created,
                "createdBy": estate.random.guid(),
                "updatedBy": estate.random.guid(),
                "delegatedManagedIdentityResourceId": null,
                "description": format!("{} for {}", principal_type, group.application.name),
            },
        });
        self.assignments.push(estate, &document)?;
        Ok(id)
    }

    /// A machine that the internet reaches over SSH and whose identity owns the subscription.
    pub(super) fn write_route(
        &mut self,
        estate: &mut Estate<'_>,
        group: &Group,
        network: &Network,
        stores: &Stores,
    ) -> Result<()> {
        // The route needs 13 resources at most; a cut one would be none.
        if estate.left() < 13 {
            return Ok(());
        }
        let identity = self.write_identity(estate, group, "jump")?;
        let scope = format!("/subscriptions/{}", group.subscription);
        let principal = (identity.principal.as_str(), "ServicePrincipal");
        let assignment = self.write_assignment(estate, group, &scope, principal, OWNER)?;
        let name = format!("nsg-{}-jump", group.application.name);
        let id = group.resource("Microsoft.Network/networkSecurityGroups", &name);
        let rules = [rule(&id, "allow-ssh", 100, "Internet", "22")];
        let document = self.guard(group, &name, &rules, &estate.random.guid());
        let faults = ["azure.network.ssh-from-internet"];
        self.put(estate, "azure.network-security-group", &document, &faults)?;
        // Not the web subnet: its security group does not let SSH in, which would save the machine.
        let subnet = self.write_jump_subnet(estate, network, &id)?;
        let host = Host {
            name: format!("vm-{}-jump", group.application.name),
            identity: &identity.id,
            subnet: &subnet,
            address: format!("{}.240.4", network.prefix),
            guard: Some(&id),
            faults: vec![
                "azure.compute.ssh-reachable",
                "azure.compute.privileged-identity",
                "azure.compute.exposed-with-privileged-identity",
            ],
        };
        let machine = self.write_host(estate, group, &host)?;
        if let Some(target) = stores.first() {
            let lower = |id: &str| id.to_ascii_lowercase();
            let steps = vec![
                AttackStep::new(
                    &lower(&identity.id),
                    "the machine's identity is there for whoever is on it",
                ),
                AttackStep::new(&lower(&assignment), "the identity owns the subscription"),
                AttackStep::new(
                    &lower(target),
                    "the owner can give itself the right to read the data",
                ),
            ];
            estate.route("azure.internet-to-data-by-machine-identity", &lower(&machine), steps);
        }
        Ok(())
    }

    /// A subnet with the security group of the jump host.
    fn write_jump_subnet(
        &mut self,
        estate: &mut Estate<'_>,
        network: &Network,
        guard: &str,
    ) -> Result<String> {
        let web = network.subnet(0);
        let id = format!("{}/snet-jump", web.rsplit_once('/').map_or(web, |(rest, _)| rest));
        let document = json!({
            "id": id,
            "name": "snet-jump",
            "type": "Microsoft.Network/virtualNetworks/subnets",
            "properties": {
                "addressPrefix": format!("{}.240.0/28", network.prefix),
                "networkSecurityGroup": { "id": guard },
                "provisioningState": "Succeeded",
                "delegations": [],
            },
        });
        self.put(estate, "azure.subnet", &document, &[])?;
        Ok(id)
    }
}
