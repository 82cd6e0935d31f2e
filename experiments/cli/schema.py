"""``sengu schema``: the JSON Schema by which an editor completes keys and underlines mistakes."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.errors import Problem


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="schema")(schema)


def schema(
    kind: Annotated[str, typer.Argument(help="design or profile", metavar="design|profile")] = (
        "design"
    ),
) -> None:
    """Print the JSON Schema of a design or profile file, for your editor.

    Example: `sengu schema design > design.schema.json`
    """
    import json

    from experiments.design import DesignSpec
    from experiments.loading import json_schema
    from experiments.profile import ProfileSpec

    models: dict[str, type[DesignSpec | ProfileSpec]] = {
        "design": DesignSpec,
        "profile": ProfileSpec,
    }
    if kind not in models:
        raise Problem(f"schema of what? expected design or profile, got '{kind[:60]}'")
    typer.echo(json.dumps(json_schema(models[kind]), indent=2))
