"""``trialflow new adapter``: a package to start from, whose tests say what is still to be done."""
