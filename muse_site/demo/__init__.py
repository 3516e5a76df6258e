"""The demonstration: simulated payments of three tenants, sent through the running product."""
