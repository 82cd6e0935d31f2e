"""The ten what-if questions of a design review, each answered by a study (``make gallery``).

question.py     what a question is: arms, years, expectations
outcome.py      what came out of its study: numbers by arm, differences in the same years
placement.py    questions 1 to 4: where Sentinels stand, when they judge, what writes wait for
observation.py  questions 5 to 7: checks, monitors, the network between
operation.py    questions 8 to 10: names, Consul's servers, exercise and people
page.py         runs the studies, keeps their figures, writes the pages
"""
