"""Designs, profiles, studies, statistics and figures: what an engineer asks of the models."""
