"""Designs, profiles, studies, statistics and figures: everything that an engineer asks of the models."""
