"""How each product area is put together, one module an area."""
