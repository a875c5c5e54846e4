"""Plans: what a change will do, said before it is done."""
