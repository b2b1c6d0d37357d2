"""Trains the judgement beside the rules: ``python -m speech.modelling.understanding train zh-CN``.

What it learns from are the labelled replies in ``replies/<language>/<writer>.tsv``, each file by another pen, and the
development part of the project's own corpus. `speech.judgement` says what a judgement is and uses it.
"""
