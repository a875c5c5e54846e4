"""Speaking to machines: SSH, WinRM, time servers."""
