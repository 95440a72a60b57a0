"""A sample to learn from: products in categories.

It has the parts that most of your own packages will have. ``README.md`` tells how to copy
its shape, and how to remove it.
"""
