"""Measures the Parse API beside the real parse-server: `make bench ARGS=parse`. No part of the tests."""
