//! posture.
