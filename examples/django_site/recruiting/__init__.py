"""Recruitment in this clinic: its own rows, and trialflow beside them in the same database."""
