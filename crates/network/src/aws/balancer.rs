//! Load balancers of AWS: listeners, target groups, and what they forward to.
//!
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html>,
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html>
//! (whether targets see the address of the client).

use std::sync::Arc;

use crate::gate::{Name, ports};
use crate::packets::{LAST_PORT, PacketSet, TCP, UDP};
use crate::read::At;

/// A port at which a balancer listens.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    pub(super) port: u128,
    pub(super) set: PacketSet,
    pub(super) path: String,
    /// The target groups that its default action names.
    pub(super) targets: Vec<Name>,
    /// Where a classic balancer forwards to.
    pub(super) instance_port: Option<u128>,
}

/// What a balancer has beside its interfaces.
#[derive(Debug, Clone, Default)]
pub(super) struct Balancer {
    /// `None` when they were not read.
    pub(super) listeners: Option<Vec<Listener>>,
    /// Targets see the address of the client, not the balancer's.
    pub(super) is_transparent: bool,
    pub(super) is_public: bool,
    /// It has addresses of both families.
    pub(super) is_dual: bool,
    /// The instances of a classic balancer.
    pub(super) instances: Vec<Name>,
}

/// A target group.
#[derive(Debug, Clone)]
pub(super) struct Targets {
    pub(super) id: Name,
    pub(super) balancers: Vec<Name>,
    pub(super) is_by_instance: bool,
    pub(super) is_udp: bool,
    /// The id or address of a target, and its port.
    pub(super) members: Vec<(Name, u128)>,
}

fn port(value: At<'_>) -> Option<u128> {
    value.int().and_then(|it| u128::try_from(it).ok()).filter(|it| *it <= LAST_PORT)
}

fn listener_set(protocol: &str, port: u128) -> PacketSet {
    match protocol {
        "UDP" | "QUIC" => ports(UDP, port, port),
        "TCP_UDP" | "TCP_QUIC" => ports(TCP, port, port).union(&ports(UDP, port, port)),
        _ => ports(TCP, port, port),
    }
}

/// An application or network balancer.
pub(super) fn balancer(document: At<'_>) -> Balancer {
    let list = document.get("DescribeListeners.Listeners");
    let listeners = list.items().enumerate().filter_map(|(n, it)| {
        let port = port(it.get("Port"))?;
        let mut targets: Vec<Name> = Vec::new();
        for action in it.get("DefaultActions").items() {
            targets.extend(action.get("TargetGroupArn").text().map(Name::from));
            let groups = action.get("ForwardConfig.TargetGroups");
            targets.extend(
                groups.items().filter_map(|it| it.get("TargetGroupArn").text().map(Name::from)),
            );
        }
        targets.sort_unstable();
        targets.dedup();
        let set = listener_set(it.get("Protocol").text().unwrap_or("TCP"), port);
        let path = format!("DescribeListeners.Listeners[{n}]");
        Some(Listener { port, set, path, targets, instance_port: None })
    });
    Balancer {
        listeners: (!list.is_unread() && !document.get("DescribeListeners").is_null())
            .then(|| listeners.collect()),
        is_transparent: document.get("Type").text() == Some("network"),
        is_dual: document.get("IpAddressType").text().is_some_and(|it| it.starts_with("dualstack")),
        is_public: document.get("Scheme").text() == Some("internet-facing"),
        instances: Vec::new(),
    }
}

/// A classic balancer.
pub(super) fn classic(document: At<'_>) -> Balancer {
    let list = document.get("ListenerDescriptions");
    let listeners = list.items().enumerate().filter_map(|(n, it)| {
        let it = it.get("Listener");
        let port = port(it.get("LoadBalancerPort"))?;
        let instance_port = self::port(it.get("InstancePort"));
        let set = ports(TCP, port, port);
        let path = format!("ListenerDescriptions[{n}].Listener");
        Some(Listener { port, set, path, targets: Vec::new(), instance_port })
    });
    Balancer {
        listeners: (!list.is_unread()).then(|| listeners.collect()),
        is_transparent: false,
        is_dual: false,
        is_public: document.get("Scheme").text() == Some("internet-facing"),
        instances: document
            .get("Instances")
            .items()
            .filter_map(|it| it.get("InstanceId").text().map(Name::from))
            .collect(),
    }
}

/// A target group.
pub(super) fn targets(id: &Name, document: At<'_>) -> Targets {
    let usual = port(document.get("Port")).unwrap_or(80);
    let health = document.get("DescribeTargetHealth.TargetHealthDescriptions");
    let members = health.items().filter_map(|it| {
        let target = it.get("Target");
        Some((Name::from(target.get("Id").text()?), port(target.get("Port")).unwrap_or(usual)))
    });
    Targets {
        id: Arc::clone(id),
        balancers: document.get("LoadBalancerArns").texts().map(Name::from).collect(),
        is_by_instance: document.get("TargetType").text().unwrap_or("instance") == "instance",
        is_udp: document.get("Protocol").text() == Some("UDP"),
        members: members.collect(),
    }
}
