"""A stand-in for Azure and for the machines, as real servers on loopback. Imports nothing of the product."""
