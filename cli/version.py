"""Name the version of this program.

The only place that says so: the build reads this file, and `depositary --version` answers from it
without asking the installer's records, which takes longer than a whole read.
"""

__version__ = "0.1.0.dev0"
