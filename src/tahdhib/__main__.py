"""`python -m tahdhib`: the command without its script, as on another machine's interpreter."""

from tahdhib.cli.main import main

if __name__ == "__main__":
    main()
