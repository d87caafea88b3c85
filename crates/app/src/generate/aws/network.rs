//! The network of a region: one VPC with subnets and routes, and the security groups of each
//! application.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::{Account, Place};
use crate::generate::estate::Estate;

/// The network that the applications of a region share.
pub(super) struct Network {
    pub(super) vpc: String,
    /// Three public subnets, then three private ones.
    pub(super) subnets: Vec<String>,
    pub(super) zones: [&'static str; 3],
}

impl Network {
    /// One of the private subnets.
    pub(super) fn private(&self, number: u64) -> &str {
        self.subnets.get((3 + number % 3) as usize).map_or("", String::as_str)
    }

    /// One of the public subnets.
    pub(super) fn public(&self, number: u64) -> &str {
        self.subnets.get((number % 3) as usize).map_or("", String::as_str)
    }

    pub(super) fn zone(&self, number: u64) -> &'static str {
        self.zones.get((number % 3) as usize).copied().unwrap_or("a")
    }
}

/// Security groups of an application.
pub(super) struct Guards {
    pub(super) web: String,
    pub(super) app: String,
    pub(super) data: String,
}

impl Account {
    pub(super) fn write_network(
        &mut self,
        estate: &mut Estate<'_>,
        region: &'static str,
    ) -> Result<Network> {
        let vpc = format!("vpc-{}", estate.random.hex(17));
        let account = self.number.clone();
        let tags = |name: &str| json!([{ "Key": "Name", "Value": name }, { "Key": "team", "Value": "network" }]);
        if estate.count("aws.ec2-vpc") {
            let item = json!({
                "VpcId": vpc, "OwnerId": account, "CidrBlock": "10.16.0.0/12", "State": "available", "IsDefault": false,
                "InstanceTenancy": "default", "DhcpOptionsId": format!("dopt-{}", estate.random.hex(17)),
                "CidrBlockAssociationSet": [{ "AssociationId": format!("vpc-cidr-assoc-{}", estate.random.hex(17)), "CidrBlock": "10.16.0.0/12", "CidrBlockState": { "State": "associated" } }],
                "BlockPublicAccessStates": { "InternetGatewayBlockMode": "off" },
                "Tags": tags("main"),
            });
            self.add(estate, "ec2/describe-vpcs", &item)?;
        }
        let zones = ["a", "b", "c"];
        let mut subnets = Vec::new();
        for number in 0..6_u64 {
            let id = format!("subnet-{}", estate.random.hex(17));
            if estate.count("aws.ec2-subnet") {
                let zone = zones.get((number % 3) as usize).copied().unwrap_or("a");
                let item = json!({
                    "SubnetId": id, "SubnetArn": format!("arn:aws:ec2:{region}:{account}:subnet/{id}"), "VpcId": vpc, "OwnerId": account,
                    "CidrBlock": format!("10.{}.0.0/16", 16 + number), "AvailabilityZone": format!("{region}{zone}"), "State": "available",
                    "AvailableIpAddressCount": 60_000, "MapPublicIpOnLaunch": false, "AssignIpv6AddressOnCreation": false, "DefaultForAz": false,
                    "MapCustomerOwnedIpOnLaunch": false, "Ipv6CidrBlockAssociationSet": [], "EnableDns64": false, "Ipv6Native": false,
                    "PrivateDnsNameOptionsOnLaunch": { "HostnameType": "ip-name", "EnableResourceNameDnsARecord": false, "EnableResourceNameDnsAAAARecord": false },
                    "Tags": tags(if number < 3 { "public" } else { "private" }),
                });
                self.add(estate, "ec2/describe-subnets", &item)?;
            }
            subnets.push(id);
        }
        self.write_routes(estate, &vpc, &subnets)?;
        Ok(Network { vpc, subnets, zones })
    }

    /// The gateway to the internet, and the route tables of both halves.
    fn write_routes(
        &mut self,
        estate: &mut Estate<'_>,
        vpc: &str,
        subnets: &[String],
    ) -> Result<()> {
        let account = self.number.clone();
        let gateway = format!("igw-{}", estate.random.hex(17));
        let nat = format!("nat-{}", estate.random.hex(17));
        if estate.count("aws.ec2-internet-gateway") {
            let item = json!({ "InternetGatewayId": gateway, "OwnerId": account, "Attachments": [{ "State": "available", "VpcId": vpc }], "Tags": [] });
            self.add(estate, "ec2/describe-internet-gateways", &item)?;
        }
        if estate.count("aws.ec2-nat-gateway") {
            let item = json!({
                "NatGatewayId": nat, "VpcId": vpc, "SubnetId": subnets.first(), "State": "available", "ConnectivityType": "public",
                "CreateTime": estate.aged(300, 900),
                "NatGatewayAddresses": [{ "AllocationId": format!("eipalloc-{}", estate.random.hex(17)), "NetworkInterfaceId": format!("eni-{}", estate.random.hex(17)), "PrivateIp": "10.16.0.10", "PublicIp": estate.public_address() }],
                "Tags": [],
            });
            self.add(estate, "ec2/describe-nat-gateways", &item)?;
        }
        let (public, private) = subnets.split_at(subnets.len().min(3));
        for (subnets, way) in
            [(public, json!({ "GatewayId": gateway })), (private, json!({ "NatGatewayId": nat }))]
        {
            if !estate.count("aws.ec2-route-table") {
                break;
            }
            let id = format!("rtb-{}", estate.random.hex(17));
            let associations: Vec<Json> = subnets
                .iter()
                .map(|it| json!({ "Main": false, "RouteTableAssociationId": format!("rtbassoc-{}", estate.random.hex(17)), "RouteTableId": id, "SubnetId": it, "AssociationState": { "State": "associated" } }))
                .collect();
            let mut route = way;
            if let Some(map) = route.as_object_mut() {
                map.insert("DestinationCidrBlock".to_owned(), json!("0.0.0.0/0"));
                map.insert("Origin".to_owned(), json!("CreateRoute"));
                map.insert("State".to_owned(), json!("active"));
            }
            let item = json!({
                "RouteTableId": id, "VpcId": vpc, "OwnerId": account, "Associations": associations, "PropagatingVgws": [], "Tags": [],
                "Routes": [{ "DestinationCidrBlock": "10.16.0.0/12", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active" }, route],
            });
            self.add(estate, "ec2/describe-route-tables", &item)?;
        }
        Ok(())
    }

    pub(super) fn write_guards(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        network: &Network,
    ) -> Result<Guards> {
        let web =
            self.write_guard(estate, place, network, ("web", &[from_cidr("0.0.0.0/0", 443)]))?;
        let app =
            self.write_guard(estate, place, network, ("app", &[from_group(&web, place, 8080)]))?;
        let data =
            self.write_guard(estate, place, network, ("data", &[from_group(&app, place, 5432)]))?;
        Ok(Guards { web, app, data })
    }

    /// One security group; a faulty one lets SSH in from everywhere.
    pub(super) fn write_guard(
        &mut self,
        estate: &mut Estate<'_>,
        place: &Place,
        network: &Network,
        (tier, rules): (&str, &[Json]),
    ) -> Result<String> {
        let id = format!("sg-{}", estate.random.hex(17));
        let mut rules = rules.to_vec();
        let is_faulty = tier != "jump" && estate.is_faulty();
        if is_faulty {
            rules.push(from_cidr("0.0.0.0/0", 22));
        }
        if !estate.count("aws.ec2-security-group") {
            return Ok(id);
        }
        let arn = place.arn("ec2", &format!("security-group/{id}"));
        if is_faulty || tier == "jump" {
            estate.plant(&arn, "aws.ec2.sg-ssh-open");
        }
        let name = format!("{}-{tier}", place.application.name);
        let item = json!({
            "GroupId": id, "SecurityGroupArn": arn, "GroupName": name, "Description": format!("{tier} of {}", place.application.name),
            "OwnerId": place.account, "VpcId": network.vpc, "IpPermissions": rules,
            "IpPermissionsEgress": [{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "out" }], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [] }],
            "Tags": place.named(&name),
        });
        self.add(estate, "ec2/describe-security-groups", &item)?;
        Ok(id)
    }
}

/// TCP to one port from a range of addresses.
pub(super) fn from_cidr(cidr: &str, port: u32) -> Json {
    json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{ "CidrIp": cidr, "Description": "see ticket" }], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [] })
}

fn from_group(group: &str, place: &Place, port: u32) -> Json {
    json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [{ "GroupId": group, "UserId": place.account }] })
}
