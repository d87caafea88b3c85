//! End points of AWS: instances, interfaces, balancers, and services with addresses of their own.
//!
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html>.

use std::sync::Arc;

use crate::answer::Does;
use crate::gate::{Action, Clause, Gate, Name, Who, ports};
use crate::packets::{LAST_PORT, PacketSet, TCP};
use crate::read::At;
use crate::spans::{Spans, parse_prefix};
use crate::way::Rule;

/// An address of an interface, and the public one that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) own: Spans,
    /// 0 when there is one that is not known.
    pub(super) public: Option<u128>,
    /// Where the public one is written.
    pub(super) path: String,
    /// In which document; in the end point's own where that is not said.
    pub(super) document: Option<Name>,
}

impl Address {
    /// An address that is not known, without a public one.
    pub(super) fn somewhere() -> Self {
        Self { own: Spans::default(), public: None, path: String::new(), document: None }
    }
}

/// An interface in a network.
#[derive(Debug, Clone, Default)]
pub(super) struct Nic {
    pub(super) id: Option<Name>,
    /// One of these.
    pub(super) subnets: Vec<Name>,
    pub(super) network: Option<Name>,
    pub(super) addresses: Vec<Address>,
    pub(super) groups: Vec<Name>,
    /// It has no security groups and needs none.
    pub(super) is_open: bool,
    /// It lies in its network, nobody says in which subnet.
    pub(super) is_anywhere: bool,
}

/// What listens: only packets of this set are answered.
#[derive(Debug, Clone)]
pub(super) struct Listens {
    pub(super) set: Arc<PacketSet>,
    pub(super) rule: Arc<Rule>,
}

/// Something that can be reached or can reach.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) id: Name,
    /// The id of EC2, by which target groups name it.
    pub(super) short: Option<Name>,
    pub(super) nics: Vec<Nic>,
    pub(super) listens: Option<Listens>,
    /// A door to the internet beside the network: rules of the service itself.
    pub(super) door: Option<Arc<Gate>>,
    /// What was not read and matters.
    pub(super) unread: Vec<String>,
    /// Nobody answers.
    pub(super) is_stopped: bool,
    /// The cluster of databases that it is an instance of: that one is reached at the addresses of its instances.
    pub(super) cluster: Option<Name>,
}

impl Host {
    pub(super) fn new(id: &Name) -> Self {
        Self {
            id: Arc::clone(id),
            short: None,
            nics: Vec::new(),
            listens: None,
            door: None,
            unread: Vec::new(),
            is_stopped: false,
            cluster: None,
        }
    }
}

fn names(list: At<'_>) -> Vec<Name> {
    list.texts().map(Name::from).collect()
}

fn named(list: At<'_>, field: &str) -> Vec<Name> {
    list.items().filter_map(|it| it.get(field).text().map(Name::from)).collect()
}

fn number(text: &str) -> Option<Spans> {
    parse_prefix(text).map(|it| Spans::from_iter([it]))
}

/// An interface, as it is described alone or within an instance.
pub(super) fn interface(document: At<'_>, at: &str) -> Nic {
    let mut addresses = Vec::new();
    for (n, it) in document.get("PrivateIpAddresses").items().enumerate() {
        let Some(own) = it.get("PrivateIpAddress").text().and_then(number) else { continue };
        let public =
            it.get("Association.PublicIp").text().and_then(number).and_then(|it| it.first());
        let path = format!("{at}PrivateIpAddresses[{n}].Association.PublicIp");
        addresses.push(Address { own, public, path, document: None });
    }
    if addresses.is_empty()
        && let Some(own) = document.get("PrivateIpAddress").text().and_then(number)
    {
        let public = document.get("Association.PublicIp").text().and_then(number);
        let path = format!("{at}Association.PublicIp");
        addresses.push(Address {
            own,
            public: public.and_then(|it| it.first()),
            path,
            document: None,
        });
    }
    for (n, it) in document.get("Ipv6Addresses").items().enumerate() {
        let Some(own) = it.get("Ipv6Address").text().and_then(number) else { continue };
        let path = format!("{at}Ipv6Addresses[{n}].Ipv6Address");
        addresses.push(Address { public: own.first(), own, path, document: None });
    }
    Nic {
        id: document.get("NetworkInterfaceId").text().map(Name::from),
        subnets: document.get("SubnetId").text().map(Name::from).into_iter().collect(),
        network: document.get("VpcId").text().map(Name::from),
        addresses,
        groups: named(document.get("Groups"), "GroupId"),
        is_open: false,
        is_anywhere: false,
    }
}

/// An instance; `None` when it is gone.
pub(super) fn instance(id: &Name, document: At<'_>) -> Option<Host> {
    if matches!(document.get("State.Name").text(), Some("terminated" | "shutting-down")) {
        return None;
    }
    let mut host = Host::new(id);
    host.is_stopped = matches!(document.get("State.Name").text(), Some("stopped" | "stopping"));
    host.short = document.get("InstanceId").text().map(Name::from);
    let mut nics: Vec<Nic> = document
        .get("NetworkInterfaces")
        .items()
        .enumerate()
        .map(|(n, it)| interface(it, &format!("NetworkInterfaces[{n}].")))
        .collect();
    let groups = named(document.get("SecurityGroups"), "GroupId");
    let network = document.get("VpcId").text().map(Name::from);
    let subnet = document.get("SubnetId").text().map(Name::from);
    if nics.is_empty() {
        nics.push(Nic { groups: groups.clone(), ..Nic::default() });
    }
    let is_one = nics.len() == 1;
    let public = document.get("PublicIpAddress");
    let first = nics.first_mut()?;
    // An interface may be named only; what the instance says about its first one holds then.
    if first.groups.is_empty() && is_one {
        first.groups = groups;
    }
    first.network = first.network.take().or(network);
    if first.subnets.is_empty() {
        first.subnets.extend(subnet);
    }
    if first.addresses.iter().all(|it| it.public.is_none())
        && let Some(address) = public.text().and_then(number).and_then(|it| it.first())
    {
        let own = document.get("PrivateIpAddress").text().and_then(number);
        match first.addresses.first_mut() {
            Some(it) => {
                it.public = Some(address);
                "PublicIpAddress".clone_into(&mut it.path);
            }
            None => first.addresses.push(Address {
                own: own.unwrap_or_default(),
                public: Some(address),
                path: "PublicIpAddress".to_owned(),
                document: None,
            }),
        }
    } else if first.addresses.is_empty() {
        let own = document.get("PrivateIpAddress").text().and_then(number).unwrap_or_default();
        first.addresses.push(Address { own, ..Address::somewhere() });
        if public.is_unread() {
            host.unread.push(format!("whether {id} has a public address"));
        }
    }
    host.nics = nics;
    Some(host)
}

pub(super) fn listens(id: &Name, path: &str, port: Option<i64>, otherwise: u128) -> Listens {
    let port = port.and_then(|it| u128::try_from(it).ok()).unwrap_or(otherwise).min(LAST_PORT);
    let rule = Rule {
        resource: Arc::clone(id),
        path: path.to_owned(),
        words: format!("listens at tcp {port}"),
        does: Does::Permits,
    };
    Listens { set: Arc::new(ports(TCP, port, port)), rule: Arc::new(rule) }
}

/// A database in a network: `is_public` gives it a public address.
fn hosted(id: &Name, nic: Nic, is_public: At<'_>, listens: Listens) -> Host {
    let public = is_public.bool().unwrap_or(false).then_some(0);
    let path = "PubliclyAccessible".to_owned();
    let address = Address { public, path, ..Address::somewhere() };
    let mut host = Host::new(id);
    if is_public.is_unread() {
        host.unread.push(format!("whether {id} is publicly accessible"));
    }
    host.nics.push(Nic { addresses: vec![address], ..nic });
    host.listens = Some(listens);
    host
}

/// A database of RDS.
pub(super) fn database(id: &Name, document: At<'_>) -> Host {
    let zone = document.get("AvailabilityZone").text();
    let subnets = document.get("DBSubnetGroup.Subnets");
    let mut own: Vec<Name> = subnets
        .items()
        .filter(|it| zone.is_some() && it.get("SubnetAvailabilityZone.Name").text() == zone)
        .filter_map(|it| it.get("SubnetIdentifier").text().map(Name::from))
        .collect();
    if own.is_empty() {
        own = named(subnets, "SubnetIdentifier");
    }
    let nic = Nic {
        subnets: own,
        network: document.get("DBSubnetGroup.VpcId").text().map(Name::from),
        groups: named(document.get("VpcSecurityGroups"), "VpcSecurityGroupId"),
        ..Nic::default()
    };
    let port = document.get("Endpoint.Port").int().or_else(|| document.get("Port").int());
    let listens = listens(id, "Endpoint.Port", port, usual_port(document));
    let mut host = hosted(id, nic, document.get("PubliclyAccessible"), listens);
    let state = document.get("DBInstanceStatus").text();
    host.is_stopped = matches!(state, Some("stopped" | "stopping"));
    host.cluster = document.get("DBClusterIdentifier").text().and_then(|cluster| {
        let (place, _) = id.split_once(":db:")?;
        Some(format!("{place}:cluster:{cluster}").into())
    });
    host
}

/// The port of a database that says none.
fn usual_port(document: At<'_>) -> u128 {
    match document.get("Engine").text().unwrap_or_default() {
        it if it.contains("postgres") => 5432,
        it if it.contains("sqlserver") => 1433,
        it if it.contains("oracle") => 1521,
        "docdb" => 27017,
        "neptune" => 8182,
        _ => 3306,
    }
}

/// A cluster of Aurora and its like. Its own document tells neither network nor public addresses: those are of its
/// instances, and are taken from there.
pub(super) fn database_cluster(id: &Name, document: At<'_>) -> Host {
    let nic = Nic {
        groups: named(document.get("VpcSecurityGroups"), "VpcSecurityGroupId"),
        addresses: vec![Address::somewhere()],
        ..Nic::default()
    };
    let mut host = Host::new(id);
    // Of Multi-AZ clusters it says so itself.
    if document.get("PubliclyAccessible").bool() == Some(true) {
        let path = "PubliclyAccessible".to_owned();
        let address = Address { public: Some(0), path, ..Address::somewhere() };
        host.nics.push(Nic { addresses: vec![address], ..nic });
    } else {
        if document.get("DBClusterMembers").items().next().is_some() {
            host.unread.push(format!("the instances of {id}"));
        }
        host.nics.push(nic);
    }
    host.is_stopped = matches!(document.get("Status").text(), Some("stopped" | "stopping"));
    host.listens = Some(listens(id, "Port", document.get("Port").int(), usual_port(document)));
    host
}

/// A file system: an interface for each mount target, never a public address. `None` when those were not read.
pub(super) fn file_system(id: &Name, document: At<'_>) -> Option<Host> {
    let targets = document.get("DescribeMountTargets.MountTargets");
    if targets.is_unread() {
        return None;
    }
    let mut host = Host::new(id);
    for it in targets.items() {
        let own = it.get("IpAddress").text().and_then(number).unwrap_or_default();
        host.nics.push(Nic {
            id: it.get("NetworkInterfaceId").text().map(Name::from),
            subnets: it.get("SubnetId").text().map(Name::from).into_iter().collect(),
            network: it.get("VpcId").text().map(Name::from),
            addresses: vec![Address { own, ..Address::somewhere() }],
            ..Nic::default()
        });
    }
    let path = "DescribeMountTargets.MountTargets";
    host.listens = Some(listens(id, path, Some(2049), 2049));
    Some(host)
}

/// A task of ECS with an interface of its own; `None` where it shares that of its machine, or that is not known.
pub(super) fn task(id: &Name, document: At<'_>) -> Option<Host> {
    let task = document.get("DescribeTasks");
    let mut host = Host::new(id);
    let is_interface =
        |it: &At<'_>| it.get("type").text().is_some_and(|it| it.ends_with("NetworkInterface"));
    for it in task.get("attachments").items().filter(is_interface) {
        let said = |name: &str| {
            let is_it = |it: &At<'_>| it.get("name").text() == Some(name);
            it.get("details").items().find(is_it)?.get("value").text()
        };
        let own = said("privateIPv4Address").and_then(number).unwrap_or_default();
        host.nics.push(Nic {
            id: said("networkInterfaceId").map(Name::from),
            subnets: said("subnetId").map(Name::from).into_iter().collect(),
            addresses: vec![Address { own, ..Address::somewhere() }],
            ..Nic::default()
        });
    }
    host.is_stopped = matches!(task.get("lastStatus").text(), Some("STOPPED" | "DEPROVISIONING"));
    (!host.nics.is_empty()).then_some(host)
}

/// A cache: in a network that its security groups tell, never public.
pub(super) fn cache(id: &Name, document: At<'_>) -> Host {
    let mut host = Host::new(id);
    host.nics.push(Nic {
        groups: named(document.get("SecurityGroups"), "SecurityGroupId"),
        addresses: vec![Address::somewhere()],
        ..Nic::default()
    });
    let usual = if document.get("Engine").text() == Some("memcached") { 11211 } else { 6379 };
    let node = document.get("CacheNodes").items().find_map(|it| it.get("Endpoint.Port").int());
    let port = document.get("ConfigurationEndpoint.Port").int().or(node);
    host.listens = Some(listens(id, "CacheNodes", port, usual));
    host
}

/// A cluster of Kafka: brokers in each of its subnets, with addresses on the internet where that is switched on.
pub(super) fn kafka(id: &Name, document: At<'_>) -> Option<Host> {
    let at = "Provisioned.BrokerNodeGroupInfo";
    let brokers = document.get(at);
    let subnets = names(brokers.get("ClientSubnets"));
    if subnets.is_empty() {
        return None;
    }
    let path = format!("{at}.ConnectivityInfo.PublicAccess.Type");
    let is_public = document.get(&path).text() == Some("SERVICE_PROVIDED_EIPS");
    let public = is_public.then_some(0);
    let mut host = Host::new(id);
    host.nics.push(Nic {
        subnets,
        groups: names(brokers.get("SecurityGroups")),
        addresses: vec![Address { public, path, ..Address::somewhere() }],
        ..Nic::default()
    });
    // By what clients sign in with, within the network and from outside.
    let open = [9092, 9094, 9096, 9098, 9194, 9196, 9198];
    let set = open.iter().fold(PacketSet::default(), |sum, it| sum.union(&ports(TCP, *it, *it)));
    let rule = Rule {
        resource: Arc::clone(id),
        path: at.to_owned(),
        words: "brokers listen at tcp 9092 to 9098, and from outside at 9194 to 9198".to_owned(),
        does: Does::Permits,
    };
    host.listens = Some(Listens { set: Arc::new(set), rule: Arc::new(rule) });
    Some(host)
}

/// A Redshift cluster.
pub(super) fn warehouse(id: &Name, document: At<'_>) -> Host {
    let nic = Nic {
        network: document.get("VpcId").text().map(Name::from),
        groups: named(document.get("VpcSecurityGroups"), "VpcSecurityGroupId"),
        ..Nic::default()
    };
    let port = document.get("Endpoint.Port").int();
    let listens = listens(id, "Endpoint.Port", port, 5439);
    let mut host = hosted(id, nic, document.get("PubliclyAccessible"), listens);
    host.is_stopped = document.get("ClusterStatus").text() == Some("paused");
    host
}

/// Rules of a service for who may reach it from the internet.
fn door(id: &Name, path: &str, words: &str, from: Who, ports: PacketSet) -> Arc<Gate> {
    let clause = Clause {
        action: Action::Permit,
        from,
        to: Who::anyone(),
        traffic: ports,
        path: path.to_owned(),
        words: words.to_owned(),
    };
    Arc::new(Gate::closed(id, vec![clause]))
}

fn https() -> PacketSet {
    ports(TCP, 443, 443)
}

/// A search domain: in a network, or with an address on the internet.
pub(super) fn search_domain(id: &Name, document: At<'_>) -> Host {
    let status = document.get("DescribeDomain.DomainStatus");
    let options = status.get("VPCOptions");
    let mut host = Host::new(id);
    if status.is_unread() {
        host.unread.push(format!("whether {id} lies in a network"));
    } else if let Some(network) = options.get("VPCId").text() {
        host.nics.push(Nic {
            subnets: names(options.get("SubnetIds")),
            network: Some(network.into()),
            groups: names(options.get("SecurityGroupIds")),
            addresses: vec![Address::somewhere()],
            ..Nic::default()
        });
        host.listens = Some(listens(id, "DescribeDomain.DomainStatus.VPCOptions", Some(443), 443));
    } else {
        let path = "DescribeDomain.DomainStatus.Endpoint";
        host.door = Some(door(id, path, "has a public end point", Who::anyone(), https()));
    }
    host
}

/// The API server of a Kubernetes cluster.
pub(super) fn cluster(id: &Name, document: At<'_>) -> Host {
    let at = "DescribeCluster.cluster.resourcesVpcConfig";
    let config = document.get(at);
    let mut host = Host::new(id);
    if config.get("endpointPublicAccess").is_unread() {
        host.unread.push(format!("whether the API server of {id} is public"));
    }
    if config.get("endpointPublicAccess").bool() == Some(true) {
        let ranges = config.get("publicAccessCidrs");
        let clauses: Vec<Clause> = ranges
            .texts()
            .enumerate()
            .filter_map(|(n, text)| {
                Some(Clause {
                    action: Action::Permit,
                    from: Who::at(number(text)?),
                    to: Who::anyone(),
                    traffic: https(),
                    path: format!("{at}.publicAccessCidrs[{n}]"),
                    words: format!("the API server is public for {text}"),
                })
            })
            .collect();
        host.door = Some(if ranges.is_null() {
            let words = "the API server is public";
            door(id, &format!("{at}.endpointPublicAccess"), words, Who::anyone(), https())
        } else if ranges.is_unread() {
            host.unread.push(format!("the ranges that may reach the API server of {id}"));
            Arc::new(Gate::unread(id))
        } else {
            Arc::new(Gate::closed(id, clauses))
        });
    }
    let mut groups = names(config.get("securityGroupIds"));
    groups.extend(config.get("clusterSecurityGroupId").text().map(Name::from));
    host.nics.push(Nic {
        subnets: names(config.get("subnetIds")),
        network: config.get("vpcId").text().map(Name::from),
        groups,
        addresses: vec![Address::somewhere()],
        ..Nic::default()
    });
    host.listens = Some(listens(id, at, Some(443), 443));
    host
}

/// A function: what it reaches goes through its network, and only a URL leads to it.
pub(super) fn function(id: &Name, document: At<'_>) -> Host {
    let mut host = Host::new(id);
    let url = document.get("GetFunctionUrlConfig.FunctionUrl");
    if url.text().is_some() {
        let path = "GetFunctionUrlConfig.FunctionUrl";
        host.door = Some(door(id, path, "has a URL on the internet", Who::anyone(), https()));
    } else if url.is_unread() {
        host.unread.push(format!("whether {id} has a URL"));
    }
    let network = document.get("VpcConfig.VpcId").text().map(Name::from);
    if network.is_some() {
        host.nics.push(Nic {
            subnets: names(document.get("VpcConfig.SubnetIds")),
            network,
            groups: names(document.get("VpcConfig.SecurityGroupIds")),
            addresses: vec![Address::somewhere()],
            ..Nic::default()
        });
    }
    let rule = Rule {
        resource: Arc::clone(id),
        path: String::new(),
        words: "a function listens to nothing in its network".to_owned(),
        does: Does::Permits,
    };
    host.listens = Some(Listens { set: Arc::default(), rule: Arc::new(rule) });
    host
}

/// An API of API Gateway, of either generation.
pub(super) fn api(id: &Name, document: At<'_>) -> Host {
    let mut host = Host::new(id);
    let types = document.get("endpointConfiguration.types");
    let is_private = types.texts().any(|it| it == "PRIVATE");
    let is_off = ["disableExecuteApiEndpoint", "DisableExecuteApiEndpoint"]
        .into_iter()
        .any(|it| document.get(it).bool() == Some(true));
    if !is_private && !is_off {
        let path = if types.is_null() { "ApiEndpoint" } else { "endpointConfiguration.types" };
        let words = "has an end point on the internet";
        host.door = Some(door(id, path, words, Who::anyone(), https()));
    }
    host
}
