"""``trialflow demo``: a site's three weeks, from an untidy spreadsheet to a dashboard and two sponsor updates."""
