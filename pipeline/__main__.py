"""Make `python -m pipeline` the same as `newsbitext`."""

from pipeline.cli import main

if __name__ == "__main__":
    main()
