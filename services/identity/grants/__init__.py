"""The ways to a token, one module each: a form that is asked with, and what is answered to it.

To add one: a module with a ``Form`` whose ``grant_type`` is a literal, and ``grant``; a row in
``GRANTS``.
"""
