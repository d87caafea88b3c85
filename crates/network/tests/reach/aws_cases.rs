//! AWS: balancers, services, widths, and what was not read.

use network::{Answer, Exposure, Width};
use serde_json::{Value, json};

use crate::network;

type Documents = Vec<(&'static str, String, Value)>;

const INSTANCE: &str = "arn:aws:ec2:r:a:instance/i-1";

fn open_group(cidr: &str, port: u16) -> (&'static str, String, Value) {
    (
        "aws.ec2-security-group",
        "sg-1".to_owned(),
        json!({
            "GroupId": "sg-1",
            "IpPermissions": [{ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{ "CidrIp": cidr }] }],
            "IpPermissionsEgress": [{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }],
        }),
    )
}

fn instance(public: Option<&str>) -> (&'static str, String, Value) {
    (
        "aws.ec2-instance",
        INSTANCE.to_owned(),
        json!({
            "InstanceId": "i-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "PrivateIpAddress": "10.0.0.5",
            "PublicIpAddress": public, "SecurityGroups": [{ "GroupId": "sg-1" }],
        }),
    )
}

fn acl() -> (&'static str, String, Value) {
    let rule = |is_out| json!({ "RuleNumber": 100, "Egress": is_out, "CidrBlock": "0.0.0.0/0", "RuleAction": "allow", "Protocol": "-1" });
    (
        "aws.ec2-network-acl",
        "acl-1".to_owned(),
        json!({
            "NetworkAclId": "acl-1", "Associations": [{ "SubnetId": "subnet-1" }], "Entries": [rule(true), rule(false)],
        }),
    )
}

fn table(gateway: &str) -> (&'static str, String, Value) {
    (
        "aws.ec2-route-table",
        "rtb-1".to_owned(),
        json!({
            "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{ "Main": true }],
            "Routes": [{ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway, "State": "active" }],
        }),
    )
}

#[test]
fn a_port_that_is_open_to_one_address_is_not_wide_beside_one_that_is_open_to_all() {
    let mut group = open_group("0.0.0.0/0", 443);
    group.2["IpPermissions"].as_array_mut().unwrap().push(json!({
        "IpProtocol": "tcp", "FromPort": 20, "ToPort": 30, "IpRanges": [{ "CidrIp": "198.51.100.7/32" }],
    }));
    let documents = vec![group, instance(Some("203.0.113.9")), acl(), table("igw-1")];
    let found = exposure(&documents, INSTANCE);
    assert_eq!(
        (found.width, found.ports.to_string().as_str()),
        (Some(Width::Wide), "tcp/20-30,443")
    );
    let is_wide = |port| found.wide_tcp.contains(port);
    assert_eq!((is_wide(443), is_wide(22), is_wide(80)), (true, false, false));
}

#[track_caller]
fn exposure(documents: &Documents, id: &str) -> Exposure {
    network(documents).exposure(id).unwrap()
}

#[track_caller]
fn check(documents: &Documents, id: &str, want: &str) {
    let it = exposure(documents, id);
    let got = format!("{:?} {} {:?} {}", it.answer, it.ports, it.width, it.unread.join("; "));
    assert_eq!(got, want);
    assert_eq!(it.proof.is_some(), it.answer == Answer::Yes);
}

#[test]
fn an_instance_with_everything_open() {
    let mut all =
        vec![open_group("0.0.0.0/0", 22), instance(Some("52.1.1.1")), acl(), table("igw-1")];
    check(&all, INSTANCE, "Yes tcp/22 Some(Wide) ");
    let proof = exposure(&all, INSTANCE).proof.unwrap();
    let hops: Vec<&str> = proof.hops.iter().map(|it| it.resource.as_str()).collect();
    assert_eq!(hops, [INSTANCE, "rtb-1", "acl-1", "acl-1", "sg-1"]);
    assert_eq!(proof.packet.to.unwrap().to_string(), "52.1.1.1");
    assert_eq!(proof.arrives_as.to.unwrap().to_string(), "10.0.0.5");
    assert_eq!(proof.hops[4].path, "IpPermissions[0].IpRanges[0].CidrIp");
    assert_eq!(proof.hops[4].rule, "permits tcp 22 from 0.0.0.0/0");
    all[3] = table("nat-1");
    check(&all, INSTANCE, "No  None ");
}

#[test]
fn without_a_public_address_nothing_comes_in() {
    check(
        &vec![open_group("0.0.0.0/0", 22), instance(None), acl(), table("igw-1")],
        INSTANCE,
        "No  None ",
    );
}

#[test]
fn a_gateway_that_is_attached_elsewhere_leads_nowhere() {
    let gateway = |networks: Value| {
        let doc = json!({ "InternetGatewayId": "igw-1", "Attachments": networks });
        ("aws.ec2-internet-gateway", "igw-1".to_owned(), doc)
    };
    for (networks, want) in [
        (json!([{ "VpcId": "vpc-1", "State": "available" }]), "Yes tcp/22 Some(Wide) "),
        (json!([{ "VpcId": "vpc-2", "State": "available" }]), "No  None "),
        (json!([]), "No  None "),
    ] {
        let group = open_group("0.0.0.0/0", 22);
        let all = vec![group, instance(Some("52.1.1.1")), acl(), table("igw-1"), gateway(networks)];
        check(&all, INSTANCE, want);
    }
}

#[test]
fn width() {
    let at = |cidr| vec![open_group(cidr, 443), instance(Some("52.1.1.1")), acl(), table("igw-1")];
    check(&at("128.0.0.0/1"), INSTANCE, "Yes tcp/443 Some(Wide) ");
    check(&at("198.51.100.0/24"), INSTANCE, "Yes tcp/443 Some(Narrow) ");
    check(&at("10.0.0.0/8"), INSTANCE, "No  None ");
}

#[test]
fn what_only_trusted_ranges_reach() {
    let mut all =
        vec![open_group("198.51.100.0/24", 443), instance(Some("52.1.1.1")), acl(), table("igw-1")];
    let group = |range: &str| {
        (
            "microsoft.network/ipgroups",
            "mdc-network-exposure-trusted-ips".to_owned(),
            json!({ "properties": { "ipAddresses": [range] } }),
        )
    };
    all.push(group("198.51.100.0/25"));
    check(&all, INSTANCE, "Yes tcp/443 Some(Narrow) ");
    all.push(group("198.51.100.0/23"));
    check(&all, INSTANCE, "Yes tcp/443 Some(Trusted) ");
}

#[test]
fn a_rule_for_one_family_opens_nothing_to_the_other() {
    let group = |v4: Value, v6: Value| {
        let rule = json!({ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": v4, "Ipv6Ranges": v6 });
        (
            "aws.ec2-security-group",
            "sg-1".to_owned(),
            json!({ "GroupId": "sg-1", "IpPermissions": [rule] }),
        )
    };
    let v6 = || group(json!([]), json!([{ "CidrIpv6": "::/0" }]));
    check(&vec![v6(), instance(Some("52.1.1.1")), acl(), table("igw-1")], INSTANCE, "No  None ");
    let mut dual = instance(Some("52.1.1.1"));
    dual.2["NetworkInterfaces"] = json!([{
        "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.0.5" }], "SubnetId": "subnet-2",
        "Ipv6Addresses": [{ "Ipv6Address": "2600:1f18::5" }], "Groups": [{ "GroupId": "sg-1" }],
    }]);
    let it = exposure(&vec![v6(), dual], INSTANCE);
    assert_eq!((it.answer, it.ports.to_string()), (Answer::Yes, "tcp/22".to_owned()));
    assert!(it.proof.unwrap().packet.from.unwrap().is_ipv6());
}

#[test]
fn what_was_not_read() {
    let mut all = vec![open_group("0.0.0.0/0", 22), instance(Some("52.1.1.1"))];
    check(&all, INSTANCE, "Yes tcp/22 Some(Wide) network ACL of subnet-1; route table of subnet-1");
    all.remove(0);
    check(
        &all,
        INSTANCE,
        "Unknown tcp/any udp/any icmp other protocols None network ACL of subnet-1; route table of subnet-1; security group sg-1",
    );
}

#[test]
fn a_prefix_list_counts_once_it_is_known() {
    let mut all = vec![instance(Some("52.1.1.1")), acl(), table("igw-1")];
    all.push(("aws.ec2-security-group", "sg-1".to_owned(), json!({
        "GroupId": "sg-1", "IpPermissions": [{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{ "PrefixListId": "pl-1" }] }],
    })));
    check(&all, INSTANCE, "Unknown tcp/22 None ");
    all.push(("aws.ec2-prefix-list", "pl-1".to_owned(), json!({
        "PrefixListId": "pl-1", "GetManagedPrefixListEntries": { "Entries": [{ "Cidr": "198.51.100.0/24" }] },
    })));
    check(&all, INSTANCE, "Yes tcp/22 Some(Narrow) ");
}

#[test]
fn behind_a_public_balancer() {
    let mut all = vec![acl(), table("igw-1"), instance(None), open_group("10.0.0.0/8", 8080)];
    all.push((
        "aws.ec2-subnet",
        "subnet-1".to_owned(),
        json!({ "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24" }),
    ));
    all.push(("aws.ec2-security-group", "sg-lb".to_owned(), json!({
        "GroupId": "sg-lb", "IpPermissions": [{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }],
    })));
    all.push(("aws.elbv2-load-balancer", "lb".to_owned(), json!({
        "Scheme": "internet-facing", "Type": "application", "VpcId": "vpc-1", "SecurityGroups": ["sg-lb"],
        "AvailabilityZones": [{ "SubnetId": "subnet-1" }],
        "DescribeListeners": { "Listeners": [{ "Port": 443, "Protocol": "HTTPS", "DefaultActions": [{ "TargetGroupArn": "tg" }] }] },
    })));
    all.push(("aws.elbv2-target-group", "tg".to_owned(), json!({
        "Port": 8080, "TargetType": "instance", "LoadBalancerArns": ["lb"],
        "DescribeTargetHealth": { "TargetHealthDescriptions": [{ "Target": { "Id": "i-1", "Port": 8080 } }] },
    })));
    check(&all, "lb", "Yes tcp/443 Some(Wide) ");
    check(&all, INSTANCE, "Yes tcp/8080 Some(Wide) ");
    let it = exposure(&all, INSTANCE);
    assert_eq!(it.via, ["lb"]);
    let proof = it.proof.unwrap();
    assert_eq!((proof.packet.to_port, proof.arrives_as.to_port), (443, 8080));
    all[3] = open_group("0.0.0.0/0", 9090); // the balancer forwards to a port that the group does not open
    check(&all, INSTANCE, "No  None ");
}

#[test]
fn services() {
    let database = |is_public: bool| {
        (
            "aws.rds-db-instance",
            "db".to_owned(),
            json!({
                "PubliclyAccessible": is_public, "Endpoint": { "Port": 5432 }, "Engine": "postgres",
                "VpcSecurityGroups": [{ "VpcSecurityGroupId": "sg-1" }],
                "DBSubnetGroup": { "VpcId": "vpc-1", "Subnets": [{ "SubnetIdentifier": "subnet-1" }] },
            }),
        )
    };
    let around = |it| vec![open_group("0.0.0.0/0", 5432), acl(), table("igw-1"), it];
    check(&around(database(true)), "db", "Yes tcp/5432 Some(Wide) ");
    check(&around(database(false)), "db", "No  None ");
    let cluster = |cidr: &str| {
        vec![(
            "aws.eks-cluster",
            "eks".to_owned(),
            json!({
                "DescribeCluster": { "cluster": { "resourcesVpcConfig": { "endpointPublicAccess": true, "publicAccessCidrs": [cidr], "subnetIds": [] } } },
            }),
        )]
    };
    check(&cluster("0.0.0.0/0"), "eks", "Yes tcp/443 Some(Wide) ");
    check(&cluster("198.51.100.0/24"), "eks", "Yes tcp/443 Some(Narrow) ");
    let function = vec![(
        "aws.lambda-function",
        "f".to_owned(),
        json!({
            "GetFunctionUrlConfig": { "FunctionUrl": "https://x.lambda-url.us-east-1.on.aws/" },
        }),
    )];
    check(&function, "f", "Yes tcp/443 Some(Wide) ");
}

#[test]
fn only_what_depends_on_a_change_is_looked_at_again() {
    let keys = model::Keys::default();
    let make =
        |(kind, id, document): &(&str, String, Value)| crate::resource(&keys, kind, id, document);
    let mut network = network::Network::new(&keys);
    let other = ("aws.rds-db-instance", "db".to_owned(), json!({ "PubliclyAccessible": true }));
    let first: Vec<_> =
        [open_group("0.0.0.0/0", 22), instance(Some("52.1.1.1")), acl(), table("igw-1"), other]
            .iter()
            .map(make)
            .collect();
    assert_eq!(network.update(&first, []), [INSTANCE, "db"]);
    assert_eq!(network.update(&[make(&open_group("10.0.0.0/8", 22))], []), [INSTANCE]);
    assert_eq!(network.exposure(INSTANCE).unwrap().answer, Answer::No);
    assert_eq!(network.update(&[make(&open_group("0.0.0.0/0", 22))], []), [INSTANCE]);
    assert_eq!(network.exposure(INSTANCE).unwrap().width, Some(Width::Wide));
    assert_eq!(network.update(&[], ["rtb-1"]), [INSTANCE]);
    assert_eq!(network.exposure(INSTANCE).unwrap().unread, ["route table of subnet-1"]);
    assert_eq!(network.update(&[], [INSTANCE]), [INSTANCE]);
    assert_eq!(network.exposure(INSTANCE), None);
}

#[test]
fn what_is_stopped_answers_nobody_until_it_is_started() {
    let other = "arn:aws:ec2:r:a:instance/i-2";
    let mut all =
        vec![open_group("0.0.0.0/0", 22), instance(Some("52.1.1.1")), acl(), table("igw-1")];
    let mut near = instance(None);
    near.1 = other.to_owned();
    near.2["InstanceId"] = json!("i-2");
    all.push(near);
    assert_eq!(network(&all).between(other, INSTANCE).answer, Answer::Yes);
    let reached = |all: &Documents| network(all).reaches(other).iter().any(|it| it.id == INSTANCE);
    assert!(reached(&all));
    all[1].2["State"] = json!({ "Name": "stopped" });
    check(&all, INSTANCE, "No  None ");
    let then = exposure(&all, INSTANCE).once_started.unwrap();
    assert_eq!(
        (then.answer, then.ports.to_string().as_str(), then.width),
        (Answer::Yes, "tcp/22", Some(Width::Wide))
    );
    assert_eq!(network(&all).between(other, INSTANCE).answer, Answer::No);
    assert_eq!(network(&all).between(network::INTERNET, INSTANCE).answer, Answer::No);
    assert!(!reached(&all));
    // Whoever controls it can start it: what it sends then arrives.
    assert_eq!(network(&all).between(INSTANCE, other).answer, Answer::Yes);
    all[0] = open_group("10.9.0.0/16", 22);
    assert_eq!(exposure(&all, INSTANCE).once_started, None);
}

#[test]
fn a_cluster_of_databases_is_reached_at_its_instances() {
    const CLUSTER: &str = "arn:aws:rds:r:a:cluster:aurora";
    let cluster = (
        "aws.rds-db-cluster",
        CLUSTER.to_owned(),
        json!({
            "DBClusterIdentifier": "aurora", "Engine": "aurora-postgresql", "Port": 5432, "DBSubnetGroup": "inner",
            "VpcSecurityGroups": [{ "VpcSecurityGroupId": "sg-1" }],
            "DBClusterMembers": [{ "DBInstanceIdentifier": "one", "IsClusterWriter": true }],
        }),
    );
    let member = |is_public: bool| {
        (
            "aws.rds-db-instance",
            "arn:aws:rds:r:a:db:one".to_owned(),
            json!({
                "PubliclyAccessible": is_public, "DBClusterIdentifier": "aurora", "Engine": "aurora-postgresql",
                "VpcSecurityGroups": [{ "VpcSecurityGroupId": "sg-1" }],
                "DBSubnetGroup": { "VpcId": "vpc-1", "Subnets": [{ "SubnetIdentifier": "subnet-1" }] },
            }),
        )
    };
    let subnet = (
        "aws.ec2-subnet",
        "subnet-1".to_owned(),
        json!({ "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24" }),
    );
    let around = || {
        vec![open_group("0.0.0.0/0", 5432), acl(), table("igw-1"), subnet.clone(), cluster.clone()]
    };
    let with = |member| [around(), vec![member, instance(None)]].concat();
    check(&with(member(true)), CLUSTER, "Yes tcp/5432 Some(Wide) ");
    check(&with(member(false)), CLUSTER, "No  None ");
    let inner = network(&with(member(false))).between(INSTANCE, CLUSTER);
    assert_eq!((inner.answer, inner.ports.to_string().as_str()), (Answer::Yes, "tcp/5432"));
    assert!(inner.proof.is_some());
    // Whether its instances are public was not read.
    let it = exposure(&around(), CLUSTER);
    assert_eq!(
        (it.answer, it.unread),
        (Answer::Unknown, vec![format!("the instances of {CLUSTER}")])
    );

    // An instance that becomes public makes its cluster so.
    let keys = model::Keys::default();
    let make =
        |(kind, id, document): &(&str, String, Value)| crate::resource(&keys, kind, id, document);
    let mut network = network::Network::new(&keys);
    network.update(&with(member(false)).iter().map(make).collect::<Vec<_>>(), []);
    let changed = network.update(&[make(&member(true))], []);
    assert_eq!(changed, [CLUSTER, "arn:aws:rds:r:a:db:one"]);
    assert_eq!(network.exposure(CLUSTER).unwrap().answer, Answer::Yes);
    assert_eq!(network.update(&[], ["arn:aws:rds:r:a:db:one"]).first().unwrap(), CLUSTER);
    assert_eq!(network.exposure(CLUSTER).unwrap().answer, Answer::Unknown);
}

#[test]
fn services_within_a_network() {
    let subnet = || {
        (
            "aws.ec2-subnet",
            "subnet-1".to_owned(),
            json!({ "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24" }),
        )
    };
    let group = |port: u16| {
        let mut group = open_group("10.0.0.0/8", port);
        group.2["VpcId"] = json!("vpc-1");
        group
    };
    let passes = |port: u16, it: (&'static str, Value)| {
        let service = (it.0, "it".to_owned(), it.1);
        let all = vec![group(port), instance(None), acl(), table("igw-1"), subnet(), service];
        assert_eq!(exposure(&all, "it").answer, Answer::No);
        network(&all).between(INSTANCE, "it")
    };
    let interface = (
        "aws.ec2-network-interface",
        "arn:aws:ec2:r:a:network-interface/eni-9".to_owned(),
        json!({
            "NetworkInterfaceId": "eni-9", "SubnetId": "subnet-1", "VpcId": "vpc-1", "RequesterManaged": true,
            "Status": "in-use", "Groups": [{ "GroupId": "sg-1" }],
            "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.0.9" }],
        }),
    );
    let files = |unread: bool| {
        let target = json!({ "SubnetId": "subnet-1", "VpcId": "vpc-1", "IpAddress": "10.0.0.9", "NetworkInterfaceId": "eni-9" });
        let targets = if unread {
            model::doc::unread_marker(model::GapId::NOT_COLLECTED)
        } else {
            json!({ "MountTargets": [target] })
        };
        (
            "aws.efs-file-system",
            "fs".to_owned(),
            json!({ "FileSystemId": "fs-1", "DescribeMountTargets": targets }),
        )
    };
    let with = |port: u16, it| {
        vec![group(port), instance(None), acl(), table("igw-1"), subnet(), interface.clone(), it]
    };
    let passage = network(&with(2049, files(false))).between(INSTANCE, "fs");
    assert_eq!((passage.answer, passage.ports.to_string().as_str()), (Answer::Yes, "tcp/2049"));
    assert_eq!(network(&with(22, files(false))).between(INSTANCE, "fs").answer, Answer::No);
    check(&with(2049, files(false)), "fs", "No  None ");
    assert!(!network(&with(2049, files(true))).is_endpoint("fs"));

    let cache = json!({ "CacheClusterId": "c", "Engine": "redis", "SecurityGroups": [{ "SecurityGroupId": "sg-1" }] });
    let it = passes(6379, ("aws.elasticache-cluster", cache.clone()));
    assert_eq!((it.answer, it.ports.to_string().as_str()), (Answer::Yes, "tcp/6379"));
    assert_eq!(it.unread, ["the subnet that it lies in"]);
    let warehouse = json!({ "ClusterIdentifier": "w", "VpcId": "vpc-1", "PubliclyAccessible": false,
        "Endpoint": { "Port": 5439 }, "VpcSecurityGroups": [{ "VpcSecurityGroupId": "sg-1" }] });
    let it = passes(5439, ("aws.redshift-cluster", warehouse));
    assert_eq!((it.answer, it.ports.to_string().as_str()), (Answer::Yes, "tcp/5439"));
    assert_eq!(passes(22, ("aws.elasticache-cluster", cache)).answer, Answer::No);

    let task = json!({ "DescribeTasks": { "lastStatus": "RUNNING", "attachments": [{
        "type": "ElasticNetworkInterface",
        "details": [{ "name": "subnetId", "value": "subnet-1" }, { "name": "networkInterfaceId", "value": "eni-9" },
            { "name": "privateIPv4Address", "value": "10.0.0.9" }],
    }] } });
    let task = with(8080, ("aws.ecs-task", "task".to_owned(), task));
    let passage = network(&task).between(INSTANCE, "task");
    assert_eq!((passage.answer, passage.ports.to_string().as_str()), (Answer::Yes, "tcp/8080"));

    let it = passes(9098, ("aws.kafka-cluster", kafka("DISABLED")));
    assert_eq!((it.answer, it.ports.to_string().as_str()), (Answer::Yes, "tcp/9098"));
}

/// A cluster of Kafka in `subnet-1`.
fn kafka(public: &str) -> Value {
    json!({ "Provisioned": { "BrokerNodeGroupInfo": {
        "ClientSubnets": ["subnet-1"], "SecurityGroups": ["sg-1"],
        "ConnectivityInfo": { "PublicAccess": { "Type": public } },
    } } })
}

#[test]
fn brokers_may_have_public_addresses() {
    let subnet = (
        "aws.ec2-subnet",
        "subnet-1".to_owned(),
        json!({ "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24" }),
    );
    let public = vec![
        open_group("0.0.0.0/0", 9198),
        acl(),
        table("igw-1"),
        subnet,
        ("aws.kafka-cluster", "bus".to_owned(), kafka("SERVICE_PROVIDED_EIPS")),
    ];
    check(&public, "bus", "Yes tcp/9198 Some(Wide) ");
}
