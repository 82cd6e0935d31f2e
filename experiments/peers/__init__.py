"""One question to sengu and to other tools, in one run (``make bench-peers``).

question.py   the question, its exact answer, and what a tool gives back
NAME.py       how one tool is asked; each is imported only where the tool is installed
table.py      all tools in turn, and the table
"""
