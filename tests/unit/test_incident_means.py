"""Incident mode from Python: an object that shows itself, and errors with one line."""

from __future__ import annotations

import pytest

import sengu


def test_it_shows_itself_and_opens_in_pandas() -> None:
    """A mean in another unit than its label says, or one that a notebook cannot show."""
    found = sengu.incident_mode("deck-redis", "clean-lab", "pages", incidents=2048)
    assert repr(found) == "<pages of deck-redis, one incident at a time>"
    frame = found.frame
    assert frame["metric"].tolist() == ["pages/year"] and frame["incidents"].tolist() == [2048]
    assert frame["low"][0] < frame["estimate"][0] < frame["high"][0]
    assert found.studies[0].estimate.interval.estimate == frame["estimate"][0]
    assert "pages/year, under clean-lab, one incident at a time" in str(found)
    assert "<table>" in found._repr_html_() and "jackknife" in found._repr_html_()


def test_what_cannot_be_done_is_told() -> None:
    """A traceback from the middle of a simulation."""
    with pytest.raises(ValueError, match="got 'page'; did you mean 'pages'"):
        sengu.incident_mode("deck-redis", "clean-lab", "page")
    with pytest.raises(ValueError, match="incidents: must be"):
        sengu.incident_mode("deck-redis", "clean-lab", incidents=0)
    with pytest.raises(ValueError, match="no fault of the profile"):
        sengu.incident_mode("deck-redis", "no-faults")
    with pytest.raises(sengu.SpecError, match="did you mean"):
        sengu.incident_mode("deck-redys", "clean-lab")
