//! How much somebody may ask of the server at a time: an account that signs requests draws on an allowance of its own, who is
//! unknown on that of their address.
//!
//! An allowance is a bucket that fills steadily. Of each only the instant is kept at which it is full again (the generic
//! cell rate algorithm, ITU-T I.371), so a full one need not be kept at all: memory is bounded by [`MOST`].

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use ::people::Operation;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use hashbrown::HashMap;
use jiff::Timestamp;

use crate::guard::{Caller, Via};
use crate::people::ClientAddress;
use crate::problem::Problem;

/// Allowances that are kept of callers, and as many of addresses. Who comes beyond shares one with all others.
const MOST: usize = 65_536;
/// What a request costs that computes or writes much: questions, previews, imports, whole lists.
const MUCH: u32 = 100;
/// What it costs to be refused: guessing tokens and cookies.
const REFUSED: u32 = 5;

/// The standard fields (draft-ietf-httpapi-ratelimit-headers-10).
const STANDING: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// An allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Plain requests in a second, in the long run; 0: no limit.
    pub per_second: u32,
    /// Plain requests at once; at least 1.
    pub burst: u32,
}

/// The allowances of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of each account that is signed in, and of each token.
    pub caller: Rate,
    /// Of each address (of IPv6: each network of 64 bits) whose requests name nobody, or nobody who is known.
    pub address: Rate,
}

impl Default for Limits {
    /// No portal and no script reaches them, and one caller cannot take the server for itself.
    fn default() -> Self {
        Self {
            caller: Rate { per_second: 5_000, burst: 50_000 },
            address: Rate { per_second: 100, burst: 2_000 },
        }
    }
}

/// Whose an allowance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Account(u64),
    Token(u64),
    Address(IpAddr),
    /// Everybody for whom there was no room.
    Others,
}

/// Says in an answer that is was given because of a limit: `caller` or `address`. For whoever counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limited(pub &'static str);

/// What a request has drawn, and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    rate: Rate,
    name: &'static str,
    /// Plain requests that may come at once now.
    left: u64,
    /// Seconds until all of it is there again.
    full_in: u64,
}

/// All allowances.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    limits: Limits,
    callers: Mutex<HashMap<Who, i64>>,
    addresses: Mutex<HashMap<Who, i64>>,
}

/// Seconds, rounded up.
fn seconds(micros: i64) -> u64 {
    u64::try_from(micros).unwrap_or(0).div_ceil(1_000_000)
}

impl Rate {
    /// Microseconds in which this much comes back.
    fn micros(self, requests: u32) -> i64 {
        i64::from(requests) * 1_000_000 / i64::from(self.per_second.max(1))
    }

    /// Draws on a bucket that is full at `full`, which is not before `now`; when it is full afterwards, or how long to wait.
    fn draw(self, full: i64, now: i64, cost: u32) -> Result<i64, i64> {
        let whole = self.micros(self.burst.max(1));
        // What costs more than there can be is let in when all is there.
        let after = full + self.micros(cost).min(whole);
        let wait = after - now - whole;
        if wait > 0 { Err(wait) } else { Ok(after) }
    }
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Draws on the allowance of a caller.
    pub(crate) fn caller(
        &self,
        caller: &Caller,
        request: &Parts,
        now: Timestamp,
    ) -> Result<Option<Standing>, Problem> {
        let who = match caller.via {
            Via::Session(_) => Who::Account(caller.account),
            Via::Token(number) => Who::Token(number),
        };
        let cost = cost(caller.operation, &request.headers);
        self.draw((who, cost), now)
    }

    /// Draws on the allowance of an address; `was_refused`: the request named somebody who is not known.
    pub(crate) fn address(
        &self,
        request: &Parts,
        now: Timestamp,
        was_refused: bool,
    ) -> Result<Option<Standing>, Problem> {
        let address = request.extensions.get::<ClientAddress>();
        let who = address.map_or(Who::Others, |it| Who::Address(network(it.0)));
        self.draw((who, if was_refused { REFUSED } else { 1 }), now)
    }

    fn draw(&self, (who, cost): (Who, u32), now: Timestamp) -> Result<Option<Standing>, Problem> {
        let is_caller = matches!(who, Who::Account(_) | Who::Token(_));
        let (rate, all, name) = if is_caller {
            (self.limits.caller, &self.callers, "caller")
        } else {
            (self.limits.address, &self.addresses, "address")
        };
        if rate.per_second == 0 {
            return Ok(None);
        }
        let now = now.as_microsecond();
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(&who) {
            all.retain(|_, full| *full > now);
        }
        let who = if all.len() >= MOST && !all.contains_key(&who) { Who::Others } else { who };
        let whole = rate.micros(rate.burst.max(1));
        let full = all.entry(who).or_insert(now);
        // A clock that was set back must not shut anybody out.
        *full = (*full).clamp(now, now + whole);
        match rate.draw(*full, now, cost) {
            Ok(after) => {
                *full = after;
                let left = (whole - (after - now)) * i64::from(rate.per_second) / 1_000_000;
                let left = u64::try_from(left).unwrap_or(0);
                Ok(Some(Standing { rate, name, left, full_in: seconds(after - now) }))
            }
            Err(wait) => Err(limited(name, seconds(wait))),
        }
    }
}

/// 429.
fn limited(name: &'static str, wait: u64) -> Problem {
    let detail = match name {
        "caller" => "you have sent too many requests: wait, then go on more slowly",
        _ => "too many requests came from your address without a sign-in: wait, then try again",
    };
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail);
    problem.retry_after(u32::try_from(wait.max(1)).unwrap_or(u32::MAX)).limited(Limited(name))
}

impl Standing {
    /// Says in an answer what is left.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let Self { rate, name, left, full_in } = self;
        let window = seconds(rate.micros(rate.burst));
        let fields = [
            (POLICY, format!("\"{name}\";q={};w={window}", rate.burst)),
            (STANDING, format!("\"{name}\";r={left};t={full_in}")),
        ];
        for (field, value) in fields {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(field, value);
            }
        }
    }
}

/// What a request costs, in plain requests.
fn cost(operation: Operation, headers: &HeaderMap) -> u32 {
    let accepted = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let is_whole = accepted.contains("text/csv") || accepted.contains("application/x-ndjson");
    let is_much = matches!(
        operation,
        Operation::QueryRun
            | Operation::WhatifRun
            | Operation::ImportRun
            | Operation::ReportRead
            | Operation::RecommendationWrite
    );
    if is_much || is_whole { MUCH } else { 1 }
}

/// Whom an address stands for: somebody with one IPv6 address usually has a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => {
            let [a, b, c, d, ..] = it.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        it @ IpAddr::V4(_) => it,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_microsecond(1_700_000_000_000_000 + micros).unwrap()
    }

    fn address(n: u32) -> Who {
        Who::Address(IpAddr::V4(n.into()))
    }

    fn limiter(per_second: u32, burst: u32) -> Limiter {
        let rate = Rate { per_second, burst };
        Limiter::new(Limits { caller: rate, address: rate })
    }

    proptest! {
        /// Against a bucket that is filled drop by drop, in microseconds of allowance.
        #[test]
        fn it_lets_in_what_a_bucket_lets_in(
            per_second in 1..2_000_u32,
            burst in 1..200_u32,
            steps in prop::collection::vec((0..3_000_000_i64, 1..120_u32), 1..80),
        ) {
            let limiter = limiter(per_second, burst);
            let rate = Rate { per_second, burst };
            let whole = rate.micros(burst);
            let (mut now, mut bucket) = (0, whole);
            for (pause, cost) in steps {
                now += pause;
                bucket = (bucket + pause).min(whole);
                let needed = rate.micros(cost).min(whole);
                let got = limiter.draw((address(1), cost), at(now));
                prop_assert_eq!(got.is_ok(), bucket >= needed);
                if bucket >= needed {
                    bucket -= needed;
                }
                if let Err(problem) = got {
                    prop_assert_eq!(problem.status(), StatusCode::TOO_MANY_REQUESTS);
                }
            }
        }
    }

    #[test]
    fn who_waits_as_long_as_was_said_is_let_in() {
        let rate = Rate { per_second: 7, burst: 3 };
        let mut full = 0;
        for _ in 0..50 {
            full = match rate.draw(full, 0, 1) {
                Ok(after) => after,
                Err(wait) => {
                    assert!(rate.draw(full.max(wait - 1), wait - 1, 1).is_err());
                    rate.draw(full.max(wait), wait, 1).unwrap();
                    return;
                }
            };
        }
        panic!("it let everybody in");
    }

    #[test]
    fn strangers_do_not_take_from_others_and_cost_no_memory() {
        let limiter = limiter(1, 2);
        for n in 0..u32::try_from(MOST).unwrap() + 1000 {
            drop(limiter.draw((address(n), 1), at(0)));
        }
        let n_kept = limiter.addresses.lock().unwrap().len();
        assert!(n_kept <= MOST + 1, "{n_kept}");
        let left = limiter.draw((Who::Token(1), 1), at(0)).unwrap().unwrap().left;
        assert_eq!(left, 1, "callers have room of their own");
        limiter.draw((address(7), 1), at(0)).unwrap();
        limiter.draw((address(7), 1), at(0)).unwrap_err();
        limiter.draw((address(0xffff_ffff), 1), at(3_000_000)).unwrap();
        assert_eq!(limiter.addresses.lock().unwrap().len(), 1, "full ones are forgotten");
    }

    #[test]
    fn a_clock_that_is_set_back_shuts_nobody_out() {
        let limiter = limiter(1, 2);
        for _ in 0..2 {
            limiter.draw((Who::Account(1), 1), at(3_600_000_000)).unwrap();
        }
        limiter.draw((Who::Account(1), 1), at(0)).unwrap_err();
        limiter.draw((Who::Account(1), 1), at(1_000_000)).unwrap();
    }

    #[test]
    fn without_a_rate_there_is_no_limit() {
        let limiter = limiter(0, 1);
        for _ in 0..1000 {
            assert_eq!(limiter.draw((address(1), MUCH), at(0)).unwrap(), None);
        }
    }

    #[test]
    fn what_is_left_is_said() {
        let limiter = limiter(10, 300);
        limiter.draw((Who::Token(1), 1), at(0)).unwrap();
        let standing = limiter.draw((Who::Token(1), MUCH), at(0)).unwrap().unwrap();
        let mut headers = HeaderMap::new();
        standing.write(&mut headers);
        assert_eq!(headers["ratelimit"], "\"caller\";r=199;t=11");
        assert_eq!(headers["ratelimit-policy"], "\"caller\";q=300;w=30");
    }
}
