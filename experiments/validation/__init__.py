"""The models against measurements of the real programs: scenarios, comparisons, reports."""
