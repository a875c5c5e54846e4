"""All that the product can do: no Textual, no Rich, no printing."""
