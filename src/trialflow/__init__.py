"""trialflow"""
