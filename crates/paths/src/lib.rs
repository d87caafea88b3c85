//! Attack paths: what an attacker may reach step by step, from where, and which fixes cut it.
