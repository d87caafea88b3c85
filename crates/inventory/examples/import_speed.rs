//! How fast a million resources are imported, beside the floor of merely parsing the same bytes.
//!
//! `cargo run --release -p inventory --example import_speed -- 1000000`

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::thread;

use content::{ContentFile, Library};
use inventory::{Assembler, Inventory, Reader, SourceFile};
use model::Keys;

/// Lines of one chunk.
const CHUNK: usize = 2_000;

fn main() {
    let n: usize = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(100_000);
    let library = library();
    let keys = Keys::default();
    let chunks: Vec<Vec<u8>> =
        (0..n).step_by(CHUNK).map(|from| lines(from, CHUNK.min(n - from))).collect();
    let n_bytes: usize = chunks.iter().map(Vec::len).sum();
    say(&format!("{n} resources, {} MB", n_bytes >> 20));
    let floor = seconds(|| {
        for chunk in &chunks {
            for line in chunk.split(|it| *it == b'\n').filter(|it| !it.is_empty()) {
                let json: Result<serde_json::Value, _> = serde_json::from_slice(line);
                assert!(json.is_ok());
            }
        }
    });
    say(&format!("parse only, one thread: {floor:.2} s"));
    let reader = Reader::new(&library, &keys);
    let mut assembler = Assembler::new(&reader);
    let read = seconds(|| {
        let (even, odd): (Vec<_>, Vec<_>) =
            chunks.iter().enumerate().partition(|(i, _)| i % 2 == 0);
        let (sender, receiver) = std::sync::mpsc::sync_channel(8);
        thread::scope(|scope| {
            for half in [even, odd] {
                let (sender, reader) = (sender.clone(), &reader);
                scope.spawn(move || {
                    for (i, bytes) in half {
                        let file = SourceFile {
                            first_line: (i * CHUNK) as u64,
                            is_lines: true,
                            ..SourceFile::whole("a.ndjson", "a.ndjson", bytes)
                        };
                        drop(sender.send(reader.parse(&file)));
                    }
                });
            }
            drop(sender);
            for batch in receiver {
                assembler.absorb(batch);
            }
        });
    });
    say(&format!("read on two threads: {read:.2} s"));
    let before = resident();
    let mut inventory = Inventory::empty();
    let mut changes = None;
    let put_together = seconds(|| {
        let import = assembler.import();
        say(&format!("assembled {} resources", import.n_resources()));
        changes = Some(inventory.update(&reader, import));
    });
    say(&format!("assemble and link: {put_together:.2} s"));
    let n_doc: usize = inventory.resources().map(|(_, it)| it.doc.size_bytes()).sum();
    let n_edges = inventory.edges().len();
    say(&format!(
        "{} resources, {n_edges} edges, documents {} MB, ratio to the floor {:.2}",
        inventory.resources().count(),
        n_doc >> 20,
        (read + put_together) / floor
    ));
    drop(changes);
    say(&format!("linked state beside the resources: {} MB", inventory.footprint() >> 20));
    say(&format!("resident: {} MB before linking, {} MB after", before >> 10, resident() >> 10));
    update(&reader, &mut inventory, n);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|it| it.starts_with("VmHWM")) {
        say(line);
    }
}

/// How long it takes until one changed document is linked, and one that goes and comes back.
fn update(reader: &Reader<'_>, inventory: &mut Inventory, n: usize) {
    let mut times = Vec::new();
    for i in 0..1_000 {
        let at = i * (n / 1_000 / 3 * 3) + i % 3;
        let text = String::from_utf8(lines(at, 1)).unwrap_or_default();
        let text = match i % 3 {
            0 => text.replace("\"Deny\"", "\"Allow\""),
            1 => text.replace(&format!("nic{}", at + 1), &format!("nic{}", at + 4)),
            _ => text.replace("/nsg\"", &format!("/nsg{}\"", i % 7)),
        };
        let mut assembler = Assembler::new(reader);
        assembler.absorb(reader.parse(&SourceFile::whole("a.json", "a.json", text.as_bytes())));
        let import = assembler.import();
        let mut changes = None;
        times.push(seconds(|| changes = Some(inventory.update(reader, import))));
        assert!(changes.is_some_and(|it| it.put.len() <= 3 && !it.is_empty()));
    }
    times.sort_by(f64::total_cmp);
    let at = |place: usize| times.get(place).copied().unwrap_or(0.0) * 1e6;
    say(&format!(
        "one changed document: p50 {:.0} us, p99 {:.0} us, most {:.0} us",
        at(500),
        at(990),
        at(999)
    ));
    let half = n / 2;
    let chunks: Vec<Vec<u8>> =
        (0..half).step_by(CHUNK).map(|from| lines(from, CHUNK.min(half - from))).collect();
    let mut assembler = Assembler::new(reader);
    for chunk in &chunks {
        let file =
            SourceFile { is_lines: true, ..SourceFile::whole("b.ndjson", "b.ndjson", chunk) };
        assembler.absorb(reader.parse(&file));
    }
    let import = assembler.import();
    let mut n_changes = 0;
    let again = seconds(|| n_changes = inventory.update(reader, import).put.len());
    say(&format!("half of it again, {n_changes} changed: {again:.2} s"));
}

/// Memory that the process holds, in KB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|it| it.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|it| it.parse().ok()).unwrap_or(0)
}

fn seconds(work: impl FnOnce()) -> f64 {
    #[expect(clippy::disallowed_methods, reason = "a measurement needs the clock")]
    let start = std::time::Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn say(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// Storage accounts, virtual machines and interfaces of about 2 KB.
fn lines(from: usize, count: usize) -> Vec<u8> {
    let mut text = String::new();
    for i in from..from + count {
        let group = format!(
            "/subscriptions/00000000-0000-0000-0000-{:012}/resourceGroups/rg-{}",
            i / 50_000,
            i / 200 % 250
        );
        let filler = "abcdefghij ".repeat(60);
        let json = match i % 3 {
            0 => format!(
                r#"{{"id":"{group}/providers/Microsoft.Storage/storageAccounts/acct{i}","name":"acct{i}","type":"Microsoft.Storage/storageAccounts","location":"westeurope","tags":{{"env":"prod","owner":"team-{}"}},"sku":{{"name":"Standard_LRS","tier":"Standard"}},"kind":"StorageV2","properties":{{"allowBlobPublicAccess":false,"minimumTlsVersion":"TLS1_2","supportsHttpsTrafficOnly":true,"networkAcls":{{"bypass":"AzureServices","defaultAction":"Deny","ipRules":[{{"value":"1.2.3.4","action":"Allow"}}],"virtualNetworkRules":[]}},"encryption":{{"keySource":"Microsoft.Storage","services":{{"blob":{{"enabled":true,"keyType":"Account","lastEnabledTime":"2024-01-01T00:00:00Z"}},"file":{{"enabled":true,"keyType":"Account","lastEnabledTime":"2024-01-01T00:00:00Z"}}}}}},"primaryEndpoints":{{"blob":"https://acct{i}.blob.core.windows.net/","file":"https://acct{i}.file.core.windows.net/","queue":"https://acct{i}.queue.core.windows.net/","table":"https://acct{i}.table.core.windows.net/"}},"creationTime":"2024-01-01T00:00:00Z","primaryLocation":"westeurope","note":"{filler}","statusOfPrimary":"available","provisioningState":"Succeeded"}}}}"#,
                i % 40
            ),
            1 => format!(
                r#"{{"id":"{group}/providers/Microsoft.Compute/virtualMachines/vm{i}","name":"vm{i}","type":"Microsoft.Compute/virtualMachines","location":"westeurope","tags":{{"env":"prod"}},"identity":{{"type":"SystemAssigned","principalId":"11111111-0000-0000-0000-{i:012}"}},"properties":{{"note":"{filler}","vmId":"22222222-0000-0000-0000-{i:012}","hardwareProfile":{{"vmSize":"Standard_D2s_v5"}},"storageProfile":{{"imageReference":{{"publisher":"Canonical","offer":"ubuntu","sku":"22_04-lts","version":"latest"}},"osDisk":{{"osType":"Linux","name":"d{i}","createOption":"FromImage","caching":"ReadWrite","managedDisk":{{"storageAccountType":"Premium_LRS","id":"{group}/providers/Microsoft.Compute/disks/d{i}"}},"diskSizeGB":30}},"dataDisks":[]}},"osProfile":{{"computerName":"vm{i}","adminUsername":"azureuser","linuxConfiguration":{{"disablePasswordAuthentication":true,"provisionVMAgent":true}}}},"networkProfile":{{"networkInterfaces":[{{"id":"{group}/providers/Microsoft.Network/networkInterfaces/nic{}"}}]}},"provisioningState":"Succeeded"}}}}"#,
                i + 1
            ),
            _ => format!(
                r#"{{"id":"{group}/providers/Microsoft.Network/networkInterfaces/nic{i}","name":"nic{i}","type":"Microsoft.Network/networkInterfaces","location":"westeurope","tags":{{"env":"prod"}},"properties":{{"note":"{filler}{filler}","provisioningState":"Succeeded","ipConfigurations":[{{"name":"ip","properties":{{"privateIPAddress":"10.0.0.4","privateIPAllocationMethod":"Dynamic","subnet":{{"id":"{group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/default"}},"primary":true}}}}],"enableIPForwarding":false,"networkSecurityGroup":{{"id":"{group}/providers/Microsoft.Network/networkSecurityGroups/nsg"}},"macAddress":"00-0D-3A-1B-C7-21","primary":true}}}}"#
            ),
        };
        text.push_str(&json);
        text.push('\n');
    }
    text.into_bytes()
}

fn library() -> Library {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let (Ok(bytes), Ok(below)) = (fs::read(&path), path.strip_prefix(&root)) {
                files.push(ContentFile { path: below.to_string_lossy().into_owned(), bytes });
            }
        }
    }
    Library::build(&files, false).0
}
