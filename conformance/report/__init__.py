"""A run as a document, and the document in the forms that testers and programs read."""
