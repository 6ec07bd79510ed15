"""The database. The only importer of Tortoise; takes and returns domain values or rows, never model instances."""
