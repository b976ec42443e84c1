"""A second user asks for everything of a first one, through every place of the schema that takes an id."""
