"""A clinic's site: settings, addresses, the policy of its pages."""
