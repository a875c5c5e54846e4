"""What is left for the auditor: records, signatures, verification."""
