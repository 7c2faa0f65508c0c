"""trialflow reports as workbooks."""
