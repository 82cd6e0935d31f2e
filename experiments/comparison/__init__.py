"""Designs against each other, year by year under the same bad luck."""
