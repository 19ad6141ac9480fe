"""What people see of a run: the HTML report, and what `tahdhib show` prints."""
