"""The console: protected items, drills, failover, recovery plans."""
