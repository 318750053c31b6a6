"""`python -m cartelera`: the command line, where its program is not installed."""

from cartelera.cli import main

if __name__ == "__main__":
    main()
