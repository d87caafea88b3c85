//! The company that does not exist: its teams, services, people and labels.

use super::random::Random;

/// Domain of all names; reserved by RFC 2606.
pub(super) const DOMAIN: &str = "halyardquill.example";

const TEAMS: [&str; 16] = [
    "billing",
    "catalogue",
    "checkout",
    "claims",
    "depot",
    "finance",
    "fleet",
    "forecast",
    "harbour",
    "identity",
    "loyalty",
    "manifest",
    "payroll",
    "pricing",
    "routing",
    "tracking",
];
const PARTS: [&str; 14] = [
    "api", "archive", "batch", "cache", "events", "gateway", "ingest", "portal", "reports",
    "rules", "search", "store", "sync", "worker",
];
const STAGES: [(&str, &str); 4] =
    [("prd", "production"), ("stg", "staging"), ("tst", "test"), ("dev", "development")];
const GIVEN: [&str; 24] = [
    "ada", "amir", "beata", "bruno", "carla", "chidi", "dagny", "dev", "elif", "emil", "farah",
    "goran", "hana", "ines", "jonas", "kaia", "leo", "mira", "nuno", "oksana", "petra", "ravi",
    "soren", "tova",
];
const FAMILY: [&str; 24] = [
    "abara",
    "bergstrom",
    "castell",
    "dvorak",
    "eklund",
    "faber",
    "gruber",
    "hadley",
    "ivanov",
    "jansen",
    "kimura",
    "lindqvist",
    "moreau",
    "nakata",
    "okafor",
    "petrov",
    "quist",
    "rossi",
    "santos",
    "tanaka",
    "ulrich",
    "varga",
    "weber",
    "zielinski",
];

/// One application of the company.
#[derive(Debug, Clone)]
pub(super) struct Application {
    /// `checkout-api-prd-0042`: unique within the estate.
    pub(super) name: String,
    pub(super) team: &'static str,
    pub(super) part: &'static str,
    /// `prd`, `stg`, `tst` or `dev`.
    pub(super) stage: &'static str,
    /// The stage in full.
    pub(super) environment: &'static str,
    pub(super) cost_center: u64,
    pub(super) owner: String,
    pub(super) number: u64,
    /// Day of the week on which it may be down.
    pub(super) window: &'static str,
    /// Holds what an attacker is after.
    pub(super) is_critical: bool,
}

/// Hands out applications.
#[derive(Debug, Default)]
pub(super) struct Company {
    n_applications: u64,
}

impl Company {
    /// The next application.
    pub(super) fn application(&mut self, random: &mut Random) -> Application {
        self.n_applications += 1;
        let number = self.n_applications;
        let (team, part) = (random.pick(&TEAMS), random.pick(&PARTS));
        // Half of what runs is production.
        let stage = random.below(8).saturating_sub(4) as usize;
        let (stage, environment) = STAGES.get(stage).copied().unwrap_or(("prd", "production"));
        Application {
            name: format!("{team}-{part}-{stage}-{number:04}"),
            team,
            part,
            stage,
            environment,
            cost_center: 4000 + random.below(90) * 10,
            owner: person(random),
            number,
            window: random.pick(&["saturday", "sunday", "tuesday", "thursday"]),
            is_critical: random.chance(60),
        }
    }

    /// What all applications of an environment share.
    pub(super) fn platform() -> Application {
        Application {
            name: "platform".to_owned(),
            team: "platform",
            part: "shared",
            stage: "prd",
            environment: "production",
            cost_center: 4000,
            owner: "platform.team".to_owned(),
            number: 0,
            window: "sunday",
            is_critical: false,
        }
    }
}

/// A name as it stands in mail addresses.
pub(super) fn person(random: &mut Random) -> String {
    format!("{}.{}", random.pick(&GIVEN), random.pick(&FAMILY))
}

impl Application {
    /// The tags of its resources.
    pub(super) fn tags(&self) -> [(&'static str, String); 12] {
        let class = if self.is_critical { "restricted" } else { "internal" };
        [
            ("application", self.name.clone()),
            ("team", self.team.to_owned()),
            ("environment", self.environment.to_owned()),
            ("cost-center", self.cost_center.to_string()),
            ("owner", format!("{}@{DOMAIN}", self.owner)),
            ("data-class", class.to_owned()),
            ("managed-by", "terraform".to_owned()),
            ("repository", format!("git.{DOMAIN}/{}/{}-infrastructure", self.team, self.part)),
            ("business-service", format!("{}-{}", self.team, self.part)),
            (
                "recovery-class",
                if self.stage == "prd" { "gold-4h" } else { "bronze-72h" }.to_owned(),
            ),
            ("maintenance-window", format!("{}-0200-utc", self.window)),
            ("support-group", format!("{}-on-call-tier-2", self.team)),
        ]
    }
}
