"""Linux machines: what their shell answers."""
