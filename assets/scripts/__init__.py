"""Templates of the scripts that mend machines by other hands."""
