"""`python -m tui`: the same as the script."""

from tui.main import main

main()
