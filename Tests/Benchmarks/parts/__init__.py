"""What every benchmark shares: servers, load, the processes' own accounts, and the table."""
