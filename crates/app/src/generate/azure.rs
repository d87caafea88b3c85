//! Azure: subscriptions of applications, as ARM documents one per line, and pages of role assignments.

mod access;
mod compute;
mod data;
mod network;

use anyhow::Result;
use serde_json::{Map, Value as Json, json};

use super::company::{Application, Company, DOMAIN, person};
use super::estate::Estate;
use super::shards::{Lines, PageStyle, Pages};

/// Applications in one subscription.
const GROUPS_PER_SUBSCRIPTION: u64 = 150;
/// Of so many applications, the first has an attack route.
const GROUPS_PER_ROUTE: u64 = 60;
/// One user for so many resources.
const RESOURCES_PER_USER: u64 = 250;
const REGIONS: [&str; 4] = ["westeurope", "northeurope", "germanywestcentral", "eastus2"];

/// Writes the cloud.
pub(super) fn write(estate: &mut Estate<'_>) -> Result<()> {
    let mut cloud = Cloud::begin(estate);
    cloud.write_users(estate)?;
    let mut n_groups = 0;
    while estate.left() > 0 {
        if n_groups % GROUPS_PER_SUBSCRIPTION == 0 {
            cloud.begin_subscription(estate, n_groups / GROUPS_PER_SUBSCRIPTION)?;
        }
        cloud.write_application(estate, n_groups % GROUPS_PER_ROUTE == 0)?;
        n_groups += 1;
    }
    cloud.finish(estate)
}

/// The cloud while it is written.
pub(super) struct Cloud {
    tenant: String,
    subscription: String,
    workspace: String,
    users: Vec<String>,
    documents: Lines,
    assignments: Pages,
}

/// A resource group: where the resources of one application are.
pub(super) struct Group {
    id: String,
    subscription: String,
    region: &'static str,
    application: Application,
    tags: Json,
}

impl Cloud {
    fn begin(estate: &mut Estate<'_>) -> Self {
        Self {
            tenant: estate.random.guid(),
            subscription: String::new(),
            workspace: String::new(),
            users: Vec::new(),
            documents: Lines::new("azure/resources".to_owned()),
            assignments: Pages::new("azure/role-assignments".to_owned(), PageStyle::Azure),
        }
    }

    fn write_users(&mut self, estate: &mut Estate<'_>) -> Result<()> {
        let mut pages = Pages::new("azure/users".to_owned(), PageStyle::Azure);
        for number in 0..estate.left() / RESOURCES_PER_USER {
            if !estate.count("azure.entra-user") {
                break;
            }
            let id = estate.random.guid();
            let name = person(&mut estate.random);
            let user = json!({
                "@odata.type": "#microsoft.graph.user",
                "id": id,
                "displayName": name.replace('.', " "),
                "userPrincipalName": format!("{name}.{number}@{DOMAIN}"),
                "mail": format!("{name}.{number}@{DOMAIN}"),
                "accountEnabled": true,
                "userType": "Member",
                "createdDateTime": estate.aged(30, 2000),
                "onPremisesSyncEnabled": Json::Null,
                "assignedLicenses": [],
            });
            self.users.push(id);
            pages.push(estate, &user)?;
        }
        pages.finish(estate)
    }

    fn begin_subscription(&mut self, estate: &mut Estate<'_>, number: u64) -> Result<()> {
        self.finish(estate)?;
        self.subscription = estate.random.guid();
        let folder = format!("azure/subscription-{:03}", number + 1);
        self.documents = Lines::new(format!("{folder}/resources"));
        self.assignments = Pages::new(format!("{folder}/role-assignments"), PageStyle::Azure);
        let id = format!("/subscriptions/{}", self.subscription);
        let document = json!({
            "id": id,
            "type": "Microsoft.Resources/subscriptions",
            "subscriptionId": self.subscription,
            "tenantId": self.tenant,
            "displayName": format!("hq-landing-zone-{:03}", number + 1),
            "state": "Enabled",
            "subscriptionPolicies": { "locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off" },
            "authorizationSource": "RoleBased",
        });
        self.put(estate, "azure.subscription", &document, &[])?;
        let group = self.group(estate, Company::platform());
        self.put_group(estate, &group)?;
        self.workspace =
            group.resource("Microsoft.OperationalInsights/workspaces", "platform-logs");
        let document = group.document(
            "Microsoft.OperationalInsights/workspaces",
            "platform-logs",
            &json!({
                "customerId": estate.random.guid(),
                "provisioningState": "Succeeded",
                "retentionInDays": 365,
                "sku": { "name": "PerGB2018" },
                "features": { "enableLogAccessUsingOnlyResourcePermissions": true, "disableLocalAuth": true },
                "publicNetworkAccessForIngestion": "Enabled",
                "publicNetworkAccessForQuery": "Enabled",
            }),
        );
        self.put(estate, "azure.log-analytics-workspace", &document, &[])?;
        Ok(())
    }

    fn group(&self, estate: &mut Estate<'_>, application: Application) -> Group {
        let name = format!("rg-{}", application.name);
        let tags: Map<String, Json> = application
            .tags()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect();
        Group {
            id: format!("/subscriptions/{}/resourceGroups/{name}", self.subscription),
            subscription: self.subscription.clone(),
            region: estate.random.pick(&REGIONS),
            application,
            tags: Json::Object(tags),
        }
    }

    fn put_group(&mut self, estate: &mut Estate<'_>, group: &Group) -> Result<()> {
        let document = json!({
            "id": group.id,
            "name": format!("rg-{}", group.application.name),
            "type": "Microsoft.Resources/resourceGroups",
            "location": group.region,
            "tags": group.tags,
            "properties": { "provisioningState": "Succeeded" },
        });
        self.put(estate, "azure.resource-group", &document, &[]).map(drop)
    }

    /// One application with all that it is made of.
    fn write_application(&mut self, estate: &mut Estate<'_>, with_route: bool) -> Result<()> {
        let mut application = estate.company.application(&mut estate.random);
        application.is_critical |= with_route;
        let group = self.group(estate, application);
        self.put_group(estate, &group)?;
        let network = self.write_network(estate, &group)?;
        let identity = self.write_identity(estate, &group, "app")?;
        let stores = self.write_data(estate, &group, &network)?;
        self.write_hosts(estate, &group, &network, &identity.id)?;
        self.write_web(estate, &group, &network)?;
        if with_route {
            self.write_route(estate, &group, &network, &stores)?;
        }
        self.write_assignments(estate, &group, &identity, &stores)
    }

    /// Writes one document with the faults that are in it; false when the cloud is full.
    fn put(
        &mut self,
        estate: &mut Estate<'_>,
        kind: &'static str,
        document: &Json,
        faults: &[&'static str],
    ) -> Result<bool> {
        if !estate.count(kind) {
            return Ok(false);
        }
        let id = document.get("id").and_then(Json::as_str).unwrap_or_default().to_ascii_lowercase();
        for fault in faults {
            estate.plant(&id, fault);
        }
        self.documents.push(estate, document)?;
        Ok(true)
    }

    fn finish(&mut self, estate: &mut Estate<'_>) -> Result<()> {
        self.documents.finish(estate)?;
        if self.subscription.is_empty() { Ok(()) } else { self.assignments.finish(estate) }
    }
}

impl Group {
    /// The id of a resource in the group; `native` is `provider/type`.
    fn resource(&self, native: &str, name: &str) -> String {
        format!("{}/providers/{native}/{name}", self.id)
    }

    /// A document as ARM prints it.
    fn document(&self, native: &str, name: &str, properties: &Json) -> Json {
        json!({
            "id": self.resource(native, name),
            "name": name,
            "type": native,
            "location": self.region,
            "tags": self.tags,
            "properties": properties,
        })
    }

    /// A name for something that must be unique in the world and may hold letters and digits only.
    fn short_name(&self, prefix: &str, number: u64) -> String {
        let application = &self.application;
        format!(
            "{prefix}{}{}{:05}{number}",
            application.team, application.stage, application.number
        )
    }
}

/// A child document, as it stands under `resources` of its parent.
fn child(parent: &str, native: &str, name: &str, properties: &Json) -> Json {
    let own = native.rsplit('/').next().unwrap_or(native);
    json!({ "id": format!("{parent}/{own}/{name}"), "name": name, "type": native, "properties": properties })
}

/// An extension document, such as diagnostic settings.
fn extension(parent: &str, native: &str, name: &str, properties: &Json) -> Json {
    json!({
        "id": format!("{parent}/providers/{native}/{name}"),
        "name": name,
        "type": native,
        "properties": properties,
    })
}

/// Sets a key of an object.
fn set(document: &mut Json, key: &str, value: Json) {
    if let Some(map) = document.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}
