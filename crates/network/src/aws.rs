//! Networks of AWS.
//!
//! From the internet a packet needs a public address, a route back to an internet gateway, an access
//! list that lets it in and its answer out, and a security group that lets it in. Between interfaces of
//! one network the same without the gateway, and across networks a peering or transit gateway that both
//! route to. <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html>.
//!
//! What was not read: an access list or a route table could only forbid, so what passes without it is
//! answered, with a note. A security group that was not read leaves the answer unknown.

mod balancer;
mod hosts;
mod nics;
mod parse;
mod ways;

use std::sync::Arc;

use hashbrown::HashMap;
use model::Resource;

use self::balancer::{Balancer, Targets};
use self::hosts::{Address, Host, Listens, Nic};
use self::parse::{ListUse, Route, Target};
use crate::cloud::{Cloud, Entrance, Touched};
use crate::gate::{Action, Clause, Gate, Name};
use crate::read::At;
use crate::spans::{Span, Spans, parse_prefix};

/// A security group.
#[derive(Debug)]
struct Group {
    network: Option<Name>,
    into: Arc<Gate>,
    out: Arc<Gate>,
    /// Both as they are written, and their clauses that name prefix lists.
    written: [(Arc<Gate>, Vec<ListUse>); 2],
}

#[derive(Debug)]
struct Acl {
    into: Arc<Gate>,
    out: Arc<Gate>,
    subnets: Vec<Name>,
}

#[derive(Debug)]
struct Table {
    id: Name,
    network: Option<Name>,
    is_main: bool,
    subnets: Vec<Name>,
    routes: Vec<Route>,
    /// The routes to the internet and back.
    internet: Arc<Gate>,
}

#[derive(Debug)]
struct Subnet {
    network: Option<Name>,
    addresses: Spans,
}

/// Networks that a gateway ties together.
#[derive(Debug, Default)]
struct Tie {
    networks: Vec<Name>,
}

/// What of a resource has to go when it goes.
#[derive(Debug, Clone)]
enum Known {
    Group(Name),
    Acl(Name),
    Table(Name),
    Subnet(Name),
    Interface(Name),
    Peering(Name),
    Attachment(Name),
    Address(Name),
    List(Name),
    Gateway(Name),
    Nat(Name),
    Targets,
    Host,
}

/// Everything of AWS, by the short ids that its documents use.
#[derive(Debug)]
pub(crate) struct Aws {
    known: HashMap<Name, Known>,
    groups: HashMap<Name, Group>,
    acls: HashMap<Name, Acl>,
    acl_of: HashMap<Name, Name>,
    tables: HashMap<Name, Table>,
    table_of: HashMap<Name, Name>,
    main_table: HashMap<Name, Name>,
    subnets: HashMap<Name, Subnet>,
    /// Interfaces, with the instance that they belong to.
    interfaces: HashMap<Name, (Nic, Option<Name>)>,
    peerings: HashMap<Name, Tie>,
    /// Transit gateway and network, by attachment.
    attachments: HashMap<Name, (Name, Name)>,
    /// Elastic addresses: the interface or instance, the private address where it is said, the public one.
    addresses: HashMap<Name, (Name, Option<u128>, u128)>,
    /// The addresses of prefix lists.
    lists: HashMap<Name, Spans>,
    /// The networks that an internet gateway is attached to.
    gateways: HashMap<Name, Vec<Name>>,
    /// The public address and the subnet of NAT gateways.
    nats: HashMap<Name, (Spans, Option<Name>)>,
    hosts: HashMap<Name, Host>,
    /// Instances by the cluster of databases that they are of.
    instances_of: HashMap<Name, Vec<Name>>,
    balancers: HashMap<Name, Balancer>,
    targets: HashMap<Name, Targets>,
    /// Target groups by the id or address of a target.
    targeted_by: HashMap<Name, Vec<Name>>,
    /// Classic balancers by instance.
    classic_of: HashMap<Name, Vec<Name>>,
    /// Stands for rules that were not read.
    unread: Arc<Gate>,
    /// Stands for routes that were not read.
    unread_routes: Arc<Gate>,
    /// What services with names of their own listen to.
    https: Listens,
}

impl Default for Aws {
    fn default() -> Self {
        let nothing: Name = "".into();
        let routes = Gate::open(&nothing, Vec::new(), "the routes were not collected");
        Self {
            known: HashMap::new(),
            groups: HashMap::new(),
            acls: HashMap::new(),
            acl_of: HashMap::new(),
            tables: HashMap::new(),
            table_of: HashMap::new(),
            main_table: HashMap::new(),
            subnets: HashMap::new(),
            interfaces: HashMap::new(),
            peerings: HashMap::new(),
            attachments: HashMap::new(),
            addresses: HashMap::new(),
            lists: HashMap::new(),
            gateways: HashMap::new(),
            nats: HashMap::new(),
            hosts: HashMap::new(),
            instances_of: HashMap::new(),
            balancers: HashMap::new(),
            targets: HashMap::new(),
            targeted_by: HashMap::new(),
            classic_of: HashMap::new(),
            unread: Arc::new(Gate::unread(&nothing)),
            unread_routes: Arc::new(routes),
            https: hosts::listens(&nothing, "", Some(443), 443),
        }
    }
}

impl Cloud for Aws {
    fn takes(&self, kind: &str) -> bool {
        kind.starts_with("aws.")
    }

    fn put(&mut self, resource: &Resource, document: At<'_>, touched: &mut Touched) {
        let id: Name = resource.id.as_str().into();
        self.remove(&resource.id, touched);
        let short = |field: &str| document.get(field).text().map(Name::from);
        let known = match resource.kind.as_ref() {
            "aws.ec2-security-group" => {
                short("GroupId").map(|it| self.put_group(&id, it, document))
            }
            "aws.ec2-network-acl" => {
                short("NetworkAclId").map(|it| self.put_acl(&id, it, document))
            }
            "aws.ec2-route-table" => {
                short("RouteTableId").map(|it| self.put_table(&id, it, document))
            }
            "aws.ec2-subnet" => short("SubnetId").map(|it| self.put_subnet(it, document)),
            "aws.ec2-network-interface" => {
                short("NetworkInterfaceId").map(|it| self.put_interface(&id, it, document))
            }
            "aws.ec2-vpc-peering-connection" => {
                short("VpcPeeringConnectionId").map(|it| self.put_peering(it, document))
            }
            "aws.ec2-transit-gateway-attachment" => {
                short("TransitGatewayAttachmentId").and_then(|it| self.put_attachment(it, document))
            }
            "aws.ec2-elastic-ip" => self.put_address(&id, document),
            "aws.ec2-prefix-list" => short("PrefixListId").map(|it| self.put_list(it, document)),
            "aws.ec2-internet-gateway" => {
                short("InternetGatewayId").map(|it| self.put_gateway(it, document))
            }
            "aws.ec2-nat-gateway" => short("NatGatewayId").map(|it| self.put_nat(it, document)),
            "aws.elbv2-target-group" => Some(self.put_targets(&id, document)),
            kind => self.put_host(&id, kind, document),
        };
        if let Some(known) = known {
            self.known.insert(Arc::clone(&id), known);
            self.touch(&id, touched);
        }
    }

    fn remove(&mut self, id: &str, touched: &mut Touched) {
        if !self.known.contains_key(id) {
            return;
        }
        self.touch(id, touched);
        let Some(known) = self.known.remove(id) else { return };
        match known {
            Known::Group(it) => drop(self.groups.remove(&it)),
            Known::Acl(it) => {
                for subnet in self.acls.remove(&it).into_iter().flat_map(|it| it.subnets) {
                    self.acl_of.remove(&subnet);
                }
            }
            Known::Table(it) => self.remove_table(&it),
            Known::Subnet(it) => drop(self.subnets.remove(&it)),
            Known::Interface(it) => {
                self.interfaces.remove(&it);
                self.hosts.remove(id);
            }
            Known::Peering(it) => drop(self.peerings.remove(&it)),
            Known::Attachment(it) => drop(self.attachments.remove(&it)),
            Known::Address(it) => drop(self.addresses.remove(&it)),
            Known::List(it) => drop(self.lists.remove(&it)),
            Known::Gateway(it) => drop(self.gateways.remove(&it)),
            Known::Nat(it) => drop(self.nats.remove(&it)),
            Known::Targets => {
                let members = self.targets.remove(id).into_iter().flat_map(|it| it.members);
                forget(&mut self.targeted_by, members.map(|(it, _)| it), id);
            }
            Known::Host => {
                let cluster = self.hosts.remove(id).and_then(|it| it.cluster);
                forget(&mut self.instances_of, cluster.into_iter(), id);
                let instances = self.balancers.remove(id).into_iter().flat_map(|it| it.instances);
                forget(&mut self.classic_of, instances, id);
            }
        }
    }

    fn settle(&mut self, _touched: &mut Touched) {
        let lists = &self.lists;
        for group in self.groups.values_mut() {
            let Group { into, out, written, .. } = group;
            for ((gate, (raw, uses)), is_in) in
                [into, out].into_iter().zip(written).zip([true, false])
            {
                if !uses.is_empty() {
                    *gate = Arc::new(with_lists(raw, uses, lists, is_in));
                }
            }
        }
    }

    fn has(&self, id: &str) -> bool {
        self.hosts.contains_key(id)
    }

    fn is_stopped(&self, id: &str) -> bool {
        self.hosts.get(id).is_some_and(|it| it.is_stopped)
    }

    fn keys_of(&self, id: &str) -> Vec<Name> {
        let mut keys = Vec::new();
        if let Some(host) = self.hosts.get(id) {
            self.keys_of_host(host, &mut keys);
            for (balancer, _) in self.balancers_of(host) {
                keys.push(Arc::clone(&balancer));
                if let Some(host) = self.hosts.get(&balancer) {
                    self.keys_of_host(host, &mut keys);
                }
            }
        }
        keys
    }

    fn entrances(&self, id: &str) -> Vec<Entrance> {
        self.hosts.get(id).map_or_else(Vec::new, |host| self.entrances_of(host))
    }

    fn exits(&self, id: &str) -> Vec<Entrance> {
        self.hosts.get(id).map_or_else(Vec::new, |host| self.exits_of(host))
    }

    fn inner(&self, from: &str, to: &str) -> Vec<Entrance> {
        match (self.hosts.get(from), self.hosts.get(to)) {
            (Some(from), Some(to)) => self.between_hosts(from, to),
            _ => Vec::new(),
        }
    }

    fn near(&self, id: &str) -> Vec<Name> {
        self.hosts.get(id).map_or_else(Vec::new, |host| self.near_host(host))
    }
}

fn forget(index: &mut HashMap<Name, Vec<Name>>, keys: impl Iterator<Item = Name>, id: &str) {
    for key in keys {
        if let Some(list) = index.get_mut(&key) {
            list.retain(|it| it.as_ref() != id);
        }
    }
}

/// The gate with the addresses of prefix lists filled in; of a list that is not known the clause is unread.
fn with_lists(gate: &Gate, uses: &[ListUse], lists: &HashMap<Name, Spans>, is_in: bool) -> Gate {
    let mut clauses: Vec<Clause> = gate.clauses.clone();
    for it in uses {
        let Some(clause) = clauses.get_mut(it.clause) else { continue };
        let list = lists.get(&it.list);
        let who = if is_in { &mut clause.from } else { &mut clause.to };
        who.addresses = list.cloned().unwrap_or_else(Spans::all);
        clause.action = if list.is_some() { Action::Permit } else { Action::MayPermit };
    }
    Gate::closed(&gate.resource, clauses)
}

impl Aws {
    /// Says which end points depend on what `id` is, or was.
    fn touch(&self, id: &str, touched: &mut Touched) {
        let Some(known) = self.known.get(id) else { return };
        match known {
            Known::Group(it)
            | Known::Subnet(it)
            | Known::Address(it)
            | Known::Peering(it)
            | Known::Nat(it) => {
                touched.insert(Arc::clone(it));
                if let Some((at, ..)) = self.addresses.get(it) {
                    touched.insert(Arc::clone(at));
                }
            }
            Known::Acl(it) => {
                touched.extend(self.acls.get(it).into_iter().flat_map(|it| it.subnets.clone()));
            }
            Known::Table(it) => {
                if let Some(table) = self.tables.get(it) {
                    touched.extend(table.subnets.iter().cloned());
                    touched.extend(table.network.iter().filter(|_| table.is_main).cloned());
                }
            }
            Known::Interface(it) => {
                touched.insert(Arc::clone(it));
                touched.insert(id.into());
                let owner = self.interfaces.get(it).and_then(|(_, owner)| owner.clone());
                touched.extend(owner);
            }
            Known::Attachment(it) => {
                touched.extend(self.attachments.get(it).map(|(_, network)| Arc::clone(network)));
            }
            Known::Gateway(it) => {
                touched.extend(self.gateways.get(it).into_iter().flatten().cloned());
            }
            Known::List(it) => {
                let uses = |group: &Group| {
                    group.written.iter().flat_map(|(_, uses)| uses).any(|used| used.list == *it)
                };
                for (short, group) in &self.groups {
                    if uses(group) {
                        touched.insert(Arc::clone(short));
                    }
                }
            }
            Known::Targets => {
                if let Some(targets) = self.targets.get(id) {
                    touched.extend(targets.members.iter().map(|(it, _)| Arc::clone(it)));
                }
            }
            Known::Host => {
                touched.insert(id.into());
                touched.extend(self.hosts.get(id).and_then(|it| it.cluster.clone()));
                let instances = self.balancers.get(id).into_iter().flat_map(|it| &it.instances);
                touched.extend(instances.cloned());
            }
        }
    }

    fn put_group(&mut self, id: &Name, short: Name, document: At<'_>) -> Known {
        let gate = |field: &str| {
            let permissions = document.get(field);
            let (clauses, lists) = parse::group_clauses(permissions, field);
            let is_unread = permissions.is_unread();
            let gate = if is_unread { Gate::unread(id) } else { Gate::closed(id, clauses) };
            (Arc::new(gate), lists)
        };
        let ((into, lists_in), (out, lists_out)) =
            (gate("IpPermissions"), gate("IpPermissionsEgress"));
        let written = [(Arc::clone(&into), lists_in), (Arc::clone(&out), lists_out)];
        let network = document.get("VpcId").text().map(Name::from);
        let group = Group { network, into, out, written };
        self.groups.insert(Arc::clone(&short), group);
        Known::Group(short)
    }

    fn put_acl(&mut self, id: &Name, short: Name, document: At<'_>) -> Known {
        let (into, out) = if document.get("Entries").is_unread() {
            let open = || Gate::open(id, Vec::new(), "the entries were not collected");
            (open(), open())
        } else {
            parse::acl_gates(id, document)
        };
        let subnets: Vec<Name> = document
            .get("Associations")
            .items()
            .filter_map(|it| it.get("SubnetId").text().map(Name::from))
            .collect();
        for subnet in &subnets {
            self.acl_of.insert(Arc::clone(subnet), Arc::clone(&short));
        }
        let acl = Acl { into: Arc::new(into), out: Arc::new(out), subnets };
        self.acls.insert(Arc::clone(&short), acl);
        Known::Acl(short)
    }

    fn put_table(&mut self, id: &Name, short: Name, document: At<'_>) -> Known {
        let network = document.get("VpcId").text().map(Name::from);
        let mut is_main = false;
        let mut subnets = Vec::new();
        for it in document.get("Associations").items() {
            is_main |= it.get("Main").bool() == Some(true);
            subnets.extend(it.get("SubnetId").text().map(Name::from));
        }
        for subnet in &subnets {
            self.table_of.insert(Arc::clone(subnet), Arc::clone(&short));
        }
        if is_main && let Some(network) = &network {
            self.main_table.insert(Arc::clone(network), Arc::clone(&short));
        }
        let routes = parse::routes(document);
        let internet = if document.get("Routes").is_unread() {
            Arc::clone(&self.unread_routes)
        } else {
            let wanted = |it: &Target| matches!(it, Target::Internet(_));
            Arc::new(parse::route_gate(id, &routes, wanted))
        };
        let id = Arc::clone(id);
        let table = Table { id, network, is_main, subnets, routes, internet };
        self.tables.insert(Arc::clone(&short), table);
        Known::Table(short)
    }

    fn remove_table(&mut self, short: &Name) {
        let Some(table) = self.tables.remove(short) else { return };
        for subnet in &table.subnets {
            self.table_of.remove(subnet);
        }
        if let (true, Some(network)) = (table.is_main, &table.network) {
            self.main_table.remove(network);
        }
    }

    fn put_subnet(&mut self, short: Name, document: At<'_>) -> Known {
        let v4 = document.get("CidrBlock").text().and_then(parse_prefix);
        // The first four addresses and the last belong to the network itself.
        let hosts = v4.map(|it| {
            let room = it.last - it.first;
            if room > 8 { Span::new(it.first + 4, it.last - 1) } else { it }
        });
        let v6 = document
            .get("Ipv6CidrBlockAssociationSet")
            .items()
            .filter_map(|it| it.get("Ipv6CidrBlock").text().and_then(parse_prefix))
            .collect::<Vec<_>>();
        let addresses = hosts.into_iter().chain(v6).collect();
        let network = document.get("VpcId").text().map(Name::from);
        self.subnets.insert(Arc::clone(&short), Subnet { network, addresses });
        Known::Subnet(short)
    }

    fn put_interface(&mut self, id: &Name, short: Name, document: At<'_>) -> Known {
        let mut nic = hosts::interface(document, "");
        for address in &mut nic.addresses {
            address.document = Some(Arc::clone(id));
        }
        let owner = document.get("Attachment.InstanceId").text().map(Name::from);
        // Interfaces that a service keeps belong to an end point of that service.
        let is_own = owner.is_none()
            && document.get("RequesterManaged").bool() != Some(true)
            && document.get("Status").text() == Some("in-use");
        if is_own {
            let host = Host { nics: vec![nic.clone()], ..Host::new(id) };
            self.hosts.insert(Arc::clone(id), host);
        }
        self.interfaces.insert(Arc::clone(&short), (nic, owner));
        Known::Interface(short)
    }

    fn put_peering(&mut self, short: Name, document: At<'_>) -> Known {
        let is_active = document.get("Status.Code").text().is_none_or(|it| it == "active");
        let networks = ["RequesterVpcInfo.VpcId", "AccepterVpcInfo.VpcId"]
            .into_iter()
            .filter_map(|it| document.get(it).text().map(Name::from))
            .filter(|_| is_active)
            .collect();
        self.peerings.insert(Arc::clone(&short), Tie { networks });
        Known::Peering(short)
    }

    fn put_attachment(&mut self, short: Name, document: At<'_>) -> Option<Known> {
        let state = document.get("State").text();
        if state.is_some_and(|it| !matches!(it, "available" | "modifying")) {
            return None;
        }
        let gateway: Name = document.get("TransitGatewayId").text()?.into();
        let network: Name = document.get("ResourceId").text()?.into();
        self.attachments.insert(Arc::clone(&short), (gateway, network));
        Some(Known::Attachment(short))
    }

    fn put_address(&mut self, id: &Name, document: At<'_>) -> Option<Known> {
        let public = document.get("PublicIp").text().and_then(parse_prefix)?.first;
        let at = ["NetworkInterfaceId", "InstanceId"]
            .into_iter()
            .find_map(|it| document.get(it).text().map(Name::from))?;
        let own = document.get("PrivateIpAddress").text().and_then(parse_prefix);
        self.addresses.insert(Arc::clone(id), (at, own.map(|it| it.first), public));
        Some(Known::Address(Arc::clone(id)))
    }

    fn put_list(&mut self, short: Name, document: At<'_>) -> Known {
        let entries = document.get("GetManagedPrefixListEntries.Entries");
        if !entries.is_unread() && !entries.is_null() {
            let spans =
                entries.items().filter_map(|it| it.get("Cidr").text().and_then(parse_prefix));
            self.lists.insert(Arc::clone(&short), spans.collect());
        }
        Known::List(short)
    }

    fn put_gateway(&mut self, short: Name, document: At<'_>) -> Known {
        let networks = document
            .get("Attachments")
            .items()
            .filter_map(|it| it.get("VpcId").text().map(Name::from))
            .collect();
        self.gateways.insert(Arc::clone(&short), networks);
        Known::Gateway(short)
    }

    fn put_nat(&mut self, short: Name, document: At<'_>) -> Known {
        let public = document
            .get("NatGatewayAddresses")
            .items()
            .filter_map(|it| it.get("PublicIp").text().and_then(parse_prefix))
            .collect();
        let subnet = document.get("SubnetId").text().map(Name::from);
        self.nats.insert(Arc::clone(&short), (public, subnet));
        Known::Nat(short)
    }

    fn put_targets(&mut self, id: &Name, document: At<'_>) -> Known {
        let targets = balancer::targets(id, document);
        for (member, _) in &targets.members {
            self.targeted_by.entry(Arc::clone(member)).or_default().push(Arc::clone(id));
        }
        self.targets.insert(Arc::clone(id), targets);
        Known::Targets
    }

    fn put_host(&mut self, id: &Name, kind: &str, document: At<'_>) -> Option<Known> {
        let host = match kind {
            "aws.ec2-instance" => hosts::instance(id, document)?,
            "aws.rds-db-instance" => hosts::database(id, document),
            "aws.rds-db-cluster" => hosts::database_cluster(id, document),
            "aws.efs-file-system" => hosts::file_system(id, document)?,
            "aws.ecs-task" => hosts::task(id, document)?,
            "aws.elasticache-cluster" => hosts::cache(id, document),
            "aws.kafka-cluster" => hosts::kafka(id, document)?,
            "aws.redshift-cluster" => hosts::warehouse(id, document),
            "aws.opensearch-domain" => hosts::search_domain(id, document),
            "aws.eks-cluster" => hosts::cluster(id, document),
            "aws.lambda-function" => hosts::function(id, document),
            "aws.apigateway-rest-api" | "aws.apigatewayv2-api" => hosts::api(id, document),
            "aws.elbv2-load-balancer" | "aws.elb-load-balancer" => {
                self.put_balancer(id, kind, document)
            }
            _ => return None,
        };
        if let Some(cluster) = &host.cluster {
            self.instances_of.entry(Arc::clone(cluster)).or_default().push(Arc::clone(id));
        }
        self.hosts.insert(Arc::clone(id), host);
        Some(Known::Host)
    }

    fn put_balancer(&mut self, id: &Name, kind: &str, document: At<'_>) -> Host {
        let is_classic = kind == "aws.elb-load-balancer";
        let balancer =
            if is_classic { balancer::classic(document) } else { balancer::balancer(document) };
        for instance in &balancer.instances {
            self.classic_of.entry(Arc::clone(instance)).or_default().push(Arc::clone(id));
        }
        let names = |field: &str| document.get(field).texts().map(Name::from).collect::<Vec<_>>();
        let zones = document.get("AvailabilityZones");
        let subnets = if is_classic {
            names("Subnets")
        } else {
            zones.items().filter_map(|it| it.get("SubnetId").text().map(Name::from)).collect()
        };
        let public = balancer.is_public.then_some(0);
        let groups = names("SecurityGroups");
        let nic = Nic {
            id: None,
            subnets,
            network: ["VpcId", "VPCId"]
                .into_iter()
                .find_map(|it| document.get(it).text())
                .map(Name::from),
            addresses: vec![Address { public, path: "Scheme".to_owned(), ..Address::somewhere() }],
            is_open: balancer.is_transparent && groups.is_empty(),
            groups,
            is_anywhere: false,
        };
        self.balancers.insert(Arc::clone(id), balancer);
        Host { nics: vec![nic], ..Host::new(id) }
    }
}
