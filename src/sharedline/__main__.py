"""`python -m sharedline` is the `sharedline` command."""

from sharedline.cli.main import main

if __name__ == "__main__":
    main()
