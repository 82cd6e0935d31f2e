"""Means of a finished study with the luck of the draw taken out (``sengu adjust``)."""
