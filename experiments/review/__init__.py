"""The review pack: one HTML page that explains a study to somebody who has never run one.

gathered      brings together what the page shows, and runs the worst incidents once more
Material      what that is
review_page   the page, from that
"""

from experiments.review.material import Material, gathered
from experiments.review.page import review_page

__all__ = ["Material", "gathered", "review_page"]
