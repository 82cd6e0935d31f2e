"""``sengu list``: the designs and profiles that are shipped."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="list")(list_shipped)


def list_shipped() -> None:
    """List the shipped designs and profiles.

    Each name may be given to `show` and `run`; so may the path of a YAML file of your own.

    Example: `sengu list`
    """
    from experiments.catalogue import load_design, load_profile, shipped

    designs = {name: load_design(name)[1].title for name in shipped("design")}
    profiles = {name: load_profile(name)[1].title for name in shipped("profile")}
    width = max(len(name) for name in (*designs, *profiles))
    for heading, titles in (("designs", designs), ("profiles", profiles)):
        typer.echo(f"{heading}:")
        for name, title in titles.items():
            typer.echo(f"  {name:{width}}  {title}")
