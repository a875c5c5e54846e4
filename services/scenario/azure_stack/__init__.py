"""Replicate Azure Stack VMs to Azure: the steps as data, and what they do."""
