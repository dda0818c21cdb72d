"""Tests of GraphQL, one file per concept."""
