"""The figures of the README (`make bench`): ratios measured in one run, on both engines, over generated listings."""
