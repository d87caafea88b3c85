//! `merlon reach`: what of an export the internet reaches, and what may pass between two.

use std::collections::BTreeMap;
use std::io::Write;

use ::network::packets::PacketSet;
use ::network::spans::{Spans, parse_range, print_span};
use ::network::{Answer, Exposure, INTERNET, Network, Packet, Passage, Proof, Width};
use anyhow::{Context as _, ensure};
use graph::Graph;
use model::View;
use serde_json::{Value as Json, json};

use crate::cli::{Cli, Reach, Shape};
use crate::progress::Progress;
use crate::report::single_line;
use crate::{estate, library, scan};

pub(crate) fn run(arguments: &Reach, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let library = library::load(&cli.content)?;
    let now = scan::instant(arguments.import.now.as_deref())?;
    let progress = Progress::new(cli.quiet);
    let options = scan::import_options(&arguments.import)?;
    let trusted = trusted(&arguments.trusted)?;
    let loaded = estate::load(&library, &options, &now, &progress);
    ensure!(
        loaded.facts.n_resources > 0,
        "nothing could be read; `merlon scan` lists the problems"
    );
    progress.say("following packets");
    let network = paths::network(&loaded.graph, trusted);
    let names = names(&network, &loaded.graph);
    drop(progress);
    let find = |text: &str| find(&network, &names, text);
    let wanted = arguments.port.map_or_else(PacketSet::all, PacketSet::at_port);
    match (arguments.from.as_deref(), arguments.to.as_deref()) {
        (None, None) => exposed(&network, arguments, out)?,
        (from, Some(to)) => {
            let from = from.map_or(Ok(INTERNET.to_owned()), find)?;
            let to = find(to)?;
            pair(&network, (&from, &to), &wanted, arguments.format, out)?;
        }
        (Some(from), None) => {
            let from = find(from)?;
            if from == INTERNET {
                exposed(&network, arguments, out)?;
            } else {
                reached(&network, &from, arguments, out)?;
            }
        }
    }
    Ok(0)
}

/// End points by the names that people gave them.
fn names(network: &Network, graph: &Graph) -> BTreeMap<String, Vec<String>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let key = graph.keys().find("name");
    for id in network.endpoints() {
        let name = graph.node_by_id(id).zip(key).map(|(node, key)| graph.meta(node).get(key));
        if let Some(Some(View::Str(name))) = name {
            names.entry(name.to_owned()).or_default().push(id.to_owned());
        }
    }
    names
}

fn trusted(ranges: &[String]) -> anyhow::Result<Spans> {
    let one =
        |it: &String| parse_range(it).with_context(|| format!("`{it}` is no range of addresses"));
    ranges.iter().map(one).collect()
}

/// An end point by its id, by the end of its id, or by its name.
fn find(
    network: &Network,
    names: &BTreeMap<String, Vec<String>>,
    text: &str,
) -> anyhow::Result<String> {
    if text == INTERNET || network.is_endpoint(text) {
        return Ok(text.to_owned());
    }
    let lower = text.to_lowercase();
    let ends =
        |id: &&str| id.to_lowercase().ends_with(&format!("/{lower}")) || id.to_lowercase() == lower;
    let mut found: Vec<String> = names.get(text).cloned().unwrap_or_default();
    if found.is_empty() {
        found = network.endpoints().into_iter().filter(ends).map(str::to_owned).collect();
    }
    ensure!(found.len() < 2, "`{text}` may be any of {}; name its id", found.join(", "));
    found.pop().with_context(|| format!("nothing that a packet could reach is called `{text}`"))
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::Unknown => "unknown",
        Answer::No => "no",
    }
}

fn width(width: Width) -> &'static str {
    match width {
        Width::Wide => "wide",
        Width::Narrow => "narrow",
        Width::Trusted => "trusted",
    }
}

fn exposed(network: &Network, arguments: &Reach, out: &mut dyn Write) -> anyhow::Result<()> {
    let all: Vec<(&str, Exposure)> = network
        .endpoints()
        .into_iter()
        .filter_map(|id| {
            let it = match arguments.format {
                Shape::Table => network.exposure_without_proof(id)?,
                Shape::Json => network.exposure(id)?,
            };
            let shown = it.once_started.as_deref().unwrap_or(&it);
            let is_port = arguments.port.is_none_or(|port| {
                let (tcp, udp) = (&shown.ports.tcp, &shown.ports.udp);
                tcp.contains(u128::from(port)) || udp.contains(u128::from(port))
            });
            (shown.answer != Answer::No && is_port).then_some((id, it))
        })
        .collect();
    let (all, stopped): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(_, it)| it.once_started.is_none());
    if arguments.format == Shape::Json {
        let exposed: Vec<Json> = all.iter().map(|(id, it)| exposure_json(id, it)).collect();
        let stopped: Vec<Json> = stopped
            .iter()
            .filter_map(|(id, it)| Some(exposure_json(id, it.once_started.as_deref()?)))
            .collect();
        let answer = json!({
            "endPoints": network.endpoints().len(), "exposed": exposed, "onceStarted": stopped,
        });
        return Ok(writeln!(out, "{answer:#}")?);
    }
    let mut sorted: Vec<&(&str, Exposure)> = all.iter().collect();
    sorted.sort_by_key(|(id, it)| (std::cmp::Reverse((it.answer, it.width)), *id));
    for (id, it) in sorted {
        let how = it.width.map_or("unknown", width);
        writeln!(out, "{how:<8} {}  {}", single_line(id), it.ports)?;
        if !it.via.is_empty() {
            writeln!(out, "         through {}", single_line(&it.via.join(", ")))?;
        }
        if !it.unread.is_empty() {
            let unread = it.unread.join("; ");
            writeln!(out, "         not collected: {}", single_line(&unread))?;
        }
    }
    for (id, it) in &stopped {
        if let Some(then) = &it.once_started {
            let how = then.width.map_or("unknown", width);
            writeln!(
                out,
                "stopped  {}  {} ({how}) once it is started",
                single_line(id),
                then.ports
            )?;
        }
    }
    let n_unknown = all.iter().filter(|(_, it)| it.answer == Answer::Unknown).count();
    writeln!(
        out,
        "{} of {} end points can be reached from the internet, {n_unknown} unknown",
        all.len() - n_unknown,
        network.endpoints().len()
    )?;
    Ok(())
}

fn pair(
    network: &Network,
    (from, to): (&str, &str),
    wanted: &PacketSet,
    format: Shape,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let passage = network.passage(from, to, wanted);
    let Passage { answer, ports, proof, unread } = &passage;
    if format == Shape::Json {
        let answer = json!({
            "from": from, "to": to, "answer": word(*answer), "ports": ports.to_string(),
            "proof": proof.as_ref().map(proof_json), "unread": unread,
        });
        return Ok(writeln!(out, "{answer:#}")?);
    }
    let plain = single_line;
    match answer {
        Answer::No => writeln!(out, "nothing passes from {} to {}", plain(from), plain(to))?,
        Answer::Yes => writeln!(out, "{ports} passes from {} to {}", plain(from), plain(to))?,
        Answer::Unknown => {
            writeln!(out, "unknown whether {ports} passes from {} to {}", plain(from), plain(to))?;
        }
    }
    for it in unread {
        writeln!(out, "not collected: {}", plain(it))?;
    }
    if let Some(proof) = proof {
        writeln!(out, "\nproof: {}", proof.packet)?;
        for (n, hop) in proof.hops.iter().enumerate() {
            writeln!(out, "{:>3}. {}: {}", n + 1, hop.does.word(), plain(&hop.rule))?;
            if !hop.resource.is_empty() {
                writeln!(out, "     {} {}", plain(&hop.resource), plain(&hop.path))?;
            }
        }
        if proof.arrives_as != proof.packet {
            writeln!(out, "     arrives as {}", proof.arrives_as)?;
        }
    }
    Ok(())
}

fn reached(
    network: &Network,
    from: &str,
    arguments: &Reach,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut all = network.reaches(from);
    if let Some(port) = arguments.port.map(u128::from) {
        all.retain(|it| it.ports.tcp.contains(port) || it.ports.udp.contains(port));
    }
    if arguments.format == Shape::Json {
        let list: Vec<Json> = all
            .iter()
            .map(|it| json!({ "to": it.id, "answer": word(it.answer), "ports": it.ports.to_string() }))
            .collect();
        return Ok(writeln!(out, "{:#}", json!({ "from": from, "reaches": list }))?);
    }
    for it in &all {
        let note = if it.answer == Answer::Unknown { " (unknown)" } else { "" };
        writeln!(out, "{}  {}{note}", single_line(it.id), it.ports)?;
    }
    writeln!(out, "{} end points can be reached from {}", all.len(), single_line(from))?;
    Ok(())
}

fn exposure_json(id: &str, it: &Exposure) -> Json {
    let sources: Vec<String> = it.sources.as_slice().iter().map(|it| print_span(*it)).collect();
    json!({
        "id": id, "answer": word(it.answer), "ports": it.ports.to_string(),
        "width": it.width.map(width), "sources": sources, "via": it.via,
        "proof": it.proof.as_ref().map(proof_json), "unread": it.unread,
    })
}

fn proof_json(proof: &Proof) -> Json {
    let hops: Vec<Json> = proof
        .hops
        .iter()
        .map(|it| {
            json!({ "resource": it.resource, "path": it.path, "rule": it.rule, "does": it.does.word() })
        })
        .collect();
    let packet = |it: &Packet| {
        json!({
            "from": it.from, "fromPort": it.from_port, "to": it.to, "toPort": it.to_port,
            "protocol": it.protocol_name(),
        })
    };
    json!({ "packet": packet(&proof.packet), "arrivesAs": packet(&proof.arrives_as), "hops": hops })
}
