//! Journeys and sessions with known channel effects: the demo and the self-test.
