"""trialflow behind a JSON API: a small service to copy from. ``python -m trialflow_service`` starts it."""
