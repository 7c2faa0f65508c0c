"""Renderers: a report value in, bytes out.

``formats`` holds the built-in ones by name and :func:`~trialflow.adapters.renderers.formats.render`; ``terminal``
prints to a person; ``outline`` and ``document`` say what a report looks like before it has a format.
"""
