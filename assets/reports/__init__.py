"""Templates of the reports of evidence."""
