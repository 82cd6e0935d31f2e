"""Which values matter: one at a time, or all at once over their ranges (Morris, Sobol).

ranges.py         a value between two ends, as text: numbers, times, probabilities
one_at_a_time.py  the design as it is, and each value at its two ends: the tornado's table
indices.py        points all over the ranges by SALib, and its indices of their results
"""
