"""What a Python user of sengu touches: designs, profiles, results and trials that show themselves.

Each object here is a thin cover over what the command uses too, with a short `repr`, a text for
the terminal (`print`) and a table or a picture for Jupyter. The module :mod:`sengu` collects the
public names; nothing below it imports this package.
"""
