"""The board of the pipeline: what it shows (`columns`, `totals`, `cards`), where cards stand, and how they move."""
