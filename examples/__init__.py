"""The example workbooks: what the 31 planning bodies could have sent in, all of it invented.

``projects()`` gives the projects as forms, ``generate(folder)`` writes the workbooks. Both come
from a fixed seed, so two runs give the same.
"""

from examples.projects import Example, projects
from examples.sheets import generate

__all__ = ["Example", "generate", "projects"]
