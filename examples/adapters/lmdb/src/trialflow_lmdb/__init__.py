"""A trialflow storage in LMDB."""
