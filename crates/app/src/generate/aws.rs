//! AWS: accounts of applications, as answers of the AWS CLI.
//!
//! As in life not every detail was asked for: the policies of functions and secrets and the sharing
//! of snapshots are not there, so that what rests on them is unknown.

mod compute;
mod data;
mod identity;
mod network;

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::company::Application;
use super::estate::Estate;
use super::shards::{PageStyle, Pages};

/// Applications in one region of an account.
const APPLICATIONS_PER_REGION: u64 = 60;
const REGIONS: [&str; 3] = ["eu-central-1", "eu-west-1", "us-east-1"];

/// Writes the cloud.
pub(super) fn write(estate: &mut Estate<'_>) -> Result<()> {
    while estate.left() > 0 {
        let mut account = Account::begin(estate);
        account.write_users(estate)?;
        for region in REGIONS {
            if estate.left() > 0 {
                account.write_region(estate, region)?;
            }
        }
        account.finish_global(estate)?;
    }
    Ok(())
}

/// An account while it is written.
pub(super) struct Account {
    number: String,
    /// Lists of services without a region, by operation.
    global: BTreeMap<&'static str, Pages>,
    /// Lists of the region that is being written, by operation.
    lists: BTreeMap<&'static str, Pages>,
}

/// An application in a region.
pub(super) struct Place {
    account: String,
    region: &'static str,
    application: Application,
    tags: Json,
}

/// Operations with a region, and the key of their list. Those without any item are written too: an
/// empty list is an answer.
const LISTS: [(&str, &str); 19] = [
    ("ec2/describe-instances", "Reservations"),
    ("ec2/describe-internet-gateways", "InternetGateways"),
    ("ec2/describe-network-interfaces", "NetworkInterfaces"),
    ("ec2/describe-route-tables", "RouteTables"),
    ("ec2/describe-security-groups", "SecurityGroups"),
    ("ec2/describe-snapshots", "Snapshots"),
    ("ec2/describe-subnets", "Subnets"),
    ("ec2/describe-volumes", "Volumes"),
    ("ec2/describe-vpcs", "Vpcs"),
    ("ec2/describe-nat-gateways", "NatGateways"),
    ("kms/list-keys", "Keys"),
    ("lambda/list-functions", "Functions"),
    ("logs/describe-log-groups", "logGroups"),
    ("rds/describe-db-instances", "DBInstances"),
    ("secretsmanager/list-secrets", "SecretList"),
    ("sqs/list-queues", "QueueUrls"),
    ("sns/list-topics", "Topics"),
    ("dynamodb/list-tables", "TableNames"),
    ("ssm/describe-instance-information", "InstanceInformationList"),
];
const GLOBAL_LISTS: [(&str, &str); 3] = [
    ("iam/get-account-authorization-details", "RoleDetailList"),
    ("iam/list-users", "Users"),
    ("s3api/list-buckets", "Buckets"),
];

impl Account {
    fn begin(estate: &mut Estate<'_>) -> Self {
        let number = format!("{}", 100_000_000_000 + estate.random.below(899_999_999_999));
        let global = GLOBAL_LISTS
            .iter()
            .map(|(operation, key)| {
                (*operation, Pages::new(format!("aws/{number}/{operation}"), PageStyle::Aws(key)))
            })
            .collect();
        Self { number, global, lists: BTreeMap::new() }
    }

    fn write_region(&mut self, estate: &mut Estate<'_>, region: &'static str) -> Result<()> {
        let folder = format!("aws/{}/{region}", self.number);
        self.lists = LISTS
            .iter()
            .map(|(operation, key)| {
                (*operation, Pages::new(format!("{folder}/{operation}"), PageStyle::Aws(key)))
            })
            .collect();
        let network = self.write_network(estate, region)?;
        for number in 0..APPLICATIONS_PER_REGION {
            if estate.left() == 0 {
                break;
            }
            let mut application = estate.company.application(&mut estate.random);
            application.is_critical |= number == 0;
            let tags = application
                .tags()
                .into_iter()
                .map(|(key, value)| json!({ "Key": key, "Value": value }));
            let tags = tags.collect();
            let place = Place { account: self.number.clone(), region, application, tags };
            self.write_application(estate, &place, &network, number == 0)?;
        }
        for mut list in std::mem::take(&mut self.lists).into_values() {
            list.finish(estate)?;
        }
        Ok(())
    }

    fn write_application(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        network: &network::Network,
        with_route: bool,
    ) -> Result<()> {
        let role = self.write_role(estate, place, "host", false)?;
        let guards = self.write_guards(estate, place, network)?;
        let key = self.write_key(estate, place)?;
        self.write_hosts(estate, place, (network, &guards), (&role, &key))?;
        self.write_functions(estate, place)?;
        let buckets = self.write_data(estate, place, (network, &guards), &key)?;
        if with_route {
            self.write_route(estate, place, network, &buckets)?;
        }
        Ok(())
    }

    fn finish_global(&mut self, estate: &mut Estate<'_>) -> Result<()> {
        for mut list in std::mem::take(&mut self.global).into_values() {
            list.finish(estate)?;
        }
        Ok(())
    }

    /// Adds an item to a list; the resource was counted.
    fn add(&mut self, estate: &mut Estate<'_>, operation: &'static str, item: &Json) -> Result<()> {
        match self.lists.get_mut(operation).or_else(|| self.global.get_mut(operation)) {
            Some(list) => list.push(estate, item),
            None => anyhow::bail!("operation {operation} is not in the tables"),
        }
    }

    /// Writes a detail answer in a region.
    fn detail(
        &self,
        estate: &mut Estate<'_>,
        region: &str,
        (operation, argument): (&str, &str),
        answer: &Json,
    ) -> Result<()> {
        let argument = argument.replace(['/', ':'], "~");
        let region = if region.is_empty() { String::new() } else { format!("{region}/") };
        let path = format!("aws/{}/{region}{operation}/{argument}.json", self.number);
        estate.write(&path, &serde_json::to_vec(answer)?)
    }
}

impl Place {
    /// An ARN in this region.
    fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{rest}", self.region, self.account)
    }

    /// The tags with a name in front.
    fn named(&self, name: &str) -> Json {
        let mut tags = vec![json!({ "Key": "Name", "Value": name })];
        tags.extend(self.tags.as_array().into_iter().flatten().cloned());
        Json::Array(tags)
    }
}

/// What the CLI is told when there is none of the thing.
fn not_found(code: &str) -> Json {
    json!({ "Error": { "Code": code, "Message": "There is none." } })
}
