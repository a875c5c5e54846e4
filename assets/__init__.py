"""Data of the product: procedures, guidance, matrices, known errors, permissions and links.

Read only through ``importlib.resources``. Nothing here is code.
"""
