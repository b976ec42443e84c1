"""What all areas of the API share: context, ids, connections, problems, error presentation, the schema, the app."""
