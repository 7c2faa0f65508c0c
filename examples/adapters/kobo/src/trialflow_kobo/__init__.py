"""A trialflow lead source: the submissions of a KoboToolbox form."""
