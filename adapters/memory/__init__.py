"""Twins: the ports without servers, for tests of services. One contract test runs against twin and adapter."""
