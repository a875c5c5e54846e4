"""Speaking to Azure and to Azure Stack Hub."""
